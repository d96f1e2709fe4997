//! Partial masks and placeholders: nothing of a value is left but what they say, and what they say
//! is not found again.

use super::*;
use crate::security::MemoryTokenStore;
use mofa_runtime::security::{
    ConversationId, RedactionStrategy::PartialMask, RedactionStrategy::Tokenize, TenantId,
    TokenScope, TokenVault, VaultKey,
};
use std::sync::Arc;

pub(super) fn keeping() -> RegexPiiRedactor {
    let store = Arc::new(MemoryTokenStore::new());
    let vault = TokenVault::open(store, &VaultKey::new([7; 32])).unwrap();
    let redactor = RegexPiiRedactor::new().with_default_strategy(Tokenize);
    redactor.with_token_vault(Arc::new(vault))
}

pub(super) fn scope() -> TokenScope {
    TokenScope::new(TenantId::default(), ConversationId::new("c").unwrap())
}

pub(super) fn apply_in(redactor: &RegexPiiRedactor, text: &str) -> String {
    let found = RegexPiiDetector::new().find(text);
    block_on(redactor.apply_in(&scope(), text, &found)).unwrap()
}

#[test]
fn a_partial_mask_keeps_four() {
    check(
        PartialMask,
        ALL,
        "mail [****com], call [****2671], card [****1111], ssn [****4399], host [****0.20], key \
         [****MPLQ].",
    );
}

#[test]
fn placeholders_are_numbered_in_their_order() {
    let redactor = keeping();
    let text = "b@x.io a@x.io b@x.io 4111 1111 1111 1111";
    let expected = "[EMAIL_1] [EMAIL_2] [EMAIL_1] [CREDIT_CARD_1]";
    assert_eq!(apply_in(&redactor, text), expected);
    assert_eq!(apply_in(&redactor, expected), expected);
    assert_eq!(apply_in(&redactor, "a@x.io c@x.io"), "[EMAIL_2] [EMAIL_3]");
    // Without a conversation nothing is kept.
    assert_eq!(redact(&redactor, "a@x.io", Tokenize), "[EMAIL]");
    let own = keeping().with_default_strategy(Mask).with_strategy(PiiCategory::EMAIL, Tokenize);
    assert_eq!(apply_in(&own, "a@x.io 10.0.0.1"), "[EMAIL_1] [REDACTED]");
}

#[test]
fn what_was_no_value_beside_another_is_taken_out_too() {
    // An address does not end in a hyphen and a number; without the number it ends.
    let text = "ann@example.com-192.168.10.20";
    check(Replace, text, "[EMAIL]-[IP_ADDRESS]");
    let spans: Vec<_> = RegexPiiDetector::new().find(text).into_iter().map(|d| d.span).collect();
    assert_eq!(spans, [0..15, 16..29], "the detector says so, not only the redactor");
}

#[test]
fn without_a_vault_it_is_not_ready() {
    for redactor in [
        RegexPiiRedactor::new().with_default_strategy(Tokenize),
        RegexPiiRedactor::new().with_strategy(PiiCategory::SSN, Tokenize),
    ] {
        let error = redactor.ready().unwrap_err().to_string();
        assert!(error.contains("with_token_vault"), "{error}");
    }
    assert!(keeping().ready().is_ok());
}

#[test]
fn a_mark_under_a_telling_key_is_no_finding() {
    let detector = RegexPiiDetector::new();
    let find = |key, text: &str| {
        let provenance = &Provenance::User;
        let (trust, editable, key) = (Trust::Untrusted, true, Some(key));
        let part = PartView { text, provenance, trust, editable, key, holder: None };
        block_on(detector.detect_part(&part)).unwrap()
    };
    for key in ["password", "api_key", "ssn", "token", "secret"] {
        for mark in ["[API_KEY_1]", "[API_KEY]", "[REDACTED]", "[****9x!Q]", "[SSN_12]"] {
            assert_eq!(find(key, mark), [], "{mark} under {key}");
        }
    }
    // What only looks like one is.
    for value in ["[AKIAIOSFODNN7EXAMPLQ]", "[****hunter2x9A!]", "[HUNTER2X9AQ_1]"] {
        assert!(!find("password", value).is_empty(), "{value}");
    }
}

#[test]
fn a_mark_hides_no_value() {
    let find = |text: &str| RegexPiiDetector::new().find(text).len();
    assert_eq!(find("[AKIAIOSFODNN7EXAMPLQ]"), 1);
    assert_eq!(find("[****4111111111111111]"), 1);
    assert_eq!(find("[EMAIL ann@example.com]"), 1);
    let badge = PiiCategory::new("badge").unwrap();
    let detector =
        RegexPiiDetector::builder().with_pattern(&badge, "acme.digits", r"\d{4}").build().unwrap();
    assert_eq!(detector.find("[****1111] [BADGE_1111] 1111 [OTHER_1111]").len(), 2);
}
