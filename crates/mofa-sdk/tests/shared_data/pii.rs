//! Personal data and secrets: values found whole, and numbers that only look like them.

use super::{Share, files};
use mofa_foundation::security::RegexPiiDetector;
use mofa_runtime::security::PiiCategory;

/// Of the values that `name` labels `label`, those that lie within a finding of `category`.
fn found(folder: &std::path::Path, name: &str, label: &str, category: &PiiCategory) -> Share {
    let detector = RegexPiiDetector::new();
    let mut share = Share::default();
    for record in files::records(folder, name) {
        let wanted: Vec<_> = record.spans.iter().filter(|span| span.label == label).collect();
        if wanted.is_empty() {
            continue;
        }
        let detections = detector.find(&record.text);
        for span in wanted {
            let span = files::bytes(&record.text, span);
            share.count(detections.iter().any(|found| {
                found.category == *category
                    && found.span.start <= span.start
                    && found.span.end >= span.end
            }));
        }
    }
    share
}

#[test]
fn labelled_values_are_found_whole() {
    let Some(folder) = files::folder() else { return };
    for (name, label, category, floor) in [
        ("presidio_generated_large", "EMAIL_ADDRESS", PiiCategory::EMAIL, 100),
        ("presidio_generated_large", "CREDIT_CARD", PiiCategory::CREDIT_CARD, 100),
        ("presidio_generated_large", "US_SSN", PiiCategory::SSN, 100),
        ("presidio_generated_large", "IP_ADDRESS", PiiCategory::IP_ADDRESS, 100),
        ("presidio_synth_v2", "EMAIL_ADDRESS", PiiCategory::EMAIL, 100),
        ("presidio_synth_v2", "CREDIT_CARD", PiiCategory::CREDIT_CARD, 100),
        ("presidio_synth_v2", "US_SSN", PiiCategory::SSN, 100),
        ("presidio_synth_v2", "IP_ADDRESS", PiiCategory::IP_ADDRESS, 100),
        ("presidio_recognizer_tests", "EMAIL_ADDRESS", PiiCategory::EMAIL, 100),
        ("presidio_recognizer_tests", "CREDIT_CARD", PiiCategory::CREDIT_CARD, 100),
        ("libphonenumber_examples", "PHONE_NUMBER", PiiCategory::PHONE, 73),
    ] {
        let share = found(&folder, &format!("pii/{name}"), label, &category);
        share.at_least(&format!("{name} {label}"), floor);
    }
}

/// The generator writes telephone numbers of many countries, most of them without a country code or
/// a word that says what they are: nothing is promised.
#[test]
fn phone_numbers_without_a_sign_of_one() {
    let Some(folder) = files::folder() else { return };
    for name in ["presidio_generated_large", "presidio_synth_v2"] {
        let share = found(&folder, &format!("pii/{name}"), "PHONE_NUMBER", &PiiCategory::PHONE);
        share.is_known(&format!("{name} PHONE_NUMBER"));
        assert!(share.hits > 0, "{name}");
    }
}

#[test]
fn what_is_not_valid_is_left_alone() {
    let Some(folder) = files::folder() else { return };
    let detector = RegexPiiDetector::new();
    for (entity, category) in [
        ("EMAIL_ADDRESS", PiiCategory::EMAIL),
        ("CREDIT_CARD", PiiCategory::CREDIT_CARD),
        ("US_SSN", PiiCategory::SSN),
    ] {
        let mut share = Share::default();
        for record in files::records(&folder, "pii/presidio_recognizer_tests") {
            if record.entity.as_deref() == Some(entity) && record.spans.is_empty() {
                let found = detector.find(&record.text);
                share.count(found.iter().any(|found| found.category == category));
            }
        }
        share.at_most(&format!("not a valid {entity}"), 0);
    }
}

#[test]
fn secrets_are_found() {
    let Some(folder) = files::folder() else { return };
    let detector = RegexPiiDetector::new();
    for (name, floor) in
        [("gitleaks_rules", 97), ("noseyparker_rules", 88), ("kingfisher_rules", 94)]
    {
        let mut share = Share::default();
        for record in files::records(&folder, &format!("secrets/{name}")) {
            if record.label == Some(1) {
                let found = detector.find(&record.text);
                share.count(
                    found.iter().any(|found| {
                        matches!(found.category.as_str(), "api_key" | "url_credentials")
                    }),
                );
            }
        }
        share.at_least(name, floor);
    }
}
