//! Starts what the command line asks for; a child that examines an upload before anything else.

use anyhow::Result;
use clap::Parser;
use handler::child;
use handler::command::{Cli, Outcome};
use handler::sandbox::Sandbox;
use std::ffi::OsStr;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments
        .next()
        .is_some_and(|argument| argument == child::CHILD_ARGUMENT)
    {
        let lived = match arguments.next().as_deref().and_then(OsStr::to_str) {
            Some(child::PROBE_ARGUMENT) => child::run_probe(),
            sandbox => child::run_child(Sandbox::of_argument(sandbox)),
        };
        return report(lived.map(|()| Outcome::Done));
    }
    report(Cli::parse().run())
}

fn report(result: Result<Outcome>) -> ExitCode {
    match result {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            eprintln!("{error:#}");
            Outcome::CouldNot.into()
        }
    }
}
