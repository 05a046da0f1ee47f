//! What the child is kept from, tried from inside and looked at from outside; and machines that lack the means.

mod support;

use form::{Eintraege, Form, Schule, Vordruck, write};
use handler::child::{Auftrag, CHILD_ARGUMENT, Ergebnis, Examiner};
use handler::rejection::Rejection;
use handler::sandbox::Sandbox;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use support::write_site;

const HANDLER: &str = env!("CARGO_BIN_EXE_handler");
const DEFINITION: &str = include_str!("../../content/startchancen-nrw/formularschrank/chancenbudget/formular.toml");

fn examine(program: &Path, sandbox: Sandbox) -> Result<Ergebnis, Rejection> {
    let form = Form::parse(DEFINITION).expect("the form");
    let vordruck = vordruck();
    let upload = write(&form, &vordruck, &Eintraege::default()).expect("a workbook");
    let auftrag = Auftrag {
        definition: DEFINITION.to_owned(),
        vordruck,
        korrektur: false,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let examiner = Examiner::new(program.to_owned(), 1, sandbox);
    runtime
        .expect("a runtime")
        .block_on(examiner.examine(&auftrag, &upload))
}

fn vordruck() -> Vordruck {
    let schule = Schule {
        nummer: form::Schulnummer::parse("100092").expect("a number"),
        kurzbezeichnung: "Duisburg, GG Beispiel".to_owned(),
        schulform: "02".to_owned(),
        aufnahmejahr: "2024/25".to_owned(),
        traeger: String::new(),
        zugewiesen: form::Cent(4_510_000),
        uebertrag: form::Cent(0),
        letztes_mal: std::collections::BTreeMap::new(),
    };
    Vordruck {
        runde: form::Runde {
            kennung: "cb-2026".to_owned(),
            von: "2026-01-01".parse().expect("a day"),
            bis: "2026-12-31".parse().expect("a day"),
            eroeffnet: "2026-11-01T09:00:00Z".parse().expect("a time"),
            beispiel: true,
        },
        traeger: form::Traeger {
            nummer: form::Traegernummer::parse("10054").expect("a number"),
            name: "Stadt Beispiel".to_owned(),
            bezirksregierung: "1".to_owned(),
        },
        schulen: vec![schule],
    }
}

/// Ends with the test, however that ends.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs something, and all that it starts, on a kernel that does not know a system call.
fn without<T: Send>(call: i64, run: impl FnOnce() -> T + Send) -> T {
    let filter = SeccompFilter::new(
        [(call, Vec::new())].into(),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS.unsigned_abs()),
        std::env::consts::ARCH.try_into().expect("a known processor"),
    );
    let program: BpfProgram = filter.expect("a filter").try_into().expect("a program");
    // A filter holds for a thread and its children.
    std::thread::scope(|threads| {
        let thread = threads.spawn(|| {
            seccompiler::apply_filter(&program).expect("seccomp");
            run()
        });
        thread.join().expect("no panic")
    })
}

#[test]
fn the_child_can_open_connect_and_start_nothing() {
    let probe = Examiner::new(PathBuf::from(HANDLER), 1, Sandbox::Strikt).probe();
    probe.expect("every wall holds");
}

#[test]
fn a_child_has_given_up_everything_before_it_reads_a_byte() {
    let child = Command::new(HANDLER)
        .args([CHILD_ARGUMENT, Sandbox::Strikt.argument()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let child = Ends(child.expect("a child"));
    let of_child = |file: &str| {
        std::fs::read_to_string(format!("/proc/{}/{file}", child.0.id())).expect("the child waits for its input")
    };
    // It is filtered last.
    while !of_child("status").contains("Seccomp:\t2") {
        assert!(!of_child("status").contains("State:\tZ"), "it ended");
        std::thread::yield_now();
    }
    assert!(of_child("status").contains("NoNewPrivs:\t1"));
    let limits = of_child("limits");
    for (limit, value) in [
        ("Max address space", "167772160"),
        ("Max cpu time", "2"),
        ("Max file size", "0"),
        ("Max core file size", "0"),
        ("Max open files", "3"),
    ] {
        let line = limits.lines().find(|line| line.starts_with(limit)).expect(limit);
        let values: Vec<&str> = line[limit.len()..].split_whitespace().take(2).collect();
        assert_eq!(values, [value, value], "{line}");
    }
}

#[test]
fn a_child_that_only_sleeps_is_ended_after_two_seconds() {
    let folder = tempfile::tempdir().expect("a folder");
    let (program, pid) = (folder.path().join("child"), folder.path().join("pid"));
    std::fs::write(
        &program,
        format!("#!/bin/sh\necho $$ > '{}'\nexec /bin/sleep 600\n", pid.display()),
    )
    .expect("a program");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, executable).expect("executable");
    let refused = examine(&program, Sandbox::Strikt).expect_err("no answer");
    assert_eq!((refused.status(), refused.code().as_str()), (422, "exhausted: time"));
    let pid = std::fs::read_to_string(pid).expect("it ran");
    // Whoever is dead and not yet buried has no command line.
    while std::fs::read(format!("/proc/{}/cmdline", pid.trim())).is_ok_and(|line| !line.is_empty()) {
        std::thread::yield_now();
    }
}

#[test]
fn a_machine_without_landlock_or_seccomp_examines_nothing_unless_told_to() {
    for call in [libc::SYS_landlock_create_ruleset, libc::SYS_seccomp] {
        without(call, || {
            let examiner = Examiner::new(PathBuf::from(HANDLER), 1, Sandbox::Strikt);
            examiner.probe().expect_err("a wall is missing");
            examine(Path::new(HANDLER), Sandbox::Strikt).expect_err("nothing is examined");
            let examined = examine(Path::new(HANDLER), Sandbox::SoweitMoeglich).expect("examined all the same");
            assert!(!examined.befunde.is_empty(), "an empty form");
        });
    }
}

#[test]
fn a_strict_service_does_not_start_without_landlock() {
    let folder = tempfile::tempdir().expect("a folder");
    write_site(&folder.path().join("site"));
    let config = "site = \"site\"\ndatabase = \"meldungen.sqlite\"\npublic_url = \"https://www.example.nrw\"\nlisten = \"127.0.0.1:0\"\n[limits]\nsandbox = \"strikt\"\n";
    std::fs::write(folder.path().join("handler.toml"), config).expect("a configuration");
    let ended = without(libc::SYS_landlock_create_ruleset, || {
        Command::new(HANDLER).arg("serve").current_dir(folder.path()).output()
    });
    let ended = ended.expect("the handler runs");
    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(
        said.contains("limits.sandbox = \"strikt\"") && said.contains("Landlock fehlt"),
        "{said}"
    );
}
