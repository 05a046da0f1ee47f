//! One process per upload: this program again, with little memory and time, reading bytes and writing an answer.
//!
//! The parent writes an `Auftrag` (as JSON, its length before it) and the workbook to the child's standard input; the
//! child answers with the repacked workbook (its length before it) and what it found, as JSON. A crash, a hang or an exhausted limit is one refused upload.

use crate::rejection::{Rejection, UnreadableText};
use crate::sandbox::{self, Sandbox};
use anyhow::{Context, Result};
use form::{Eintraege, Finding, Form, Rows, Vordruck};
use serde::{Deserialize, Serialize};
use std::io::{BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;

/// The first argument of a child. Nobody else calls the program with it.
pub const CHILD_ARGUMENT: &str = "--untersuchung";
/// In place of the sandbox's word: examine nothing, try what the sandbox forbids.
pub const PROBE_ARGUMENT: &str = "probe";

/// So much of an answer is written at once: what a pipe holds.
const PIECE: usize = 64 << 10;
/// No honest answer is longer: a repacked workbook and its findings.
const ANSWER_BYTES: u64 = 64 << 20;
/// A child that lives longer has met a file that nobody can examine. The time in which a busy machine let it wait for
/// a processor does not count.
const OWN_TIME: Duration = Duration::from_secs(2);
/// A machine so busy takes no upload.
const WALL_TIME: Duration = Duration::from_secs(20);
/// How long an upload waits for a free child.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a child is to examine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Auftrag {
    /// The frozen `formular.toml`.
    pub definition: String,
    pub vordruck: Vordruck,
    /// Whether what the Träger typed is wanted too, for a Korrekturfassung.
    pub korrektur: bool,
}

/// What a child found.
#[derive(Debug)]
pub struct Ergebnis {
    pub befunde: Vec<Finding>,
    pub zeilen: Option<Rows>,
    /// The repacked workbook.
    pub mappe: Vec<u8>,
    /// What the Träger typed, with the hints at their places, if it was asked for.
    pub korrektur: Option<Eintraege>,
}

#[derive(Serialize, Deserialize)]
enum Answer {
    Unreadable(UnreadableText),
    Examined {
        befunde: Vec<Finding>,
        zeilen: Option<Rows>,
        korrektur: Option<Eintraege>,
    },
}

/// The child's whole life. It gives everything up before it reads a byte.
pub fn run_child(sandbox: Sandbox) -> Result<()> {
    sandbox.enter()?;
    let mut input = Vec::new();
    std::io::stdin().lock().read_to_end(&mut input)?;
    let (auftrag, upload) = split(&input)?;
    let auftrag: Auftrag = serde_json::from_slice(auftrag)?;
    let form = Form::parse(&auftrag.definition).map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let mut output = std::io::stdout().lock();
    let (mappe, answer) = match form::examine(&form, &auftrag.vordruck, upload) {
        Err(unreadable) => (Vec::new(), Answer::Unreadable(UnreadableText::of(unreadable))),
        Ok(examination) => (
            examination.repacked,
            Answer::Examined {
                befunde: examination.findings,
                zeilen: examination.rows,
                korrektur: auftrag.korrektur.then_some(examination.eintraege),
            },
        ),
    };
    output.write_all(&length(&mappe))?;
    output.write_all(&mappe)?;
    // Piece by piece: rows by the ten thousand are not in memory twice.
    let mut output = BufWriter::with_capacity(PIECE, output);
    serde_json::to_writer(&mut output, &answer)?;
    output.flush()?;
    // The process ends; nobody needs the memory.
    std::mem::forget(answer);
    Ok(())
}

/// A child that tries the walls: exit status 0 if they hold, else one line for each that does not.
pub fn run_probe() -> Result<()> {
    Sandbox::Strikt.enter()?;
    let possible = sandbox::still_possible();
    possible.iter().for_each(|possible| println!("{possible}"));
    anyhow::ensure!(possible.is_empty(), "the sandbox does not hold");
    Ok(())
}

/// Stands before bytes that something follows.
fn length(bytes: &[u8]) -> [u8; 8] {
    (bytes.len() as u64).to_le_bytes()
}

/// The bytes whose length stands before them, and what follows them.
fn split(bytes: &[u8]) -> Result<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>().context("the length is missing")?;
    let length = usize::try_from(u64::from_le_bytes(*length))?;
    rest.split_at_checked(length).context("the message is cut off")
}

/// This very program, even if the file that it was started from has been replaced by a newer one.
pub fn own_program() -> PathBuf {
    PathBuf::from("/proc/self/exe")
}

