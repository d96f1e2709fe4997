//! How closely is looked, and for whose numbers: [`DetectionSettings`].
//!
//! # Invariants
//! What a tenant does not say for itself holds for it as for everybody.

use crate::config::DetectionSettings;
use crate::config::error::{ConfigError, Source};
use crate::config::raw::{RawCountries, RawPii, RawTenantPii};
use mofa_scan::pii::PiiScanner;
use std::ops::Range;
use toml::Spanned;

/// Stands for every country.
const ALL: &str = "all";

/// What the section of everybody, or of a tenant, says.
pub(super) struct Written<'a> {
    path: &'a str,
    countries: Option<&'a Spanned<RawCountries>>,
    layers: Option<bool>,
    min_confidence: Option<&'a Spanned<f64>>,
}

impl<'a> Written<'a> {
    pub(super) fn of(path: &'a str, raw: &'a RawPii) -> Self {
        let RawPii { countries, layers, min_confidence, .. } = raw;
        let (countries, min_confidence) = (countries.as_ref(), min_confidence.as_ref());
        Self { path, countries, layers: *layers, min_confidence }
    }

    pub(super) fn of_tenant(path: &'a str, raw: &'a RawTenantPii) -> Self {
        let RawTenantPii { countries, layers, min_confidence, .. } = raw;
        let (countries, min_confidence) = (countries.as_ref(), min_confidence.as_ref());
        Self { path, countries, layers: *layers, min_confidence }
    }

    /// What holds; `otherwise` where nothing is said.
    pub(super) fn check(
        &self,
        source: &Source<'_>,
        otherwise: &DetectionSettings,
    ) -> Result<DetectionSettings, ConfigError> {
        let countries = match self.countries {
            Some(raw) => self.codes(source, raw)?,
            None => otherwise.countries.clone(),
        };
        let min_confidence = match self.min_confidence {
            Some(raw) => self.confidence(source, raw)?,
            None => otherwise.min_confidence,
        };
        let layers = self.layers.unwrap_or(otherwise.layers);
        Ok(DetectionSettings { countries, layers, min_confidence })
    }

    fn codes(
        &self,
        source: &Source<'_>,
        raw: &Spanned<RawCountries>,
    ) -> Result<Vec<String>, ConfigError> {
        let known = PiiScanner::countries();
        match raw.get_ref() {
            RawCountries::One(code) => Ok(vec![self.code(source, &known, &raw.span(), code)?]),
            RawCountries::List(codes) => {
                let codes = codes.iter();
                codes.map(|it| self.code(source, &known, &it.span(), it.get_ref())).collect()
            }
        }
    }

    /// A code that is known, as all of them are written.
    fn code(
        &self,
        source: &Source<'_>,
        known: &[&str],
        span: &Range<usize>,
        code: &str,
    ) -> Result<String, ConfigError> {
        let mut all = known.iter().copied().chain([ALL]);
        if all.any(|known| known.eq_ignore_ascii_case(code)) {
            return Ok(code.to_ascii_lowercase());
        }
        let written = source.written(&Spanned::new(span.clone(), code.to_owned()));
        let expected = format!(
            "the code of a country (ISO 3166-1, two letters such as `de`) or `{ALL}`, found \
             `{written}`"
        );
        Err(source.value(span, &format!("{}.countries", self.path), expected))
    }

    fn confidence(&self, source: &Source<'_>, raw: &Spanned<f64>) -> Result<f32, ConfigError> {
        let found = *raw.get_ref();
        if !(0.0..=1.0).contains(&found) {
            let expected = format!("a confidence from 0 to 1, found `{found}`");
            return Err(source.value(
                &raw.span(),
                &format!("{}.min_confidence", self.path),
                expected,
            ));
        }
        #[expect(clippy::cast_possible_truncation, reason = "a threshold need not be exact")]
        let least = found as f32;
        Ok(least)
    }
}
