//! How long the office waits after ten years: 143 Träger, two Runden a year, three versions of each Meldung.
//!
//! `cargo bench -p handler --bench decade`, or with `-- 16` sixteen times as many Träger and schools in the same twenty
//! Runden: more than all Länder have, and some gigabytes of disk. Each command is about the last Runde, which lies behind
//! all others.

#[path = "../../form/benches/real_form.rs"]
mod real_form;

use anyhow::{Context, Result, bail, ensure};
use form::{Cent, Form, Rows, Schulnummer, Value, write};
use handler::clock::{Clock, Moment};
use handler::demo::Demo;
use handler::store::{Beleg, Eingang, Kept, NeueRunde, Store, Summe, Zuweisung};
use real_form::{DEFINITION, filled};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::{Duration, Instant};

const HANDLER: &str = env!("CARGO_BIN_EXE_handler");
const TRAEGER: &str = include_str!("../../demo/traeger.csv");
const SCHULEN: &str = include_str!("../../demo/schulen.csv");
const RUNDEN: usize = 20;
const LAST: &str = "r-20";
const VERSIONS: i64 = 3;
const BEGIN: i64 = 1_735_725_600;

fn main() -> Result<()> {
    // `cargo test --benches` has nothing to measure.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let times: usize = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(1);
    let folder = tempfile::tempdir()?;
    let site = folder.path().join("site");
    write_site(&site)?;
    let clock = Clock::Set(Arc::new(AtomicI64::new(BEGIN)));
    let mut demo = Demo::set_up(&site, "127.0.0.1:0", "http://127.0.0.1:8000", None, &clock)?;
    let config = format!(
        "site = \"{}\"\ndatabase = \"{}\"\npublic_url = \"http://127.0.0.1:8000\"\n",
        site.display(),
        demo.config.database.display()
    );
    std::fs::write(folder.path().join("handler.toml"), config)?;
    let zuweisungen = multiply_register(folder.path(), times)?;
    let start = Instant::now();
    let meldungen = fill(&mut demo.store, &zuweisungen)?;
    let size = std::fs::metadata(&demo.config.database)?.len() as f64 / (1 << 20) as f64;
    println!(
        "{meldungen} Meldungen of {} Träger in {RUNDEN} Runden, {size:.0} MiB, filled in {:.0} s\n\n| command | time | memory |\n|---|---:|---:|",
        demo.store.staende(LAST)?.len(),
        start.elapsed().as_secs_f64()
    );
    for command in [
        &["meldung", "list", "--runde", LAST][..],
        &["runde", "show", LAST],
        &["runde", "update", LAST, "--ja"],
        &["bericht", "write", "--runde", LAST, "--out", "bericht"],
        &["pruefakte", "10054", "--out", "akte"],
        &["verify"],
        &["backup", "kopie.sqlite"],
    ] {
        let (seconds, memory) = run(folder.path(), command)?;
        let (what, which) = (command[0], command.get(1).unwrap_or(&""));
        println!("| {what} {which} | {seconds:.2} s | {memory} |");
    }
    Ok(())
}

