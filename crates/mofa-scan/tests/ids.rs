//! Runs the cases of `testdata/pii/ids`: texts in which a number must be found, texts in which it
//! must not, and every number with one digit changed.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mofa_scan::pii::PiiScanner;
use mofa_scan::{Rule, ScanError};
use serde::Deserialize;

/// A file of `testdata/pii/ids`: the numbers of one region.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Region {
    id: Vec<Id>,
}

/// The cases of one rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Id {
    rule: String,
    /// Whether its check refuses every number that differs from a right one in one digit.
    #[serde(default)]
    one_digit: bool,
    /// Texts in which the part between `<` and `>` must be found.
    matches: Vec<String>,
    /// Texts in which nothing must be found, however unsure.
    not: Vec<String>,
}

fn cases() -> Vec<Id> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/pii/ids");
    let mut cases = Vec::new();
    for entry in fs::read_dir(&root).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let region: Region =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        cases.extend(region.id);
    }
    cases
}

fn rules() -> Vec<Rule> {
    let all = PiiScanner::default();
    all.rules().iter().filter(|rule| rule.id.starts_with("id.")).cloned().collect()
}

/// A scanner for the country and category of one rule.
fn scanner(rule: &Rule, least: Option<f32>) -> PiiScanner {
    let countries = (!rule.issuer.is_empty()).then(|| rule.issuer.clone().into_owned());
    let builder = PiiScanner::builder().only([rule.category.clone()]).with_countries(countries);
    match least {
        Some(least) => builder.with_min_confidence(least),
        None => builder,
    }
    .build()
    .unwrap()
}

/// The parts of `text` that `rule` finds.
fn found<'t>(scanner: &PiiScanner, rule: &str, text: &'t str) -> Vec<&'t str> {
    let mut findings = Vec::new();
    scanner.scan(text, &mut findings);
    let of_rule = findings.iter().filter(|found| scanner.rule(found.rule).id == rule);
    of_rule.map(|found| &text[found.start..found.end]).collect()
}

fn parts(case: &str) -> (String, String) {
    let (before, rest) = case.split_once('<').unwrap();
    let (number, after) = rest.split_once('>').unwrap();
    (format!("{before}{number}{after}"), number.to_owned())
}

