//! Rules of the caller's: what they find, and which of them are refused.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use mofa_scan::pii::{Check, CustomRule, Exception, PiiScanner, PiiScannerBuilder};
use mofa_scan::{Kind, ScanError};

fn rule(regex: &str) -> CustomRule {
    CustomRule::new("badge", "acme.badge", regex)
}

/// What `rule` finds in `text`, with how sure it is.
fn found(rule: CustomRule, text: &str) -> Vec<(String, f32)> {
    let builder = PiiScanner::builder().with_rule(rule).with_min_confidence(0.0);
    let scanner = builder.only(["badge"]).build().unwrap();
    let mut findings = Vec::new();
    scanner.scan(text, &mut findings);
    let value = |start, end| text.get(start..end).unwrap().to_owned();
    findings.iter().map(|found| (value(found.start, found.end), found.confidence)).collect()
}

fn values(rule: CustomRule, text: &str) -> Vec<String> {
    found(rule, text).into_iter().map(|(value, _)| value).collect()
}

#[test]
fn only_the_group_named_value_is_the_value() {
    assert_eq!(values(rule(r"badge (?<value>\d{5})\b"), "my badge 12345, badge 1"), ["12345"]);
    assert_eq!(values(rule(r"(?<other>\d{2})-\d"), "12-3"), ["12-3"]);
    assert_eq!(values(rule(r"B(?<value>\d)?"), "B B7"), ["B", "7"], "the group may be missing");
    // What stands behind a match decides over it, also where it is cut out.
    assert_eq!(values(rule(r"B(?<value>\d+)\b"), "B12x B34é B56"), ["56"]);
    // Longer than any window.
    let long = format!("B{}", "7".repeat(20_000));
    assert_eq!(values(rule(r"B(?<value>\d+)"), &long), ["7".repeat(20_000)]);
}

#[test]
fn a_check_decides_over_what_matches() {
    let checked = rule(r"LC[\d ]{16,19}").with_check(Check::Luhn);
    assert!(values(checked, "LC4111 1111 1111 1111").is_empty(), "the letters are no digits");
    let checked = || rule(r"LC(?<value>[\d ]{16,19})").with_check(Check::Luhn);
    assert_eq!(values(checked(), "LC4111 1111 1111 1111"), ["4111 1111 1111 1111"]);
    assert!(values(checked(), "LC4111 1111 1111 1112").is_empty());
}

#[test]
fn entropy_decides_over_what_matches() {
    let random = || rule("[a-z0-9]{16}").with_min_entropy(3.0);
    assert_eq!(values(random(), "k3v9x0q7m2w8z5t1"), ["k3v9x0q7m2w8z5t1"]);
    assert!(values(random(), "aaaabbbbaaaabbbb").is_empty());
}

#[test]
fn words_make_a_match_sure() {
    let announced = || rule(r"\b\d{5}\b").with_words(["Badge", "dienstausweis"]);
    let sure = |text: &str| found(announced(), text).first().map(|(_, confidence)| *confidence);
    assert_eq!(sure("badge no. 12345"), Some(0.9));
    assert_eq!(sure("{\"dienstAusweis\": 1, \"DIENSTAUSWEIS\": \"12345\"}"), Some(0.9));
    assert_eq!(sure("zip 12345"), Some(0.4));
    assert_eq!(sure("12345 is my badge"), Some(0.4));
    let scanner = PiiScanner::builder().with_rule(announced()).build().unwrap();
    let mut findings = Vec::new();
    scanner.scan("zip 12345", &mut findings);
    assert!(findings.is_empty(), "not sure enough unless asked for");
}

#[test]
fn a_rule_says_what_it_is() {
    let secret = rule("x{3}").with_kind(Kind::Secret).with_description("three of them");
    let scanner = PiiScanner::builder().with_rule(secret).build().unwrap();
    let listed = scanner.rules().last().unwrap();
    assert_eq!((listed.kind, listed.description.as_ref()), (Kind::Secret, "three of them"));
}

#[test]
fn a_rule_that_fails_its_own_examples_is_refused() {
    let build = |rule: CustomRule| PiiScanner::builder().with_rule(rule).build().map(|_| ());
    let name = || "acme.badge".to_owned();
    let badge = || rule(r"\bB-\d{5}\b").with_words(["badge"]);
    assert_eq!(build(badge().with_matches(["badge B-12345"]).with_not(["badge B-1"])), Ok(()));
    assert_eq!(
        build(badge().with_matches(["badge B-12345", "B-12345"])),
        Err(ScanError::ExampleNotFound { name: name(), index: 1 }),
        "without its word it is not sure enough"
    );
    assert_eq!(
        build(badge().with_not(["B-12345", "x", "badge: B-12345"])),
        Err(ScanError::CounterExampleFound { name: name(), index: 2 })
    );
}

#[test]
fn what_would_be_too_slow_is_refused() {
    let build = |regex: &str| PiiScanner::builder().with_rule(rule(regex)).build();
    let refused = build(r"(?:\w{1,60}-){4}x").unwrap_err();
    assert!(matches!(refused, ScanError::PatternTooLarge { .. }), "{refused}");
    assert!(refused.to_string().contains("[0-9A-Za-z_]"), "{refused}");
    assert!(build("(?:[0-9A-Za-z_]{1,60}-){4}x").is_ok());
}

