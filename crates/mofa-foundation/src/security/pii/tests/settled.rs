//! What is redacted is not found again, and redacting it again changes nothing: with every strategy,
//! for values of every category beside each other, and under keys that announce.

use super::tokens::{apply_in, keeping};
use super::*;
use mofa_runtime::security::RedactionStrategy::{PartialMask, Tokenize};

/// A value of each category, and of some more than one form.
const VALUES: [&str; 34] = [
    "ann@example.com",
    "jörg@müller.example",
    "4111 1111 1111 1111",
    "5500005555555559",
    "536-90-4399",
    "536904399",
    "536-904399",
    "+1 (415) 555-2671",
    "(415) 555-2671",
    "4155552671",
    "0044 20 7946 0958",
    "192.168.10.20",
    "10.0.0.0/8",
    "2001:db8::8a2e:370:7334",
    "::1",
    "::",
    "AKIAIOSFODNN7EXAMPLQ",
    "hunter2x9A!kQ",
    "12345678Z",
    "RSSMRA85T10A562S",
    "DE136695976",
    "C01X00T47",
    "943 476 5919",
    "1M8GDM9AXKP042788",
    "DE89 3704 0044 0532 0130 00",
    "DEUTDEFF500",
    "121000358",
    "00:1b:44:11:3a:b7",
    "https://ann:hunter2x9A@example.com/",
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "1990-02-03",
    "3 May 1980",
    "B07X1234567",
];

/// What announces, what parts and what marks.
const BETWEEN: [&str; 30] = [
    " ",
    "-",
    ".",
    ",",
    ";",
    ":",
    " ; ",
    "/",
    "@",
    "_",
    "(",
    ")",
    "[",
    "]",
    "{\"",
    "\": \"",
    "\",",
    "ssn ",
    "ssn=",
    "password: \"",
    "\"api_key\": \"",
    "passport ",
    "born ",
    "IP ",
    "routing ",
    "[EMAIL_1]",
    "[****1111]",
    "[****ssn]",
    "[REDACTED]",
    "hmac-sha256:",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(VALUES.to_vec()).prop_map(str::to_owned),
        4 => prop::sample::select(BETWEEN.to_vec()).prop_map(str::to_owned),
        1 => "[a-z0-9@.()+_*\\[\\] -]{1,6}",
        1 => "[0-9a-f]{60,66}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..8).prop_map(|pieces| pieces.concat())
}

#[track_caller]
fn settled(redact: impl Fn(&str) -> String, text: &str) {
    let once = redact(text);
    let left = RegexPiiDetector::new().find(&once);
    assert!(left.is_empty(), "{text:?} -> {once:?}: {left:?}");
    assert_eq!(redact(&once), once, "{text:?}");
}

#[track_caller]
fn settled_in_every_way(text: &str) {
    let redactor = RegexPiiRedactor::new().with_hash_key([7; 32]);
    for strategy in [Mask, Hash, Replace, PartialMask, Tokenize, Remove] {
        settled(|text| redact(&redactor, text, strategy), text);
    }
    let weak = RegexPiiRedactor::new().with_weak_unkeyed_sha256();
    settled(|text| redact(&weak, text, Hash), text);
    let removing = RegexPiiRedactor::new().with_default_strategy(Remove);
    settled(|text| applied(&removing, text), text);
    let keeping = keeping();
    settled(|text| apply_in(&keeping, text), text);
}

/// `text` without what is found in it, as a service takes it out.
fn applied(redactor: &RegexPiiRedactor, text: &str) -> String {
    block_on(redactor.apply(text, &RegexPiiDetector::new().find(text))).unwrap()
}

#[test]
fn a_mark_hides_nothing_that_is_stuck_to_it() {
    for (text, left) in [
        ("password: [REDACTED]hunter2", "password: [REDACTED][REDACTED]"),
        ("password=[****er2][API_KEY]hunter2", "password=[****er2][API_KEY][REDACTED]"),
        ("password: hun[EMAIL_1]ter2, so", "password: [REDACTED], so"),
    ] {
        settled_in_every_way(text);
        assert_eq!(redact(&RegexPiiRedactor::new(), text, Mask), left);
    }
}

#[test]
fn what_removal_joins_is_taken_out_by_apply_too() {
    let text = "from ann@exam536-90-4399ple.com and 4111 1111 <x>1111 1111, not bob@example.org";
    let places = ["536-90-4399", "<x>"].map(|value| text.find(value).unwrap());
    let taken = [(places[0], 11), (places[1], 3)]
        .map(|(at, len)| PiiDetection::new(PiiCategory::SSN, at..at + len, "test", 1.0));
    let removing = RegexPiiRedactor::new().with_default_strategy(Remove);
    // What the detections leave out was let pass, and stays.
    let expected = "from  and , not bob@example.org";
    assert_eq!(block_on(removing.apply(text, &taken)).unwrap(), expected);
    let scope = super::tokens::scope();
    assert_eq!(block_on(removing.apply_in(&scope, text, &taken)).unwrap(), expected);
    let one = RegexPiiRedactor::new().with_strategy(PiiCategory::SSN, Remove);
    let expected = "from [REDACTED] and [REDACTED], not bob@example.org";
    assert_eq!(block_on(one.apply(text, &taken)).unwrap(), expected);
    // Only what `Remove` joins is looked at again.
    let masked = block_on(RegexPiiRedactor::new().apply(text, &taken)).unwrap();
    assert_eq!(
        masked,
        "from ann@exam[REDACTED]ple.com and 4111 1111 [REDACTED]1111 1111, not bob@example.org"
    );
}

#[test]
fn what_once_was_left() {
    for text in [
        // A mark named an address of a network before colons that are one where a word says so.
        "192.168.10.20 ; ::",
        "ann@example.com-192.168.10.20",
        // The end of a value announced what followed it.
        "a@b.xssn 536904399",
        // A word was too far away until the value between became short.
        &format!("ssn {}@example.com 536904399", "x".repeat(60)),
        "password: \"hunter2x9A!kQ\", 4111 1111 1111 1111@example.com",
        "{\"ssn\": \"536904399\", \"api_key\": \"hunter2x9A!kQ\"}",
    ] {
        settled_in_every_way(text);
    }
}

/// `text` as the value of `key`, redacted as a service does.
fn redact_under(redactor: &RegexPiiRedactor, key: &str, text: &str) -> String {
    let part = PartView {
        text,
        provenance: &Provenance::User,
        trust: Trust::Untrusted,
        editable: true,
        key: Some(key),
        holder: None,
    };
    let found = block_on(RegexPiiDetector::new().detect_part(&part)).unwrap();
    block_on(redactor.apply(text, &found)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_left(text in text()) {
        settled_in_every_way(&text);
    }

    #[test]
    fn nothing_is_left_under_a_key(
        text in text(),
        key in prop::sample::select(vec!["password", "ssn", "passportNumber", "ip", "name"]),
        strategy in prop::sample::select(vec![Mask, Hash, Replace, PartialMask]),
    ) {
        let redactor = RegexPiiRedactor::new().with_default_strategy(strategy);
        let once = redact_under(&redactor, key, &text);
        prop_assert_eq!(redact_under(&redactor, key, &once), once);
    }
}
