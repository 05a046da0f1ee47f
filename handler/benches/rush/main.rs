//! The last evening: every Träger uploads a faulty and a clean form at the same moment. Then how fast one after the
//! other is kept, beside what the disk and the child cost alone, and how much memory the largest files take.
//!
//! `cargo bench -p handler --bench rush`

#[path = "../../tests/support/mod.rs"]
mod support;

use anyhow::{Context, Result, ensure};
use handler::child::{Auftrag, Examiner};
use handler::sandbox::Sandbox;
use handler::store::Store;
use std::env;
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};
use support::rush::{clerks, evening};
use support::service::Service;
use support::{Answer, filled, query, upload_request};

/// The Träger that has most schools.
const KOELN: (&str, usize) = ("10182", 76);
const UPLOADS: usize = 40;
/// As many files of the largest size as are taken at once.
const LARGE: usize = 16;
const LARGEST: usize = 10 << 20;
/// After so long the service has given back what it needs no more.
const IDLE: Duration = Duration::from_secs(65);

fn main() -> Result<()> {
    // `cargo test --benches` has nothing to measure.
    if !env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    println!("Load of the machine before: {}.\n", load()?);
    rush()?;
    one_after_the_other()?;
    large_files()
}

fn rush() -> Result<()> {
    let service = Service::start();
    let clerks = clerks(&service, usize::MAX);
    let idle = memory(service.process_id(), "VmRSS")?;
    let begun = Instant::now();
    let evenings = evening(&service, &clerks);
    let whole = begun.elapsed();
    let (mut faulty, mut clean) = (Vec::new(), Vec::new());
    for evening in &evenings {
        ensure!(evening.faulty.0.status == 422, "{}", evening.faulty.0.body());
        ensure!(evening.clean.0.status == 303, "{}", evening.clean.0.body());
        faulty.push(evening.faulty.1);
        clean.push(evening.clean.1);
    }
    let kept: i64 = query(&service.database, "SELECT count(*) FROM meldung_gueltig");
    ensure!(kept as usize == clerks.len(), "{kept} of {} were kept", clerks.len());
    println!(
        "| {} Träger at once | p50 | p99 | slowest |\n|---|---:|---:|---:|",
        clerks.len()
    );
    let mut all = [faulty.clone(), clean.clone()].concat();
    for (what, times) in [
        ("faulty upload", &mut faulty),
        ("clean upload", &mut clean),
        ("both", &mut all),
    ] {
        times.sort();
        let at = |percent: usize| ms(times[(times.len() - 1) * percent / 100]);
        println!("| {what} | {} | {} | {} |", at(50), at(99), at(100));
    }
    println!(
        "\nAll {} answers in {:.1} s, {kept} Meldungen kept.",
        2 * clerks.len(),
        whole.as_secs_f64(),
    );
    println!(
        "Memory of the server: {idle} MiB before, {}.\n",
        memory_after(&service)?
    );
    Ok(())
}

/// Sixteen Träger send files of the largest size, all of which wait for their last byte at the same moment.
fn large_files() -> Result<()> {
    let service = Service::start();
    let clerks = clerks(&service, LARGE);
    ensure!(clerks.len() == LARGE, "too few Träger");
    let before = memory(service.process_id(), "VmRSS")?;
    let file = vec![b'x'; LARGEST];
    let (sent, measured) = (Barrier::new(LARGE + 1), Barrier::new(LARGE + 1));
    let with_all = thread::scope(|scope| {
        let senders: Vec<_> = clerks
            .iter()
            .map(|clerk| {
                scope.spawn(|| {
                    let request = upload_request(&service.runde, &clerk.cookie, &file);
                    let mut stream = TcpStream::connect(service.address)?;
                    let (last, rest) = request.split_last().context("a request")?;
                    let written = stream.write_all(rest);
                    sent.wait();
                    measured.wait();
                    written?;
                    stream.write_all(&[*last])?;
                    let mut answer = Vec::new();
                    stream.read_to_end(&mut answer)?;
                    let status = Answer::parse(&answer).status;
                    ensure!(status == 415, "{status} for a file that is no workbook");
                    Ok(())
                })
            })
            .collect();
        sent.wait();
        // The last pieces are still on their way through the socket.
        thread::sleep(Duration::from_secs(1));
        let with_all = memory(service.process_id(), "VmRSS");
        measured.wait();
        for sender in senders {
            sender.join().map_err(|_| anyhow::anyhow!("a sender"))??;
        }
        with_all
    })?;
    println!(
        "{LARGE} files of {} MiB at once: {before} MiB before, {with_all} MiB with all of them, {}.",
        LARGEST >> 20,
        memory_after(&service)?
    );
    Ok(())
}

