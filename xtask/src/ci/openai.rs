//! The official OpenAI client against `mofa serve`: the Python tests in `tests/e2e`, in a virtual
//! environment of their own.
//!
//! # Failure
//! A test that pytest skipped is named as left out; with `CI=true` it fails the step. The environment is removed at the end, whether the tests pass or not.

use std::path::PathBuf;
use std::time::Duration;

use crate::environment;
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
    let printed = Program::new(&python, context.root())
        .args("-m pytest -p no:cacheprovider -rs tests/e2e")
        .env("MOFA_BIN", context.target().join("debug").join("mofa"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .run_within_and_read(LIMIT)?;
    judge(skipped(&printed), environment::is_ci())
}

/// Nothing may be left out where the result decides.
fn judge(skipped: LeftOut, is_ci: bool) -> Result<LeftOut, StepError> {
    if is_ci && !skipped.is_empty() {
        return Err(StepError::Skipped(skipped.join("\n  ")));
    }
    Ok(skipped)
}

/// What `pytest -rs` says was skipped: `SKIPPED [1] tests/e2e/test_a.py:22: why`.
fn skipped(printed: &str) -> LeftOut {
    let lines = printed.lines().filter_map(|line| line.trim().strip_prefix("SKIPPED ["));
    lines
        .filter_map(|line| line.split_once("] "))
        .map(
            |(count, what)| {
                if count == "1" { what.to_owned() } else { format!("{count} × {what}") }
            },
        )
        .collect()
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

#[cfg(test)]
mod tests {
    use super::{StepError, judge, skipped};

    const PRINTED: &str = "\
tests/e2e/test_chat.py ....                    [ 80%]
tests/e2e/test_audit_disk.py s                 [100%]

=========== short test summary info ===========
SKIPPED [1] tests/e2e/test_audit_disk.py:22: a small disk can only be mounted as root
SKIPPED [2] tests/e2e/conftest.py:9: no [network] here
=========== 4 passed, 3 skipped in 1.02s ===========
";

    #[test]
    fn skipped_tests_are_named_and_fail_only_where_the_result_decides() {
        let expect = [
            "tests/e2e/test_audit_disk.py:22: a small disk can only be mounted as root",
            "2 × tests/e2e/conftest.py:9: no [network] here",
        ];
        assert_eq!(judge(skipped(PRINTED), false).unwrap(), expect);
        let error = judge(skipped(PRINTED), true).unwrap_err();
        assert!(matches!(&error, StepError::Skipped(names) if names.contains("as root")));
        assert!(judge(skipped("==== 5 passed in 1.02s ===="), true).unwrap().is_empty());
    }
}
