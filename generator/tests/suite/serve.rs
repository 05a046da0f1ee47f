//! `serve` over real sockets: pages, the reload event after an edit, the handler's life, and an orderly end.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::project::Project;

/// A running `serve`; it is killed with the test.
struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    /// Starts a copy of the generator, so that the handler beside it is the test's own.
    fn start(project: &Project) -> Server {
        let program = project.root().join("bin/generator");
        fs::create_dir_all(program.parent().expect("a folder")).expect("the folder");
        // By another process: a file that this one has open for writing could not be started while a neighbour test forks.
        let copied = Command::new("cp")
            .arg(env!("CARGO_BIN_EXE_generator"))
            .arg(&program)
            .status()
            .expect("cp");
        assert!(copied.success());
        let mut child = Command::new(&program)
            .arg("--root")
            .arg(project.root())
            .args(["serve", "muster", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the generator");
        let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
        let line = line_with(&mut stdout, "ist zu sehen unter http://");
        let address = line
            .rsplit("http://")
            .next()
            .expect("an address")
            .trim_end_matches('/')
            .to_owned();
        Server { child, stdout, address }
    }

    /// Sends a request and returns the whole answer.
    fn exchange(&self, method: &str, path: &str) -> String {
        let mut stream = self.open(method, path, "close");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn open(&self, method: &str, path: &str, connection: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: {connection}\r\n\r\n",
            self.address
        )
        .expect("sent");
        stream
    }

    /// Asks it to end and returns its exit status.
    fn terminate(mut self) -> Option<i32> {
        let id = Pid::from_child(&self.child);
        kill_process(id, Signal::TERM).expect("a signal");
        self.child.wait().expect("an end").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn line_with(lines: &mut impl BufRead, wanted: &str) -> String {
    loop {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).expect("a line"), 0, "no line with {wanted}");
        if line.contains(wanted) {
            return line.trim_end().to_owned();
        }
    }
}

/// Puts a handler beside the generator that behaves like the real one towards it, and notes its process id.
fn write_handler(project: &Project, first_line: &str) {
    let program = project.root().join("bin/handler");
    fs::create_dir_all(program.parent().expect("a folder")).expect("the folder");
    let script = format!(
        "#!/bin/sh\necho $$ > \"$(dirname \"$0\")/pid\"\necho \"{first_line}\"\necho \"Anmelden mit: $*\"\ncat > /dev/null\necho ordentlich > \"$(dirname \"$0\")/ende\"\n"
    );
    // By another process, for the same reason as the copy of the generator.
    let write = "printf '%s' \"$1\" > \"$0\" && chmod 755 \"$0\"";
    let written = Command::new("sh")
        .arg("-c")
        .arg(write)
        .arg(&program)
        .arg(script)
        .status()
        .expect("sh");
    assert!(written.success());
}

#[test]
fn pages_come_with_security_headers_and_the_reload_script() {
    let project = Project::new();
    let server = Server::start(&project);
    let page = server.exchange("GET", "/programm/");
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
    assert!(
        page.contains("content-security-policy: default-src 'none'; style-src 'self'"),
        "{page}"
    );
    assert!(page.contains("<script src=\"/__neu.js\"></script></body>"), "{page}");
    assert!(!project.published("www/programm/index.html").contains("__neu"));
    assert!(server.exchange("GET", "/__neu.js").contains("EventSource"));
    let style = page.split('"').find(|text| text.starts_with("/assets/klein."));
    let style = server.exchange("GET", style.expect("a style sheet"));
    assert!(style.contains("content-type: text/css"), "{style}");
    assert!(server.exchange("GET", "/programm").contains("location: /programm/"));
}

#[test]
fn what_is_not_there_is_404_with_the_sites_own_page() {
    let project = Project::new();
    let server = Server::start(&project);
    for path in ["/nirgends/", "/../../site.toml", "/%2e%2e/handler/shell.html"] {
        let answer = server.exchange("GET", path);
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(answer.contains("Diese Seite gibt es nicht"), "{path}: {answer}");
    }
    assert!(server.exchange("POST", "/programm/").starts_with("HTTP/1.1 405"));
}

#[test]
fn an_edit_is_announced_and_served() {
    let project = Project::new();
    let server = Server::start(&project);
    let mut events = BufReader::new(server.open("GET", "/__neu", "keep-alive"));
    let before = line_with(&mut events, "data: ");
    project.replace("index.md", "Zum ", "Frisch zum ");
    let after = line_with(&mut events, "data: ");
    assert_ne!(before, after);
    assert!(server.exchange("GET", "/").contains("Frisch zum"));
}

#[test]
fn a_mistake_leaves_the_last_good_state_and_mending_it_goes_on() {
    let project = Project::new();
    let mut server = Server::start(&project);
    let mut events = BufReader::new(server.open("GET", "/__neu", "keep-alive"));
    line_with(&mut events, "data: ");
    project.replace("index.md", "@/programm/index.md", "@/fehlt.md");
    line_with(&mut events, "event: problem");
    let problem = line_with(&mut events, "data: ");
    assert!(problem.contains("Die Seite „fehlt.md“ gibt es nicht."), "{problem}");
    assert!(server.exchange("GET", "/").contains("href=\"/programm/\""));
    project.replace(
        "index.md",
        "Zum [Programm](@/fehlt.md)",
        "Wieder [Programm](@/programm/index.md)",
    );
    line_with(&mut events, "event: stand");
    assert_eq!(line_with(&mut events, "event: problem"), "event: problem");
    assert_eq!(line_with(&mut events, "data: "), "data: \"\"");
    assert!(server.exchange("GET", "/").contains("Wieder"));
    assert!(server.child.try_wait().expect("a status").is_none());
}

#[test]
fn a_site_that_was_never_built_shows_its_problems_and_then_itself() {
    let project = Project::new();
    project.replace("index.md", "@/programm/index.md", "@/fehlt.md");
    let server = Server::start(&project);
    let page = server.exchange("GET", "/");
    assert!(
        page.contains("<script src=\"/__neu.js\""),
        "shows problems and reloads: {page}"
    );
    let mut events = BufReader::new(server.open("GET", "/__neu", "keep-alive"));
    line_with(&mut events, "event: problem");
    let problem = line_with(&mut events, "data: ");
    assert!(problem.contains("Die Seite „fehlt.md“ gibt es nicht."), "{problem}");
    project.replace("index.md", "@/fehlt.md", "@/programm/index.md");
    line_with(&mut events, "event: stand");
    assert!(server.exchange("GET", "/").contains("href=\"/programm/\""));
}

#[test]
fn the_handler_starts_with_demo_data_and_ends_with_its_standard_input() {
    let project = Project::new();
    // Nothing listens on the discard port of this machine.
    write_handler(&project, "handler: http://127.0.0.1:9");
    let mut server = Server::start(&project);
    let arguments = line_with(&mut server.stdout, "Anmelden mit: ");
    assert!(arguments.contains("serve --demo --site"), "{arguments}");
    assert!(
        arguments.ends_with(&format!("--listen 127.0.0.1:0 --public-url http://{}", server.address)),
        "{arguments}"
    );
    let answer = server.exchange("GET", "/meldung/");
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    assert!(answer.contains("Das Berichtstool antwortet gerade nicht."), "{answer}");

    let id = fs::read_to_string(project.root().join("bin/pid")).expect("the handler's process id");
    assert_eq!(server.terminate(), Some(0));
    assert!(
        project.root().join("bin/ende").is_file(),
        "the handler was not asked to end"
    );
    assert!(
        !Path::new("/proc").join(id.trim()).exists(),
        "the handler is still there"
    );
}

#[test]
fn without_a_handler_the_pages_are_served_and_it_ends_on_sigterm() {
    let project = Project::new();
    let server = Server::start(&project);
    assert!(server.exchange("GET", "/").starts_with("HTTP/1.1 200"));
    assert!(server.exchange("GET", "/meldung/").starts_with("HTTP/1.1 502"));
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_site_without_berichtstool_starts_no_handler() {
    let project = Project::new();
    write_handler(&project, "handler: http://127.0.0.1:9");
    project.replace("site.toml", "berichtstool = true", "berichtstool = false");
    let server = Server::start(&project);
    assert!(server.exchange("GET", "/meldung/").starts_with("HTTP/1.1 404"));
    assert_eq!(server.terminate(), Some(0));
    assert!(!project.root().join("bin/pid").exists());
}
