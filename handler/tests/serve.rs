//! The service as a process: the demo ends with whoever started it, the real one when it is told to.

mod support;

use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use support::write_site;

fn start(folder: &Path, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_handler"))
        .args(arguments)
        .current_dir(folder)
        .env("TMPDIR", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the handler starts")
}

#[test]
fn the_demo_prints_three_logins_and_ends_with_its_standard_input() {
    let folder = tempfile::tempdir().expect("a folder");
    write_site(&folder.path().join("site"));
    let mut demo = start(
        folder.path(),
        &["serve", "--demo", "--site", "site", "--listen", "127.0.0.1:0"],
    );
    let lines: Vec<String> = BufReader::new(demo.stdout.take().expect("its output"))
        .lines()
        .take(4)
        .map(|line| line.expect("a line"))
        .collect();
    assert!(lines[0].starts_with("handler: http://127.0.0.1:"), "{lines:?}");
    assert_eq!(
        lines[1],
        "Stadt Duisburg: schultraeger-10054@example.org, Schulträgernummer 10054"
    );
    drop(demo.stdin.take());
    assert!(demo.wait().expect("it ends").success());
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("the folder")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(left, ["site"], "the demo's database is gone");
}

#[test]
fn the_demo_shows_where_its_mails_lie_if_there_are_any() {
    let folder = tempfile::tempdir().expect("a folder");
    write_site(&folder.path().join("site"));
    let arguments = [
        "serve",
        "--demo",
        "--site",
        "site",
        "--listen",
        "127.0.0.1:0",
        "--mail",
        "post",
    ];
    let mut demo = start(folder.path(), &arguments);
    let output = BufReader::new(demo.stdout.take().expect("its output"));
    let last = output.lines().nth(4).expect("a fifth line").expect("text");
    assert_eq!(last, "E-Mails und Codes: post");
    assert!(folder.path().join("post").is_dir());
    drop(demo.stdin.take());
    assert!(demo.wait().expect("it ends").success());
    assert!(folder.path().join("post").is_dir(), "the mails stay to be read");
}

#[test]
fn the_service_runs_on_its_configuration_and_ends_when_told() {
    let folder = tempfile::tempdir().expect("a folder");
    write_site(&folder.path().join("site"));
    let config = "site = \"site\"\ndatabase = \"meldungen.sqlite\"\npublic_url = \"https://www.example.nrw\"\nlisten = \"127.0.0.1:0\"\n";
    std::fs::write(folder.path().join("handler.toml"), config).expect("a configuration");
    let mut service = start(folder.path(), &["serve"]);
    let mut log = BufReader::new(service.stderr.take().expect("its log")).lines();
    let mut line = || log.next().expect("a line").expect("text");
    let risk = line();
    assert!(
        risk.contains("WARN") && risk.contains("code_per_mail ist ausgeschaltet"),
        "{risk}"
    );
    let listening = line();
    assert!(listening.contains("listening on 127.0.0.1:"), "{listening}");
    let pid = rustix::process::Pid::from_child(&service);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("a signal");
    assert!(service.wait().expect("it ends").success());
    let addresses = "SELECT count(*) FROM adresse";
    let database = folder.path().join("meldungen.sqlite");
    assert_eq!(
        support::query::<i64>(&database, addresses),
        0,
        "nobody is let in by default"
    );
}

#[test]
fn a_database_that_others_may_read_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    write_site(&folder.path().join("site"));
    let config = "site = \"site\"\ndatabase = \"meldungen.sqlite\"\npublic_url = \"https://www.example.nrw\"\nlisten = \"127.0.0.1:0\"\n";
    std::fs::write(folder.path().join("handler.toml"), config).expect("a configuration");
    let database = folder.path().join("meldungen.sqlite");
    std::fs::write(&database, "").expect("an empty database");
    std::fs::set_permissions(&database, Permissions::from_mode(0o640)).expect("permissions");
    let mut service = start(folder.path(), &["serve"]);
    let log = BufReader::new(service.stderr.take().expect("its log")).lines();
    let said: Vec<String> = log.take(3).map(|line| line.expect("text")).collect();
    service.kill().expect("it ends");
    service.wait().expect("it has ended");
    assert!(
        said[1].contains("WARN")
            && said[1].contains("meldungen.sqlite steht auch anderen Benutzern dieses Rechners offen; „chmod 600 "),
        "{said:?}"
    );
}

#[test]
fn a_site_that_is_not_built_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path(), &["serve", "--demo", "--site", "nirgends"]);
    let output = service.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("nirgends/handler") && said.contains("generator build"),
        "{said}"
    );
}
