//! `--only`: narrows a scanner to what is asked for.

use crate::error::CliError;
use mofa_sdk::scan::{FindingKind, OnlyError, TextScanner};

/// `scanner`, looking only for `names`; for everything if there are none.
pub(super) fn only(scanner: TextScanner, names: &[String]) -> Result<TextScanner, CliError> {
    if names.is_empty() {
        return Ok(scanner);
    }
    let kinds = FindingKind::ALL.map(FindingKind::as_str);
    let categories = scanner.categories().chain(scanner.categories_off());
    let known: Vec<String> =
        kinds.into_iter().chain(categories).map(|name| format!("`{name}`")).collect();
    let names = names.iter().map(|name| name.trim());
    scanner.only(names).map_err(|error| match error {
        OnlyError::Engine(error) => error.into(),
        OnlyError::UnknownName(name) => CliError::Argument {
            argument: format!("--only {name}"),
            expected: format!("one of {}", known.join(", ")),
        },
        other => CliError::Argument { argument: "--only".to_owned(), expected: other.to_string() },
    })
}
