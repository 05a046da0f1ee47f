//! nginx before a handler, with the pieces that the generator writes for the real site.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub struct Nginx {
    pub address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

impl Nginx {
    pub fn before(handler: SocketAddr) -> Nginx {
        let folder = tempfile::tempdir().expect("a folder");
        let dist = folder.path().join("dist");
        build_site(&dist);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        drop(listener);
        let server = dist.join("startchancen-nrw/server");
        let piece = |name: &str| {
            let text = std::fs::read_to_string(server.join(name)).expect(name);
            let log = format!("{}/", folder.path().display());
            text.replace("127.0.0.1:8080", &handler.to_string())
                .replace("/var/log/nginx/", &log)
        };
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary: String = folders.map(|name| format!("{name}_temp_path {name};\n")).concat();
        let text = format!(
            "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log error.log;\nevents {{}}\nhttp {{\n{temporary}{}{}server {{\nlisten {address};\nroot {};\n{}}}\n}}\n",
            piece("log-format.conf"),
            piece("http.conf"),
            dist.join("startchancen-nrw/www").display(),
            piece("site.conf"),
        );
        std::fs::write(folder.path().join("nginx.conf"), text).expect("the configuration");
        let mut process = Command::new("/usr/sbin/nginx")
            .arg("-p")
            .arg(folder.path())
            .args(["-c", "nginx.conf", "-e", "error.log"])
            .spawn()
            .expect("nginx");
        let begin = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = process.try_wait().expect("nginx");
            assert!(
                ended.is_none() && begin.elapsed() < Duration::from_secs(20),
                "nginx does not listen"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Nginx {
            address,
            process,
            _folder: folder,
        }
    }

    /// Sends bytes and a last request, so that nginx has a reason to close, and gives all that comes. A sender that closed first would
    /// make nginx keep an answer back.
    pub fn say_all(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        // Some shapes leave nginx waiting for more.
        stream
            .set_read_timeout(Some(Duration::from_millis(1500)))
            .expect("a deadline");
        let _ = stream.write_all(bytes);
        let _ = stream.write_all(b"GET /impressum HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let mut answers = Vec::new();
        let _ = stream.read_to_end(&mut answers);
        String::from_utf8_lossy(&answers).into_owned()
    }
}

/// The statuses of answers, but for that of the last request.
pub fn statuses(said: &str) -> Vec<u16> {
    let answers = said.split("HTTP/1.1 ").skip(1);
    answers
        .filter(|answer| !answer.contains("/impressum/\r\n"))
        .map(|answer| answer[..3].parse().expect("a status"))
        .collect()
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The generator lies beside the handler, where the workspace is built.
fn build_site(dist: &Path) {
    let generator = Path::new(env!("CARGO_BIN_EXE_handler")).with_file_name("generator");
    let built = Command::new(&generator)
        .args(["build", "startchancen-nrw", "--today", "2026-11-22", "--out"])
        .arg(dist)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap_or_else(|error| panic!("{} (cargo build --workspace makes it): {error}", generator.display()));
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}
