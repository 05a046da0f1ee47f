//! Where a request comes from: the network that attempts are counted under.

use hyper::header::HeaderMap;
use std::net::IpAddr;

/// An IPv6 customer has a whole /64.
pub(super) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{:x?}", &v6.segments()[..4]),
    }
}

/// The address of the browser: the last hop that is none of our own web servers.
pub(super) fn client_address(headers: &HeaderMap, peer: IpAddr, trusted: &[IpAddr]) -> IpAddr {
    let mut address = peer;
    let lines = headers
        .get_all("x-forwarded-for")
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    for hop in hops.into_iter().rev() {
        match hop.parse() {
            Ok(hop) if trusted.contains(&address.to_canonical()) => address = hop,
            _ => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_web_server_is_believed_about_addresses() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            "203.0.113.9, 198.51.100.4".parse().expect("a header"),
        );
        assert_eq!(
            client_address(&headers, address("127.0.0.1"), &[]),
            address("127.0.0.1")
        );
        assert_eq!(
            client_address(&headers, address("127.0.0.1"), &[address("127.0.0.1")]),
            address("198.51.100.4")
        );
        let both = [address("127.0.0.1"), address("198.51.100.4")];
        assert_eq!(
            client_address(&headers, address("127.0.0.1"), &both),
            address("203.0.113.9")
        );
    }
}
