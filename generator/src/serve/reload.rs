//! Tells open browser windows that a new build is there, over server-sent events.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use tokio::sync::{mpsc, watch};

use super::{Body, Outcome};

pub const SCRIPT_PATH: &str = "/__neu.js";
pub const EVENTS_PATH: &str = "/__neu";

/// Reloads the page when the build it was made by is no longer the latest; so a restarted server reloads it too. While a build is
/// stopped by problems, they stand over the last good page; styles are set by the script because the CSP allows none in the page.
pub const SCRIPT: &str = "\"use strict\";
let stand = null;
const tafel = document.createElement(\"pre\");
tafel.setAttribute(\"role\", \"alert\");
tafel.tabIndex = 0;
Object.assign(tafel.style, {
  position: \"fixed\", inset: \"auto 0 0 0\", zIndex: 9999, margin: 0, padding: \"1rem\", maxHeight: \"60vh\", overflow: \"auto\",
  background: \"#2b0b0b\", color: \"#fff\", font: \"14px/1.45 ui-monospace, monospace\", borderTop: \"4px solid #ff6b6b\",
});
const quelle = new EventSource(\"/__neu\");
quelle.addEventListener(\"stand\", (ereignis) => {
  if (stand !== null && stand !== ereignis.data) location.reload();
  stand = ereignis.data;
});
quelle.addEventListener(\"problem\", (ereignis) => {
  tafel.textContent = JSON.parse(ereignis.data);
  if (tafel.textContent) document.body.append(tafel);
  else tafel.remove();
});
";

/// The tag that brings the script into a page.
pub const SCRIPT_TAG: &str = "<script src=\"/__neu.js\"></script>";

/// Counts builds and tells everybody who listens.
#[derive(Clone)]
pub struct Reload(watch::Sender<Latest>);

/// The latest build that is shown, and what stops the one after it.
#[derive(Clone, Default)]
struct Latest {
    build: u64,
    problems: String,
}

impl Reload {
    pub fn new() -> Reload {
        Reload(watch::Sender::new(Latest::default()))
    }

    /// Says what became of a build.
    pub fn announce(&self, outcome: Outcome) {
        self.0.send_modify(|latest| {
            match outcome {
                Outcome::Changed => latest.build += 1,
                Outcome::Same => {}
                Outcome::Stopped(problems) => {
                    latest.problems = problems;
                    return;
                }
            }
            latest.problems.clear();
        });
    }

    /// Waits for the end of every build.
    pub fn builds(&self) -> Builds {
        Builds(self.0.subscribe())
    }

    /// An answer that never ends: the latest build now, and each one to come.
    pub fn stream(&self) -> Response<Body> {
        let mut builds = self.0.subscribe();
        let (events, body) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut known = None;
            loop {
                let latest = builds.borrow_and_update().clone();
                if events.send(news(known.as_ref(), &latest)).is_err() {
                    return;
                }
                known = Some(latest);
                tokio::select! {
                    changed = builds.changed() => if changed.is_err() { return },
                    () = events.closed() => return,
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

/// The ends of builds, one after the other.
pub struct Builds(watch::Receiver<Latest>);

impl Builds {
    /// Returns after the next build; `false` when there will be no more.
    pub async fn next(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

/// What has changed since a window was told last. The process is part of the number, so that a restarted server counts as a new build.
fn news(known: Option<&Latest>, latest: &Latest) -> Bytes {
    let mut events = String::new();
    if known.is_none_or(|known| known.build != latest.build) {
        let process = std::process::id();
        events.push_str(&format!(
            "retry: 500\nevent: stand\ndata: {process}-{}\n\n",
            latest.build
        ));
    }
    if known.map_or("", |known| known.problems.as_str()) != latest.problems {
        let problems = serde_json::to_string(&latest.problems).unwrap_or_default();
        events.push_str(&format!("event: problem\ndata: {problems}\n\n"));
    }
    events.into()
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
