//! A connection between its socket and the HTTP library: gives it one checked head at a time, ends who reads too slowly, and closes so
//! that the other side gets to see the answer.
//!
//! After a head with a body the bytes go through as they come. That is safe because the answer to such a request closes the connection
//! (`server.rs`): no head after it is ever looked at, so no disagreement about where a body ends can smuggle in a request.

use super::head::{self, Follows, Progress, Refusal};
use super::listen::Stream;
use bytes::{Buf, BytesMut};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

/// The method of the request that stands in for one that was refused; its path is the status.
pub const REFUSED: &str = "REFUSED";

/// Whoever has not taken an answer by then is cut off.
const WRITE_DEADLINE: Duration = Duration::from_secs(60);
/// How long bytes that nobody wants are still read after an answer. A sender that is cut off shows no answer at all.
const LINGER: Duration = Duration::from_secs(10);
/// Such a sender may pause for so long.
const LINGER_PAUSE: Duration = Duration::from_secs(2);
const READ_BYTES: usize = 4 << 10;

/// A connection as the HTTP library sees it.
pub struct Wire {
    stream: Box<dyn Stream>,
    state: State,
    /// What came and is not checked yet; so many of its bytes were looked at.
    inbox: BytesMut,
    seen: usize,
    /// What is checked and not taken yet.
    checked: BytesMut,
    /// Runs while an answer waits to be taken.
    writing: Option<Pin<Box<Sleep>>>,
    lingering: Option<(Instant, Pin<Box<Sleep>>)>,
}

#[derive(PartialEq, Eq)]
enum State {
    Head,
    Body,
    /// Nothing is read any more.
    Refused,
}

impl Wire {
    pub fn new(stream: Box<dyn Stream>) -> Wire {
        Wire {
            stream,
            state: State::Head,
            inbox: BytesMut::new(),
            seen: 0,
            checked: BytesMut::new(),
            writing: None,
            lingering: None,
        }
    }

    /// Waits for a whole head; false if the client has gone. Until then a connection costs next to nothing.
    pub async fn first_head(&mut self) -> io::Result<bool> {
        std::future::poll_fn(|context| self.poll_head(context)).await
    }

    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.checked.is_empty() {
            match self.take_head() {
                Ok(true) => break,
                Ok(false) => {}
                Err(Refusal(status)) => {
                    let stand_in = format!("{REFUSED} /{status} HTTP/1.1\r\nhost: x\r\n\r\n");
                    self.checked.extend_from_slice(stand_in.as_bytes());
                    self.state = State::Refused;
                    break;
                }
            }
            let mut space = [0; READ_BYTES];
            let mut buffer = ReadBuf::new(&mut space);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(false));
            }
            self.inbox.extend_from_slice(buffer.filled());
        }
        Poll::Ready(Ok(true))
    }

    /// Moves a head that is complete and fine from the inbox on; what follows it stays there, unless it is its body.
    fn take_head(&mut self) -> Result<bool, Refusal> {
        if self.seen == 0 && self.inbox.starts_with(b"\r\n") {
            // Some clients end a body with an empty line that belongs to nothing.
            self.inbox.advance(2);
        }
        match head::progress(&self.inbox, self.seen)? {
            Progress::Partial => {
                self.seen = self.inbox.len();
                Ok(false)
            }
            Progress::Complete(length) => {
                self.checked = self.inbox.split_to(length);
                self.seen = 0;
                match head::check(&self.checked) {
                    Ok(Follows::Nothing) => {}
                    Ok(Follows::Body) => {
                        self.checked.unsplit(self.inbox.split());
                        self.state = State::Body;
                    }
                    Err(refusal) => {
                        self.checked.clear();
                        return Err(refusal);
                    }
                }
                Ok(true)
            }
        }
    }

    /// An error once an answer has waited too long for its reader.
    fn in_time<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            return written;
        }
        let writing = self.writing.get_or_insert_with(|| Box::pin(sleep(WRITE_DEADLINE)));
        ready!(writing.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Reads and forgets until the other side has closed, pauses, or has had its time.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let begun = Instant::now();
        let (end, pause) = self
            .lingering
            .get_or_insert_with(|| (begun + LINGER, Box::pin(sleep(LINGER_PAUSE))));
        let mut space = [0; READ_BYTES];
        loop {
            let mut buffer = ReadBuf::new(&mut space);
            match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    let pause_ends = (*end).min(Instant::now() + LINGER_PAUSE);
                    pause.set(sleep_until(pause_ends));
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return pause.as_mut().poll(context),
            }
            if Instant::now() >= *end {
                return Poll::Ready(());
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        if wire.checked.is_empty() {
            match wire.state {
                State::Body => return Pin::new(&mut wire.stream).poll_read(context, buffer),
                // The answer is under way; an end here would look as if nobody waited for it.
                State::Refused => return Poll::Pending,
                State::Head => {
                    if !ready!(wire.poll_head(context))? {
                        return Poll::Ready(Ok(()));
                    }
                }
            }
        }
        let length = wire.checked.len().min(buffer.remaining());
        buffer.put_slice(&wire.checked.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        let written = Pin::new(&mut wire.stream).poll_write(context, bytes);
        wire.in_time(context, written)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        ready!(Pin::new(&mut wire.stream).poll_flush(context))?;
        wire.writing = None;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        if wire.lingering.is_none() {
            ready!(Pin::new(&mut wire.stream).poll_shutdown(context))?;
        }
        if wire.state != State::Head || !wire.inbox.is_empty() {
            ready!(wire.poll_linger(context));
        }
        Poll::Ready(Ok(()))
    }
}
