//! Rules and exceptions of one's own.
//!
//! # Invariants
//! They compile together, and every rule does on its examples what they say. All are compiled once,
//! and each of them once more where one is wrong, to say which.

use crate::config::OwnRules;
use crate::config::error::{ConfigError, Source};
use crate::config::raw::{RawAllowedValues, RawPattern};
use crate::security::{Check, CustomRule, Exception, RegexPiiDetector, SecurityError};
use mofa_scan::Kind;
use mofa_scan::pii::PiiScanner;
use std::collections::HashSet;
use toml::Spanned;

/// As many exceptions as a detector takes.
const MAX_ALLOWED: usize = 65_536;

/// The rules and exceptions of the section `path`, which come beside the rules `common`.
pub(super) fn check(
    source: &Source<'_>,
    path: &str,
    patterns: &[RawPattern],
    allowed: &RawAllowedValues,
    common: &[RawPattern],
) -> Result<OwnRules, ConfigError> {
    let written = exceptions(allowed);
    if let Some((value, list, _)) = written.get(MAX_ALLOWED) {
        let expected = format!("at most {MAX_ALLOWED} values, hashes and patterns together");
        return Err(source.value(&value.span(), &format!("{path}.allowed.{list}"), expected));
    }
    let rules = patterns.iter().map(|pattern| rule(source, path, pattern));
    let rules = rules.collect::<Result<Vec<_>, _>>()?;
    check_ids(source, path, patterns, common)?;
    let allowed = written.iter().map(|(value, _, kind)| kind(value.get_ref().clone())).collect();
    let own = OwnRules { rules, allowed };
    let Err(error) = compile(&own) else { return Ok(own) };
    let reason = |is_filled: bool, error: &SecurityError| {
        if is_filled {
            "what a variable stands for there is none".to_owned()
        } else {
            error.to_string()
        }
    };
    for (raw, rule) in patterns.iter().zip(&own.rules) {
        check_examples(source, path, raw, rule)?;
        let alone = OwnRules { rules: vec![rule.clone()], allowed: Vec::new() };
        if let Err(error) = compile(&alone) {
            let is_filled = source.is_filled(&raw.regex) || source.is_filled(&raw.rule);
            let expected = format!("a usable pattern, but {}", reason(is_filled, &error));
            return Err(source.value(
                &raw.regex.span(),
                &format!("{path}.patterns.regex"),
                expected,
            ));
        }
    }
    for ((raw, list, _), exception) in written.iter().zip(&own.allowed) {
        let alone = OwnRules { rules: Vec::new(), allowed: vec![exception.clone()] };
        if let Err(error) = compile(&alone) {
            let reason = reason(source.is_filled(raw), &error);
            let expected = format!("a usable exception, but {reason}");
            return Err(source.value(&raw.span(), &format!("{path}.allowed.{list}"), expected));
        }
    }
    // None is wrong alone: they are too many.
    let last = patterns.last().map_or(0..0, |raw| raw.regex.span());
    let expected = format!("a usable pattern, but {error}");
    Err(source.value(&last, &format!("{path}.patterns.regex"), expected))
}

/// Records name a rule by its id: no two share one, and none has that of a built-in rule, or a
/// tenant's that of one in `common`, which everybody has.
fn check_ids(
    source: &Source<'_>,
    path: &str,
    patterns: &[RawPattern],
    common: &[RawPattern],
) -> Result<(), ConfigError> {
    if patterns.is_empty() {
        return Ok(());
    }
    let builtin = PiiScanner::default();
    let mut taken: HashSet<&str> = builtin.rules().iter().map(|rule| rule.id.as_ref()).collect();
    let key = format!("{path}.patterns.rule");
    let common: HashSet<&str> = common.iter().map(|raw| raw.rule.get_ref().as_str()).collect();
    if let Some(raw) = patterns.iter().find(|raw| common.contains(raw.rule.get_ref().as_str())) {
        let taken = source.written(&raw.rule);
        let expected = format!("an id that no other rule has, and `security.pii` has `{taken}`");
        return Err(source.value(&raw.rule.span(), &key, expected));
    }
    match patterns.iter().find(|raw| !taken.insert(raw.rule.get_ref())) {
        None => Ok(()),
        Some(raw) => Err(source.value(
            &raw.rule.span(),
            &key,
            "an id that no other rule has, built-in ones included",
        )),
    }
}

