//! Finds personal data and secrets.
//!
//! # Invariants
//! What is found is sorted, does not overlap and stands on character boundaries. A value under a
//! key that tells what it is (`password`, `passport_number`) is read with and without the key, and
//! what any reading finds is found; a key that tells nothing costs no second reading. What stands
//! where a redactor took something out is no finding. Where something is found the text is looked
//! at again without it, so that nothing is left that could be found once it is gone; a text in
//! which nothing is found is looked at once.
//!
//! # Failure
//! Only a pattern of the caller's can be wrong, and [`PiiDetectorBuilder::build`] says so.

mod builder;
mod keys;

pub use builder::PiiDetectorBuilder;

use super::reading::{self, Reading};
use crate::security::fingerprint::Fingerprint;
use async_trait::async_trait;
use keys::{COUNTING, MAX_KEYED, is_counted};
use mofa_runtime::security::{
    Engine, PartView, PiiCategory, PiiDetection, PiiDetector, SecurityError, TenantId,
};
use mofa_scan::Rule;
use mofa_scan::pii::{PiiScanner, PiiScannerBuilder};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

/// How often a text is looked at without what was found in it.
const MAX_ROUNDS: usize = 8;

/// Finds the guide's six kinds of personal data and secrets, and your own.
#[derive(Debug, Clone)]
pub struct RegexPiiDetector {
    rules: Rules,
    /// The rules of tenants that have their own.
    tenants: HashMap<TenantId, Rules>,
}

/// One set of rules.
#[derive(Debug, Clone)]
struct Rules {
    scanner: PiiScanner,
    /// What each rule of the scanner finds, by its index.
    categories: Vec<PiiCategory>,
}

impl RegexPiiDetector {
    /// A detector of e-mail addresses, phone numbers, payment cards, Social Security Numbers,
    /// IPv4 addresses, and API keys and tokens.
    #[must_use]
    pub fn new() -> Self {
        Self { rules: Rules::over(PiiScanner::default()), tenants: HashMap::new() }
    }

    /// Begins a detector of your own choice.
    pub fn builder() -> PiiDetectorBuilder {
        PiiDetectorBuilder { scanner: PiiScanner::builder(), tenants: Vec::new() }
    }

    /// The codes of countries that [`PiiDetectorBuilder::with_countries`] knows beside `all`.
    #[must_use]
    pub fn countries() -> Vec<&'static str> {
        PiiScanner::countries()
    }

    /// What is in `text`, sorted and without overlaps.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<PiiDetection> {
        self.rules.find(text)
    }

    /// What is in `text` by the rules of `tenant`, sorted and without overlaps.
    #[must_use]
    pub fn find_for(&self, tenant: &TenantId, text: &str) -> Vec<PiiDetection> {
        self.rules_of(tenant).find(text)
    }

    /// Every rule that is looked for, built in or not; those of tenants aside.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let scanner = &self.rules.scanner;
        scanner.rules().iter().filter(|rule| scanner.is_on(rule))
    }

    /// Every rule that it knows: also of categories that are not looked for.
    pub fn known_rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.scanner.rules().iter()
    }

    fn rules_of(&self, tenant: &TenantId) -> &Rules {
        self.tenants.get(tenant).unwrap_or(&self.rules)
    }

    fn all_rules(&self) -> impl Iterator<Item = &Rules> {
        std::iter::once(&self.rules).chain(self.tenants.values())
    }
}

impl Rules {
    fn over(scanner: PiiScanner) -> Self {
        let category =
            |name: &str| PiiCategory::new(name.to_owned()).unwrap_or(PiiCategory::API_KEY);
        let categories = scanner.rules().iter().map(|rule| category(&rule.category)).collect();
        Self { scanner, categories }
    }

    fn build(scanner: PiiScannerBuilder) -> Result<Self, SecurityError> {
        let scanner = scanner.build().map_err(|error| unusable(error.to_string()))?;
        for rule in scanner.rules() {
            PiiCategory::new(rule.category.to_string()).map_err(|e| unusable(e.to_string()))?;
        }
        Ok(Self::over(scanner))
    }

    /// What is in `text`, sorted and without overlaps.
    fn find(&self, text: &str) -> Vec<PiiDetection> {
        self.settle(text, |text| self.scan(None, text))
    }

    /// What is in the text of `part`, read with and without its key.
    fn find_in(&self, part: &PartView<'_>) -> Vec<PiiDetection> {
        let telling = part.key.and_then(|key| match part.holder {
            Some(holder) => {
                let tells = self.scanner.is_telling_in(holder, key);
                tells.then(|| Cow::Owned(format!("{holder} {key}")))
            }
            None => self.scanner.is_telling(key).then_some(Cow::Borrowed(key)),
        });
        self.settle(part.text, |text| {
            let mut found = self.scan(None, text);
            found.retain(|found| !is_counted(part.key, text, found));
            match telling.as_deref().filter(|_| text.len() <= MAX_KEYED) {
                Some(key) => self.with_key(key, text, found),
                None => found,
            }
        })
    }

