//! Bodies of requests: read within limits of size and time, before anything is done with them.

use crate::app::App;
use crate::http::Place;
use crate::rejection::Rejection;
use crate::room::{Room, Sending};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyDataStream, BodyExt, Full};
use hyper::Request;
use hyper::body::{Body, Incoming};
use hyper::header;
use multer::Multipart;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A sender may take so long, and longer by what it has sent already at this rate, …
const GRACE: Duration = Duration::from_secs(10);
const LEAST_BYTES_PER_SECOND: u64 = 16 << 10;
/// … but never be silent for so long, …
const STALLED: Duration = Duration::from_secs(10);
/// … nor take longer than this altogether.
const DEADLINE: Duration = Duration::from_secs(120);
/// Fields and headings around the file.
const MULTIPART_EXTRA: u64 = 64 << 10;
const FIELDS_MAX_BYTES: u64 = 16 << 10;
const MAX_PARTS: usize = 8;

/// A request whose body is taken by whoever reads it.
pub type Posted = Request<Option<Incoming>>;

/// What the upload form sends.
pub struct Upload {
    pub runde: String,
    pub bytes: Bytes,
    /// Shown once, never stored.
    pub file_name: String,
    /// Held as long as the bytes are.
    _room: Room,
}

/// Reads the multipart body of an upload.
pub async fn read_upload(app: &App, request: &mut Posted, traeger: &str) -> Result<Upload, Rejection> {
    let largest = app.config.limits.upload_max_bytes;
    check_length(request, largest, largest + MULTIPART_EXTRA)?;
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let boundary = multer::parse_boundary(content_type.unwrap_or_default()).map_err(|_| Rejection::MalformedBody)?;
    works(request);
    let mut room = app.bodies.room(traeger).await?;
    let body = read(request, largest + MULTIPART_EXTRA, largest, room.sending.as_deref()).await?;
    // It is here: nobody cuts it off any more.
    room.sending = None;
    let whole = body.len() as u64;
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
            if whole - bytes.len() as u64 > MULTIPART_EXTRA {
                return Err(Rejection::MalformedBody);
            }
            return Ok(Upload {
                _room: room,
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
    let body = read(request, FIELDS_MAX_BYTES, FIELDS_MAX_BYTES, None).await?;
    Ok(form_urlencoded::parse(&body).into_owned().collect())
}

/// From here on the connection is not closed to make room for another.
pub fn works(request: &Posted) {
    if let Some(place) = request.extensions().get::<Arc<Place>>() {
        place.works();
    }
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

async fn read(request: &mut Posted, limit: u64, largest: u64, sending: Option<&Sending>) -> Result<Bytes, Rejection> {
    let mut bytes = BytesMut::new();
    let begun = Instant::now();
    let mut cut_off = std::pin::pin!(async {
        match sending {
            Some(sending) => sending.cut_off().await,
            None => std::future::pending().await,
        }
    });
    while let Some(body) = request.body_mut() {
        let earned = Duration::from_secs(bytes.len() as u64 / LEAST_BYTES_PER_SECOND);
        let until = (begun + DEADLINE.min(GRACE + earned)).min(Instant::now() + STALLED);
        let frame = tokio::select! {
            () = &mut cut_off => return Err(Rejection::Busy),
            frame = tokio::time::timeout_at(until, body.frame()) => frame.map_err(|_| Rejection::TransferBroke)?,
        };
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|_| Rejection::TransferBroke)?;
        let data = frame.data_ref().map_or(&[][..], |data| data);
        bytes.extend_from_slice(data);
        if let Some(sending) = sending {
            sending.came(data.len());
        }
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