/// Names the first example that `rule` fails on, if it is usable without examples.
fn check_examples(
    source: &Source<'_>,
    path: &str,
    raw: &RawPattern,
    rule: &CustomRule,
) -> Result<(), ConfigError> {
    const NONE: [String; 0] = [];
    let bare = rule.clone().with_matches(NONE).with_not(NONE);
    let holds =
        |rule: CustomRule| compile(&OwnRules { rules: vec![rule], allowed: Vec::new() }).is_ok();
    if !holds(bare.clone()) {
        return Ok(());
    }
    let finds = |text: &Spanned<String>| bare.clone().with_matches([text.get_ref()]);
    if let Some(text) = raw.matches.iter().find(|text| !holds(finds(text))) {
        let expected = if holds(finds(text).with_words(NONE)) {
            "a text that has one of the rule's `words` before what `regex` finds"
        } else {
            "a text in which the rule finds something"
        };
        return Err(source.value(&text.span(), &format!("{path}.patterns.matches"), expected));
    }
    let leaves = |text: &Spanned<String>| bare.clone().with_not([text.get_ref()]);
    match raw.not.iter().find(|text| !holds(leaves(text))) {
        None => Ok(()),
        Some(text) => Err(source.value(
            &text.span(),
            &format!("{path}.patterns.not"),
            "a text in which the rule finds nothing",
        )),
    }
}

/// An exception as it is written, the list that it stands in, and what it makes.
type Written<'a> = (&'a Spanned<String>, &'static str, fn(String) -> Exception);

fn exceptions(raw: &RawAllowedValues) -> Vec<Written<'_>> {
    let values = raw.values.iter().map(|value| (value, "values", Exception::Value as fn(_) -> _));
    let hashes = raw.sha256.iter().map(|value| (value, "sha256", Exception::Sha256 as fn(_) -> _));
    let patterns =
        raw.patterns.iter().map(|value| (value, "patterns", Exception::Pattern as fn(_) -> _));
    values.chain(hashes).chain(patterns).collect()
}

fn rule(source: &Source<'_>, path: &str, raw: &RawPattern) -> Result<CustomRule, ConfigError> {
    let key = |name: &str| format!("{path}.patterns.{name}");
    if raw.rule.get_ref().is_empty() {
        return Err(source.value(&raw.rule.span(), &key("rule"), "a name, found none"));
    }
    let texts = |list: &[Spanned<String>]| list.iter().map(|text| text.get_ref().clone()).collect();
    let (words, matches, not): (Vec<String>, Vec<String>, Vec<String>) =
        (texts(&raw.words), texts(&raw.matches), texts(&raw.not));
    if let Some(word) = raw.words.iter().find(|word| word.get_ref().trim().is_empty()) {
        return Err(source.value(&word.span(), &key("words"), "a word, found none"));
    }
    let named = |text: &Spanned<String>| text.get_ref().clone();
    let rule = CustomRule::new(named(&raw.category), named(&raw.rule), named(&raw.regex))
        .with_words(words)
        .with_matches(matches)
        .with_not(not)
        .with_kind(if raw.is_secret { Kind::Secret } else { Kind::Pii });
    let rule = match &raw.description {
        Some(description) => rule.with_description(description),
        None => rule,
    };
    let rule = match &raw.check {
        None => rule,
        Some(name) => {
            let known = Check::ALL.map(Check::name).join("`, `");
            let expected = format!("one of `{known}`");
            let wrong = |_| source.value(&name.span(), &key("check"), expected);
            rule.with_check(name.get_ref().parse().map_err(wrong)?)
        }
    };
    let Some(bits) = &raw.min_entropy else { return Ok(rule) };
    if !(0.0..=8.0).contains(bits.get_ref()) {
        return Err(source.value(&bits.span(), &key("min_entropy"), "0 to 8 bits a byte"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "a threshold need not be exact")]
    let min_entropy = *bits.get_ref() as f32;
    Ok(rule.with_min_entropy(min_entropy))
}

/// Whether a detector can be made with `own`.
fn compile(own: &OwnRules) -> Result<(), SecurityError> {
    crate::deployment::with_own(RegexPiiDetector::builder(), own).build().map(|_| ())
}