    /// What `look` finds in `text`, and then in what is left once that and all marks are taken out:
    /// without its neighbour something may be a value that was none beside it.
    fn settle(&self, text: &str, look: impl Fn(&str) -> Vec<PiiDetection>) -> Vec<PiiDetection> {
        let first = look(text);
        if first.is_empty() {
            return first;
        }
        let marks = reading::marks(text, &self.categories);
        let mut found = if marks.is_empty() { first } else { Vec::new() };
        for _ in 0..MAX_ROUNDS {
            let taken = found.iter().map(|found| found.span.clone()).chain(marks.iter().cloned());
            let reading = Reading::without(text, taken.collect());
            let more = look(reading.text()).into_iter().filter_map(|more| {
                let span = reading.origin(&more.span)?;
                Some(PiiDetection::new(more.category, span, more.rule, more.confidence))
            });
            let more: Vec<_> = more.collect();
            if more.is_empty() {
                break;
            }
            found = either(found, more);
        }
        found
    }

    /// `found`, and what is in `text` if it is assigned to `key`, as a whole and in pieces: a secret
    /// beside an address is not one value with it.
    fn with_key(&self, key: &str, text: &str, found: Vec<PiiDetection>) -> Vec<PiiDetection> {
        let mut under = self.find_under(key, text, 0..text.len());
        if !found.is_empty() {
            let ends = found.iter().map(|found| found.span.end);
            let starts = found.iter().map(|found| found.span.start).chain([text.len()]);
            for (start, end) in [0].into_iter().chain(ends).zip(starts) {
                under.extend(self.find_under(key, text, start..end));
            }
        }
        either(found, under)
    }

    /// What is in this part of `text` if the part is assigned to `key`, without what parts it from
    /// its neighbours, in places of `text`.
    fn find_under(&self, key: &str, text: &str, part: Range<usize>) -> Vec<PiiDetection> {
        let whole = text.get(part.clone()).unwrap_or_default();
        let between = |c: char| c.is_whitespace() || matches!(c, ',' | ';');
        let cut = whole.trim_start_matches(between);
        let first = part.start + whole.len() - cut.len();
        let value = cut.trim_end_matches(between);
        if value.is_empty() {
            return Vec::new();
        }
        let mut found = self.scan(Some(key), value);
        for found in &mut found {
            found.span = first + found.span.start..first + found.span.end;
        }
        found
    }

    /// One scan of `text`, as the value of `key` if there is one.
    fn scan(&self, key: Option<&str>, text: &str) -> Vec<PiiDetection> {
        let mut findings = Vec::new();
        match key {
            Some(key) => self.scanner.scan_under(key, text, &mut findings),
            None => self.scanner.scan(text, &mut findings),
        }
        let detection = |found: mofa_scan::Finding| {
            PiiDetection::new(
                self.categories.get(found.rule.index()).cloned().unwrap_or(PiiCategory::API_KEY),
                found.start..found.end,
                self.scanner.rule(found.rule).id.clone(),
                found.confidence,
            )
        };
        findings.into_iter().map(detection).collect()
    }
}

impl Default for RegexPiiDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine for RegexPiiDetector {
    fn fingerprint(&self) -> String {
        let mut print = Fingerprint::new("pii");
        print.add_all(&COUNTING);
        self.rules.scanner.definition(&mut |text| print.add(text));
        let mut tenants: Vec<_> = self.tenants.iter().collect();
        tenants.sort_unstable_by_key(|(tenant, _)| tenant.as_str());
        print.add_count(tenants.len());
        for (tenant, rules) in tenants {
            print.add(tenant.as_str());
            rules.scanner.definition(&mut |text| print.add(text));
        }
        print.finish()
    }
}

fn unusable(reason: String) -> SecurityError {
    SecurityError::Unusable { engine: "PII detector", reason }
}

/// What any reading of the same text found, sorted and without overlaps: where they
/// overlap, all that both cover, under the name of the wider one.
fn either(mut found: Vec<PiiDetection>, other: Vec<PiiDetection>) -> Vec<PiiDetection> {
    found.extend(other);
    found.sort_by_key(|found| (found.span.start, Reverse(found.span.end)));
    let mut all: Vec<PiiDetection> = Vec::with_capacity(found.len());
    for next in found {
        match all.last_mut().filter(|last| next.span.start < last.span.end) {
            None => all.push(next),
            Some(last) => {
                let span = last.span.start..last.span.end.max(next.span.end);
                if next.span.len() > last.span.len() {
                    *last = next;
                }
                last.span = span;
            }
        }
    }
    all
}

#[async_trait]
impl PiiDetector for RegexPiiDetector {
    async fn detect(&self, text: &str) -> Result<Vec<PiiDetection>, SecurityError> {
        Ok(self.find(text))
    }

    /// A value under a key such as `password` is also read as the assignment that it is, and so is
    /// each piece of it beside what was found; what any reading finds counts.
    async fn detect_part(&self, part: &PartView<'_>) -> Result<Vec<PiiDetection>, SecurityError> {
        Ok(self.rules.find_in(part))
    }

    async fn detect_for(
        &self,
        tenant: &TenantId,
        part: &PartView<'_>,
    ) -> Result<Vec<PiiDetection>, SecurityError> {
        Ok(self.rules_of(tenant).find_in(part))
    }

    fn open_tail(&self, text: &str) -> usize {
        self.all_rules().map(|rules| rules.scanner.open_tail(text)).max().unwrap_or_default()
    }
}
