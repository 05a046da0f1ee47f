//! Each accepted Meldung is announced, and no trouble with a mail server loses an announcement.

mod support;

use handler::config::{Config, Mail, Tls};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use support::files::files;
use support::post::{MailServer, certificate_authority, free_port, letters, until};
use support::{DUISBURG, Server, filled};

fn start(change: impl FnOnce(&mut Config)) -> Server {
    Server::start_with(change, Path::new(env!("CARGO_BIN_EXE_handler")))
}

fn into_a_folder(config: &mut Config) {
    config.mail = Some(Mail::for_trying_out(config.database.with_file_name("post")));
}

fn to_a_server(config: &mut Config, port: u16) {
    config.mail = Some(Mail {
        folder: None,
        smtp: Some("127.0.0.1".to_owned()),
        port: Some(port),
        tls: Tls::Aus,
        ..Mail::for_trying_out("".into())
    });
}

/// A second address of Duisburg, and one that is blocked.
fn name_more_addresses(server: &Server) {
    let database = rusqlite::Connection::open(&server.database).expect("the database");
    database
        .execute_batch(
            "INSERT INTO adresse (traeger, email) VALUES ('10054', 'amt40@duisburg.example');
             INSERT INTO adresse (traeger, email, gesperrt) VALUES ('10054', 'weg@duisburg.example', 1);",
        )
        .expect("addresses");
}

/// Uploads a clean form; gives the Vorgangsnummer.
fn report(server: &Server, euros: &str) -> String {
    let cookie = server.log_in(DUISBURG);
    let answer = server.upload(&cookie, &filled(&server.own_form(&cookie), 48, euros));
    let location = answer.header("location").unwrap_or_else(|| panic!("{}", answer.body()));
    location.rsplit('/').next().expect("a number").to_owned()
}

#[test]
fn every_address_of_the_traeger_reads_that_a_meldung_came_in() {
    let server = start(into_a_folder);
    name_more_addresses(&server);
    let nummer = report(&server, "12345.67");
    let post = server.database.with_file_name("post");
    let letters = letters(&post, 2);
    let mut receivers: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
    receivers.sort_unstable();
    assert_eq!(receivers, ["amt40@duisburg.example", "schultraeger-10054@example.org"]);
    for letter in &letters {
        for part in [
            nummer.as_str(),
            "22. November 2026, 13:00 Uhr",
            "1. Januar 2026 bis 31. Dezember 2026",
            "Diese Meldung gilt.",
            "Sie wissen nichts von dieser Meldung?",
            "http://127.0.0.1:8000/berichtstool/",
        ] {
            assert!(letter.body.contains(part), "{part}: {}", letter.body);
        }
        for secret in ["12.345", "12345", "Duisburg", "€", DUISBURG] {
            assert!(!letter.body.contains(secret), "{secret}: {}", letter.body);
        }
    }
    until("the outbox is empty", || server.count("ausgang") == 0);
}

#[test]
fn a_later_version_says_what_counts() {
    let server = start(into_a_folder);
    report(&server, "12345.67");
    let second = report(&server, "12000.00");
    let letters = letters(&server.database.with_file_name("post"), 2);
    let letter = letters
        .iter()
        .find(|letter| letter.body.contains(&second))
        .expect("its mail");
    assert!(letter.body.contains("Sie ersetzt die Meldung"), "{}", letter.body);
}

#[test]
fn a_faulty_upload_and_the_same_file_again_announce_nothing() {
    let server = start(into_a_folder);
    let cookie = server.log_in(DUISBURG);
    let form = server.own_form(&cookie);
    assert_eq!(server.upload(&cookie, &form).status, 422);
    let file = filled(&form, 48, "12345.67");
    assert_eq!(server.upload(&cookie, &file).status, 303);
    until("the outbox is empty", || server.count("ausgang") == 0);
    assert_eq!(server.upload(&cookie, &file).status, 303);
    assert_eq!(server.count("ausgang"), 0);
    assert_eq!(letters(&server.database.with_file_name("post"), 1).len(), 1);
}

