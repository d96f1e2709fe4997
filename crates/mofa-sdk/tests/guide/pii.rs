//! Chapter "PII": what is found, and what is left of it.

use super::Snippet;
use hmac::{Hmac, KeyInit, Mac};
use mofa_foundation::security::{PiiDetector, PiiRedactor, RegexPiiDetector, RegexPiiRedactor};
use mofa_runtime::security::PiiCategory;
use mofa_runtime::security::types::RedactionStrategy;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use zeroize::Zeroizing;

/// ```text
/// use mofa_foundation::security::{RegexPiiDetector, RegexPiiRedactor};
/// use mofa_runtime::security::types::RedactionStrategy;
/// let detector = RegexPiiDetector::new();
/// let redactor = RegexPiiRedactor::new()
/// .with_default_strategy(RedactionStrategy::Mask);
/// let text = "Contact: user@example.com";
/// let detections = detector.detect(text).await?;
/// let redacted = redactor.redact(text, RedactionStrategy::Mask).await?;
/// ```
/// Supplied: the imports of the traits `PiiDetector` and `PiiRedactor`.
#[tokio::test]
async fn the_snippet_compiles_and_masks() -> Snippet {
    use mofa_foundation::security::{RegexPiiDetector, RegexPiiRedactor};
    use mofa_runtime::security::types::RedactionStrategy;
    let detector = RegexPiiDetector::new();
    let redactor = RegexPiiRedactor::new().with_default_strategy(RedactionStrategy::Mask);
    let text = "Contact: user@example.com";
    let detections = detector.detect(text).await?;
    let redacted = redactor.redact(text, RedactionStrategy::Mask).await?;

    assert_eq!(detections.len(), 1);
    assert_eq!(detections[0].category, PiiCategory::EMAIL);
    assert_eq!(text.get(detections[0].span.clone()), Some("user@example.com"));
    assert_eq!(redacted.text, "Contact: [REDACTED]");
    assert_eq!(redacted.detections, detections);
    Ok(())
}

/// `text` holds exactly these values of exactly this category.
#[track_caller]
fn finds(category: &PiiCategory, text: &str, values: &[&str]) {
    let found = RegexPiiDetector::new().find(text);
    let found: Vec<_> =
        found.iter().map(|found| (&found.category, text.get(found.span.clone()))).collect();
    let expected: Vec<_> = values.iter().map(|value| (category, Some(*value))).collect();
    assert_eq!(found, expected, "{text}");
}

/// "Email addresses", "Phone numbers (multiple formats)".
#[test]
fn supported_types_addresses_and_phones() {
    finds(&PiiCategory::EMAIL, "mail a.b+c@mail.example.org!", &["a.b+c@mail.example.org"]);
    finds(&PiiCategory::EMAIL, "meet me @ noon", &[]);
    for phone in ["(212) 555-0142", "212-555-0142", "+1 212 555 0142", "212.555.0142"] {
        finds(&PiiCategory::PHONE, &format!("call {phone} now"), &[phone]);
    }
}

/// "Credit card numbers (with Luhn validation)", "Social Security Numbers (US format)".
#[test]
fn supported_types_numbers_are_validated() {
    for card in ["4111111111111111", "4111 1111 1111 1111", "5500-0000-0000-0004"] {
        finds(&PiiCategory::CREDIT_CARD, &format!("card {card}"), &[card]);
    }
    finds(&PiiCategory::CREDIT_CARD, "card 4111 1111 1111 1112", &[]);
    finds(&PiiCategory::SSN, "SSN: 219-09-9999", &["219-09-9999"]);
    for never_issued in ["000-12-3456", "666-12-3456", "900-12-3456", "219-00-9999"] {
        finds(&PiiCategory::SSN, &format!("SSN: {never_issued}"), &[]);
    }
}

/// "IP addresses (IPv4)", "API keys and tokens".
#[test]
fn supported_types_addresses_and_keys() {
    finds(&PiiCategory::IP_ADDRESS, "from 203.0.113.7 today", &["203.0.113.7"]);
    finds(&PiiCategory::IP_ADDRESS, "from 203.0.113.700 today", &[]);
    for key in ["sk-proj-Zk3vQ9LrT8wXnB2mYc7Hd5Fj", "AKIAQYLPMN5HFIQR7XYA"] {
        finds(&PiiCategory::API_KEY, &format!("use {key} for it"), &[key]);
    }
}

async fn redacted(redactor: &RegexPiiRedactor, text: &str, strategy: RedactionStrategy) -> String {
    redactor.redact(text, strategy).await.unwrap().text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// "`Mask`: Replace with `[REDACTED]` placeholder", "`Remove`: Delete entirely", "`Replace`:
/// Category-specific placeholders (e.g., `[EMAIL]`)".
#[tokio::test]
async fn strategies_put_the_promised_text_in_place() {
    let redactor = RegexPiiRedactor::new();
    let text = "to user@example.com, SSN 219-09-9999.";
    for (strategy, expected) in [
        (RedactionStrategy::Mask, "to [REDACTED], SSN [REDACTED]."),
        (RedactionStrategy::Remove, "to , SSN ."),
        (RedactionStrategy::Replace, "to [EMAIL], SSN [SSN]."),
    ] {
        assert_eq!(redacted(&redactor, text, strategy).await, expected);
    }
}

/// "`Hash`: Replace with SHA-256 hash (for audit trail)": HMAC-SHA-256, so that a hash cannot be
/// reversed by trying all values; the bare SHA-256 only where it is asked for by its name.
#[tokio::test]
async fn strategy_hash_is_a_keyed_sha256() {
    let (key, value, hash) = ([7; 32], "219-09-9999", RedactionStrategy::Hash);
    let text = format!("SSN {value}");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(value.as_bytes());
    let keyed = format!("SSN hmac-sha256:{}", hex(&mac.finalize().into_bytes()));
    // As an array, or as one that is overwritten when it is dropped.
    for redactor in [
        RegexPiiRedactor::new().with_hash_key(key),
        RegexPiiRedactor::new().with_hash_key(Zeroizing::new(key)),
    ] {
        assert_eq!(redacted(&redactor, &text, hash).await, keyed);
    }

    let weak = RegexPiiRedactor::new().with_weak_unkeyed_sha256();
    let bare = format!("SSN sha256:{}", hex(&Sha256::digest(value)));
    assert_eq!(redacted(&weak, &text, hash).await, bare);

    // Without a key of its own a redactor makes one that nobody knows.
    let (one, other) = (RegexPiiRedactor::new(), RegexPiiRedactor::new());
    let first = redacted(&one, &text, hash).await;
    assert_eq!(first, redacted(&one, &text, hash).await);
    assert_ne!(first, redacted(&other, &text, hash).await);
    assert_ne!(first, bare);
}

/// "GDPR-compliant data protection with multiple strategies": a strategy for each category holds
/// over the default, and nothing that could be found is left.
#[tokio::test]
async fn strategies_are_chosen_by_category() {
    let redactor = RegexPiiRedactor::new()
        .with_strategy(PiiCategory::SSN, RedactionStrategy::Remove)
        .with_strategy(PiiCategory::CREDIT_CARD, RedactionStrategy::Mask);
    let text = "a@example.com 536-90-4399 4111 1111 1111 1111";
    let left = redacted(&redactor, text, RedactionStrategy::Replace).await;
    assert_eq!(left, "[EMAIL]  [REDACTED]");
    assert_eq!(RegexPiiDetector::new().find(&left), []);
}
