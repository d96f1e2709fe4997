//! What the guide says of detection and redaction.

mod keys;
mod layers;
mod settled;
mod tokens;

use super::*;
use mofa_kernel::Provenance;
use mofa_runtime::security::{
    Engine, PartView, PiiCategory, PiiDetection, PiiDetector, PiiRedactor,
    RedactionStrategy::{self, Hash, Mask, Remove, Replace},
    TenantId, Trust,
};
use mofa_testkit::{block_on, contract};
use proptest::prelude::*;

const ALL: &str = "mail ann@example.com, call (415) 555-2671, card 4111 1111 1111 1111, \
                   ssn 536-90-4399, host 192.168.10.20, key AKIAIOSFODNN7EXAMPLQ.";

fn redact(redactor: &RegexPiiRedactor, text: &str, strategy: RedactionStrategy) -> String {
    block_on(redactor.redact(text, strategy)).unwrap().text
}

#[track_caller]
fn check(strategy: RedactionStrategy, text: &str, expected: &str) {
    let redactor = RegexPiiRedactor::new().with_hash_key([7; 32]);
    assert_eq!(redact(&redactor, text, strategy), expected);
    let again = redact(&redactor, expected, strategy);
    assert_eq!(again, expected, "redacting twice is redacting once");
}

#[test]
fn finds_the_six_types() {
    let found = RegexPiiDetector::new().find(ALL);
    let found: Vec<_> = found.iter().map(|found| found.category.as_str()).collect();
    assert_eq!(found, ["email", "phone", "credit_card", "ssn", "ip_address", "api_key"]);
}

#[test]
fn masks() {
    check(Mask, "to ann@example.com!", "to [REDACTED]!");
}

#[test]
fn replaces_by_category() {
    check(
        Replace,
        ALL,
        "mail [EMAIL], call [PHONE], card [CREDIT_CARD], ssn [SSN], host [IP_ADDRESS], \
         key [API_KEY].",
    );
}

#[test]
fn removes() {
    check(Remove, "ssn 536-90-4399.", "ssn .");
}

#[test]
fn hashes_under_the_key() {
    // printf ann@example.com | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07
    let expected = "hmac-sha256:61b55fab9c26d32d104ec34ed67a68f9042c022638ba102c71aeabc6b760fe1d";
    let found = redact(&RegexPiiRedactor::new().with_hash_key([7; 32]), "ann@example.com", Hash);
    assert_eq!(found, expected);
    let other = redact(&RegexPiiRedactor::new().with_hash_key([8; 32]), "ann@example.com", Hash);
    assert_ne!(found, other, "another key, another hash");
    check(Hash, "x ann@example.com y", &format!("x {found} y"));
    let (one, two) = (RegexPiiRedactor::new(), RegexPiiRedactor::new());
    assert_ne!(redact(&one, "ann@example.com", Hash), redact(&two, "ann@example.com", Hash));
}

#[test]
fn the_weak_hash_is_plain_sha256() {
    let weak = RegexPiiRedactor::new().with_weak_unkeyed_sha256();
    // printf 536-90-4399 | sha256sum
    let found = redact(&weak, "536-90-4399", Hash);
    assert_eq!(found, "sha256:53ea3eba822870fc3c40682af3a105e0e8436d9a2bed613bb7040dfdf70cd445");
}

#[test]
fn a_category_has_its_own_strategy() {
    let redactor = RegexPiiRedactor::new()
        .with_default_strategy(Mask)
        .with_strategy(PiiCategory::SSN, Remove)
        .with_strategy(PiiCategory::EMAIL, Replace);
    assert_eq!(redact(&redactor, "536-90-4399 a@b.io 10.0.0.1", Mask), " [EMAIL] [REDACTED]");
    let text = "536-90-4399 a@b.io 10.0.0.1";
    let applied = block_on(redactor.apply(text, &RegexPiiDetector::new().find(text))).unwrap();
    assert_eq!(applied, " [EMAIL] [REDACTED]");
}