#[test]
fn the_definition_tells_every_setting() {
    let print = |builder: PiiScannerBuilder| {
        let mut all = String::new();
        let scanner = builder.build().unwrap();
        scanner.definition(&mut |text| all = format!("{all}|{text}"));
        all
    };
    let (base, with) = (|| rule("a"), |rule| PiiScanner::builder().with_rule(rule));
    let mut prints: Vec<String> = [
        with(base()),
        with(rule("b")),
        with(base().with_check(Check::Luhn)),
        with(base().with_check(Check::Iban)),
        with(base().with_min_entropy(1.0)),
        with(base().with_words(["w"])),
        with(base()).with_min_confidence(0.1),
        with(base()).allow(Exception::Value("v".into())),
        with(base()).allow(Exception::Value("w".into())),
        with(base()).allow(Exception::Pattern("v".into())),
    ]
    .map(print)
    .to_vec();
    let count = prints.len();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), count);
}

#[test]
fn what_is_allowed_may_stand_and_nothing_beside_it() {
    let text = "help@example.com, ann@example.com, bob@test.example, 4111111111111111";
    let left = |builder: PiiScannerBuilder| {
        let scanner = builder.build().unwrap();
        let (mut findings, mut parts) = (vec![], vec![]);
        scanner.scan(text, &mut findings);
        let done = scanner.scan_partial(text, 0, &mut parts);
        scanner.scan_from(text, done, &mut parts);
        assert_eq!(findings, parts);
        let value = |start, end| text.get(start..end).unwrap().to_owned();
        findings.iter().map(|found| value(found.start, found.end)).collect::<Vec<_>>()
    };
    let all = ["help@example.com", "ann@example.com", "bob@test.example", "4111111111111111"];
    let without = |gone: &[usize]| {
        let kept = all.iter().zip(0..).filter(|(_, at)| !gone.contains(at));
        kept.map(|(value, _)| (*value).to_owned()).collect::<Vec<_>>()
    };
    let scanner = PiiScanner::builder;
    assert_eq!(left(scanner().allow(Exception::Value("help@example.com".into()))), without(&[0]));
    assert_eq!(
        left(scanner().allow(Exception::Value("example.com".into()))),
        without(&[]),
        "no part of a value"
    );
    assert_eq!(left(scanner().allow(Exception::Value("Help@example.com".into()))), without(&[]));
    assert_eq!(
        left(scanner().allow(Exception::Pattern(r".*@test\.example|help@.*".into()))),
        without(&[0, 2])
    );
    assert_eq!(
        left(scanner().allow(Exception::Pattern("411".into()))),
        without(&[]),
        "no part of a value"
    );
    // printf 4111111111111111 | sha256sum
    let hash = "9bbef19476623ca56c17da75fd57734dbf82530686043a6e491c6d71befe8f6e";
    assert_eq!(left(scanner().allow(Exception::Sha256(hash.into()))), without(&[3]));
    assert_eq!(left(scanner().allow(Exception::Sha256(hash.to_uppercase()))), without(&[3]));
}

#[test]
fn exceptions_that_cannot_be_used_are_refused() {
    let refused = |builder: PiiScannerBuilder| builder.build().unwrap_err().to_string();
    let scanner = || PiiScanner::builder().allow(Exception::Value("x".into()));
    for (builder, why) in [
        (scanner().allow(Exception::Value(" ".into())), "is empty"),
        (scanner().allow(Exception::Sha256("12".into())), "64 hexadecimal digits"),
        (scanner().allow(Exception::Sha256("ä".repeat(32))), "64 hexadecimal digits"),
        (scanner().allow(Exception::Pattern("(".into())), "unclosed group"),
        (scanner().allow(Exception::Pattern("a)|(b".into())), "unopened group"),
        (scanner().allow(Exception::Pattern(r"\w{900}".into())), "size limit"),
    ] {
        let error = refused(builder);
        assert!(error.starts_with("exception number 1 ") && error.contains(why), "{error}");
    }
    let many = (0..65_537)
        .fold(PiiScanner::builder(), |all, n| all.allow(Exception::Value(n.to_string())));
    assert!(refused(many).contains("at most 65536"));
}

#[test]
fn no_two_rules_have_one_name() {
    let build = |ids: [&str; 2]| {
        let rules = ids.map(|id| CustomRule::new("badge", id, "B-[0-9]{5}"));
        let [one, two] = rules;
        PiiScanner::builder().with_rule(one).with_rule(two).build().map(|_| ())
    };
    assert!(build(["acme.badge", "acme.desk"]).is_ok());
    for (ids, taken, owner) in [
        (["acme.badge", "acme.badge"], "acme.badge", "badge"),
        (["email.address", "acme.badge"], "email.address", "email"),
        (["acme.badge", "ssn.formatted"], "ssn.formatted", "ssn"),
    ] {
        let error = build(ids).unwrap_err();
        let ScanError::RuleNameTaken { name, category, taken_by } = &error else {
            panic!("{error:?}")
        };
        assert_eq!((name.as_str(), category.as_str()), (taken, "badge"));
        assert_eq!(taken_by, owner);
        assert!(error.to_string().contains(&format!("`{taken}` is taken")), "{error}");
    }
}
