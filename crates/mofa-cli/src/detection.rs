//! How closely `mofa scan` and `mofa eval` look, and for whose numbers: [`DetectionArgs`].
//!
//! # Invariants
//! What is said on the command line goes before the configuration; what is not said is as there.

use crate::error::CliError;
use clap::Args;
use mofa_sdk::config::{Config, DetectionSettings, PiiSettings};
use mofa_sdk::scan::{FindingKind, OnlyError, TextScanner};
use mofa_sdk::security::RegexPiiDetector;
use std::path::{Path, PathBuf};

/// Where rules come from, how closely is looked, and for whose numbers.
#[derive(Debug, Args)]
pub(crate) struct DetectionArgs {
    /// Take rules, lists and thresholds from this configuration.
    #[arg(short, long, value_name = "PATH")]
    config: Option<PathBuf>,
    /// Look for the ids and the national phone numbers of these countries (ISO 3166-1), or of
    /// `all`.
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = country)]
    countries: Vec<String>,
    /// Also find values that are hidden: in escapes, encoded, in look-alike characters, spelled
    /// out.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true")]
    layers: Option<bool>,
    /// Find only what is at least so sure to be personal data or a secret, 0 to 1; 0.5 unless given
    /// here or in the configuration.
    #[arg(long, value_name = "X", value_parser = confidence)]
    min_confidence: Option<f32>,
}

impl DetectionArgs {
    /// What a finding must at least be sure of, if that is said here.
    pub(crate) const fn min_confidence(&self) -> Option<f32> {
        self.min_confidence
    }

    /// The scanner that is asked for.
    pub(crate) fn scanner(&self) -> Result<TextScanner, CliError> {
        match self.config.as_deref() {
            Some(path) => self.configured(path),
            None => Ok(TextScanner::from_settings(self.settings()?)?),
        }
    }

    /// How personal data and secrets are looked for.
    pub(crate) fn settings(&self) -> Result<PiiSettings, CliError> {
        let mut settings = match self.config.as_deref() {
            Some(path) => Config::load(path)?.pii,
            None => PiiSettings::default(),
        };
        self.put_into(&mut settings.detection);
        Ok(settings)
    }

    fn configured(&self, path: &Path) -> Result<TextScanner, CliError> {
        let mut config = Config::load(path)?;
        self.put_into(&mut config.pii.detection);
        Ok(TextScanner::from_config(&config)?)
    }

    fn put_into(&self, settings: &mut DetectionSettings) {
        if !self.countries.is_empty() {
            settings.countries.clone_from(&self.countries);
        }
        settings.layers = self.layers.unwrap_or(settings.layers);
        settings.min_confidence = self.min_confidence.unwrap_or(settings.min_confidence);
    }
}

/// `scanner`, looking only for `names`; for everything if there are none.
pub(crate) fn only(scanner: TextScanner, names: &[String]) -> Result<TextScanner, CliError> {
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

fn country(code: &str) -> Result<String, String> {
    let code = code.trim();
    let mut known = RegexPiiDetector::countries().into_iter().chain(["all"]);
    known.any(|known| known.eq_ignore_ascii_case(code)).then(|| code.to_owned()).ok_or_else(|| {
        "expected the code of a country (ISO 3166-1, two letters such as `de`) or `all`".to_owned()
    })
}

fn confidence(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number: &f32| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}