#[test]
fn without_a_way_for_mails_nothing_waits_for_one() {
    let server = Server::start();
    report(&server, "12345.67");
    assert_eq!(server.count("ausgang"), 0);
}

#[test]
fn a_mail_server_that_is_down_loses_nothing() {
    let port = free_port();
    let server = start(|config| to_a_server(config, port));
    let nummer = report(&server, "12345.67");
    let first_failure = "SELECT count(*) FROM ausgang WHERE versuche = 1 AND faellig - eingestellt = 60";
    until("the mail waits a minute", || server.query::<i64>(first_failure) == 1);
    server.advance(60);
    let second_failure = "SELECT count(*) FROM ausgang WHERE versuche = 2 AND faellig - eingestellt = 60 + 120";
    until("the pause doubles", || server.query::<i64>(second_failure) == 1);
    let mail_server = MailServer::on(port, 0);
    server.advance(120);
    let letter = mail_server.receive();
    assert_eq!(letter.to, "schultraeger-10054@example.org");
    assert!(letter.head.contains("<berichtstool@example.org>"), "{}", letter.head);
    assert!(letter.body.contains(&nummer), "{}", letter.body);
    until("the outbox is empty", || server.count("ausgang") == 0);
    assert!(mail_server.nothing_more());
}

#[test]
fn a_mail_server_that_refuses_is_asked_again_and_one_refusal_holds_up_no_other_mail() {
    let mail_server = MailServer::on(0, 1);
    let server = start(|config| to_a_server(config, mail_server.address.port()));
    name_more_addresses(&server);
    report(&server, "12345.67");
    let first = mail_server.receive();
    until("one is left", || server.count("ausgang") == 1);
    server.advance(60);
    let second = mail_server.receive();
    assert_ne!(first.to, second.to);
    until("the outbox is empty", || server.count("ausgang") == 0);
}

#[test]
fn what_waits_survives_a_restart_and_is_tried_at_once() {
    let port = free_port();
    let server = start(|config| to_a_server(config, port));
    let nummer = report(&server, "12345.67");
    until("the mail has failed", || {
        server.query::<i64>("SELECT count(*) FROM ausgang WHERE faellig > eingestellt") == 1
    });
    let mail_server = MailServer::on(port, 0);
    let server = server.restart_with(|_| {});
    assert!(mail_server.receive().body.contains(&nummer));
    until("the outbox is empty", || server.count("ausgang") == 0);
}

#[test]
fn a_mail_that_nobody_takes_is_given_up_when_promised() {
    let port = free_port();
    let server = start(|config| {
        to_a_server(config, port);
        config.mail.as_mut().expect("mail").give_up_after_days = 1;
    });
    report(&server, "12345.67");
    until("the mail has failed", || {
        server.query::<i64>("SELECT count(*) FROM ausgang WHERE versuche = 1 AND faellig = eingestellt + 60") == 1
    });
    server.advance(24 * 60 * 60 - 1);
    until("it fails again", || {
        server.query::<i64>("SELECT count(*) FROM ausgang WHERE versuche = 2 AND faellig = eingestellt + 86400") == 1
    });
    server.advance(1);
    until("it is given up", || server.count("ausgang") == 0);
    assert_eq!(server.count("meldung"), 1);
}

#[test]
fn a_code_that_came_too_late_is_not_sent_any_more() {
    let port = free_port();
    let server = start(|config| {
        to_a_server(config, port);
        config.anmeldung.code_per_mail = true;
    });
    let pair = "email=schultraeger-10054%40example.org&schultraegernummer=10054";
    server.post_form("/meldung/anmelden", "", pair);
    until("the mail has failed", || {
        server.query::<i64>("SELECT count(*) FROM ausgang WHERE versuche >= 1 AND faellig = eingestellt + 5") == 1
    });
    server.advance(600);
    until("it is dropped", || server.count("ausgang") == 0);
    let mail_server = MailServer::on(port, 0);
    server.post_form("/meldung/anmelden", "", pair);
    mail_server.receive().code();
    assert!(mail_server.nothing_more(), "only the code that was asked for now");
}

