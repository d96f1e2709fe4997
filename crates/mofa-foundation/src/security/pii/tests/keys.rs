//! A key of JSON is context for what stands under it.

use super::*;

#[track_caller]
fn check(holder: Option<&str>, key: &str, text: &str, expected: &[&str]) {
    let part = PartView {
        text,
        provenance: &Provenance::User,
        trust: Trust::Untrusted,
        editable: true,
        key: Some(key),
        holder,
    };
    let found = block_on(RegexPiiDetector::new().detect_part(&part)).unwrap();
    let found: Vec<_> = found.iter().map(|found| found.category.as_str()).collect();
    assert_eq!(found, expected, "{text} under {holder:?} {key}");
}

#[test]
fn a_key_announces_an_id() {
    for key in ["passport_number", "passportNumber", "passport-number", "PASSPORT"] {
        check(None, key, "C01X00T47", &["passport"]);
    }
    for key in ["taxId", "tax_id", "tax-id"] {
        check(None, key, "123456788", &["tax_id"]);
    }
    check(None, "dateOfBirth", "1990-02-03", &["date_of_birth"]);
    check(None, "updated", "1990-02-03", &[]);
    check(None, "title", "C01X00T47", &[]);
    check(None, "vatNumber", "DE136695976", &["company_id"]);
}

#[test]
fn a_key_announces_what_stands_under_the_keys_of_its_object() {
    check(Some("passport"), "number", "C01X00T47", &["passport"]);
    check(Some("ssn"), "value", "536904399", &["ssn"]);
    check(Some("birth"), "date", "1990-02-03", &["date_of_birth"]);
    check(Some("order"), "number", "C01X00T47", &[]);
}
