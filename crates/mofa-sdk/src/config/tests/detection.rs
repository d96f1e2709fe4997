//! How closely is looked, and for whose numbers: for everybody and for tenants.

use super::{Config, environment};
use crate::deployment;
use crate::security::TenantId;

const TEXT: &str = "tel 030 1234567, codice fiscale RSSMRA85T10A562S, am9obkBleGFtcGxlLmNvbQ==, \
                    Dear Mrs Ada Lovelace,";

fn parse(text: &str) -> Config {
    Config::parse(text, "mofa.toml", &environment).unwrap()
}

/// The categories that are found in [`TEXT`] for `tenant`.
#[track_caller]
fn check(text: &str, tenant: &str, expected: &[&str]) {
    let detector = deployment::detector(&parse(text)).unwrap();
    let found = detector.find_for(&TenantId::new(tenant).unwrap(), TEXT);
    let found: Vec<_> = found.iter().map(|found| found.category.as_str()).collect();
    assert_eq!(found, expected, "{text}");
}

#[track_caller]
fn check_refused(text: &str, expected: &str) {
    let error = Config::parse(text, "mofa.toml", &environment).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_is_said_reaches_the_detector() {
    let pii = |more: &str| format!("[security.pii]\nmin_confidence = 0.7\n{more}");
    check("", "other", &["phone", "tax_id"]);
    check(&pii(""), "other", &["tax_id"]);
    check(&pii("layers = true"), "other", &["tax_id", "email"]);
    check(&pii("countries = [\"DE\"]\nlayers = true"), "other", &["phone", "email"]);
    check(&pii("countries = \"all\""), "other", &["phone", "tax_id"]);
    check(&pii("countries = \"es\""), "other", &[]);
    check("[security.pii]\ncategories = [\"person_name\"]", "other", &["person_name"]);
}

#[test]
fn a_tenant_says_otherwise_or_has_what_everybody_has() {
    let text = "[security.pii]\nlayers = true\nmin_confidence = 0.7\n\
                [tenants.acme.pii]\ncountries = [\"de\"]\n\
                [tenants.plain.pii]\nlayers = false\nmin_confidence = 1.0\n";
    check(text, "other", &["tax_id", "email"]);
    check(text, "acme", &["phone", "email"]);
    check(text, "plain", &[]);
}

#[test]
fn what_does_not_fit_is_refused_with_what_was_found_and_what_would_fit() {
    check_refused(
        "[security.pii]\ncountries = [\"de\", \"uk\"]",
        "mofa.toml:2:20: `security.pii.countries`: expected the code of a country (ISO 3166-1, two \
         letters such as `de`) or `all`, found `uk`",
    );
    check_refused(
        "[tenants.acme.pii]\ncountries = \"Germany\"",
        "mofa.toml:2:13: `tenants.acme.pii.countries`: expected the code of a country (ISO 3166-1, \
         two letters such as `de`) or `all`, found `Germany`",
    );
    check_refused(
        "[security.pii]\ncountries = 49",
        "mofa.toml:2:13: `countries`: expected `\"all\"` or a list of codes such as `[\"de\", \"fr\"]`",
    );
    check_refused(
        "[security.pii]\nmin_confidence = 1.5",
        "mofa.toml:2:18: `security.pii.min_confidence`: expected a confidence from 0 to 1, found \
         `1.5`",
    );
    check_refused(
        "[tenants.acme.pii]\nmin_confidence = nan",
        "mofa.toml:2:18: `tenants.acme.pii.min_confidence`: expected a confidence from 0 to 1, \
         found `NaN`",
    );
    check_refused(
        "[security.pii]\nlayers = \"on\"",
        "mofa.toml:2:10: `layers`: expected a boolean",
    );
    check_refused(
        "[security.pii]\nstrategies = { person_name = \"mask\" }",
        "mofa.toml:2:16: `person_name` is off unless `security.pii.categories` lists it, so its \
         strategy is never used",
    );
}
