//! `--only`: narrows a scanner to what is asked for.

use crate::error::CliError;
use mofa_sdk::scan::{FindingKind, TextScanner};

/// `scanner`, looking only for `names`; for everything if there are none.
pub(super) fn only(scanner: TextScanner, names: &[String]) -> Result<TextScanner, CliError> {
    if names.is_empty() {
        return Ok(scanner);
    }
    let kinds = FindingKind::ALL.map(FindingKind::as_str);
    let known: Vec<String> =
        kinds.into_iter().chain(scanner.categories()).map(|name| format!("`{name}`")).collect();
    let names = names.iter().map(|name| name.trim());
    scanner.only(names).map_err(|unknown| CliError::Argument {
        argument: format!("--only {}", unknown.0),
        expected: format!("one of {}", known.join(", ")),
    })
}
