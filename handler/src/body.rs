//! Bodies of requests: read within limits of size and time, before anything is done with them.

use crate::app::App;
use crate::rejection::Rejection;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyDataStream, BodyExt, Full};
use hyper::Request;
use hyper::body::{Body, Incoming};
use hyper::header;
use multer::Multipart;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

/// The whole body must have come by then.
const DEADLINE: Duration = Duration::from_secs(60);
/// A sender that is silent for so long is gone.
const STALLED: Duration = Duration::from_secs(10);
/// How long an upload waits for room in memory.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a body that is refused is read on, so that the browser shows our answer.
const LINGER: Duration = Duration::from_secs(2);
/// Fields and headings around the file.
const MULTIPART_EXTRA: u64 = 64 << 10;
const FIELDS_MAX_BYTES: u64 = 16 << 10;
const MAX_PARTS: usize = 8;

/// A request whose body is taken by whoever reads it. What is left over is read to its end before a refusal is sent.
pub type Posted = Request<Option<Incoming>>;

/// What the upload form sends.
pub struct Upload {
    pub runde: String,
    pub bytes: Bytes,
    /// Shown once, never stored.
    pub file_name: String,
    /// Room for one body in memory, held as long as the bytes are.
    _permit: OwnedSemaphorePermit,
}

/// Reads the multipart body of an upload.
pub async fn read_upload(app: &App, request: &mut Posted) -> Result<Upload, Rejection> {
    let largest = app.config.limits.upload_max_bytes;
    check_length(request, largest, largest + MULTIPART_EXTRA)?;
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let boundary = multer::parse_boundary(content_type.unwrap_or_default()).map_err(|_| Rejection::MalformedBody)?;
    let permit = tokio::time::timeout(PATIENCE, Arc::clone(&app.bodies).acquire_owned()).await;
    let permit = permit.map_err(|_| Rejection::Busy)?.map_err(|_| Rejection::Busy)?;
    let body = read(request, largest + MULTIPART_EXTRA, largest).await?;
    let mut multipart = Multipart::new(BodyDataStream::new(Full::new(body)), boundary);
    let (mut runde, mut file) = (None, None);
    for _ in 0..MAX_PARTS {
        let Some(part) = multipart.next_field().await.map_err(|_| Rejection::MalformedBody)? else {
            let (bytes, file_name): (Bytes, String) = file.ok_or(Rejection::NoFile)?;
            if bytes.is_empty() && file_name.is_empty() {
                return Err(Rejection::NoFile);
            }
            if bytes.len() as u64 > largest {
                return Err(Rejection::TooLarge {
                    announced: Some(bytes.len() as u64),
                    largest,
                });
            }
            return Ok(Upload {
                _permit: permit,
                runde: runde.ok_or(Rejection::MalformedBody)?,
                bytes,
                file_name,
            });
        };
        match part.name() {
            Some("runde") if runde.is_none() => runde = Some(part.text().await.map_err(|_| Rejection::MalformedBody)?),
            Some("datei") if file.is_none() => {
                let file_name = part.file_name().unwrap_or_default().to_owned();
                file = Some((part.bytes().await.map_err(|_| Rejection::MalformedBody)?, file_name));
            }
            _ => return Err(Rejection::MalformedBody),
        }
    }
    Err(Rejection::MalformedBody)
}

/// Reads the fields of a small form.
pub async fn read_fields(request: &mut Posted) -> Result<HashMap<String, String>, Rejection> {
    check_length(request, FIELDS_MAX_BYTES, FIELDS_MAX_BYTES)?;
    let body = read(request, FIELDS_MAX_BYTES, FIELDS_MAX_BYTES).await?;
    Ok(form_urlencoded::parse(&body).into_owned().collect())
}

/// Refuses a body that announces too much, before any of it is read.
fn check_length(request: &Posted, largest: u64, limit: u64) -> Result<(), Rejection> {
    let announced = request.body().as_ref().and_then(|body| body.size_hint().exact());
    match announced.filter(|bytes| *bytes > limit) {
        Some(announced) => Err(Rejection::TooLarge {
            announced: Some(announced),
            largest,
        }),
        None => Ok(()),
    }
}

async fn read(request: &mut Posted, limit: u64, largest: u64) -> Result<Bytes, Rejection> {
    let mut bytes = BytesMut::new();
    let deadline = Instant::now() + DEADLINE;
    while let Some(body) = request.body_mut() {
        let until = deadline.min(Instant::now() + STALLED);
        let frame = tokio::time::timeout_at(until, body.frame())
            .await
            .map_err(|_| Rejection::TransferBroke)?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|_| Rejection::TransferBroke)?;
        bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        if bytes.len() as u64 > limit {
            return Err(Rejection::TooLarge {
                announced: None,
                largest,
            });
        }
    }
    request.body_mut().take();
    Ok(bytes.freeze())
}

/// Listens a moment to a body that nobody wants, because a browser that is cut off while it sends shows no answer at
/// all. A client that waits for the go-ahead is not asked to send.
pub async fn drain(request: &mut Posted) {
    let Some(mut body) = request.body_mut().take() else {
        return;
    };
    if request.headers().contains_key(header::EXPECT) {
        return;
    }
    let reading = async { while let Some(Ok(_)) = body.frame().await {} };
    // Whether it ended or not, the answer follows.
    let _ = tokio::time::timeout(LINGER, reading).await;
}
