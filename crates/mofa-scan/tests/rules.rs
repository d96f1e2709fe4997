//! Runs the texts of `rules/secrets/*.toml` through the scanner: every rule finds its own texts and
//! leaves alone those that it must.

#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mofa_scan::pii::PiiScanner;
use mofa_scan::{CONTEXT, Kind};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    rule: Vec<Written>,
}

/// What a test asks of a rule; the build reads the rest.
#[derive(Deserialize)]
struct Written {
    id: String,
    #[serde(default)]
    provider: String,
    matches: Vec<String>,
    not: Vec<String>,
}

fn written() -> Vec<Written> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/secrets");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path| toml::from_str::<File>(&fs::read_to_string(path).unwrap()).unwrap().rule;
    files.flat_map(read).collect()
}

fn found(scanner: &PiiScanner, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    scanner.scan(text, &mut findings);
    findings.iter().map(|found| scanner.rule(found.rule).id.clone().into_owned()).collect()
}

#[test]
fn every_rule_finds_its_own_texts() {
    let scanner = PiiScanner::default();
    let mut wrong = Vec::new();
    for rule in written() {
        for text in &rule.matches {
            let found = found(&scanner, text);
            if !found.contains(&rule.id) {
                wrong.push(format!("{} must match {text:?}: {found:?}", rule.id));
            }
        }
        for text in &rule.not {
            let found = found(&scanner, text);
            if found.contains(&rule.id) {
                wrong.push(format!("{} must not match {text:?}: {found:?}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Rules that find what another rule's texts hold: few, and never more sure of it.
#[test]
fn hardly_a_rule_finds_the_texts_of_another() {
    let scanner = PiiScanner::default();
    let rules = written();
    let mut crossed = Vec::new();
    let mut texts = 0;
    for rule in &rules {
        for text in &rule.matches {
            texts += 1;
            let others: BTreeSet<String> =
                found(&scanner, text).into_iter().filter(|id| *id != rule.id).collect();
            crossed.extend(others.into_iter().map(|other| format!("{other} in {text:?}")));
        }
    }
    assert!(texts >= rules.len());
    assert!(crossed.len() * 50 <= texts, "{} of {texts}:\n{}", crossed.len(), crossed.join("\n"));
}

#[test]
fn there_are_hundreds_of_rules_with_their_providers() {
    let scanner = PiiScanner::default();
    let secrets: Vec<_> = scanner.rules().iter().filter(|rule| rule.kind == Kind::Secret).collect();
    assert!(secrets.len() >= 350, "{}", secrets.len());
    let providers: BTreeSet<&str> = secrets.iter().map(|rule| rule.issuer.as_ref()).collect();
    assert!(providers.len() >= 250, "{}", providers.len());
    for rule in written() {
        let built = secrets.iter().find(|built| built.id == rule.id).unwrap();
        assert_eq!(built.issuer, rule.provider, "{}", rule.id);
    }
}

/// However a text is chopped, every rule's texts give the same findings.
#[test]
fn chopping_changes_no_rules_findings() {
    let scanner = PiiScanner::default();
    for rule in written() {
        for text in rule.matches.iter().chain(&rule.not) {
            let text = format!("Some words before it, {text} and some after.");
            let mut whole = Vec::new();
            scanner.scan(&text, &mut whole);
            for size in [1, 7, 40] {
                let mut parts = Vec::new();
                let (mut from, mut kept, mut fed) = (0, 0, 0);
                while fed < text.len() {
                    fed = (fed + size).min(text.len());
                    let mut part = Vec::new();
                    let buffer = &text[kept..fed];
                    let done = if fed == text.len() {
                        scanner.scan_from(buffer, from - kept, &mut part);
                        fed
                    } else {
                        kept + scanner.scan_partial(buffer, from - kept, &mut part)
                    };
                    parts.extend(part.into_iter().map(|mut found| {
                        found.start += kept;
                        found.end += kept;
                        found
                    }));
                    from = done;
                    kept = from.saturating_sub(CONTEXT);
                }
                assert_eq!(parts, whole, "{} in parts of {size}: {text:?}", rule.id);
            }
        }
    }
}