#[test]
fn patterns_of_your_own() {
    let badge = PiiCategory::new("badge").unwrap();
    let detector = RegexPiiDetector::builder()
        .with_pattern(&badge, "acme.badge", r"\bB-\d{5}\b")
        .build()
        .unwrap();
    let redactor = RegexPiiRedactor::new().with_detector(detector);
    assert_eq!(redact(&redactor, "badge B-12345, a@b.io", Replace), "badge [BADGE], [EMAIL]");
    for wrong in ["(", "x*"] {
        let built = RegexPiiDetector::builder().with_pattern(&badge, "acme.badge", wrong).build();
        assert!(built.unwrap_err().to_string().contains("acme.badge"));
    }
    assert!(PiiCategory::new("Not a category").is_err());
}

#[test]
fn a_tenant_has_its_own_rules_and_exceptions() {
    let (acme, other) = (TenantId::new("acme").unwrap(), TenantId::new("other").unwrap());
    let base = || RegexPiiDetector::builder().allow(Exception::Value("help@example.com".into()));
    let badge = CustomRule::new("badge", "acme.badge", r"\bB-\d{5}\b").with_words(["badge"]);
    let own = RegexPiiDetector::builder()
        .with_rule(badge)
        .allow(Exception::Pattern(r".*@acme\.example".into()));
    let detector = base().for_tenant(acme.clone(), own.clone()).build().unwrap();
    let text = "badge B-12345 help@example.com ann@acme.example";
    let part = PartView {
        text,
        provenance: &Provenance::User,
        trust: Trust::Untrusted,
        editable: true,
        key: None,
        holder: None,
    };
    let names = |found: Vec<PiiDetection>| {
        found.iter().map(|one| text.get(one.span.clone()).unwrap()).collect::<Vec<_>>()
    };
    let of = |tenant: &TenantId| names(block_on(detector.detect_for(tenant, &part)).unwrap());
    assert_eq!(of(&acme), ["B-12345", "help@example.com"]);
    for everybody in [&other, &TenantId::default()] {
        assert_eq!(of(everybody), ["ann@acme.example"]);
    }
    assert_eq!(names(block_on(detector.detect_part(&part)).unwrap()), ["ann@acme.example"]);
    assert_eq!(names(detector.find_for(&acme, text)), of(&acme));

    // In a stream as much is held back as any tenant's rules ask for.
    let plain = RegexPiiDetector::new();
    let long = CustomRule::new("badge", "acme.long", "B-[a-z ]{200}");
    let with_long = base().for_tenant(acme, RegexPiiDetector::builder().with_rule(long));
    let held = with_long.build().unwrap().open_tail(&"words and words ".repeat(40));
    assert!(held > 200 && plain.open_tail(&"words and words ".repeat(40)) < 200, "{held}");
}

#[test]
fn a_rule_of_a_tenant_has_no_name_of_another_rule() {
    let badge = |regex: &str| CustomRule::new("badge", "acme.badge", regex);
    let everybody = || RegexPiiDetector::builder().with_rule(badge("B-[0-9]{5}"));
    let built = |own: CustomRule| {
        let own = RegexPiiDetector::builder().with_rule(own);
        everybody().for_tenant(TenantId::new("acme").unwrap(), own).build().map(|_| ())
    };
    assert!(built(badge("B-[0-9]{5}")).is_ok(), "the same rule");
    assert!(built(CustomRule::new("badge", "acme.desk", "D-[0-9]{5}")).is_ok());
    for other in [badge("B-[0-9]{6}"), CustomRule::new("desk", "acme.badge", "B-[0-9]{5}")] {
        let category = other.category().to_owned();
        let error = built(other).unwrap_err().to_string();
        let named = format!("rule `acme.badge` of tenant `acme`, for `{category}`");
        assert!(error.contains(&named) && error.contains("another rule, for `badge`"), "{error}");
    }
}

#[test]
fn a_rule_for_what_is_no_category_is_refused() {
    let wrong = CustomRule::new("Not a category", "acme.badge", "b");
    let built = RegexPiiDetector::builder().with_rule(wrong).build();
    assert!(built.unwrap_err().to_string().contains("category"));
}

