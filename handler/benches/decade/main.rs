//! How long the office waits after ten years: 143 Träger, two Runden a year, three versions of each Meldung.
//!
//! `cargo bench -p handler --bench decade`, or with `-- 16` sixteen times that: all Länder, and some gigabytes of disk.

#[path = "../../form/benches/real_form.rs"]
mod real_form;

use anyhow::{Context, Result, ensure};
use form::{Cent, Form, Rows, Schulnummer, Value, write};
use handler::clock::{Clock, Moment};
use handler::demo::Demo;
use handler::store::{Beleg, Eingang, Kept, NeueRunde, Store, Summe, Zuweisung};
use real_form::{DEFINITION, filled};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Instant;

const HANDLER: &str = env!("CARGO_BIN_EXE_handler");
const RUNDEN: usize = 20;
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
    let start = Instant::now();
    let meldungen = fill(&mut demo.store, RUNDEN * times)?;
    let config = format!(
        "site = \"{}\"\ndatabase = \"{}\"\npublic_url = \"http://127.0.0.1:8000\"\n",
        site.display(),
        demo.config.database.display()
    );
    std::fs::write(folder.path().join("handler.toml"), config)?;
    let size = std::fs::metadata(&demo.config.database)?.len() as f64 / (1 << 20) as f64;
    println!(
        "{meldungen} Meldungen in {} Runden, {size:.0} MiB, filled in {:.0} s\n\n| command | time |\n|---|---:|",
        RUNDEN * times,
        start.elapsed().as_secs_f64()
    );
    for command in [
        &["meldung", "list", "--runde", "r-1"][..],
        &["bericht", "write", "--runde", "r-1", "--out", "bericht"],
        &["pruefakte", "10054", "--out", "akte"],
        &["verify"],
        &["backup", "kopie.sqlite"],
    ] {
        let start = Instant::now();
        let status = Command::new(HANDLER)
            .args(command)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .status()?;
        ensure!(status.success(), "{command:?}");
        println!(
            "| {} {} | {:.2} s |",
            command[0],
            command.get(1).unwrap_or(&""),
            start.elapsed().as_secs_f64()
        );
    }
    Ok(())
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
fn fill(store: &mut Store, runden: usize) -> Result<usize> {
    let form = real_form::form()?;
    let zuweisungen: Vec<Zuweisung> = include_str!("../../demo/zuweisungen.csv")
        .trim_start_matches('\u{feff}')
        .lines()
        .skip(1)
        .map(|line| {
            Ok(Zuweisung {
                schulnummer: Schulnummer::parse(line.split(';').next().unwrap_or_default()).context("a Schulnummer")?,
                zugewiesen: Cent(4_510_000),
                uebertrag: Some(Cent(0)),
                meldet: None,
            })
        })
        .collect::<Result<_>>()?;
    let mut examined: Vec<(String, Rows, Vec<u8>)> = Vec::new();
    let mut count = 0;
    for n in 1..=runden {
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
        if store.open_runde(&neu, DEFINITION, &form, &zuweisungen, now)?.is_err() {
            anyhow::bail!("the Runde {n} cannot be opened");
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