#[test]
fn an_address_that_is_removed_gets_no_mail_that_still_waits() {
    let server = start(|config| to_a_server(config, free_port()));
    name_more_addresses(&server);
    report(&server, "12345.67");
    assert_eq!(server.count("ausgang"), 2);
    let database = rusqlite::Connection::open(&server.database).expect("the database");
    database
        .busy_timeout(std::time::Duration::from_secs(5))
        .expect("a timeout");
    database
        .execute("DELETE FROM adresse WHERE email = 'amt40@duisburg.example'", [])
        .expect("a removal");
    assert_eq!(
        server.query::<String>("SELECT group_concat(empfaenger) FROM ausgang"),
        "schultraeger-10054@example.org"
    );
}

#[test]
fn mails_that_are_switched_off_leave_nothing_waiting() {
    let server = start(|config| to_a_server(config, free_port()));
    report(&server, "12345.67");
    assert_eq!(server.count("ausgang"), 1);
    let server = server.restart_with(|config| config.mail = None);
    until("the outbox is empty", || server.count("ausgang") == 0);
}

/// A process of its own, killed without warning.
struct Service {
    process: Child,
    address: String,
}

impl Service {
    fn start(folder: &Path) -> Service {
        Service::start_trusting(folder, None)
    }

    /// Starts with the machine's own certificate authorities, or with this one only.
    fn start_trusting(folder: &Path, authority: Option<&Path>) -> Service {
        let mut process = Command::new(env!("CARGO_BIN_EXE_handler"))
            .arg("serve")
            .current_dir(folder)
            .envs(authority.map(|path| ("SSL_CERT_FILE", path)))
            .stderr(Stdio::piped())
            .spawn()
            .expect("the handler starts");
        let log = BufReader::new(process.stderr.take().expect("its log"));
        let mut lines = log.lines().map_while(Result::ok);
        let listening = lines.find(|line| line.contains("listening on ")).expect("it listens");
        let address = listening
            .rsplit("listening on ")
            .next()
            .expect("an address")
            .trim()
            .to_owned();
        // Whoever logs must be read to its end.
        std::thread::spawn(move || lines.for_each(drop));
        Service { process, address }
    }

