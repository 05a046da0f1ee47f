//! The program: all that it does it does by the machine's clock.

use handler::clock::Clock;
use std::process::ExitCode;

fn main() -> ExitCode {
    handler::command::start(&Clock::System)
}
