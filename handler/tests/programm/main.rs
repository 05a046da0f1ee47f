//! A whole programme in fast motion: three Runden, what happens to offices in such years, and the end of it all.
//!
//! Uploads go over sockets to a running server. The office's commands run as processes of their own: this program,
//! started again with the time that the server has. The released program has no clock but the machine's.

#[path = "../support/amt.rs"]
mod amt;
mod beteiligte;
mod jahre;
#[path = "../support/mod.rs"]
mod support;

use handler::clock::Clock;
use libtest_mimic::{Arguments, Trial};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

fn main() -> ExitCode {
    let uhr = std::env::var(amt::UHR).ok().and_then(|seconds| seconds.parse().ok());
    // A child that examines knows nothing of the environment.
    if uhr.is_some() || std::env::args().nth(1).as_deref() == Some(handler::child::CHILD_ARGUMENT) {
        return handler::command::start(&Clock::Set(Arc::new(AtomicI64::new(uhr.unwrap_or_default()))));
    }
    let story = || {
        jahre::erzaehlen();
        Ok(())
    };
    let name = "after_a_whole_programme_nothing_is_left_but_the_chain";
    libtest_mimic::run(&Arguments::from_args(), vec![Trial::test(name, story)]).exit_code()
}
