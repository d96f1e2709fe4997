//! Rules and exceptions of one's own, for everybody and for tenants.

use super::{Config, environment};
use crate::deployment;
use crate::scan::{FindingKind, TextScanner};
use crate::security::TenantId;

const RULES: &str = r#"
[[security.pii.patterns]]
category = "badge"
rule = "acme.badge"
regex = 'B-(?<value>\d{16})\b'
description = "badge of an employee"
words = ["badge", "ausweis"]
check = "luhn"
matches = ["badge B-4111111111111111"]
not = ["badge B-4111111111111112", "B-4111111111111111"]

[[security.pii.patterns]]
category = "vault_key"
rule = "acme.vault"
regex = 'vk_[0-9a-z]{16}'
is_secret = true
min_entropy = 2.5

[security.pii.allowed]
values = ["help@example.com"]
sha256 = ["9bbef19476623ca56c17da75fd57734dbf82530686043a6e491c6d71befe8f6e"]
patterns = ['.*@test\.example']

[tenants.acme]
pii.allowed.values = ["ann@acme.example"]

[[tenants.acme.pii.patterns]]
category = "desk"
rule = "acme.desk"
regex = '\bdesk-\d{3}\b'
"#;

const TEXT: &str = "badge B-4111111111111111, vk_k3v9x0q7m2w8z5t1 vk_aaaaaaaaaaaaaaaa \
                    help@example.com b@test.example ann@acme.example desk-123 4111111111111111";

fn parse(text: &str) -> Config {
    Config::parse(text, "mofa.toml", &environment).unwrap()
}

/// The rules by which the values of [`TEXT`] are found for `tenant`.
fn found(text: &str, tenant: &str) -> Vec<String> {
    let detector = deployment::detector(&parse(text)).unwrap();
    let found = detector.find_for(&TenantId::new(tenant).unwrap(), TEXT);
    found.into_iter().map(|found| found.rule.into_owned()).collect()
}

#[test]
fn a_tenant_has_its_own_beside_what_everybody_has() {
    assert_eq!(found(RULES, "other"), ["acme.vault", "email.address"]);
    assert_eq!(found(RULES, "acme"), ["acme.vault", "acme.desk"]);
    let without_check = RULES.replace("check = \"luhn\"\n", "").replace("not = [", "#");
    assert_eq!(found(&without_check, "other"), ["acme.vault", "email.address"], "allowed by hash");
    let elsewhere = RULES.replace("9bbef1", "000000");
    let expected = ["acme.badge", "acme.vault", "email.address", "credit_card.number"];
    assert_eq!(found(&elsewhere, "other"), expected);
    // A category that only one tenant has a rule for.
    let few = format!("[security.pii]\ncategories = [\"badge\", \"vault_key\", \"desk\"]\n{RULES}");
    assert_eq!(found(&few, "other"), ["acme.vault"]);
    assert_eq!(found(&few, "acme"), ["acme.vault", "acme.desk"]);
}

#[test]
fn a_scanner_names_them_as_they_are_written() {
    let scanner = TextScanner::from_config(&parse(&RULES.replace("9bbef1", "000000"))).unwrap();
    let report = scanner.scan(TEXT).unwrap();
    let [badge, key, ..] = report.findings.as_slice() else { panic!("{report:?}") };
    assert_eq!(
        (badge.kind, badge.description.as_ref()),
        (FindingKind::Pii, "badge of an employee")
    );
    assert_eq!((key.kind, key.category.as_ref()), (FindingKind::Secret, "vault_key"));
    let secrets = scanner.only(["secret"]).unwrap().scan(TEXT).unwrap();
    assert_eq!(secrets.findings.len(), 1);
}

#[track_caller]
fn refused(wrong: &str, instead: &str, expected: &str) {
    let text = RULES.replace(wrong, instead);
    assert_ne!(text, RULES);
    let error = Config::parse(&text, "mofa.toml", &environment).unwrap_err().to_string();
    assert_eq!(error, format!("mofa.toml:{expected}"));
}

