//! Says whether the evaluation data is there, and which tests do without it when it is not.
//!
//! The data stands in `../shared/data`, beside the checkout, and is not part of the project. A test
//! that reads it has that path in its source; elsewhere it works on `testdata/`.
//!
//! # Failure
//! With `CI=true` the data must be there.

use std::path::Path;

use crate::environment;
use crate::output;
use crate::repository::Repository;

use super::context::Context;
use super::{LeftOut, StepError};

/// What a test that reads the data has in its source.
const MARK: &str = "shared/data";

/// Names the tests that read the data when it is missing.
pub(super) fn run(context: &Context) -> Result<LeftOut, StepError> {
    let repository = context.repository();
    if let Some(data) = repository.shared_data() {
        output::line(&format!("found in {}", data.display()));
        return Ok(LeftOut::new());
    }
    output::line("not found: tests work on testdata/ alone");
    judge(readers(repository)?, environment::is_ci())
}

fn judge(readers: Vec<String>, is_ci: bool) -> Result<LeftOut, StepError> {
    if is_ci {
        let first = std::iter::once(String::new());
        let named: Vec<String> = first.chain(readers).collect();
        return Err(StepError::SharedData(named.join("\n  ")));
    }
    Ok(readers.into_iter().map(|reader| format!("{reader} on ../{MARK}")).collect())
}

/// The files of code that read the data.
fn readers(repository: &Repository) -> Result<Vec<String>, StepError> {
    let mut readers = Vec::new();
    for path in repository.files()? {
        let is_code = Path::new(&path).extension().is_some_and(|end| end == "rs" || end == "py");
        if !is_code || path.starts_with("xtask/") {
            continue;
        }
        let full = repository.root().join(&path);
        // A file that git still lists may be gone; it reads nothing then.
        if std::fs::read_to_string(full).is_ok_and(|text| text.contains(MARK)) {
            readers.push(path);
        }
    }
    Ok(readers)
}

#[cfg(test)]
mod tests {
    use super::{StepError, judge};

    #[test]
    fn missing_data_is_named_and_fails_only_where_the_result_decides() {
        let readers = || vec!["a/tests/b.rs".to_owned()];
        assert_eq!(judge(readers(), false).unwrap(), ["a/tests/b.rs on ../shared/data"]);
        let error = judge(readers(), true).unwrap_err();
        assert!(matches!(&error, StepError::SharedData(names) if names == "\n  a/tests/b.rs"));
        assert!(judge(Vec::new(), true).is_err());
    }
}
