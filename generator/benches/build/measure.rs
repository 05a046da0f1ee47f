//! Whole processes, measured from outside: how long one takes, and how much memory it needs at most.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// A program with its arguments, to be run again and again.
pub struct Run {
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Run {
    pub fn new(program: impl Into<PathBuf>) -> Run {
        Run {
            program: program.into(),
            arguments: Vec::new(),
        }
    }

    pub fn argument(mut self, argument: impl AsRef<OsStr>) -> Run {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// From before the program starts until it has ended.
    pub fn time(&self) -> Result<Duration> {
        let start = Instant::now();
        let output = Command::new(&self.program).args(&self.arguments).output();
        let elapsed = start.elapsed();
        self.expect_success(&output.with_context(|| self.program.display().to_string())?)?;
        Ok(elapsed)
    }

    /// The largest resident set; `None` where GNU time is not installed, which alone can ask the kernel for it without unsafe code.
    pub fn peak_kibibytes(&self) -> Result<Option<u64>> {
        let report = tempfile::NamedTempFile::new()?;
        let output = Command::new("time")
            .args(["--format", "%M", "--output"])
            .arg(report.path())
            .arg(&self.program)
            .args(&self.arguments)
            .output();
        match output {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.time()?;
                Ok(None)
            }
            output => {
                self.expect_success(&output?)?;
                let report = std::fs::read_to_string(report.path())?;
                Ok(Some(report.trim().parse()?))
            }
        }
    }

    fn expect_success(&self, output: &Output) -> Result<()> {
        ensure!(
            output.status.success(),
            "{} failed with {}:\n{}{}",
            self.program.display(),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }
}

/// The middle of what was measured; of an even number, the lower of the two.
pub fn median<T: PartialOrd + Copy>(measured: &[T]) -> Option<T> {
    let mut sorted = measured.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}
