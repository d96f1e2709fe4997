//! Looks in a record that is about one label for that label alone: [`Alone`].
//!
//! Data about one kind of number at a time often has it bare, as a recogniser of its own would be
//! tested: nothing announces it, and every other country's numbers look alike. Here the rules of the
//! label alone are on, for the countries that issue it, however unsure they are.
//!
//! # Invariants
//! There is one scanner a label, made when its first record comes.

use super::labels::Meaning;
use mofa_sdk::config::PiiSettings;
use mofa_sdk::scan::{KnownRule, TextFinding, TextReport, TextScanner};
use mofa_sdk::security::{PiiCategory, RegexPiiDetector, SecurityError};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Scanners for one label each.
pub(super) struct Alone {
    settings: PiiSettings,
    /// Every rule there is: name, kind, category and who issues what it finds.
    rules: Vec<[String; 4]>,
    scanners: RefCell<BTreeMap<String, Option<TextScanner>>>,
}

impl Alone {
    /// With `settings` but for what is looked for; `scanner` knows the rules.
    pub(super) fn new(settings: PiiSettings, scanner: &TextScanner) -> Self {
        let names = |rule: KnownRule<'_>| {
            [rule.kind.as_str(), rule.category, rule.rule, rule.issuer].map(str::to_owned)
        };
        let rules = scanner.known_rules().map(names).collect();
        Self { settings, rules, scanners: RefCell::default() }
    }

    /// What is found of `label` in `text`; nothing if no rule finds it.
    pub(super) fn scan(
        &self,
        label: &str,
        meaning: &Meaning,
        text: &str,
    ) -> Result<TextReport, SecurityError> {
        let mut scanners = self.scanners.borrow_mut();
        let scanner = match scanners.get(label) {
            Some(scanner) => scanner,
            None => scanners.entry(label.to_owned()).or_insert(self.scanner(label, meaning)?),
        };
        let Some(scanner) = scanner else { return Ok(TextReport::default()) };
        let mut report = scanner.scan(text)?;
        report.findings.retain(|found: &TextFinding| meaning.has(found));
        Ok(report)
    }

    fn scanner(
        &self,
        label: &str,
        meaning: &Meaning,
    ) -> Result<Option<TextScanner>, SecurityError> {
        let meant = || {
            self.rules
                .iter()
                .filter(|[kind, category, rule, _]| meaning.fits([kind, category, rule]))
        };
        let mut settings = self.settings.clone();
        let names: BTreeSet<_> = meant().map(|[_, category, ..]| category.clone()).collect();
        settings.categories =
            names.into_iter().filter_map(|name| PiiCategory::new(name).ok()).collect();
        if settings.categories.is_empty() {
            return Ok(None);
        }
        let issuers = meant().map(|[.., issuer]| issuer.clone());
        let issuers: BTreeSet<_> = issuers.chain(country_of(label)).collect();
        let countries: Vec<_> = issuers.into_iter().filter(|issuer| !issuer.is_empty()).collect();
        if !countries.is_empty() {
            settings.detection.countries = countries;
        }
        settings.detection.min_confidence = 0.0;
        TextScanner::from_settings(settings).map(Some)
    }
}

/// The country that a label names: `TR_PHONE_NUMBER`.
fn country_of(label: &str) -> Option<String> {
    let (head, _) = label.split_once('_')?;
    let code = if head == "UK" { "GB" } else { head };
    RegexPiiDetector::countries().contains(&code).then(|| code.to_owned())
}
