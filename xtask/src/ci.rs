//! Runs every check and test of the project in order: `cargo xtask ci`, the test command.
//!
//! # Invariants
//! - The steps are the table in [`steps`] and nothing else.
//! - What a step leaves out is named in the summary; with `CI=true` leaving out data or a test of the
//!   gateway is a failure.
//!
//! # Failure
//! The first step that fails ends the run; the summary says which ones did not run.

mod context;
mod deny;
mod openai;
mod packages;
mod shared_data;
mod steps;
mod summary;
mod tools;
mod workspace;

use std::time::Instant;

use crate::arguments::Selection;
use crate::output;
use crate::process::ProcessError;
use crate::repository::RepositoryError;
use crate::{layers, tidy};

use self::context::Context;
use self::steps::{STEPS, Step};
use self::summary::{Outcome, Row};

/// Why the run did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CiError {
    #[error("there is no step `{0}`; `cargo xtask ci --list` lists them")]
    UnknownStep(String),
    #[error("no step is left to run")]
    NothingToRun,
    #[error("step `{step}` failed: {source}")]
    Step { step: &'static str, source: StepError },
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StepError {
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    #[error(transparent)]
    Layers(#[from] layers::LayersError),
    #[error(transparent)]
    Tidy(#[from] tidy::TidyError),
    #[error("install the Debian packages {0}: `apt-get install {0}` as root")]
    Packages(String),
    #[error("after `apt-get install` there is still no {0}")]
    StillMissing(String),
    #[error("`{0}` ran no test")]
    NoTest(String),
    #[error("`{path}`: {source}")]
    Folder { path: String, source: std::io::Error },
    #[error("`{0}` holds no example")]
    NoExample(String),
    #[error("`../shared/data` is missing, and with CI=true nothing may be left out{0}")]
    SharedData(String),
    #[error("with CI=true nothing may be left out, and these tests were skipped:\n  {0}")]
    Skipped(String),
}

/// What a step left out, in words; empty when it left out nothing.
type LeftOut = Vec<String>;

/// Runs the selected steps; called by `cargo xtask ci`.
pub(crate) fn run(selection: &Selection) -> Result<(), CiError> {
    let steps = select(selection)?;
    let context = Context::new()?;
    output::line(&format!("builds go to {}", context.target().display()));
    let mut rows: Vec<Row> = steps.iter().map(|step| Row::new(step.name)).collect();
    let mut failure = None;
    for (position, (step, row)) in (1..).zip(steps.iter().zip(&mut rows)) {
        output::heading(position, steps.len(), step.name, step.about);
        let started = Instant::now();
        let result = (step.run)(&context);
        row.seconds = started.elapsed().as_secs_f64();
        match result {
            Ok(left_out) => row.outcome = Outcome::Passed(left_out),
            Err(source) => {
                row.outcome = Outcome::Failed;
                failure = Some(CiError::Step { step: step.name, source });
                break;
            }
        }
        output::line(&format!("--- {} passed in {:.1} s", step.name, row.seconds));
    }
    output::line(&summary::table(&rows));
    failure.map_or(Ok(()), Err)
}

/// The steps, one a line.
pub(crate) fn list() -> String {
    let lines = STEPS.iter().map(|step| format!("{:<15} {}", step.name, step.about));
    lines.collect::<Vec<_>>().join("\n")
}

fn select(selection: &Selection) -> Result<Vec<&'static Step>, CiError> {
    for name in selection.only.iter().chain(&selection.skip) {
        if !STEPS.iter().any(|step| step.name == name) {
            return Err(CiError::UnknownStep(name.clone()));
        }
    }
    let names = |list: &[String], step: &Step| list.iter().any(|name| name == step.name);
    let steps: Vec<&Step> = STEPS
        .iter()
        .filter(|step| selection.only.is_empty() || names(&selection.only, step))
        .filter(|step| !names(&selection.skip, step))
        .collect();
    if steps.is_empty() { Err(CiError::NothingToRun) } else { Ok(steps) }
}

#[cfg(test)]
mod tests {
    use super::{CiError, STEPS, select};
    use crate::arguments::Selection;

    fn names(only: &[&str], skip: &[&str]) -> Result<Vec<&'static str>, CiError> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let steps = select(&Selection { only: owned(only), skip: owned(skip) })?;
        Ok(steps.iter().map(|step| step.name).collect())
    }

    #[test]
    fn steps_are_selected_in_their_own_order() {
        assert_eq!(names(&[], &[]).unwrap().len(), STEPS.len());
        assert_eq!(names(&["tidy", "fmt"], &[]).unwrap(), ["fmt", "tidy"]);
        assert_eq!(names(&["tidy", "fmt"], &["fmt"]).unwrap(), ["tidy"]);
        assert!(!names(&[], &["test"]).unwrap().contains(&"test"));
    }

    #[test]
    fn a_step_that_is_not_there_is_named() {
        assert!(
            matches!(names(&["tests"], &[]), Err(CiError::UnknownStep(name)) if name == "tests")
        );
        assert!(matches!(names(&[], &["x"]), Err(CiError::UnknownStep(name)) if name == "x"));
        assert!(matches!(names(&["fmt"], &["fmt"]), Err(CiError::NothingToRun)));
    }
}