#[test]
fn what_does_not_hold_together_is_named_with_its_place() {
    refused(
        "check = \"luhn\"",
        "check = \"lun\"",
        "8:9: `security.pii.patterns.check`: expected one of `luhn`, `verhoeff`, `iban`, `mod97`",
    );
    refused(
        "not = [\"badge B-4111111111111112\"",
        "not = [\"badge B-4111111111111111\"",
        "10:8: `security.pii.patterns.not`: expected a text in which the rule finds nothing",
    );
    refused(
        "matches = [\"badge B-41",
        "matches = [\"badge B-42",
        "9:12: `security.pii.patterns.matches`: expected a text in which the rule finds something",
    );
    refused(
        "matches = [\"badge B-41",
        "matches = [\"B-41",
        "9:12: `security.pii.patterns.matches`: expected a text that has one of the rule's `words` \
         before what `regex` finds",
    );
    for taken in ["acme.vault", "email.address"] {
        let taken = format!("rule = \"{taken}\"");
        let line = if taken.contains("vault") { 14 } else { 4 };
        refused(
            "rule = \"acme.badge\"",
            &taken,
            &format!(
                "{line}:8: `security.pii.patterns.rule`: expected an id that no other rule has, \
                 built-in ones included"
            ),
        );
    }
    refused(
        "rule = \"acme.desk\"",
        "rule = \"acme.vault\"",
        "29:8: `tenants.acme.pii.patterns.rule`: expected an id that no other rule has, and \
         `security.pii` has `acme.vault`",
    );
    refused("min_entropy = 2.5", "min_entropy = \"x\"", "17:15: `min_entropy`: expected a number");
    refused(
        "min_entropy = 2.5",
        "min_entropy = 9.0",
        "17:15: `security.pii.patterns.min_entropy`: expected 0 to 8 bits a byte",
    );
    refused(
        "words = [\"badge\", \"ausweis\"]",
        "words = [\"badge\", \" \"]",
        "7:19: `security.pii.patterns.words`: expected a word, found none",
    );
    refused(
        "patterns = ['.*@test",
        "patterns = ['(@test",
        "22:13: `security.pii.allowed.patterns`: expected a usable exception, but the PII \
         detector cannot be used: exception number 0 cannot be used: regex parse error:\n    \
         (@test\\.example\n    ^\nerror: unclosed group",
    );
    refused(
        "regex = '\\bdesk-\\d{3}\\b'",
        "regex = 'x*'",
        "30:9: `tenants.acme.pii.patterns.regex`: expected a usable pattern, but the PII \
         detector cannot be used: pattern `acme.desk` matches the empty string; require at least \
         one character",
    );
    // Escapes of TOML are no variables: what is wrong is said.
    refused(
        "regex = '\\bdesk-\\d{3}\\b'",
        "regex = \"\\\\d*\"",
        "30:9: `tenants.acme.pii.patterns.regex`: expected a usable pattern, but the PII \
         detector cannot be used: pattern `acme.desk` matches the empty string; require at least \
         one character",
    );
    refused(
        "pii.allowed.values = [\"ann",
        "pii.allowed.valves = [\"ann",
        "25:13: unknown key `valves`; did you mean `values`?",
    );
}

#[test]
fn what_a_variable_stands_for_is_not_repeated() {
    let text = RULES.replace("values = [\"help@example.com\"]", "sha256x = []");
    assert!(Config::parse(&text, "mofa.toml", &environment).is_err());
    let text = RULES.replace("sha256 = [\"9bbe", "sha256 = [\"${KEY}9bbe");
    let error = Config::parse(&text, "mofa.toml", &environment).unwrap_err().to_string();
    assert!(error.ends_with("but what a variable stands for there is none"), "{error}");
}
