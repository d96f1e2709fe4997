//! Repository checks and the test command, called as `cargo xtask COMMAND`.
//!
//! # Failure
//! Exit code 1 when a check failed, 2 when the command line was not understood.

mod arguments;
mod ci;
mod environment;
mod fuzz;
mod layers;
mod output;
mod process;
mod repository;
mod tidy;
mod train;

use std::process::ExitCode;

use crate::arguments::{Command, USAGE, UsageError};
use crate::repository::{Repository, RepositoryError};

/// What ends a command early; each inner error says what to do next.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error(transparent)]
    Usage(#[from] UsageError),
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    #[error(transparent)]
    Layers(#[from] layers::LayersError),
    #[error(transparent)]
    Tidy(#[from] tidy::TidyError),
    #[error(transparent)]
    Ci(#[from] ci::CiError),
    #[error(transparent)]
    Fuzz(#[from] fuzz::FuzzError),
    #[error(transparent)]
    Train(#[from] train::TrainError),
}

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::Usage(error)) => {
            output::error(&format!("{error}; `cargo xtask --help` lists the commands"));
            ExitCode::from(2)
        }
        Err(error) => {
            output::error(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(words: Vec<String>) -> Result<(), CommandError> {
    match arguments::parse(words)? {
        Command::Help(text) => output::line(text),
        Command::Ci(selection) => ci::run(&selection)?,
        Command::CiList => output::line(&ci::list()),
        Command::Layers => {
            let repository = Repository::find()?;
            output::line(&layers::run(&repository)?);
        }
        Command::Tidy { verbose } => {
            let repository = Repository::find()?;
            output::line(&tidy::run(&repository, verbose)?);
        }
        Command::Fuzz { targets, seconds } => fuzz::run(&Repository::find()?, &targets, seconds)?,
        Command::Train(words) => train::run(&Repository::find()?, &words)?,
        Command::FuzzList => output::line(&fuzz::list(&Repository::find()?)?.join("\n")),
        Command::Nothing => output::line(USAGE),
    }
    Ok(())
}
