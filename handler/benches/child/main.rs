//! How long an upload takes from bytes to findings, with the child process around its examination; side by side with
//! openpyxl where that is installed.
//!
//! `cargo bench -p handler`. The examination alone is measured by `cargo bench -p form`.

#[path = "../../form/benches/examine/openpyxl.rs"]
mod openpyxl;
#[path = "../../form/benches/real_form.rs"]
mod real_form;

use anyhow::{Context, Result, ensure};
use form::{Cell, write};
use handler::child::{Auftrag, Examiner};
use handler::sandbox::Sandbox;
use real_form::{DEFINITION, LARGEST, filled, form, vordruck};
use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const HANDLER: &str = env!("CARGO_BIN_EXE_handler");
/// GNU time asks the kernel for the largest resident set.
const TIME: &str = "/usr/bin/time";

fn main() -> Result<()> {
    // `cargo test --benches` has nothing to measure.
    if !env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("Sandbox: {}.\n", sandbox().argument());
    println!("| upload | runs | median | fastest | peak memory of the child |\n|---|---:|---:|---:|---:|");
    for (schools, runs, faulty) in [(LARGEST, 41, false), (20_000, 7, false), (20_000, 7, true)] {
        let (form, vordruck) = (form()?, vordruck(schools)?);
        let mut eintraege = filled(&vordruck);
        if faulty {
            // A fault in every line, and all that was typed is wanted for a Korrekturfassung.
            for line in 0..schools {
                eintraege.put("schulen", line, "davon_personal", Cell::Text(format!("ca. {line} €")));
            }
        }
        let upload = write(&form, &vordruck, &eintraege)?;
        let mut theirs = openpyxl::Reader::new(&form, &vordruck, &upload)?;
        let auftrag = Auftrag {
            definition: DEFINITION.to_owned(),
            vordruck,
            korrektur: faulty,
        };
        let mut times = Vec::new();
        for _ in 0..runs {
            times.push(examine(&runtime, Path::new(HANDLER), &auftrag, &upload)?);
            theirs.measure()?;
        }
        times.sort();
        let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1_000.0);
        println!(
            "| {schools} schools{} ({} KiB) | {runs} | {} | {} | {} |",
            if faulty { ", a fault in each" } else { "" },
            upload.len() / 1024,
            milliseconds(times[(runs - 1) / 2]),
            milliseconds(times[0]),
            peak_memory(&runtime, &auftrag, &upload)?
        );
        if let Some(theirs) = theirs.times() {
            theirs.sort();
            let median = theirs[(theirs.len() - 1) / 2];
            println!(
                "| openpyxl, without starting Python, takes × {:.1} | {} | {} | {} | |",
                median.as_secs_f64() / times[(runs - 1) / 2].as_secs_f64(),
                theirs.len(),
                milliseconds(median),
                milliseconds(theirs[0])
            );
        }
    }
    Ok(())
}

/// From starting the child until its answer is understood.
fn examine(runtime: &Runtime, program: &Path, auftrag: &Auftrag, upload: &[u8]) -> Result<Duration> {
    let examiner = Examiner::new(program.to_owned(), 1, sandbox());
    let start = Instant::now();
    let ergebnis = runtime
        .block_on(examiner.examine(auftrag, upload))
        .map_err(|rejection| anyhow::anyhow!("{}: {rejection:?}", rejection.code()))?;
    let elapsed = start.elapsed();
    ensure!(ergebnis.befunde.is_empty() != auftrag.korrektur, "findings");
    Ok(elapsed)
}

/// As strict as this machine allows.
fn sandbox() -> Sandbox {
    static OFFERED: LazyLock<Sandbox> = LazyLock::new(|| {
        let strict = Examiner::new(HANDLER.into(), 1, Sandbox::Strikt).probe();
        strict.map_or(Sandbox::SoweitMoeglich, |()| Sandbox::Strikt)
    });
    *OFFERED
}

fn peak_memory(runtime: &Runtime, auftrag: &Auftrag, upload: &[u8]) -> Result<String> {
    if !Path::new(TIME).exists() {
        return Ok("needs GNU time".to_owned());
    }
    let folder = tempfile::tempdir()?;
    let report = folder.path().join("peak");
    let script: PathBuf = folder.path().join("measured");
    std::fs::write(
        &script,
        format!(
            "#!/bin/sh\nexec {TIME} -f %M -o '{}' '{HANDLER}' \"$@\"\n",
            report.display()
        ),
    )?;
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))?;
    examine(runtime, &script, auftrag, upload)?;
    let kibibytes: u64 = std::fs::read_to_string(report)?.trim().parse().context("a number")?;
    Ok(format!("{} MiB", kibibytes.div_ceil(1024)))
}
