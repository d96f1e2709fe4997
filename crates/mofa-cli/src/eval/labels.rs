//! Says which findings a label of other people's data means: [`Labels`].
//!
//! A label means what `--map` says, else what the [table](table) says, else itself: `email` or
//! `EMAIL` is the category `email`.
//!
//! # Invariants
//! A name of the table that this scanner does not know means nothing, so the table may be ahead of
//! the rules; a label without any known name is not covered, and that is said. A name of `--map`
//! must be known.

mod table;

use crate::error::CliError;
use mofa_sdk::scan::{FindingKind, KnownRule, TextFinding, TextScanner};
use std::collections::BTreeMap;

/// The label of a secret whose place is known.
pub(super) const SECRET: &str = "SECRET";

/// What labels mean to a scanner.
#[derive(Debug)]
pub(super) struct Labels {
    /// The kind, category and name of every rule of the scanner; of a category without a rule of
    /// its own, the category alone.
    rules: Vec<[String; 3]>,
    given: BTreeMap<String, Vec<Pattern>>,
}

/// What one label means.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Meaning(Vec<Pattern>);

/// A kind, a category or a rule; a `*` in it stands for anything.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern(String);

impl Pattern {
    fn fits(&self, name: &str) -> bool {
        match self.0.split_once('*') {
            None => self.0 == name,
            Some((head, tail)) => name.strip_prefix(head).is_some_and(|rest| rest.ends_with(tail)),
        }
    }

    fn is_kind(&self) -> bool {
        FindingKind::ALL.iter().any(|kind| kind.as_str() == self.0)
    }
}

impl Meaning {
    pub(super) fn is_covered(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether `found` is what the label means.
    pub(super) fn has(&self, found: &TextFinding) -> bool {
        self.fits([found.kind.as_str(), &found.category, &found.rule])
    }

    /// Whether the label means a rule with this kind, category and name.
    pub(super) fn fits(&self, names: [&str; 3]) -> bool {
        self.0.iter().any(|pattern| names.into_iter().any(|name| pattern.fits(name)))
    }

    /// The names that it is covered by.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.iter().map(|pattern| pattern.0.clone()).collect()
    }
}

impl Labels {
    /// For `scanner`; `given` are the `LABEL=NAME[,NAME]` of `--map`.
    ///
    /// # Errors
    /// The first of them that is none, or has a name that the scanner does not know.
    pub(super) fn new(scanner: &TextScanner, given: &[String]) -> Result<Self, CliError> {
        Self::over(scanner.rules(), scanner.categories(), given)
    }

    /// As [`new`](Self::new), with what the scanner knows and does not look for.
    pub(super) fn known(scanner: &TextScanner, given: &[String]) -> Result<Self, CliError> {
        let categories = scanner.categories().chain(scanner.categories_off());
        Self::over(scanner.known_rules(), categories, given)
    }