/// Runs one of the office's commands; says how many seconds it took and how much memory at most.
fn run(folder: &Path, arguments: &[&str]) -> Result<(f64, String)> {
    let start = Instant::now();
    let mut command = Command::new(HANDLER)
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .spawn()?;
    let status = format!("/proc/{}/status", command.id());
    let mut memory = String::new();
    let ended = loop {
        let lines = std::fs::read_to_string(&status).unwrap_or_default();
        if let Some(peak) = lines.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
            memory = peak.trim().to_owned();
        }
        match command.try_wait()? {
            Some(ended) => break ended,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    ensure!(ended.success(), "{arguments:?}");
    Ok((start.elapsed().as_secs_f64(), memory))
}

/// The real register and, beside it, copies with numbers of their own; what each of its schools is allotted.
fn multiply_register(folder: &Path, times: usize) -> Result<Vec<Zuweisung>> {
    let (traeger, schulen) = (lines(TRAEGER), lines(SCHULEN));
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for (n, line) in traeger.iter().skip(1).enumerate() {
        numbers.insert(line.split(';').next().unwrap_or_default(), n);
    }
    let (mut all_traeger, mut all_schulen) = (traeger.join("\n"), schulen.join("\n"));
    // Real numbers of Träger begin at 10039, those of schools end before 200000.
    for copy in 1..times {
        let number = |of: &str| format!("{:05}", (copy - 1) * numbers.len() + numbers.get(of).unwrap_or(&0));
        for line in traeger.iter().skip(1) {
            let (of, rest) = line.split_once(';').context("a Träger")?;
            write!(all_traeger, "\n{};{rest}", number(of))?;
        }
        for (n, line) in schulen.iter().skip(1).enumerate() {
            let [of, _, rest] = line.splitn(3, ';').collect::<Vec<_>>()[..] else {
                bail!("{line}");
            };
            write!(
                all_schulen,
                "\n{};{};{rest}",
                number(of),
                200_000 + copy * schulen.len() + n
            )?;
        }
    }
    std::fs::write(folder.join("traeger.csv"), all_traeger)?;
    std::fs::write(folder.join("schulen.csv"), &all_schulen)?;
    run(
        folder,
        &[
            "register",
            "import",
            "--traeger",
            "traeger.csv",
            "--schulen",
            "schulen.csv",
        ],
    )?;
    let zuweisung = |line: &str| {
        let nummer = line.split(';').nth(1).unwrap_or_default();
        Ok(Zuweisung {
            schulnummer: Schulnummer::parse(nummer).context("a Schulnummer")?,
            zugewiesen: Cent(4_510_000),
            uebertrag: Some(Cent(0)),
            meldet: None,
        })
    };
    all_schulen.lines().skip(1).map(zuweisung).collect()
}

fn lines(list: &str) -> Vec<&str> {
    list.trim_start_matches('\u{feff}').lines().collect()
}

/// What `generator build` would have written.
fn write_site(site: &Path) -> Result<()> {
    let handler = site.join("handler");
    std::fs::create_dir_all(handler.join("formulare"))?;
    std::fs::write(handler.join("formulare/chancenbudget.toml"), DEFINITION)?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::copy(
        root.join("content/startchancen-nrw/formularschrank/chancenbudget/bericht.toml"),
        handler.join("formulare/chancenbudget.bericht.toml"),
    )?;
    for theme in ["themes/gemeinsam/handler", "themes/klar/handler"] {
        for entry in std::fs::read_dir(root.join(theme))? {
            let path = entry?.path();
            std::fs::copy(&path, handler.join(path.file_name().context("a name")?))?;
        }
    }
    std::fs::write(
        handler.join("shell.html"),
        "{% block title %}{% endblock %}{% block main %}{% endblock %}",
    )?;
    Ok(())
}

/// Opens Runden and keeps Meldungen as uploads do, one transaction each.
fn fill(store: &mut Store, zuweisungen: &[Zuweisung]) -> Result<usize> {
    let form = real_form::form()?;
    let mut examined: Vec<(String, Rows, Vec<u8>)> = Vec::new();
    let mut count = 0;
    for n in 1..=RUNDEN {
        let neu = NeueRunde {
            kennung: format!("r-{n}"),
            von: "2025-01-01".parse()?,
            bis: "2025-12-31".parse()?,
            ab: "2025-01-01".parse()?,
            frist: "2026-03-31".parse()?,
            nach_frist_ablehnen: false,
            uebertrag: false,
            beispiel: false,
        };
        let now = moment(count);
        if store.open_runde(&neu, DEFINITION, &form, zuweisungen, now)?.is_err() {
            bail!("the Runde {n} cannot be opened");
        }
        let runde = store.runde(&neu.kennung)?.context("the Runde")?;
        if examined.is_empty() {
            for stand in store.staende(&neu.kennung)? {
                let vordruck = store.vordruck(&runde, &stand.traeger)?.context("a Vordruck")?;
                let upload = write(&form, &vordruck, &filled(&vordruck))?;
                let examination =
                    form::examine(&form, &vordruck, &upload).map_err(|error| anyhow::anyhow!("{error:?}"))?;
                examined.push((stand.traeger, examination.rows.context("rows")?, examination.repacked));
            }
        }
        for (traeger, rows, mappe) in &examined {
            let token = store.begin_sitzung(traeger, None, moment(count))?;
            let sitzung = store.sitzung(token.text(), moment(count))?.context("a session")?;
            let vordruck = store.vordruck(&runde, traeger)?.context("a Vordruck")?;
            for version in 0..VERSIONS {
                count += 1;
                let eingang = Eingang {
                    runde: &runde,
                    form: &form,
                    vordruck: &vordruck,
                    traeger,
                    rows,
                    verspaetet: false,
                    mappe,
                    upload_sha256: &format!("{n}-{version}"),
                    upload_bytes: mappe.len() as u64,
                    beleg: beleg(&form, rows),
                    bestaetigt: None,
                    einreichung: None,
                    ankuendigen: false,
                };
                let kept = store.keep(&eingang, &sitzung.token_hash, moment(count))?;
                ensure!(matches!(kept, Kept::New(_)), "not kept: {kept:?}");
            }
            store.end_sitzung(&sitzung)?;
        }
    }
    Ok(count)
}

fn moment(count: usize) -> Moment {
    Moment(jiff::Timestamp::from_second(BEGIN + count as i64).unwrap_or_default())
}

fn beleg(form: &Form, rows: &Rows) -> Beleg {
    let fields = form.sheets[0].fields.iter().filter(|field| field.formula().is_some());
    let sum = |field: &form::Field| match rows.get(&form.sheets[0].id)?.first()?.get(&field.id)? {
        Value::Money(cent) => Some(Summe {
            label: field.label.clone(),
            cent: *cent,
        }),
        _ => None,
    };
    Beleg {
        schulen: rows.get("schulen").map_or(0, Vec::len),
        summen: fields.filter_map(sum).collect(),
        hinweise: Vec::new(),
        bestaetigt: Vec::new(),
        aenderung: String::new(),
    }
}