/// Starts children, a few at a time; further uploads wait in order.
#[derive(Clone)]
pub struct Examiner {
    program: PathBuf,
    sandbox: Sandbox,
    places: Arc<Semaphore>,
}

impl Examiner {
    /// `program` is this handler's own binary; a parameter, so that tests can name it.
    pub fn new(program: PathBuf, children: usize, sandbox: Sandbox) -> Examiner {
        Examiner {
            program,
            sandbox,
            places: Arc::new(Semaphore::new(children)),
        }
    }

    /// A child, which knows nothing of the environment.
    fn command(&self, argument: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args([CHILD_ARGUMENT, argument]).env_clear();
        command
    }

    /// Lets a child try the walls of its sandbox. An error where one of them does not hold on this machine.
    pub fn probe(&self) -> Result<()> {
        let tried = self.command(PROBE_ARGUMENT).output()?;
        let possible = String::from_utf8_lossy(&tried.stdout);
        let missing = String::from_utf8_lossy(&tried.stderr);
        let why: Vec<&str> = possible.lines().chain(missing.lines()).collect();
        anyhow::ensure!(
            tried.status.success(),
            "Die Prüfung von Uploads ist hier nicht abgeschottet ({})",
            why.join("; ")
        );
        Ok(())
    }

    /// Examines an upload in a child of its own.
    pub async fn examine(&self, auftrag: &Auftrag, upload: &[u8]) -> Result<Ergebnis, Rejection> {
        let place = tokio::time::timeout(PATIENCE, self.places.acquire())
            .await
            .map_err(|_| Rejection::Busy)?;
        let _place = place.map_err(|_| Rejection::Busy)?;
        let auftrag = serde_json::to_vec(auftrag).map_err(|error| Rejection::Internal(error.into()))?;
        // Dropping the child's handle kills it.
        match tokio::time::timeout(WALL_TIME, self.talk_to_child(&auftrag, upload)).await {
            Err(_) => Err(Rejection::Busy),
            Ok(Err(error)) => Err(Rejection::Internal(error)),
            Ok(Ok(End::OutOfTime)) => Err(Rejection::Exhausted("time")),
            Ok(Ok(End::Failed)) => Err(Rejection::Exhausted("limits or crash")),
            Ok(Ok(End::Answered(output))) => understand(&output),
        }
    }

    async fn talk_to_child(&self, auftrag: &[u8], upload: &[u8]) -> Result<End> {
        let mut child = tokio::process::Command::from(self.command(self.sandbox.argument()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("Die Prüfung {} lässt sich nicht starten", self.program.display()))?;
        let id = child.id().context("no process")?;
        let mut stdin = child.stdin.take().context("no standard input")?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut answer = stdout.take(ANSWER_BYTES);
        let send = async {
            // A child that ends early does not read on; its exit says why.
            let _ = stdin.write_all(&length(auftrag)).await;
            let _ = stdin.write_all(auftrag).await;
            let _ = stdin.write_all(upload).await;
            drop(stdin);
        };
        let mut output = Vec::new();
        let talk = async {
            let (_, read) = tokio::join!(send, answer.read_to_end(&mut output));
            read?;
            anyhow::Ok(child.wait().await?.success())
        };
        Ok(tokio::select! {
            success = talk => if success? { End::Answered(output) } else { End::Failed },
            () = out_of_time(id) => End::OutOfTime,
        })
    }
}

/// How a child's life ended.
enum End {
    Answered(Vec<u8>),
    Failed,
    OutOfTime,
}

/// Returns when a child has had its time.
async fn out_of_time(id: u32) {
    let start = Instant::now();
    loop {
        let own = start.elapsed().saturating_sub(waited_for_processor(id));
        let Some(left) = OWN_TIME.checked_sub(own).filter(|left| !left.is_zero()) else {
            return;
        };
        tokio::time::sleep(left).await;
    }
}

/// How long a process was ready to run while others did; nothing where the kernel does not say.
fn waited_for_processor(id: u32) -> Duration {
    let said = std::fs::read_to_string(format!("/proc/{id}/schedstat")).unwrap_or_default();
    let nanoseconds = said.split_whitespace().nth(1).and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

fn understand(output: &[u8]) -> Result<Ergebnis, Rejection> {
    let (mappe, answer) = split(output).map_err(Rejection::Internal)?;
    let answer = serde_json::from_slice(answer).map_err(|error| Rejection::Internal(error.into()))?;
    match answer {
        Answer::Unreadable(text) => Err(Rejection::Unreadable(text)),
        Answer::Examined {
            befunde,
            zeilen,
            korrektur,
        } => Ok(Ergebnis {
            befunde,
            zeilen,
            mappe: mappe.to_vec(),
            korrektur,
        }),
    }
}