/// The peak, and what is left of it when nobody asks for anything any more.
fn memory_after(service: &Service) -> Result<String> {
    let peak = memory(service.process_id(), "VmHWM")?;
    thread::sleep(IDLE);
    let left = memory(service.process_id(), "VmRSS")?;
    Ok(format!("{peak} MiB at most, {left} MiB idle again"))
}

/// One Träger with the largest form, version after version, over the socket; the same database's disk and the same
/// child without the rest.
fn one_after_the_other() -> Result<()> {
    let service = Service::start();
    let cookie = service.log_in(KOELN.0);
    let form = service.own_form(&cookie);
    let files: Vec<Vec<u8>> = (0..UPLOADS)
        .map(|n| filled(&form, KOELN.1, &format!("9000.{n:02}")))
        .collect();
    let (kennung, path) = (service.runde.clone(), &service.database);
    let (runde, vordruck) = Store::open(path)?.runde_of(&kennung, KOELN.0)?.context("the Runde")?;
    let auftrag = Auftrag {
        definition: runde.definition,
        vordruck,
        korrektur: false,
    };
    let examiner = Examiner::new(env!("CARGO_BIN_EXE_handler").into(), 1, Sandbox::SoweitMoeglich);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut log = File::create(service.folder().join("fsync"))?;
    let (mut uploads, mut child, mut disk) = (Vec::new(), Vec::new(), Vec::new());
    // In turns, so that a machine that is busy for a while is busy for all three.
    for file in &files {
        uploads.push(measured(|| {
            let answer = service.upload(&cookie, file);
            ensure!(answer.status == 303, "{}", answer.body());
            Ok(())
        })?);
        child.push(measured(|| {
            let examined = runtime.block_on(examiner.examine(&auftrag, file));
            examined
                .map(drop)
                .map_err(|rejection| anyhow::anyhow!(rejection.code()))
        })?);
        disk.push(measured(|| {
            log.write_all(file)?;
            Ok(log.sync_data()?)
        })?);
    }
    let [uploads, child, disk] = [uploads, child, disk].map(median);
    println!(
        "| {} schools, one after the other | median | a second |\n|---|---:|---:|",
        KOELN.1
    );
    for (what, time) in [
        ("upload, from request to answer", uploads),
        ("its child alone", child),
        ("the same bytes written and synchronised alone", disk),
    ] {
        println!("| {what} | {} | {:.0} |", ms(time), 1.0 / time.as_secs_f64());
    }
    println!(
        "\nBeside its child an upload costs {}, as much as {:.1} synchronised writes.\nLoad of the machine after: {}.",
        ms(uploads.saturating_sub(child)),
        uploads.saturating_sub(child).as_secs_f64() / disk.as_secs_f64(),
        load()?
    );
    Ok(())
}

fn measured(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}

/// The load average of the last minute.
fn load() -> Result<String> {
    let said = std::fs::read_to_string("/proc/loadavg")?;
    Ok(said.split(' ').next().unwrap_or_default().to_owned())
}

/// In mebibytes.
fn memory(process: u32, field: &str) -> Result<u64> {
    let said = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = said.lines().find(|line| line.starts_with(field)).context("a line")?;
    let kibibytes: u64 = line.split_whitespace().nth(1).context("a number")?.parse()?;
    Ok(kibibytes.div_ceil(1024))
}
