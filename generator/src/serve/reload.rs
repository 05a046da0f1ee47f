//! Tells open browser windows that a new build is there, over server-sent events.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use tokio::sync::{broadcast, mpsc};

use super::Body;

pub const SCRIPT_PATH: &str = "/__neu.js";
pub const EVENTS_PATH: &str = "/__neu";

/// Reloads the page when the build it was made by is no longer the latest; so a restarted server reloads it too.
pub const SCRIPT: &str = "\"use strict\";
let stand = null;
new EventSource(\"/__neu\").addEventListener(\"stand\", (ereignis) => {
  if (stand !== null && stand !== ereignis.data) location.reload();
  stand = ereignis.data;
});
";

/// The tag that brings the script into a page.
pub const SCRIPT_TAG: &str = "<script src=\"/__neu.js\"></script>";

/// Counts builds and tells everybody who listens.
#[derive(Clone)]
pub struct Reload {
    builds: Arc<AtomicU64>,
    sender: broadcast::Sender<u64>,
}

impl Reload {
    pub fn new() -> Reload {
        Reload {
            builds: Arc::new(AtomicU64::new(1)),
            sender: broadcast::Sender::new(16),
        }
    }

    /// Says that a new build is published.
    pub fn announce(&self) {
        let build = self.builds.fetch_add(1, Ordering::Relaxed) + 1;
        // An error only means that no window is open.
        let _ = self.sender.send(build);
    }

    /// Receives the number of every new build.
    pub fn subscribe(&self) -> broadcast::Receiver<u64> {
        self.sender.subscribe()
    }

    /// An answer that never ends: the latest build now, and each one to come.
    pub fn stream(&self) -> Response<Body> {
        let mut builds = self.subscribe();
        let (events, body) = mpsc::unbounded_channel();
        let _ = events.send(event(self.builds.load(Ordering::Relaxed)));
        tokio::spawn(async move {
            loop {
                let build = tokio::select! {
                    build = builds.recv() => build,
                    () = events.closed() => return,
                };
                match build {
                    Ok(build) if events.send(event(build)).is_ok() => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    _ => return,
                }
            }
        });
        let mut response = Response::new(Events(body).boxed_unsync());
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// The process is part of the number, so that a restarted server counts as a new build.
fn event(build: u64) -> Bytes {
    format!("retry: 500\nevent: stand\ndata: {}-{build}\n\n", std::process::id()).into()
}

/// A body made of events as they come.
struct Events(mpsc::UnboundedReceiver<Bytes>);

impl HttpBody for Events {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let event = ready!(self.0.poll_recv(context));
        Poll::Ready(event.map(|event| Ok(Frame::data(event))))
    }
}
