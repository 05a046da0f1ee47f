//! Accepting connections, and ending without cutting anybody off.

use super::head::MAX_HEADERS;
use super::listen::{Listener, Stream};
use super::places::{Place, Places};
use super::wire::{REFUSED, Wire};
use crate::app::App;
use crate::outbox;
use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::watch;

/// The head of a request must have come by then; a connection that is kept alive is idle no longer.
const HEADER_DEADLINE: Duration = Duration::from_secs(10);
const CONNECTIONS: usize = 1000;
/// File descriptors that the database, logs and children need.
const OTHER_FILES: usize = 100;
/// How often expired sessions and failed logins are looked for, and memory that nobody needs.
const FORGETTING: Duration = Duration::from_secs(60);
/// How long requests that are under way may take once the server is to end.
const LAST_ORDERS: Duration = Duration::from_secs(10);
/// How long a connection that has said nothing yet is listened to then.
const LAST_HEAD: Duration = Duration::from_secs(2);

/// Serves until `shutdown` is done, or nobody has called for long enough where somebody else keeps the socket open. Requests under way are
/// finished.
pub async fn run(app: Arc<App>, listener: impl Into<Listener>, shutdown: impl Future<Output = ()>) {
    let listener = listener.into();
    let forgetting = tokio::spawn(forget(Arc::clone(&app)));
    let protokolle = app.protokolle.clone();
    let places = Places::new(connections());
    let (stop, stopping) = watch::channel(false);
    let mailing = tokio::spawn(outbox::run(Arc::clone(&app), stopping.clone()));
    let mut shutdown = std::pin::pin!(shutdown);
    let mut idle = std::pin::pin!(idle(&app, listener.is_inherited, &places));
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            () = &mut idle => break,
            accepted = poll_fn(|context| listener.poll_accept(context)) => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                // A place first: who is accepted is answered, even if we are to stop.
                let place = tokio::select! {
                    biased;
                    place = places.take() => place,
                    () = &mut shutdown => break,
                };
                tokio::spawn(connection(Arc::clone(&app), stream, peer, place, stopping.clone()));
            }
            Err(error) => {
                // Out of file descriptors, mostly: a pause helps, ending would not.
                tracing::warn!("accept: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    if !listener.is_inherited {
        // Whoever is in the queue already was told that we listen.
        while let Some((stream, peer)) = poll_fn(|context| match listener.poll_accept(context) {
            Poll::Ready(accepted) => Poll::Ready(accepted.ok()),
            Poll::Pending => Poll::Ready(None),
        })
        .await
        {
            let place = places.take().await;
            tokio::spawn(connection(Arc::clone(&app), stream, peer, place, stopping.clone()));
        }
    }
    drop(listener);
    drop(stopping);
    forgetting.abort();
    let _ = stop.send(true);
    if tokio::time::timeout(LAST_ORDERS, stop.closed()).await.is_err() {
        tracing::warn!("some requests or a mail were still under way after {LAST_ORDERS:?}");
        mailing.abort();
    }
    protokolle.finish();
}

/// One connection from its first byte to its last.
async fn connection(
    app: Arc<App>,
    stream: Box<dyn Stream>,
    peer: Option<IpAddr>,
    place: Arc<Place>,
    mut stopping: watch::Receiver<bool>,
) {
    let made_room = Arc::clone(&place);
    tokio::select! {
        () = made_room.evicted() => {}
        () = talk(app, stream, peer, place, &mut stopping) => {}
    }
}

async fn talk(
    app: Arc<App>,
    stream: Box<dyn Stream>,
    peer: Option<IpAddr>,
    place: Arc<Place>,
    stopping: &mut watch::Receiver<bool>,
) {
    let mut wire = Wire::new(stream);
    let too_late = async {
        let stopped = async { stopping.wait_for(|stopping| *stopping).await.is_ok() };
        if tokio::time::timeout(HEADER_DEADLINE, stopped).await.is_ok() {
            tokio::time::sleep(LAST_HEAD).await;
        }
    };
    let has_head = tokio::select! {
        biased;
        head = wire.first_head() => head.unwrap_or(false),
        () = too_late => false,
    };
    if !has_head {
        return;
    }
    let last = stopping.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let (app, place, is_last) = (Arc::clone(&app), Arc::clone(&place), *last.borrow());
        async move { Ok::<_, Infallible>(answer(&app, request, peer, &place, is_last).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_DEADLINE)
        .max_buf_size(32 << 10)
        .max_headers(MAX_HEADERS)
        .half_close(true)
        .serve_connection(TokioIo::new(wire), service);
    let mut connection = std::pin::pin!(connection);
    let mut is_told = false;
    loop {
        // The connection first: a head that has come is answered even if we are to stop.
        tokio::select! {
            biased;
            // A connection that breaks off is the other side's affair.
            _ = connection.as_mut() => return,
            _ = stopping.wait_for(|stopping| *stopping), if !is_told => {
                is_told = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Whoever sends a body, or what was refused, gets no second request on the same connection (see `wire.rs`).
async fn answer(
    app: &App,
    mut request: Request<Incoming>,
    peer: Option<IpAddr>,
    place: &Arc<Place>,
    is_last: bool,
) -> Response<super::AnswerBody> {
    let has_body = !request.body().is_end_stream();
    if !has_body {
        place.works();
    }
    let is_last = is_last || has_body || request.method().as_str() == REFUSED;
    request.extensions_mut().insert(Arc::clone(place));
    let mut response = app.answer(request, peer).await;
    if is_last {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    place.waits();
    response
}

/// As many connections as there are file descriptors for, and no more than are useful.
fn connections() -> usize {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let files = files
        .and_then(|files| usize::try_from(files).ok())
        .unwrap_or(usize::MAX);
    CONNECTIONS.min(files.saturating_sub(OTHER_FILES)).max(16)
}

/// Done once the service may end because nobody needs it: it was started by a caller, nobody is connected, and nothing that is kept for a
/// short time only waits to be deleted.
async fn idle(app: &App, is_inherited: bool, places: &Places) {
    let Some(period) = app.config.limits.idle_exit().filter(|_| is_inherited) else {
        return std::future::pending().await;
    };
    loop {
        let begun = places.visits();
        tokio::time::sleep(period).await;
        let is_quiet = places.is_empty() && places.visits() == begun;
        if is_quiet && app.store(|store| store.nothing_waits()).await.unwrap_or(false) {
            return;
        }
    }
}

/// Deletes what has outlived its period, whether or not anybody calls.
async fn forget(app: Arc<App>) {
    let mut interval = tokio::time::interval(FORGETTING);
    loop {
        interval.tick().await;
        let now = app.clock.now();
        if let Err(error) = app.store(move |store| store.forget(now)).await {
            tracing::error!("deleting what has expired: {}", error.code());
        }
        app.protokolle.keep_up(now);
        give_back_memory();
    }
}

/// The allocator keeps what uploads needed for the next ones, which may be months away.
#[allow(unsafe_code)]
fn give_back_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: It takes no pointer, leaves everything that is in use where it is, and may be called from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}
