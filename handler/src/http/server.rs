//! Accepting connections, and ending without cutting anybody off.

use crate::app::App;
use crate::outbox;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

const HEADER_DEADLINE: Duration = Duration::from_secs(10);
const CONNECTIONS: usize = 1000;
/// How often expired sessions and failed logins are looked for.
const FORGETTING: Duration = Duration::from_secs(60);
/// How long requests that are under way may take once the server is to end.
const LAST_ORDERS: Duration = Duration::from_secs(10);

/// Serves until `shutdown` is done; requests under way are finished.
pub async fn run(app: Arc<App>, listener: TcpListener, shutdown: impl Future<Output = ()>) {
    let forgetting = tokio::spawn(forget(Arc::clone(&app)));
    let mailing = tokio::spawn(outbox::run(Arc::clone(&app)));
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, (stream, peer)) = tokio::select! {
            () = &mut shutdown => break,
            (place, accepted) = next => match accepted {
                Ok(accepted) => (place, accepted),
                Err(error) => {
                    // Out of file descriptors, mostly: a pause helps, ending would not.
                    tracing::warn!("accept: {error}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let app = Arc::clone(&app);
        let service = service_fn(move |request| {
            let app = Arc::clone(&app);
            async move { Ok::<_, Infallible>(app.answer(request, peer.ip()).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_DEADLINE)
            .max_buf_size(32 << 10)
            .max_headers(64)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks off is the other side's affair.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    forgetting.abort();
    mailing.abort();
    if tokio::time::timeout(LAST_ORDERS, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were still under way after {LAST_ORDERS:?}");
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
    }
}
