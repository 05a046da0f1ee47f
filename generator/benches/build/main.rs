//! How fast the generator is: whole processes, by turns with a floor that only renders and writes, and with Hugo and Zola where they are installed.
//!
//! `cargo bench -p generator --bench build -- 100 1000 --runs 5`; the environment variable `GENERATOR` names another binary to measure.

mod content;
mod contestants;
mod floor;
mod measure;
mod reload;
mod tasks;
mod words;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use contestants::SITE;
use measure::median;
use tasks::Task;

/// How many pages `serve` has when its reaction is measured, and how often a page is edited.
const SERVED_PAGES: usize = 1_000;
const EDITS: usize = 15;

#[derive(Parser)]
#[command(about = "Measures builds of generated sites")]
struct Cli {
    /// Sizes of the sites
    #[arg(default_values_t = [100, 1_000, 10_000])]
    pages: Vec<usize>,
    /// Measured rounds; by default fewer where a site is large
    #[arg(long)]
    runs: Option<usize>,
    /// Where the sites are written and built; by default in memory, because disks differ more than programs do
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Given by `cargo bench`; without it this is a test run, which has nothing to measure
    #[arg(long, hide = true)]
    bench: bool,
    /// Only writes the site of the first size into this folder, for profiles
    #[arg(long)]
    write: Option<PathBuf>,
    /// Runs the floor itself
    #[arg(long, hide = true, num_args = 2, value_names = ["CONTENT", "OUT"])]
    floor: Option<Vec<PathBuf>>,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    if let Some([content, out]) = cli.floor.as_deref() {
        return floor::build(content, out);
    }
    if let Some(folder) = &cli.write {
        let count = cli.pages.first().copied().unwrap_or_default();
        return contestants::write_ours(&content::plan(count), folder).map(drop);
    }
    if !cli.bench {
        return Ok(());
    }
    let generator = env::var_os("GENERATOR").map_or_else(|| env!("CARGO_BIN_EXE_generator").into(), PathBuf::from);
    let folder = cli.folder.unwrap_or_else(in_memory);
    println!(
        "Whole processes, by turns, in {}. × floor: the median of what each round gives.",
        folder.display()
    );
    for &count in &cli.pages {
        let rounds = cli.runs.unwrap_or(match count {
            0..=300 => 15,
            301..=3_000 => 9,
            _ => 5,
        });
        measure_builds(&generator, &folder, count, rounds.max(1))?;
    }
    measure_serve(&generator, &folder)
}

/// Where Linux keeps files in memory; elsewhere, the folder for temporary files.
fn in_memory() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { env::temp_dir() }
}

fn measure_builds(generator: &Path, folder: &Path, count: usize, rounds: usize) -> Result<()> {
    let folder = tempfile::tempdir_in(folder)?;
    let root = folder.path();
    let pages = content::plan(count);
    let bytes = contestants::write_ours(&pages, root)?;
    expect_clean(generator, root)?;
    let mut tasks = tasks::own(generator, root, content::edited(&pages))?;
    let (others, absent) = tasks::of_others(&pages, root)?;
    tasks.extend(others);

    for task in &mut tasks {
        task.warm_up()?;
    }
    for round in 1..=rounds {
        // Nobody always runs after the same neighbour, whose files the disk may still be writing.
        let order: Vec<usize> = match round % 2 {
            0 => (0..tasks.len()).rev().collect(),
            _ => (0..tasks.len()).collect(),
        };
        for index in order {
            tasks[index].measure(round)?;
        }
        let floor = tasks[0].times.last().copied().unwrap_or_default();
        tasks.iter_mut().for_each(|task| task.compare(floor));
    }

    println!("\n## {} pages, {} of Markdown\n", pages.len(), mebibytes(bytes));
    println!("| task | runs | median | fastest | × floor | peak memory |");
    println!("|---|---:|---:|---:|---:|---:|");
    tasks.iter().for_each(|task| println!("{}", row(task)));
    for name in absent {
        println!("| {name} | | not installed | | | |");
    }
    for task in &tasks {
        if let Some(failure) = &task.failure {
            println!("\n{}: {failure}", task.name);
        }
    }
    Ok(())
}

/// A site with problems would be measured with its reports; so there must be none.
fn expect_clean(generator: &Path, root: &Path) -> Result<()> {
    let output = Command::new(generator)
        .arg("--root")
        .arg(root)
        .arg("check")
        .output()
        .with_context(|| generator.display().to_string())?;
    let problems = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the content is not right:\n{problems}");
    if !problems.is_empty() {
        eprintln!("The content has problems, whose reports take time:\n{problems}");
    }
    Ok(())
}

fn measure_serve(generator: &Path, folder: &Path) -> Result<()> {
    let folder = tempfile::tempdir_in(folder)?;
    let pages = content::plan(SERVED_PAGES);
    contestants::write_ours(&pages, folder.path())?;
    let site = folder.path().join("content").join(SITE);
    let page = site.join(&content::edited(&pages).file);
    let times = reload::measure(generator, folder.path(), &page, EDITS)?;
    let of = |time: Option<Duration>| milliseconds(time.unwrap_or_default());
    println!("\n## serve with {SERVED_PAGES} pages: from writing a page to the reload event\n");
    println!("| edits | median | fastest | slowest |");
    println!("|---:|---:|---:|---:|");
    println!(
        "| {EDITS} | {} | {} | {} |",
        of(median(&times)),
        of(times.iter().min().copied()),
        of(times.iter().max().copied())
    );
    Ok(())
}

fn row(task: &Task) -> String {
    let (Some(middle), Some(fastest), Some(ratio)) =
        (median(&task.times), task.times.iter().min(), median(&task.ratios))
    else {
        return format!("| {} | | failed | | | |", task.name);
    };
    format!(
        "| {} | {} | {} | {} | {ratio:.2} | {} |",
        task.name,
        task.times.len(),
        milliseconds(middle),
        milliseconds(*fastest),
        task.peak_kibibytes.map_or("needs GNU time".to_owned(), |peak| format!(
            "{} MiB",
            peak.div_ceil(1024)
        ))
    )
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}

fn mebibytes(bytes: usize) -> String {
    let kibibytes = bytes.div_ceil(1024);
    format!("{}.{} MiB", kibibytes / 1024, kibibytes % 1024 * 10 / 1024)
}