    /// Tells it to end, and waits until it has.
    fn end(mut self) {
        kill_process(Pid::from_child(&self.process), Signal::TERM).expect("a signal");
        assert!(self.process.wait().expect("it ends").success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder in which `handler serve` finds a prepared database, and what else its configuration says about mails.
fn prepared(mail: &str) -> Server {
    let mut server = Server::start();
    let config = format!(
        "site = \"site\"\ndatabase = {:?}\npublic_url = \"http://127.0.0.1:8000\"\nlisten = \"127.0.0.1:0\"\n[limits]\nsandbox = \"soweit-moeglich\"\n[mail]\nfrom = \"Berichtstool Köln <berichtstool@example.org>\"\n{mail}\n",
        server.database
    );
    std::fs::write(server.folder.path().join("handler.toml"), config).expect("a configuration");
    server.end();
    server
}

#[test]
fn what_waits_survives_a_kill() {
    let port = free_port();
    let mut server = prepared(&format!("smtp = \"127.0.0.1\"\nport = {port}\ntls = \"aus\""));
    let folder = server.folder.path().to_owned();
    let service = Service::start(&folder);
    server.address = service.address.parse().expect("an address");
    let nummer = report(&server, "12345.67");
    drop(service);
    assert_eq!(server.count("ausgang"), 1);
    let mail_server = MailServer::on(port, 0);
    let _service = Service::start(&folder);
    let letter = mail_server.receive();
    assert!(letter.body.contains(&nummer), "{}", letter.body);
    until("the outbox is empty", || server.count("ausgang") == 0);
}

#[test]
fn the_password_goes_only_to_a_mail_server_that_is_who_it_says() {
    let mail_server = MailServer::with_tls();
    let port = mail_server.address.port();
    let mut server = prepared(&format!(
        "smtp = \"localhost\"\nport = {port}\ntls = \"tls\"\nuser = \"tool\"\npassword_file = \"kennwort\""
    ));
    let folder = server.folder.path().to_owned();
    let password = folder.join("kennwort");
    std::fs::write(&password, "geheim\n").expect("a password");
    std::fs::set_permissions(&password, Permissions::from_mode(0o600)).expect("permissions");
    let service = Service::start(&folder);
    server.address = service.address.parse().expect("an address");
    let nummer = report(&server, "12345.67");
    until("the mail has failed", || {
        server.query::<i64>("SELECT count(*) FROM ausgang WHERE faellig BETWEEN eingestellt + 1 AND eingestellt + 90")
            == 1
    });
    assert!(mail_server.nothing_more(), "nobody vouches for this certificate");
    drop(service);
    let _service = Service::start_trusting(&folder, Some(certificate_authority()));
    let letter = mail_server.receive();
    assert!(letter.body.contains(&nummer), "{}", letter.body);
    assert_eq!(letter.login, "AHRvb2wAZ2VoZWlt", "tool and geheim");
}

#[test]
fn a_mail_server_that_turns_to_tls_reads_the_mail_and_nobody_on_the_way_does() {
    let mail_server = MailServer::with_starttls();
    let port = mail_server.address.port();
    let mut server = prepared(&format!("smtp = \"localhost\"\nport = {port}"));
    let service = Service::start_trusting(server.folder.path(), Some(certificate_authority()));
    server.address = service.address.parse().expect("an address");
    let nummer = report(&server, "12345.67");
    let letter = mail_server.receive();
    assert_eq!(letter.to, "schultraeger-10054@example.org");
    assert!(letter.body.contains(&nummer), "{}", letter.body);
    until("the outbox is empty", || server.count("ausgang") == 0);
    assert_eq!(mail_server.heard_in_the_clear(), ["EHLO example.org", "STARTTLS"]);
}

#[test]
fn a_mail_server_that_offers_no_tls_learns_no_address_and_the_log_says_why() {
    let mail_server = MailServer::on(0, 0);
    let port = mail_server.address.port();
    let mut server = prepared(&format!("smtp = \"localhost\"\nport = {port}\ntls = \"starttls\""));
    let service = Service::start_trusting(server.folder.path(), Some(certificate_authority()));
    server.address = service.address.parse().expect("an address");
    report(&server, "12345.67");
    until("the mail has failed", || {
        server.query::<i64>("SELECT count(*) FROM ausgang WHERE versuche = 1 AND faellig > eingestellt") == 1
    });
    assert!(mail_server.nothing_more());
    let heard = mail_server.heard_in_the_clear();
    assert!(
        heard
            .iter()
            .all(|line| ["EHLO example.org", "QUIT"].contains(&line.as_str())),
        "{heard:?}"
    );
    service.end();
    let logs = files(&server.folder.path().join("protokoll"));
    let events = logs.iter().filter(|(name, _)| name.starts_with("ereignisse-"));
    let said: String = events.map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
    let why = "Der Mailserver bietet nicht an, was die Einstellungen in [mail] verlangen: internal client error: STARTTLS is not supported";
    assert!(said.contains(why) && !said.contains("example.org"), "{said}");
}

#[test]
fn a_password_that_everybody_can_read_is_refused() {
    let server = prepared("smtp = \"localhost\"\nuser = \"tool\"\npassword_file = \"kennwort\"");
    let password = server.folder.path().join("kennwort");
    std::fs::write(&password, "geheim").expect("a password");
    std::fs::set_permissions(&password, Permissions::from_mode(0o644)).expect("permissions");
    let output = Command::new(env!("CARGO_BIN_EXE_handler"))
        .arg("serve")
        .current_dir(server.folder.path())
        .output()
        .expect("the handler runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("steht allen auf diesem Rechner offen") && !said.contains("geheim"),
        "{said}"
    );
}
