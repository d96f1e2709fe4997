//! Starts the training program of `train/`; called by `cargo xtask train`.
//!
//! It is a program of its own because it is heavy: it is built with optimisation, and only here.
//!
//! # Failure
//! What the program says: it names the file that is missing.

use crate::process::{ProcessError, Program};
use crate::repository::Repository;

/// Why nothing was trained.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrainError {
    #[error(transparent)]
    Process(#[from] ProcessError),
}

/// Builds the program and hands it `words`.
pub(crate) fn run(repository: &Repository, words: &[String]) -> Result<(), TrainError> {
    let program = Program::new("cargo", repository.root())
        .args("run --quiet --release --locked -p mofa-train --")
        .env("CARGO_TARGET_DIR", repository.target())
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    words.iter().fold(program, Program::arg).run()?;
    Ok(())
}