    fn over<'a>(
        rules: impl Iterator<Item = KnownRule<'a>>,
        categories: impl Iterator<Item = &'a str>,
        given: &[String],
    ) -> Result<Self, CliError> {
        let rules = rules.map(|known| [known.kind.as_str(), known.category, known.rule]);
        let bare = categories.map(|category| [FindingKind::Pii.as_str(), category, category]);
        let rules = rules.chain(bare).map(|names| names.map(str::to_owned)).collect();
        let mut labels = Self { rules, given: BTreeMap::new() };
        for argument in given {
            let wrong = |expected: &str| CliError::Argument {
                argument: format!("--map {argument}"),
                expected: expected.to_owned(),
            };
            let (label, names) = argument.split_once('=').ok_or_else(|| wrong("LABEL=NAME"))?;
            let patterns: Vec<_> =
                names.split(',').map(|name| Pattern(name.trim().to_owned())).collect();
            if !patterns.iter().all(|pattern| labels.knows(pattern)) {
                return Err(wrong("names of kinds, categories or rules after `=`"));
            }
            labels.given.entry(label.trim().to_owned()).or_default().extend(patterns);
        }
        Ok(labels)
    }

    /// Whether a name of `--only`, or a label of `--map`, means the category.
    pub(super) fn is_asked(&self, category: &str, only: &[String]) -> bool {
        let means = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.0 == category);
        self.given.values().any(|given| means(given))
            || only.iter().any(|name| means(&self.meaning(name).0))
    }

    /// Whether `name` is a kind, a category or a rule of the scanner.
    pub(super) fn knows_name(&self, name: &str) -> bool {
        self.knows(&Pattern(name.to_owned()))
    }

    fn knows(&self, pattern: &Pattern) -> bool {
        pattern.is_kind() || self.rules.iter().flatten().any(|name| pattern.fits(name))
    }

    /// Whether `name` is `label`, or names something of what it means: `meaning`.
    pub(super) fn is_named(&self, label: &str, meaning: &Meaning, name: &str) -> bool {
        let names = |rule: &&[String; 3]| rule.iter().any(|one| one == name);
        let means = |rule: &[String; 3]| {
            meaning.0.iter().any(|pattern| rule.iter().any(|one| pattern.fits(one)))
        };
        name.eq_ignore_ascii_case(label)
            || meaning.0.iter().any(|pattern| pattern.0 == name)
            || self.rules.iter().filter(names).any(means)
    }

    /// What `label` means.
    pub(super) fn meaning(&self, label: &str) -> Meaning {
        if let Some(given) = self.given.get(label) {
            return Meaning(given.clone());
        }
        let listed = table::LABELS.iter().find(|(name, _)| name.eq_ignore_ascii_case(label));
        let patterns: Vec<_> = match listed {
            Some((_, names)) => names.iter().map(|name| Pattern((*name).to_owned())).collect(),
            None => vec![Pattern(label.to_ascii_lowercase().replace('*', ""))],
        };
        Meaning(patterns.into_iter().filter(|pattern| self.knows(pattern)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn labels(given: &[&str]) -> Result<Labels, CliError> {
        let given: Vec<_> = given.iter().map(|&given| given.to_owned()).collect();
        Labels::new(&TextScanner::new(), &given)
    }

    #[track_caller]
    fn check(given: &[&str], label: &str, text: &str, expected: bool) {
        let meaning = labels(given).unwrap().meaning(label);
        let report = TextScanner::new().scan(text).unwrap();
        assert!(!report.findings.is_empty());
        assert_eq!(report.findings.iter().any(|found| meaning.has(found)), expected, "{meaning:?}");
    }

    #[test]
    fn a_label_means_categories_rules_and_kinds() {
        check(&[], "EMAIL_ADDRESS", "a@b.io", true);
        check(&[], "US_SSN", "a@b.io", false);
        check(&[], "Email", "a@b.io", true);
        check(&[], "email_address", "a@b.io", true);
        check(&["X=email.address"], "X", "a@b.io", true);
        check(&["X=ssn,pii"], "X", "a@b.io", true);
        check(&["EMAIL_ADDRESS=ssn"], "EMAIL_ADDRESS", "a@b.io", false);
        check(&["X=email.*"], "X", "a@b.io", true);
        check(&["X=*address"], "X", "a@b.io", true);
    }

    #[test]
    fn a_label_that_means_nothing_is_not_covered() {
        for label in ["NO_SUCH_LABEL", "*", "", "PERSONALITY"] {
            assert!(!labels(&[]).unwrap().meaning(label).is_covered(), "{label}");
        }
        assert!(labels(&[]).unwrap().meaning(SECRET).is_covered());
    }

    #[test]
    fn names_that_are_given_must_be_known() {
        for wrong in ["X", "X=", "X=emial", "X=email,emial"] {
            assert!(labels(&[wrong]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_label_is_named_by_whatever_it_means() {
        let labels = labels(&[]).unwrap();
        let named = |label: &str, name| labels.is_named(label, &labels.meaning(label), name);
        for name in ["EMAIL_ADDRESS", "email_address", "email", "email.address", "pii"] {
            assert!(named("EMAIL_ADDRESS", name), "{name}");
        }
        for name in ["ssn", "secret", "EMAIL", "", "email.*"] {
            assert!(!named("EMAIL_ADDRESS", name), "{name}");
        }
        assert!(named("SECRET", "secret") && named("SECRET", "api_key.openai"));
        assert!(!named("SECRET", "pii") && !named("PERSONALITY", "pii"));
    }

    #[test]
    fn a_star_stands_for_anything() {
        let fits = |pattern: &str, name| Pattern(pattern.to_owned()).fits(name);
        assert!(fits("*.gb.nhs", "health.gb.nhs") && fits("id.th.*", "id.th.pin"));
        assert!(!fits("*.gb.nhs", "health.gb.nhs2") && !fits("id.th.*", "id.tr.pin"));
        assert!(!fits("ab*bc", "abc") && fits("ab*bc", "abbc"));
    }

    #[test]
    fn the_table_names_a_label_once() {
        let mut seen = BTreeSet::new();
        for (label, names) in table::LABELS {
            assert!(seen.insert(label.to_ascii_lowercase()), "{label} stands there twice");
            assert!(!names.is_empty() && names.iter().all(|name| !name.is_empty()), "{label}");
        }
    }
}
