//! Where a request comes from: the address of the browser, as far as those who forward it are to be believed, and the network that
//! attempts are counted under.

use hyper::header::HeaderMap;
use std::net::{IpAddr, Ipv4Addr};

/// The last hop that is none of our own web servers. Whoever may open our Unix socket is one; it has no address.
pub fn client_address(headers: &HeaderMap, peer: Option<IpAddr>, trusted: &[IpAddr]) -> IpAddr {
    let lines = headers.get_all("x-forwarded-for").into_iter();
    let lines = lines.filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let mut address = peer;
    for hop in hops.into_iter().rev() {
        let is_ours = address.is_none_or(|address| trusted.contains(&address.to_canonical()));
        match hop.parse::<IpAddr>() {
            Ok(hop) if is_ours => address = Some(hop.to_canonical()),
            _ => break,
        }
    }
    address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// Whether a web server on this machine says where requests come from and is not believed. Strangers may say what they like.
pub(super) fn is_forwarded_in_vain(headers: &HeaderMap, peer: IpAddr, trusted: &[IpAddr]) -> bool {
    let peer = peer.to_canonical();
    peer.is_loopback() && !trusted.contains(&peer) && headers.contains_key("x-forwarded-for")
}

/// An IPv6 customer has a whole /64.
pub(super) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{:x?}", &v6.segments()[..4]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_web_server_is_believed_about_addresses() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let mut headers = HeaderMap::new();
        let hops = "10.0.0.1, 203.0.113.9, 198.51.100.4";
        headers.insert("x-forwarded-for", hops.parse().expect("a header"));
        let told = |peer: Option<&str>, trusted: &[&str]| {
            let trusted: Vec<IpAddr> = trusted.iter().map(|text| address(text)).collect();
            client_address(&headers, peer.map(address), &trusted).to_string()
        };
        assert_eq!(told(Some("127.0.0.1"), &[]), "127.0.0.1");
        assert_eq!(told(Some("::ffff:127.0.0.1"), &["127.0.0.1"]), "198.51.100.4");
        assert_eq!(told(Some("127.0.0.1"), &["127.0.0.1", "198.51.100.4"]), "203.0.113.9");
        assert_eq!(told(None, &[]), "198.51.100.4");
        assert_eq!(client_address(&HeaderMap::new(), None, &[]).to_string(), "0.0.0.0");
    }
}
