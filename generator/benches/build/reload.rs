//! `serve`: how long it takes from writing a page until open browser windows hear of the new build.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::contestants::SITE;

/// A build that takes longer than this will not come any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// Edits `page` as often as `edits` says, and times each.
pub fn measure(generator: &Path, root: &Path, page: &Path, edits: usize) -> Result<Vec<Duration>> {
    let mut child = Command::new(generator)
        .arg("--root")
        .arg(root)
        .args(["serve", SITE, "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| generator.display().to_string())?;
    let measured = measure_running(&mut child, page, edits);
    // It may have ended by itself; then there is nobody to ask, and its status says why.
    let _ = kill_process(Pid::from_child(&child), Signal::TERM);
    let status = child.wait()?;
    measured.with_context(|| format!("serve ended with {status}"))
}

fn measure_running(child: &mut Child, page: &Path, edits: usize) -> Result<Vec<Duration>> {
    let stdout = child.stdout.take().context("serve has no output")?;
    // Kept until the end, so that serve can go on writing.
    let mut stdout = BufReader::new(stdout);
    let line = line_with(&mut stdout, "http://")?;
    let (_, address) = line.split_once("http://").context("serve names no address")?;
    let address = address.trim().trim_end_matches('/');
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /__neu HTTP/1.1\r\nHost: {address}\r\n\r\n")?;
    let mut events = BufReader::new(stream);
    line_with(&mut events, "data: ")?;
    let original = fs::read_to_string(page)?;
    let mut measured = Vec::new();
    for edit in 1..=edits {
        let text = format!("{original}\nZuletzt gespeichert beim Versuch {edit}.\n");
        let start = Instant::now();
        fs::write(page, text)?;
        line_with(&mut events, "data: ")?;
        measured.push(start.elapsed());
    }
    fs::write(page, original)?;
    Ok(measured)
}

fn line_with(lines: &mut impl BufRead, wanted: &str) -> Result<String> {
    loop {
        let mut line = String::new();
        ensure!(lines.read_line(&mut line)? > 0, "it ended before saying „{wanted}“");
        if line.contains(wanted) {
            return Ok(line);
        }
    }
}