#[test]
fn every_rule_finds_its_numbers_and_no_others() {
    let (rules, cases) = (rules(), cases());
    let mut wrong = Vec::new();
    for case in &cases {
        let rule = rules.iter().find(|rule| rule.id == case.rule).unwrap();
        let (usual, any) = (scanner(rule, None), scanner(rule, Some(0.0)));
        assert!(!case.matches.is_empty() && !case.not.is_empty(), "{}", case.rule);
        for text in &case.matches {
            let (text, number) = parts(text);
            let found = found(&usual, &case.rule, &text);
            if found != [number.as_str()] {
                wrong.push(format!("{} must be found in {text:?}: {found:?}", case.rule));
            }
        }
        for text in &case.not {
            let found = found(&any, &case.rule, text);
            if !found.is_empty() {
                wrong.push(format!("{} must not be found in {text:?}: {found:?}", case.rule));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_has_cases() {
    let known: BTreeSet<String> = cases().into_iter().map(|case| case.rule).collect();
    let rules: BTreeSet<String> = rules().iter().map(|rule| rule.id.clone().into_owned()).collect();
    assert_eq!(rules, known);
}

#[test]
fn a_wrong_digit_is_refused() {
    let rules = rules();
    let mut wrong = Vec::new();
    let mut tried = 0;
    for case in cases().iter().filter(|case| case.one_digit) {
        let rule = rules.iter().find(|rule| rule.id == case.rule).unwrap();
        let scanner = scanner(rule, Some(0.0));
        for (_, number) in case.matches.iter().map(|text| parts(text)) {
            for (at, digit) in number.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
                for other in ('0'..='9').filter(|other| *other != digit) {
                    let mut changed = number.clone();
                    changed.replace_range(at..=at, other.encode_utf8(&mut [0; 4]));
                    tried += 1;
                    if found(&scanner, &case.rule, &changed).contains(&changed.as_str()) {
                        wrong.push(format!("{}: {number} and {changed}", case.rule));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 10_000, "{tried}");
}

#[test]
fn countries_are_chosen_by_code() {
    let text = "DNI 12345678Z, codice fiscale RSSMRA85T10A562S, VIN 1M8GDM9AXKP042788";
    let issuers = |scanner: PiiScanner| {
        let mut findings = Vec::new();
        scanner.scan(text, &mut findings);
        findings.iter().map(|found| scanner.rule(found.rule).issuer.clone()).collect::<Vec<_>>()
    };
    let chosen = |codes: &[&str]| PiiScanner::builder().with_countries(codes.to_vec());
    assert_eq!(issuers(PiiScanner::default()), ["ES", "IT", ""]);
    assert_eq!(issuers(chosen(&["it"]).build().unwrap()), ["IT", ""]);
    assert_eq!(issuers(chosen(&["ES", "It"]).build().unwrap()), ["ES", "IT", ""]);
    assert_eq!(issuers(chosen(&[]).build().unwrap()), [""]);
    assert_eq!(issuers(chosen(&["it"]).with_countries(["all"]).build().unwrap()), ["ES", "IT", ""]);
    let unknown = chosen(&["de", "zz"]).build().unwrap_err();
    assert!(matches!(&unknown, ScanError::UnknownCountry { country, .. } if country == "zz"));
    assert!(unknown.to_string().contains("`zz`; known are `all` and: AC, AD, AE, "), "{unknown}");
}

#[test]
fn a_country_brings_its_ids_and_its_phone_numbers() {
    let found = |codes: &[&str], text: &str| {
        let scanner = PiiScanner::builder().with_countries(codes.to_vec()).build().unwrap();
        let mut findings = Vec::new();
        scanner.scan(text, &mut findings);
        findings.iter().map(|found| scanner.rule(found.rule).id.to_string()).collect::<Vec<_>>()
    };
    let text = "030 1234567, codice fiscale RSSMRA85T10A562S";
    assert_eq!(found(&["de"], text), ["phone.national"]);
    assert_eq!(found(&["All"], text), ["phone.national", "id.it.codice_fiscale"]);
    assert_eq!(found(&["ac"], text), Vec::<String>::new(), "it has a numbering plan and no ids");
    let scanner = PiiScanner::default();
    let mut usual = Vec::new();
    scanner.scan(text, &mut usual);
    assert_eq!(usual.len(), 1, "without a choice: ids of all, no numbering plan");
    assert!(PiiScanner::countries().len() > 200);
}

#[test]
fn the_choice_of_countries_is_part_of_the_definition() {
    let definition = |scanner: PiiScanner| {
        let mut all = Vec::new();
        scanner.definition(&mut |part| all.push(part.to_owned()));
        all
    };
    let chosen = |codes: &[&str]| {
        definition(PiiScanner::builder().with_countries(codes.to_vec()).build().unwrap())
    };
    assert_ne!(chosen(&["de"]), chosen(&["fr"]));
    assert_ne!(chosen(&["de"]), definition(PiiScanner::default()));
    assert_ne!(chosen(&["all"]), definition(PiiScanner::default()));
    assert_eq!(chosen(&["de", "FR", "fr"]), chosen(&["fr", "DE"]));
}

#[test]
fn a_weak_number_needs_a_word_and_a_sure_one_does_not() {
    let scanner = PiiScanner::default();
    let ids = |text: &str| {
        let mut findings = Vec::new();
        scanner.scan(text, &mut findings);
        let rules = findings.iter().map(|found| scanner.rule(found.rule).id.clone());
        rules.filter(|id| id.starts_with("id.")).collect::<Vec<_>>()
    };
    assert_eq!(ids("order 528417397 was sent"), Vec::<String>::new());
    assert_eq!(ids("{\"socialInsurance\": \"528417397\"}"), ["id.ca.sin"]);
    assert_eq!(ids("nas: 528 417 397"), ["id.ca.sin"]);
    assert_eq!(ids("RSSMRA85T10A562S"), ["id.it.codice_fiscale"]);
    assert_eq!(ids("身份证号码11010519491231002X"), ["id.cn.ric"]);
    assert_eq!(ids("ИНН: 500100732259"), ["id.ru.inn"]);
}
