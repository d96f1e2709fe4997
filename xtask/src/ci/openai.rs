//! The official OpenAI client against `mofa serve`: the Python tests in `tests/e2e`, in a virtual
//! environment of their own.
//!
//! # Failure
//! The environment is removed at the end, whether the tests pass or not.

use std::path::PathBuf;
use std::time::Duration;

use crate::process::Program;

use super::context::Context;
use super::{LeftOut, StepError};

/// Far above what the tests take: only a hung service gets there.
const LIMIT: Duration = Duration::from_mins(10);

/// Builds the binary, installs the client, runs the tests.
pub(super) fn run(context: &Context) -> Result<LeftOut, StepError> {
    context.cargo("build --locked --package mofa-cli").run()?;
    let environment = VirtualEnvironment::create(context)?;
    let requirements = context.root().join("tests/e2e/requirements.txt");
    let python = environment.folder.join("bin").join("python");
    Program::new(&python, context.root())
        .args("-m pip install --quiet --disable-pip-version-check --requirement")
        .arg(requirements)
        .run()?;
    Program::new(&python, context.root())
        .args("-m pytest -p no:cacheprovider tests/e2e")
        .env("MOFA_BIN", context.target().join("debug").join("mofa"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .run_within(LIMIT)?;
    Ok(LeftOut::new())
}

/// A Python virtual environment in the build folder.
struct VirtualEnvironment {
    folder: PathBuf,
}

impl VirtualEnvironment {
    fn create(context: &Context) -> Result<Self, StepError> {
        let name = format!("venv-{}", std::process::id());
        let environment = Self { folder: context.target().join(name) };
        Program::new("python3", context.root())
            .args("-m venv --clear")
            .arg(&environment.folder)
            .run()?;
        Ok(environment)
    }
}

impl Drop for VirtualEnvironment {
    fn drop(&mut self) {
        // Nothing depends on it being gone: it has a name of its own and lies in the build folder.
        let _left_behind = std::fs::remove_dir_all(&self.folder);
    }
}
