//! The handler as a child of `serve`: started with demo data, ended by closing its standard input.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::say;

/// How long the demo may take to be ready, and to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running handler.
pub struct Handler {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
    stdin: ChildStdin,
}

impl Handler {
    /// Starts the handler that lies beside this program, and waits until it says where it listens.
    pub async fn start(dist: &Path, public: SocketAddr) -> Result<Handler> {
        let program = beside_this_program()?;
        ensure!(
            program.is_file(),
            "{} ist noch nicht gebaut (cargo build)",
            program.display()
        );
        let mut child = Command::new(&program)
            .args(["serve", "--demo", "--site"])
            .arg(dist)
            .args(["--listen", "127.0.0.1:0", "--public-url", &format!("http://{public}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} lässt sich nicht starten", program.display()))?;
        let stdin = child.stdin.take().context("Der handler hat keine Standardeingabe")?;
        let stdout = child.stdout.take().context("Der handler hat keine Standardausgabe")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = timeout(PATIENCE, read_address(&mut lines))
            .await
            .context("Der handler wird nicht fertig")??;
        tokio::spawn(pass_through(lines));
        Ok(Handler { address, child, stdin })
    }

    /// Closes its standard input, which is how it is told to end, and waits for it.
    pub async fn stop(mut self) {
        drop(self.stdin);
        if timeout(PATIENCE, self.child.wait()).await.is_err() {
            eprintln!("Der handler endet nicht von selbst und wird beendet.");
            let _ = self.child.kill().await;
        }
    }
}

fn beside_this_program() -> Result<PathBuf> {
    let own = std::env::current_exe().context("Der Ort dieses Programms ist nicht bekannt")?;
    Ok(own.with_file_name(format!("handler{}", std::env::consts::EXE_SUFFIX)))
}

/// The first line is "handler: http://127.0.0.1:PORT".
async fn read_address(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<SocketAddr> {
    let Some(line) = lines.next_line().await? else {
        bail!("Der handler ist gleich wieder zu Ende gegangen")
    };
    let address = line
        .strip_prefix("handler: http://")
        .with_context(|| format!("Der handler meldet sich mit „{line}“ statt mit seiner Adresse"))?;
    address
        .trim_end_matches('/')
        .parse()
        .with_context(|| format!("„{address}“ ist keine Adresse"))
}

/// What follows are the sample logins, for the person at the terminal.
async fn pass_through(mut lines: Lines<BufReader<ChildStdout>>) {
    while let Ok(Some(line)) = lines.next_line().await {
        say(&line);
    }
}
