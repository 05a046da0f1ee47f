//! Asking before something that cannot be undone.

use anyhow::{Result, bail};
use std::io::{BufRead, IsTerminal, Write};

/// Whether to go on. `--ja` has answered already; where nobody can be asked, nothing is done.
pub(super) fn confirmed(question: &str, ja: bool) -> Result<bool> {
    if ja {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        bail!("{question} Ohne Terminal lässt sich das nicht fragen. Geändert ist nichts; mit --ja wird nicht gefragt");
    }
    eprint!("{question} [j/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "j" | "ja"))
}

/// What is said after a no.
pub(super) const NOTHING_DONE: &str = "Geändert ist nichts.";
