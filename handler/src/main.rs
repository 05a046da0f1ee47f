//! Starts what the command line asks for; a child that examines an upload before anything else.

use clap::Parser;
use handler::child;
use handler::command::{Cli, Outcome};
use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(child::CHILD_ARGUMENT) {
        return match child::run_child() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    match Cli::parse().run() {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            eprintln!("{error:#}");
            Outcome::CouldNot.into()
        }
    }
}
