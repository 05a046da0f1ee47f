//! One process per upload: this program again, with little memory and time, reading bytes and writing an answer.
//!
//! The parent writes an `Auftrag` (as JSON, its length before it) and the workbook to the child's standard input; the
//! child answers likewise. A crash, a hang or an exhausted limit is one refused upload.

use crate::rejection::{Rejection, UnreadableText};
use crate::sandbox::{self, Sandbox};
use anyhow::{Context, Result};
use form::{Eintraege, Finding, Form, Rows, Vordruck};
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;

/// The first argument of a child. Nobody else calls the program with it.
pub const CHILD_ARGUMENT: &str = "--untersuchung";
/// In place of the sandbox's word: examine nothing, try what the sandbox forbids.
pub const PROBE_ARGUMENT: &str = "probe";

/// No honest answer is longer: a repacked workbook and its findings.
const ANSWER_BYTES: u64 = 64 << 20;
/// Processor time judges the file; this only ends a child that gets no processor at all.
const WALL_TIME: Duration = Duration::from_secs(10);
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
    let (auftrag, upload): (Auftrag, &[u8]) = unframe(&input)?;
    let form = Form::parse(&auftrag.definition).map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let mut output = std::io::stdout().lock();
    match form::examine(&form, &auftrag.vordruck, upload) {
        Err(unreadable) => output.write_all(&framed(&Answer::Unreadable(UnreadableText::of(unreadable)))?)?,
        Ok(examination) => {
            output.write_all(&framed(&Answer::Examined {
                befunde: examination.findings,
                zeilen: examination.rows,
                korrektur: auftrag.korrektur.then_some(examination.eintraege),
            })?)?;
            output.write_all(&examination.repacked)?;
        }
    }
    Ok(output.flush()?)
}

/// A child that tries the walls: exit status 0 if they hold, else one line for each that does not.
pub fn run_probe() -> Result<()> {
    Sandbox::Strikt.enter()?;
    let possible = sandbox::still_possible();
    possible.iter().for_each(|possible| println!("{possible}"));
    anyhow::ensure!(possible.is_empty(), "the sandbox does not hold");
    Ok(())
}

/// A message with its length (eight bytes, little-endian) before it.
fn framed<T: Serialize>(message: &T) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(message)?;
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.extend(json);
    Ok(bytes)
}

fn unframe<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<(T, &'b [u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>().context("the length is missing")?;
    let length = usize::try_from(u64::from_le_bytes(*length))?;
    let (json, rest) = rest.split_at_checked(length).context("the message is cut off")?;
    Ok((serde_json::from_slice(json)?, rest))
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

    /// Lets a child try the walls of its sandbox. An error where one of them does not hold on this machine.
    pub fn probe(&self) -> Result<()> {
        let tried = std::process::Command::new(&self.program)
            .args([CHILD_ARGUMENT, PROBE_ARGUMENT])
            .env_clear()
            .output()?;
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
        let input = framed(auftrag).map_err(Rejection::Internal)?;
        match tokio::time::timeout(WALL_TIME, self.talk_to_child(&input, upload)).await {
            // Dropping the child's handle has killed it.
            Err(_) => Err(Rejection::Busy),
            Ok(Err(error)) => Err(Rejection::Internal(error)),
            Ok(Ok((false, _))) => Err(Rejection::Exhausted("limits or crash")),
            Ok(Ok((true, output))) => understand(&output),
        }
    }

    async fn talk_to_child(&self, auftrag: &[u8], upload: &[u8]) -> Result<(bool, Vec<u8>)> {
        let mut child = Command::new(&self.program)
            .arg(CHILD_ARGUMENT)
            .arg(self.sandbox.argument())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("Die Prüfung {} lässt sich nicht starten", self.program.display()))?;
        let mut stdin = child.stdin.take().context("no standard input")?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut answer = stdout.take(ANSWER_BYTES);
        let send = async {
            // A child that ends early does not read on; its exit says why.
            let _ = stdin.write_all(auftrag).await;
            let _ = stdin.write_all(upload).await;
            drop(stdin);
        };
        let mut output = Vec::new();
        let (_, read) = tokio::join!(send, answer.read_to_end(&mut output));
        read?;
        Ok((child.wait().await?.success(), output))
    }
}

fn understand(output: &[u8]) -> Result<Ergebnis, Rejection> {
    let (answer, mappe) = unframe(output).map_err(Rejection::Internal)?;
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
