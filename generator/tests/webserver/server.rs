//! A web server in a folder of its own, on a port of its own, with the pieces that the generator has written.

use std::marker::PhantomData;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::project::Project;

/// How a kind of web server is told what to do.
pub trait WebServer {
    /// Writes the configuration into `folder`: `pieces` lies there, the site in `www`.
    fn configure(folder: &Path, pieces: &[(String, String)], www: &Path, listen: SocketAddr);
    /// Says whether the configuration is good.
    fn check(folder: &Path) -> Command;
    fn run(folder: &Path) -> Command;
}

pub struct Server<Kind: WebServer> {
    pub address: SocketAddr,
    process: Child,
    folder: TempDir,
    dist: PathBuf,
    kind: PhantomData<Kind>,
}

impl<Kind: WebServer> Server<Kind> {
    /// Serves the fixture's site before this handler.
    pub fn start(project: &Project, handler: SocketAddr) -> Server<Kind> {
        Server::of(project.root().join("dist/muster"), handler)
    }

    /// Another one of the same site before another handler.
    pub fn with_handler(&self, handler: SocketAddr) -> Server<Kind> {
        Server::of(self.dist.clone(), handler)
    }

    fn of(dist: PathBuf, handler: SocketAddr) -> Server<Kind> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("log")).expect("a folder");
        let pieces = pieces(&dist, folder.path(), handler);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        drop(listener);
        Kind::configure(folder.path(), &pieces, &dist.join("www"), address);
        let checked = Kind::check(folder.path()).output().expect("the web server");
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success() && !said.contains("[warn]"), "{said}");
        let mut process = Kind::run(folder.path()).spawn().expect("the web server");
        wait_for(address, &mut process);
        Server {
            address,
            process,
            folder,
            dist,
            kind: PhantomData,
        }
    }

    /// Ends the server, and returns what it has left in a file.
    pub fn stop_and_read(mut self, file: &str) -> String {
        self.stop();
        std::fs::read_to_string(self.folder.path().join(file)).expect(file)
    }

    fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl<Kind: WebServer> Drop for Server<Kind> {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The pieces as they were built, except for what belongs to the machine: the handler's port and the folder of logs.
fn pieces(dist: &Path, folder: &Path, handler: SocketAddr) -> Vec<(String, String)> {
    let mut pieces = Vec::new();
    for entry in std::fs::read_dir(dist.join("server")).expect("the pieces") {
        let path = entry.expect("a piece").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path)
            .expect("a piece")
            .replace("127.0.0.1:8080", &handler.to_string())
            .replace("/var/log/nginx/", &format!("{}/log/", folder.display()));
        std::fs::write(folder.join(&name), &text).expect("a piece");
        pieces.push((name, text));
    }
    pieces.sort();
    pieces
}

fn wait_for(address: SocketAddr, process: &mut Child) {
    let begin = Instant::now();
    while TcpStream::connect(address).is_err() {
        if let Some(status) = process.try_wait().expect("the web server") {
            panic!("the web server has ended: {status}");
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "nobody listens");
        std::thread::sleep(Duration::from_millis(20));
    }
}
