//! What is hidden is taken out with all that hides it, and what is left is final.

use super::*;
use mofa_runtime::security::{Redaction, SecurityError};

/// Texts that hide a value.
const HIDDEN: [&str; 8] = [
    "It is am9obkBleGFtcGxlLmNvbQ== today.",
    "It is john&#64;example&#46;com today.",
    "It is john%40example.com today.",
    "It is john\\u0040example.com today.",
    "It is j\u{200b}ohn@exa\u{200b}mple.com today.",
    "It is \u{ff14}111 1111 1111 1111 today.",
    "It is john at example dot com today.",
    "It is 6a6f686e406578616d706c652e636f6d today.",
];

#[tokio::test]
async fn redacting_twice_is_redacting_once() {
    let detector = RegexPiiDetector::builder().with_layers(true).build().unwrap();
    let redactor = RegexPiiRedactor::new().with_detector(detector.clone());
    for strategy in [
        RedactionStrategy::Mask,
        RedactionStrategy::PartialMask,
        RedactionStrategy::Hash,
        RedactionStrategy::Remove,
        RedactionStrategy::Replace,
    ] {
        for text in HIDDEN {
            let once = redactor.redact(text, strategy).await.unwrap();
            assert_eq!(once.detections.len(), 1, "{text}");
            assert!(once.text.starts_with("It is ") && once.text.ends_with(" today."), "{once:?}");
            let twice = redactor.redact(&once.text, strategy).await.unwrap();
            assert_eq!(twice, Redaction::new(once.text, Vec::new()), "{text}");
        }
    }
}

#[test]
fn a_choice_reaches_the_scanner() {
    let found = |builder: PiiDetectorBuilder, text: &str| builder.build().unwrap().find(text).len();
    let builder = RegexPiiDetector::builder;
    let phone = "Rückruf 030 1234567";
    assert_eq!(found(builder(), phone), 0);
    assert_eq!(found(builder().with_countries(["de"]), phone), 1);
    assert_eq!(found(builder().with_countries(["es"]), phone), 0);
    assert_eq!(found(builder().with_countries(["all"]), phone), 1);
    assert_eq!(found(builder(), HIDDEN[0]), 0);
    assert_eq!(found(builder().with_min_confidence(0.99).with_layers(true), HIDDEN[0]), 0);
    let own = builder().with_layers(true);
    let tenant = TenantId::new("acme").unwrap();
    let detector = builder().for_tenant(tenant.clone(), own).build().unwrap();
    assert_eq!(
        (detector.find(HIDDEN[0]).len(), detector.find_for(&tenant, HIDDEN[0]).len()),
        (0, 1)
    );
    for wrong in [builder().with_countries(["uk"]), builder().with_min_confidence(2.0)] {
        assert!(matches!(wrong.build(), Err(SecurityError::Unusable { .. })));
    }
}
