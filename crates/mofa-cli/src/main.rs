//! The binary `mofa`: arguments in, exit code out.
//!
//! # Failure
//! A command ends in an [`Outcome`](outcome::Outcome) or a [`CliError`](error::CliError); both are
//! an exit code, and an error is a message and a hint on standard error. A panic prints where it
//! happened and never its message, which may hold what somebody wrote.

mod args;
mod check;
mod completions;
mod demo;
mod detection;
mod error;
mod eval;
mod git;
mod key;
mod outcome;
mod output;
mod progress;
mod scan;
mod scripted_model;
mod secrets;
mod serve;
mod signals;

use args::{Arguments, Command};
use clap::Parser;
use error::CliError;
use mimalloc::MiMalloc;
use outcome::Outcome;
use std::process::ExitCode;

/// Requests are made of many small pieces that live as long as they do.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    output::hide_panic_messages();
    match run(Arguments::parse().command) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            output::complain(&error);
            error.outcome().into()
        }
    }
}

fn run(command: Command) -> Result<Outcome, CliError> {
    match command {
        Command::Scan(args) => scan::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Secrets(args) => secrets::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Key(args) => key::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::ScriptedModel(args) => scripted_model::run(&args),
    }
}
