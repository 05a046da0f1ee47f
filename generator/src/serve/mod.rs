//! A site while it is being written: build, watch, reload in the browser, and the handler behind `/meldung/` as a web server would place it.

mod files;
mod handler;
mod proxy;
mod reload;
mod watch;

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context, Result};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::build::{self, Settings};
use crate::progress::Progress;
use crate::server_config::security_headers;
use crate::{output, problem, say};
use handler::Handler;
use reload::{Builds, Reload};

/// A body of any kind: a file, a stream of events, or what the handler sends.
type Body = UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// Serves one site until it is told to stop.
pub fn run(settings: Settings, site: &str, listen: SocketAddr) -> Result<ExitCode> {
    build::sites(&settings.root, &[site.to_owned()])?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let result = runtime.block_on(serve(settings, site, listen));
    // Streams of events never end by themselves.
    runtime.shutdown_background();
    result.map(|()| ExitCode::SUCCESS)
}

async fn serve(settings: Settings, site: &str, listen: SocketAddr) -> Result<()> {
    let mut stop = Stop {
        interrupt: signal(SignalKind::interrupt())?,
        terminate: signal(SignalKind::terminate())?,
    };
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("{listen} ist nicht frei"))?;
    let address = listener.local_addr()?;
    let dist = settings.root.join("dist").join(site);
    let server = Arc::new(Server {
        www: dist.join("www"),
        reload: Reload::new(),
        backend: RwLock::new(Backend::None),
    });

    let mut builds = server.reload.builds();
    watch::start(settings, site.to_owned(), server.reload.clone())?;
    say(&format!("{site} ist zu sehen unter http://{address}/"));
    let running = async {
        let handler = start_handler(&server, &dist, address).await;
        // Whoever has opened the address already waits in the listener's queue.
        tokio::spawn(accept(server.clone(), listener));
        match handler {
            Some(handler) => handler,
            None => handler_of_a_later_build(&server, &dist, address, &mut builds).await,
        }
    };
    let handler = tokio::select! {
        handler = running => handler,
        // A handler that is only half started goes with its future.
        () = stop.requested() => return Ok(()),
    };
    stop.requested().await;
    handler.stop().await;
    Ok(())
}

