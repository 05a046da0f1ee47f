//! How fast a form is examined and written, without the process around it; side by side with openpyxl where that is installed.
//!
//! `cargo bench -p form`. The child process around an examination is measured by `cargo bench -p handler`.

mod openpyxl;
#[path = "../real_form.rs"]
mod real_form;

use anyhow::{Context, Result, ensure};
use form::{Form, Vordruck, examine, write};
use real_form::{LARGEST, filled, form, register, vordruck};
use std::env;
use std::time::{Duration, Instant};

const MANY_ROWS: usize = 20_000;

fn main() -> Result<()> {
    // `cargo test --benches` has nothing to measure.
    if !env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let form = form()?;
    println!("| task | runs | median | fastest |\n|---|---:|---:|---:|");
    for (schools, runs) in [(LARGEST, 41), (MANY_ROWS, 7)] {
        measure_examination(&form, schools, runs)?;
    }
    measure_writing(&form)
}

fn measure_examination(form: &Form, schools: usize, runs: usize) -> Result<()> {
    let vordruck = vordruck(schools)?;
    let workbook = write(form, &vordruck, &filled(&vordruck))?;
    let mut theirs = openpyxl::Reader::new(form, &vordruck, &workbook)?;
    let mut times = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        let examination = examine(form, &vordruck, &workbook).map_err(|why| anyhow::anyhow!("{why:?}"))?;
        times.push(start.elapsed());
        ensure!(
            examination.rows.is_some() && examination.findings.is_empty(),
            "findings: {:?}",
            examination.findings.first()
        );
        theirs.measure()?;
    }
    let ours = row(
        &format!("examine {schools} schools ({} KiB)", workbook.len() / 1024),
        &mut times,
    )?;
    match theirs.times() {
        None => println!("| the same with openpyxl | | not installed | |"),
        Some(times) => {
            let theirs = row("the same with openpyxl, read only, without Python's start", times)?;
            println!(
                "| openpyxl takes | | × {:.1} | |",
                theirs.as_secs_f64() / ours.as_secs_f64()
            );
        }
    }
    Ok(())
}

fn measure_writing(form: &Form) -> Result<()> {
    let register: Vec<Vordruck> = register()?;
    let mut times = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        for vordruck in &register {
            write(form, vordruck, &form::Eintraege::default())?;
        }
        times.push(start.elapsed());
    }
    row(&format!("write the workbooks of {} Träger", register.len()), &mut times)?;
    Ok(())
}

/// Prints a line of the table; gives the median.
fn row(task: &str, times: &mut [Duration]) -> Result<Duration> {
    times.sort();
    let fastest = *times.first().context("nothing was measured")?;
    let median = times[(times.len() - 1) / 2];
    let milliseconds = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1_000.0);
    println!(
        "| {task} | {} | {} | {} |",
        times.len(),
        milliseconds(median),
        milliseconds(fastest)
    );
    Ok(median)
}
