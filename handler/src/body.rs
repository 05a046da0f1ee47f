//! Bodies of requests: read within limits of size and time, before anything is done with them.

use crate::app::App;
use crate::rejection::Rejection;
use bytes::Bytes;
use http_body_util::{BodyDataStream, BodyExt, Full, LengthLimitError, Limited};
use hyper::Request;
use hyper::body::{Body, Incoming};
use hyper::header;
use multer::Multipart;
use std::collections::HashMap;
use std::time::Duration;

/// The whole body must have come by then.
const DEADLINE: Duration = Duration::from_secs(60);
/// How long a body that is too large is read on, so that the browser shows our answer.
const LINGER: Duration = Duration::from_secs(2);
/// Fields and headings around the file.
const MULTIPART_EXTRA: u64 = 64 << 10;
const FIELDS_MAX_BYTES: u64 = 16 << 10;
const MAX_PARTS: usize = 8;

/// What the upload form sends.
pub struct Upload {
    pub runde: String,
    pub bytes: Bytes,
    /// Shown once, never stored.
    pub file_name: String,
}

/// Reads the multipart body of an upload.
pub async fn read_upload(app: &App, request: Request<Incoming>) -> Result<Upload, Rejection> {
    let largest = app.config.limits.upload_max_bytes;
    let request = check_length(request, largest, largest + MULTIPART_EXTRA).await?;
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let boundary = multer::parse_boundary(content_type).map_err(|_| Rejection::MalformedBody)?;
    let _permit = app.bodies.acquire().await.map_err(|_| Rejection::Busy)?;
    let body = read(request.into_body(), largest + MULTIPART_EXTRA, largest).await?;
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
pub async fn read_fields(request: Request<Incoming>) -> Result<HashMap<String, String>, Rejection> {
    let request = check_length(request, FIELDS_MAX_BYTES, FIELDS_MAX_BYTES).await?;
    let body = read(request.into_body(), FIELDS_MAX_BYTES, FIELDS_MAX_BYTES).await?;
    Ok(form_urlencoded::parse(&body).into_owned().collect())
}

/// Refuses a body that announces too much. Clients that wait for a go-ahead are told at once; others are listened to
/// for a moment, because a browser that is cut off shows no answer at all.
async fn check_length(request: Request<Incoming>, largest: u64, limit: u64) -> Result<Request<Incoming>, Rejection> {
    let announced = request.body().size_hint().exact().filter(|bytes| *bytes > limit);
    let Some(announced) = announced else { return Ok(request) };
    if !request.headers().contains_key(header::EXPECT) {
        drain(request.into_body()).await;
    }
    Err(Rejection::TooLarge {
        announced: Some(announced),
        largest,
    })
}

async fn read(body: Incoming, limit: u64, largest: u64) -> Result<Bytes, Rejection> {
    let limited = Limited::new(body, usize::try_from(limit).unwrap_or(usize::MAX));
    match tokio::time::timeout(DEADLINE, limited.collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Rejection::TooLarge {
            announced: None,
            largest,
        }),
        Ok(Err(_)) | Err(_) => Err(Rejection::TransferBroke),
    }
}

async fn drain(mut body: Incoming) {
    let reading = async { while let Some(Ok(_)) = body.frame().await {} };
    // Whether it ended or not, the answer follows.
    let _ = tokio::time::timeout(LINGER, reading).await;
}