async fn accept(server: Arc<Server>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => drop(tokio::spawn(connection(server.clone(), stream, peer))),
            Err(error) => {
                eprintln!("Eine Verbindung kam nicht zustande: {error}");
                // Out of file descriptors, say: trying again at once would not help.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Tries again after every build: the first good one may come only when a mistake is mended.
async fn handler_of_a_later_build(server: &Server, dist: &Path, public: SocketAddr, builds: &mut Builds) -> Handler {
    loop {
        if !builds.next().await {
            return std::future::pending().await;
        }
        if let Some(handler) = start_handler(server, dist, public).await {
            return handler;
        }
    }
}

/// Ctrl-C, or what systemd and tests send.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    async fn requested(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// What a connection needs to answer.
struct Server {
    www: PathBuf,
    reload: Reload,
    backend: RwLock<Backend>,
}

impl Server {
    fn backend(&self) -> Backend {
        *self.backend.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who answers below `/meldung/`.
#[derive(Debug, Clone, Copy)]
enum Backend {
    /// The site has no Berichtstool, or was never built.
    None,
    /// It should be there, but could not be started.
    Missing,
    Running(SocketAddr),
}

/// Starts the handler when the built site wants one.
async fn start_handler(server: &Server, dist: &Path, address: SocketAddr) -> Option<Handler> {
    if !dist.join("handler").join("shell.html").is_file() {
        return None;
    }
    let (backend, handler) = match Handler::start(dist, address).await {
        Ok(handler) => (Backend::Running(handler.address), Some(handler)),
        Err(error) => {
            // It is tried again after every build, but said only once.
            if !matches!(server.backend(), Backend::Missing) {
                eprintln!("Das Berichtstool läuft nicht mit: {error:#}. Die Seiten sind trotzdem zu sehen.");
            }
            (Backend::Missing, None)
        }
    };
    *server.backend.write().unwrap_or_else(PoisonError::into_inner) = backend;
    handler
}

async fn connection(server: Arc<Server>, stream: tokio::net::TcpStream, peer: SocketAddr) {
    let service = service_fn(|request| {
        let server = server.clone();
        async move { Ok::<_, Infallible>(answer(&server, request, peer).await) }
    });
    // A browser that goes away in the middle of an answer is nobody's error.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Everything a browser can ask for, and the headers that every answer carries.
async fn answer(server: &Server, request: Request<Incoming>, peer: SocketAddr) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let mut response = match server.backend() {
        _ if path == reload::SCRIPT_PATH => text(StatusCode::OK, "text/javascript; charset=utf-8", reload::SCRIPT),
        _ if path == reload::EVENTS_PATH => server.reload.stream(),
        Backend::Running(address) if path.starts_with(form::routes::PREFIX) => {
            proxy::forward(request, address, peer).await
        }
        Backend::Missing if path.starts_with(form::routes::PREFIX) => proxy::unavailable(),
        _ => files::answer(&server.www, request.method(), &path).await,
    };
    for (name, value) in security_headers() {
        if let (Ok(name), false) = (HeaderName::try_from(name), response.headers().contains_key(name)) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

fn text(status: StatusCode, content_type: &'static str, text: impl Into<Bytes>) -> Response<Body> {
    let body = Full::new(text.into()).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// What became of a build, as open browser windows get to know it.
pub enum Outcome {
    /// Nothing that is shown has changed.
    Same,
    Changed,
    /// It was stopped; the text says why.
    Stopped(String),
}

/// Builds and publishes once, and tells open browser windows; problems go to the terminal.
fn rebuild(settings: &Settings, site: &str, reload: &Reload) -> Result<()> {
    let start = std::time::Instant::now();
    let out = settings.root.join("dist");
    let lock = output::lock(&out)?;
    let mut prepared = build::prepare(settings, site, &out, &lock, &Progress::new())?;
    let problems = problem::to_text(&prepared.summary.problems);
    eprint!("{problems}");
    if problem::has_errors(&prepared.summary.problems) {
        eprintln!("Es bleibt beim letzten Stand ohne Fehler.");
        reload.announce(Outcome::Stopped(problems));
        return Ok(());
    }
    let pages = prepared.summary.pages;
    build::publish(&mut prepared, &out, |published| {
        let has_changed = published.written + published.removed > 0;
        reload.announce(if has_changed { Outcome::Changed } else { Outcome::Same });
        say(&format!(
            "Seiten: {pages}, gebaut in {} ms; Dateien: {} neu oder geändert, {} entfernt",
            start.elapsed().as_millis(),
            published.written,
            published.removed
        ));
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    /// A server before a handler that answers with what it was asked.
    async fn serve_before_an_echo() -> (SocketAddr, SocketAddr) {
        let handler = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let backend = handler.local_addr().expect("its address");
        tokio::spawn(async move {
            let (mut stream, _) = handler.accept().await.expect("a connection");
            let mut request = vec![0; 4096];
            let mut length = 0;
            while !request[..length].ends_with(b"rest") {
                length += stream.read(&mut request[length..]).await.expect("a request");
            }
            let head = format!("HTTP/1.1 303 See Other\r\nLocation: /meldung/\r\nContent-Length: {length}\r\n\r\n");
            stream
                .write_all(&[head.as_bytes(), &request[..length]].concat())
                .await
                .expect("an answer");
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let server = Arc::new(Server {
            www: PathBuf::from("/gibt-es-nicht"),
            reload: Reload::new(),
            backend: RwLock::new(Backend::Running(backend)),
        });
        tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                tokio::spawn(connection(server.clone(), stream, peer));
            }
        });
        (address, backend)
    }

    async fn exchange(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    }

    #[tokio::test]
    async fn requests_below_meldung_reach_the_handler_with_the_browsers_address() {
        let (address, _) = serve_before_an_echo().await;
        let request = "POST /meldung/hochladen?a=b HTTP/1.1\r\nHost: muster\r\nConnection: close\r\nX-Forwarded-For: 8.8.8.8\r\nCookie: sitzung=1\r\nContent-Length: 4\r\n\r\nrest";
        let answer = exchange(address, request).await.to_lowercase();
        assert!(answer.starts_with("http/1.1 303 see other"), "{answer}");
        assert!(answer.contains("\r\nlocation: /meldung/\r\n"), "{answer}");
        for expected in [
            "post /meldung/hochladen?a=b http/1.1",
            "x-forwarded-for: 127.0.0.1",
            "cookie: sitzung=1",
            "host: muster",
        ] {
            assert!(answer.contains(expected), "{expected} in {answer}");
        }
        assert!(!answer.contains("8.8.8.8"), "{answer}");
    }

    #[tokio::test]
    async fn a_handler_that_is_gone_gives_502_in_plain_german() {
        let (address, backend) = serve_before_an_echo().await;
        // The echo answers once; its listener is gone after that.
        exchange(backend, "rest").await;
        let answer = exchange(
            address,
            "GET /meldung/ HTTP/1.1\r\nHost: muster\r\nConnection: close\r\n\r\n",
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
        assert!(answer.contains("Das Berichtstool antwortet gerade nicht."), "{answer}");
    }
}
