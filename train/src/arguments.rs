//! Reads the command line; called by `main` only.
//!
//! # Failure
//! An unknown word or a missing value is an [`UsageError`] that names it.

use std::path::PathBuf;

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// The folder with the data.
    pub(crate) data: PathBuf,
    /// Only measure: write nothing.
    pub(crate) evaluate: bool,
}

/// A command line that was not understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UsageError {
    #[error("name what to train: `guard`")]
    NoModel,
    #[error("there is no model `{0}`; train `guard`")]
    UnknownModel(String),
    #[error("`guard` has no option `{0}`")]
    UnknownOption(String),
    #[error("`--data` needs the folder with `prompt_injection` in it")]
    NoData,
}

/// Reads the words after the name of the program.
pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments, UsageError> {
    match words.next() {
        None => return Err(UsageError::NoModel),
        Some(model) if model != "guard" => return Err(UsageError::UnknownModel(model)),
        Some(_) => {}
    }
    let (mut data, mut evaluate) = (None, false);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--data" => data = words.next().map(PathBuf::from),
            "--evaluate" => evaluate = true,
            _ => return Err(UsageError::UnknownOption(word)),
        }
    }
    Ok(Arguments { data: data.ok_or(UsageError::NoData)?, evaluate })
}

#[cfg(test)]
mod tests {
    use super::{Arguments, UsageError, parse};

    fn check(line: &str, expect: &Result<Arguments, UsageError>) {
        assert_eq!(parse(line.split_whitespace().map(str::to_owned)), *expect, "{line}");
    }

    #[test]
    fn the_model_and_the_folder_are_needed() {
        check("guard --data x", &Ok(Arguments { data: "x".into(), evaluate: false }));
        check("guard --evaluate --data x", &Ok(Arguments { data: "x".into(), evaluate: true }));
        check("", &Err(UsageError::NoModel));
        check("cat", &Err(UsageError::UnknownModel("cat".to_owned())));
        check("guard", &Err(UsageError::NoData));
        check("guard --data", &Err(UsageError::NoData));
        check("guard --fast", &Err(UsageError::UnknownOption("--fast".to_owned())));
    }
}
