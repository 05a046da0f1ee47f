//! Hands requests below `/meldung/` to the handler and its answers back, both as they flow.

use std::net::SocketAddr;

use anyhow::Result;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, UPGRADE};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{Body, text};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Headers that mean one connection, not the request.
const HOP_BY_HOP: [HeaderName; 6] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    UPGRADE,
];

/// Forwards one request on a connection of its own.
pub async fn forward(request: Request<Incoming>, backend: SocketAddr, peer: SocketAddr) -> Response<Body> {
    match exchange(request, backend, peer).await {
        Ok(response) => response,
        Err(error) => {
            eprintln!("Das Berichtstool antwortet nicht: {error:#}");
            unavailable()
        }
    }
}

/// The answer when there is no handler.
pub fn unavailable() -> Response<Body> {
    const TEXT: &str = "Das Berichtstool antwortet gerade nicht. Die übrigen Seiten sind zu sehen.\nWer hier entwickelt: Läuft das Programm „handler“? Es liegt nach „cargo build“ neben dem „generator“.\n";
    text(StatusCode::BAD_GATEWAY, "text/plain; charset=utf-8", TEXT)
}

async fn exchange(mut request: Request<Incoming>, backend: SocketAddr, peer: SocketAddr) -> Result<Response<Body>> {
    let stream = TcpStream::connect(backend).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    HOP_BY_HOP
        .iter()
        .for_each(|name| drop(request.headers_mut().remove(name)));
    // Whatever a browser claims to have been forwarded for is replaced.
    request
        .headers_mut()
        .insert(FORWARDED_FOR, HeaderValue::from_str(&peer.ip().to_string())?);
    let mut response = sender.send_request(request).await?;
    HOP_BY_HOP
        .iter()
        .for_each(|name| drop(response.headers_mut().remove(name)));
    Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
}