#[test]
fn a_key_says_what_its_value_is() {
    let detector = RegexPiiDetector::new();
    let find = |key, text| {
        let part = PartView {
            text,
            provenance: &Provenance::User,
            trust: Trust::Untrusted,
            editable: true,
            key,
            holder: None,
        };
        let found = block_on(detector.detect_part(&part)).unwrap();
        found.into_iter().map(|found| (found.category, found.span)).collect::<Vec<_>>()
    };
    assert_eq!(find(None, "hunter2x9A!"), []);
    assert_eq!(find(Some("name"), "hunter2x9A!"), []);
    assert_eq!(find(Some("password"), "hunter2x9A!"), [(PiiCategory::API_KEY, 0..11)]);
    assert_eq!(find(Some("ssn"), "536904399"), [(PiiCategory::SSN, 0..9)]);
    assert_eq!(find(Some("password"), "é"), []);
    let both = "bob@example.com hunter2Secret9!x";
    assert_eq!(find(None, both), [(PiiCategory::EMAIL, 0..15)]);
    assert_eq!(find(Some("name"), both), [(PiiCategory::EMAIL, 0..15)]);
    let two = [(PiiCategory::EMAIL, 0..15), (PiiCategory::API_KEY, 16..32)];
    assert_eq!(find(Some("password"), both), two);
    let around = "hunter2x9A, a@b.io; é 10.0.0.1 hunter2Secret9!x ";
    let categories: Vec<_> = find(Some("password"), around).into_iter().map(|(c, _)| c).collect();
    let secret = || PiiCategory::API_KEY;
    assert_eq!(categories, [secret(), PiiCategory::EMAIL, PiiCategory::IP_ADDRESS, secret()]);
    assert_eq!(find(Some("password"), "a@b.io!hunter2x"), [(secret(), 0..15)], "the wider one");
    let spaced = [(PiiCategory::SSN, 0..9), (PiiCategory::EMAIL, 11..17)];
    assert_eq!(find(Some("ssn"), "536904399; a@b.io"), spaced);
}

#[test]
fn every_setting_is_in_the_fingerprint() {
    let badge = PiiCategory::new("badge").unwrap();
    let all = RegexPiiDetector::builder;
    let own = |rule, regex| all().with_pattern(&badge, rule, regex);
    let builders = || {
        [
            all(),
            all().with_luhn_validation(false),
            all().only([PiiCategory::SSN]),
            all().only([PiiCategory::EMAIL]),
            own("acme.badge", r"\bB-\d{5}\b"),
            own("acme.badge", r"\bB-\d{6}\b"),
            own("acme.card", r"\bB-\d{5}\b"),
            own("acme.badge", r"\bB-\d{5}\b").only([PiiCategory::SSN, badge.clone()]),
            all().with_pattern(&PiiCategory::SSN, "acme.badge", r"\bB-\d{5}\b"),
            all().allow(Exception::Value("a@b.io".into())),
            all().with_layers(true),
            all().with_min_confidence(0.6),
            all().with_countries(["de"]),
            all().with_countries(["all"]),
            all().for_tenant(TenantId::new("acme").unwrap(), all()),
            all().for_tenant(
                TenantId::new("acme").unwrap(),
                all().allow(Exception::Value("a@b.io".into())),
            ),
            all().for_tenant(TenantId::new("other").unwrap(), all()),
        ]
        .map(|builder| builder.build().unwrap())
    };
    check_fingerprints(builders);
    assert_eq!(RegexPiiDetector::new().fingerprint(), all().build().unwrap().fingerprint());
    let unused = own("acme.badge", r"\bB-\d{5}\b").only([PiiCategory::SSN]).build().unwrap();
    assert_eq!(unused.fingerprint(), builders()[2].fingerprint(), "it finds the same");
    assert!(!builders()[4].fingerprint().contains("B-"), "a pattern does not stand in it");
    check_fingerprints(|| {
        let redactor = || RegexPiiRedactor::new().with_hash_key([7; 32]);
        let [_, lax, ..] = builders();
        [
            redactor(),
            redactor().with_weak_unkeyed_sha256(),
            redactor().with_default_strategy(Remove),
            redactor().with_strategy(PiiCategory::SSN, Remove),
            redactor().with_strategy(PiiCategory::EMAIL, Remove),
            redactor().with_strategy(PiiCategory::EMAIL, Hash),
            redactor().with_detector(lax),
        ]
    });
}

