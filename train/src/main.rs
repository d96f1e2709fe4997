//! Trains the classifiers of `mofa-scan` and measures them; started by `cargo xtask train`.
//!
//! What is learnt from is data beside the checkout and texts that [`synthetic`] makes. Only the
//! weights and a card with the figures become part of the project.
//!
//! # Failure
//! Exit code 1 when data is missing or a file cannot be written, 2 when the command line was not
//! understood.

mod arguments;
mod calibrate;
mod card;
mod data;
mod fit;
mod guard;
mod leave_out;
mod near;
mod output;
mod prepare;
mod quantise;
mod random;
mod report;
mod sample;
mod source;
mod synthetic;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            output::error(&error.to_string());
            return ExitCode::from(2);
        }
    };
    match guard::run(&arguments) {
        Ok(report) => {
            output::line(&report);
            ExitCode::SUCCESS
        }
        Err(error) => {
            output::error(&error.to_string());
            ExitCode::FAILURE
        }
    }
}
