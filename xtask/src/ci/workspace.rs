//! The steps that run cargo over the workspace.
//!
//! # Failure
//! A step that would run no test or no example fails: silence is not success.

use std::path::PathBuf;
use std::time::Duration;

use crate::output;

use super::context::Context;
use super::tools::{NEXTEST, ensure};
use super::{LeftOut, StepError};

/// Far above what an example or the demo takes, builds included: only a hung program gets there.
const LIMIT: Duration = Duration::from_mins(20);

/// The tests of every crate: none is left out of both.
const TESTS: [&str; 2] = [
    "nextest run --workspace --exclude mofa-bench --all-features --locked",
    "nextest run -p mofa-bench --locked",
];

/// The folder of the examples.
const EXAMPLES: &str = "examples/security";

pub(super) fn fmt(context: &Context) -> Result<LeftOut, StepError> {
    run(context, "fmt --all --check")
}

pub(super) fn layers(context: &Context) -> Result<LeftOut, StepError> {
    output::line(&crate::layers::run(context.repository())?);
    Ok(LeftOut::new())
}

pub(super) fn tidy(context: &Context) -> Result<LeftOut, StepError> {
    output::line(&crate::tidy::run(context.repository(), false)?);
    Ok(LeftOut::new())
}

pub(super) fn clippy(context: &Context) -> Result<LeftOut, StepError> {
    run(context, "clippy --workspace --all-targets --all-features --locked -- -D warnings")
}

/// The tests, in processes of their own. Those of `mofa-bench` run without the peers, which take
/// minutes to build: that all answers agree is shown for the product's own rows.
pub(super) fn test(context: &Context) -> Result<LeftOut, StepError> {
    ensure(context, &NEXTEST)?;
    TESTS.iter().try_for_each(|line| run(context, line).map(|_| ()))?;
    Ok(LeftOut::new())
}

pub(super) fn doctest(context: &Context) -> Result<LeftOut, StepError> {
    run(context, "test --workspace --exclude mofa-bench --doc --locked")
}

/// The commands of the security guide, as it writes them.
pub(super) fn guide(context: &Context) -> Result<LeftOut, StepError> {
    let line = "test -p mofa-foundation --lib security";
    let printed = context.cargo(line).read()?;
    output::line(printed.trim_end());
    if passed(&printed) == 0 {
        return Err(StepError::NoTest(format!("cargo {line}")));
    }
    let folder = context.root().join(EXAMPLES).join("secure_agent");
    context.cargo_in(&folder, "run").run_within(LIMIT)?;
    Ok(LeftOut::new())
}

/// `cargo run` in every folder of the examples.
pub(super) fn examples(context: &Context) -> Result<LeftOut, StepError> {
    let folders = example_folders(context)?;
    if folders.is_empty() {
        return Err(StepError::NoExample(EXAMPLES.to_owned()));
    }
    for folder in folders {
        output::line(&format!("--- {}", folder.display()));
        context.cargo_in(&folder, "run --locked").run_within(LIMIT)?;
    }
    Ok(LeftOut::new())
}

/// The product's main command; unoptimised here, because it only has to work.
pub(super) fn demo(context: &Context) -> Result<LeftOut, StepError> {
    context.cargo("run --locked -- demo").run_within(LIMIT)?;
    Ok(LeftOut::new())
}

fn run(context: &Context, line: &str) -> Result<LeftOut, StepError> {
    output::line(&format!("cargo {line}"));
    context.cargo(line).run()?;
    Ok(LeftOut::new())
}

fn example_folders(context: &Context) -> Result<Vec<PathBuf>, StepError> {
    let unreadable = |source| StepError::Folder { path: EXAMPLES.to_owned(), source };
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(context.root().join(EXAMPLES)).map_err(unreadable)? {
        let folder = entry.map_err(unreadable)?.path();
        if folder.join("Cargo.toml").is_file() {
            folders.push(folder);
        }
    }
    folders.sort();
    Ok(folders)
}

/// How many tests `cargo test` says have passed, over all its lines
/// `test result: ok. N passed; …`.
fn passed(printed: &str) -> u64 {
    printed
        .lines()
        .filter_map(|line| line.trim().strip_prefix("test result: ok. "))
        .filter_map(|rest| rest.split_once(" passed"))
        .filter_map(|(count, _)| count.parse::<u64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::{TESTS, passed};

    #[test]
    fn what_one_line_leaves_out_another_runs() {
        let words = || TESTS.iter().map(|line| line.split(' ').collect::<Vec<_>>());
        let after = |flag| {
            words().flatten().zip(words().flatten().skip(1)).filter(move |(a, _)| *a == flag)
        };
        for (_, left_out) in after("--exclude") {
            assert!(after("-p").any(|(_, named)| named == left_out), "{left_out}");
        }
        assert!(TESTS.iter().any(|line| line.contains(" --workspace ")));
    }

    #[test]
    fn passed_tests_are_counted_over_all_binaries() {
        let printed = "running 2 tests\ntest result: ok. 2 passed; 0 failed\n\n\
                       test result: ok. 0 passed; 0 failed\ntest result: ok. 41 passed; 0 failed";
        assert_eq!(passed(printed), 43);
        assert_eq!(passed("test result: ok. 0 passed; 0 failed; 41 filtered out"), 0);
        assert_eq!(passed("test result: FAILED. 3 passed; 1 failed"), 0);
    }
}