/// Each of the engines has a fingerprint of its own, and the same when it is made again.
#[track_caller]
fn check_fingerprints<E: Engine, const N: usize>(engines: impl Fn() -> [E; N]) {
    let prints = engines().map(|engine| engine.fingerprint());
    assert_eq!(prints, engines().map(|engine| engine.fingerprint()));
    for (at, print) in prints.iter().enumerate() {
        assert_eq!(prints.iter().position(|other| other == print), Some(at), "{at}");
    }
}

#[test]
fn only_some_categories() {
    let detector = RegexPiiDetector::builder().only([PiiCategory::SSN]).build().unwrap();
    let found: Vec<_> = detector.find(ALL).into_iter().map(|d| d.category).collect();
    assert_eq!(found, [PiiCategory::SSN]);
}

#[test]
fn luhn_can_be_switched_off() {
    let text = "card 4111 1111 1111 1112";
    assert!(RegexPiiDetector::new().find(text).is_empty());
    let lax = RegexPiiDetector::builder().with_luhn_validation(false).build().unwrap();
    assert_eq!(lax.find(text).len(), 1);
}

#[test]
fn spans_that_do_not_fit_are_refused() {
    let found = RegexPiiDetector::new().find("a@b.io é");
    assert!(block_on(RegexPiiRedactor::new().apply("a@b", &found)).is_err());
    let mut twice = found.clone();
    twice.extend(found);
    assert!(block_on(RegexPiiRedactor::new().apply("a@b.io é", &twice)).is_err());
}

#[test]
fn keys_are_not_printed() {
    let printed = format!("{:?}", RegexPiiRedactor::new().with_hash_key([0xAB; 32]));
    assert!(printed.contains("[redacted]") && !printed.contains("171"), "{printed}");
}

#[test]
fn empty_and_unicode_texts() {
    assert!(RegexPiiDetector::new().find("").is_empty());
    check(Replace, "Grüße an ann@example.com 🙂 10.1.2.3", "Grüße an [EMAIL] 🙂 [IP_ADDRESS]");
}

#[test]
fn keeps_the_contract() {
    contract::pii_detector(&RegexPiiDetector::new(), ALL);
    contract::pii_redactor(&RegexPiiDetector::new(), &RegexPiiRedactor::new(), ALL);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_detectable_is_left(text in "[ a-z0-9@.()+-]{0,64}", pick in 0..4_usize) {
        let strategy = [Mask, Hash, Replace, Remove][pick];
        let redactor = RegexPiiRedactor::new();
        let once = redact(&redactor, &text, strategy);
        prop_assert!(RegexPiiDetector::new().find(&once).is_empty(), "{} -> {}", text, once);
    }
}

#[test]
fn a_number_that_counts_is_no_telephone() {
    let detector = RegexPiiDetector::new();
    let found = |key: &str, text: &str| {
        let provenance = Provenance::User;
        let part = PartView {
            text,
            provenance: &provenance,
            trust: Trust::Untrusted,
            editable: true,
            key: Some(key),
            holder: None,
        };
        block_on(detector.detect_part(&part)).unwrap().len()
    };
    for key in ["id", "user_id", "userId", "orderID", "created_at", "MAX", "total-count"] {
        assert_eq!(found(key, "4155552671"), 0, "{key}");
        // With its signs, or in a text, it is one whatever stands over it.
        assert_eq!(found(key, "415-555-2671"), 1, "{key}");
        assert_eq!(found(key, "call 4155552671"), 1, "{key}");
    }
    for key in ["phone", "content", "to", "mobile", "idea", "valid", ""] {
        assert_eq!(found(key, "4155552671"), 1, "{key}");
    }
    for bound in ["2147483647", "2147483648", "4294967295"] {
        assert_eq!(found("content", bound), 0, "{bound}");
    }
}
