//! Where the service listens: an address, a Unix socket, or a socket that systemd has opened.

use anyhow::{Context as _, Result, bail};
use listenfd::ListenFd;
use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};

/// A socket that connections come from.
pub struct Listener {
    socket: Socket,
    /// Somebody else keeps it open: who calls while nobody accepts, waits.
    pub is_inherited: bool,
    /// Where our own Unix socket lies; gone with us.
    path: Option<PathBuf>,
}

enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// A connection, of whichever kind.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

/// With the address that it comes from, if it has one.
type Accepted = (Box<dyn Stream>, Option<IpAddr>);

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// What was passed on to us by whoever started us. To be called before there are threads: it changes the environment.
pub fn passed_on() -> ListenFd {
    ListenFd::from_env()
}

/// What `listen` asks for, opened, from inside the runtime.
pub async fn open(listen: &str, passed: &mut ListenFd) -> Result<Listener> {
    let failed = || format!("Auf {listen} lässt sich nicht lauschen");
    if listen == "systemd" {
        return inherited(passed).with_context(failed);
    }
    if let Some(path) = listen.strip_prefix("unix:") {
        return unix(Path::new(path)).with_context(failed);
    }
    Ok(TcpListener::bind(listen).await.with_context(failed)?.into())
}

/// The one socket that systemd (or whoever starts us like it) has passed on.
fn inherited(passed: &mut ListenFd) -> Result<Listener> {
    if passed.len() != 1 {
        bail!(
            "systemd hat {} Sockets übergeben statt einem. listen = \"systemd\" braucht eine .socket-Datei mit einer ListenStream-Zeile",
            passed.len()
        );
    }
    let socket = if let Ok(Some(unix)) = passed.take_unix_listener(0) {
        unix.set_nonblocking(true)?;
        Socket::Unix(UnixListener::from_std(unix)?)
    } else {
        let tcp = passed.take_tcp_listener(0)?.context("Der Socket ist verschwunden")?;
        tcp.set_nonblocking(true)?;
        Socket::Tcp(TcpListener::from_std(tcp)?)
    };
    Ok(Listener {
        socket,
        is_inherited: true,
        path: None,
    })
}

/// A socket file that nobody answers at is left over from a process that was killed.
fn unix(path: &Path) -> Result<Listener> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => bail!("Dort liegt schon etwas, das kein Socket ist"),
        Ok(_) => match UnixStream::connect(path) {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => std::fs::remove_file(path)?,
            Err(error) => return Err(error.into()),
            Ok(_) => bail!("Dort antwortet schon jemand"),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Listener {
        socket: Socket::Unix(UnixListener::bind(path)?),
        is_inherited: false,
        path: Some(path.to_owned()),
    })
}

impl From<TcpListener> for Listener {
    fn from(socket: TcpListener) -> Listener {
        Listener {
            socket: Socket::Tcp(socket),
            is_inherited: false,
            path: None,
        }
    }
}

impl Listener {
    /// The next connection.
    pub fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<Accepted>> {
        match &self.socket {
            Socket::Tcp(socket) => socket.poll_accept(context).map_ok(|(stream, peer)| {
                // Answers are written whole; waiting for more to send would only delay them.
                let _ = stream.set_nodelay(true);
                (Box::new(stream) as Box<dyn Stream>, Some(peer.ip()))
            }),
            Socket::Unix(socket) => socket
                .poll_accept(context)
                .map_ok(|(stream, _)| (Box::new(stream) as Box<dyn Stream>, None)),
        }
    }

    /// As a person types it: `127.0.0.1:8080`, or the path of a socket.
    pub fn name(&self) -> String {
        match &self.socket {
            Socket::Tcp(socket) => socket.local_addr().map(|address| address.to_string()),
            Socket::Unix(socket) => socket.local_addr().map(|address| {
                let path = address.as_pathname().map(|path| path.display().to_string());
                format!("unix:{}", path.unwrap_or_default())
            }),
        }
        .unwrap_or_default()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = std::fs::remove_file(path);
        }
    }
}
