//! What is looked for: [`TextScanner::only`].

use super::TextScanner;
use crate::deployment;
use crate::security::SecurityError;
use mofa_runtime::security::PiiCategory;
use mofa_scan::Kind;
use std::collections::BTreeSet;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    /// Of personal data and secrets; `None` for all.
    pub(super) categories: Option<BTreeSet<PiiCategory>>,
    pub(super) keywords: bool,
    pub(super) injections: bool,
}

impl Scope {
    pub(super) const ALL: Self = Self { categories: None, keywords: true, injections: true };

    pub(super) fn has(&self, category: &PiiCategory) -> bool {
        self.categories.as_ref().is_none_or(|categories| categories.contains(category))
    }

    pub(super) fn has_values(&self) -> bool {
        self.categories.as_ref().is_none_or(|categories| !categories.is_empty())
    }
}

/// Why a scanner cannot look for what it is asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnlyError<'a> {
    /// A name that is neither a kind nor a known category.
    #[error("`{0}` is neither a kind of finding nor a known category")]
    UnknownName(&'a str),
    /// The rules do not hold together with those of categories that were off.
    #[error(transparent)]
    Engine(#[from] SecurityError),
}

impl TextScanner {
    /// Looks only for `names`: kinds (`pii`, `secret`, `keyword`, `injection`) and categories of
    /// personal data and secrets (`email` …). A category that is off is switched on by its name.
    ///
    /// # Errors
    /// [`OnlyError::UnknownName`] for the first name that is neither.
    ///
    /// # Example
    /// ```
    /// use mofa_sdk::scan::TextScanner;
    ///
    /// let scanner = TextScanner::new().only(["person_name"])?;
    /// let report = scanner.scan("Dear Mrs Ada Lovelace, write to ann@example.org")?;
    /// assert_eq!(report.findings[0].category, "person_name");
    /// assert_eq!(report.findings.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn only<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Result<Self, OnlyError<'a>> {
        let names: Vec<_> = names.into_iter().collect();
        let mut scanner = self.with_categories(&names)?;
        let mut categories = BTreeSet::new();
        let (mut keywords, mut injections) = (false, false);
        for name in names {
            match name {
                "keyword" => keywords = true,
                "injection" => injections = true,
                "pii" => categories.extend(scanner.of_kind(|kind| kind != Kind::Secret)),
                "secret" => categories.extend(scanner.of_kind(|kind| kind == Kind::Secret)),
                _ if scanner.categories.contains_key(name) => {
                    categories.extend(PiiCategory::new(name.to_owned()));
                }
                _ => return Err(OnlyError::UnknownName(name)),
            }
        }
        scanner.scope = Scope { categories: Some(categories), keywords, injections };
        Ok(scanner)
    }

    /// Looks also for those of `names` that are categories and off.
    ///
    /// # Errors
    /// [`SecurityError`] if their rules do not hold together with the others.
    pub fn with_categories<S: AsRef<str>>(mut self, names: &[S]) -> Result<Self, SecurityError> {
        let is_off = |name: &&S| self.off.contains_key(name.as_ref());
        let more: Vec<&str> = names.iter().filter(is_off).map(AsRef::as_ref).collect();
        if more.is_empty() {
            return Ok(self);
        }
        let all = self.categories.keys().map(AsRef::as_ref).chain(more.iter().copied());
        let wanted = all.filter_map(|name| PiiCategory::new(name.to_owned()).ok());
        self.settings.categories = wanted.collect();
        self.detector = deployment::detector_of(&self.settings)?;
        self.redactor = self.redactor.with_detector(self.detector.clone());
        for name in more {
            self.categories.extend(self.off.remove_entry(name));
        }
        Ok(self)
    }

    /// The categories that are looked for whose sort is one that `has`.
    fn of_kind(&self, has: impl Fn(Kind) -> bool) -> impl Iterator<Item = PiiCategory> {
        let chosen = self.categories.iter().filter(move |(_, kind)| has(**kind));
        chosen.filter_map(|(name, _)| PiiCategory::new(name.clone()).ok())
    }
}
