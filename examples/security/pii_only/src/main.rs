//! Personal data alone: what is found in texts, and what is left of it under each strategy.
//!
//! Prints what it claims and checks it; exits with 1 if a claim does not hold.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its reader")]

use mofa_foundation::security::{PiiDetector, PiiRedactor, RegexPiiDetector, RegexPiiRedactor};
use mofa_runtime::security::PiiCategory;
use mofa_runtime::security::types::RedactionStrategy;
use std::error::Error;
use std::process::ExitCode;

/// A message with one of everything that the detector knows. The numbers are reserved for examples.
const TICKET: &str = "Contact ada@example.com or (212) 555-0142. Card 4111 1111 1111 1111, \
SSN 219-09-9999, logged in from 203.0.113.7 with key sk-proj-Zk3vQ9LrT8wXnB2mYc7Hd5Fj.";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut account = Account::default();
    match tell(&mut account).await {
        Ok(()) if account.failed == 0 => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("pii_only: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn tell(account: &mut Account) -> Result<(), Box<dyn Error>> {
    println!("The text:\n  {TICKET}\n");
    detection(account).await?;
    strategies(account).await?;
    data_protection(account).await?;
    no_false_alarms(account).await?;
    own_pattern(account).await
}

/// The six kinds of personal data and secrets, each where it stands.
async fn detection(account: &mut Account) -> Result<(), Box<dyn Error>> {
    println!("What is found");
    let detector = RegexPiiDetector::new();
    let detections = detector.detect(TICKET).await?;
    let expected = [
        (PiiCategory::EMAIL, "ada@example.com"),
        (PiiCategory::PHONE, "(212) 555-0142"),
        (PiiCategory::CREDIT_CARD, "4111 1111 1111 1111"),
        (PiiCategory::SSN, "219-09-9999"),
        (PiiCategory::IP_ADDRESS, "203.0.113.7"),
        (PiiCategory::API_KEY, "sk-proj-Zk3vQ9LrT8wXnB2mYc7Hd5Fj"),
    ];
    for (category, value) in &expected {
        let is_found = detections.iter().any(|found| {
            found.category == *category && TICKET.get(found.span.clone()) == Some(value)
        });
        account.claim(&format!("{:<12} {value}", category.as_str()), is_found);
    }
    account.claim("and nothing else", detections.len() == expected.len());
    Ok(())
}

/// One text under each of the four strategies.
async fn strategies(account: &mut Account) -> Result<(), Box<dyn Error>> {
    println!("\nWhat each strategy leaves of `Mail ada@example.com today`");
    let text = "Mail ada@example.com today";
    let redactor = RegexPiiRedactor::new().with_default_strategy(RedactionStrategy::Mask);
    for (strategy, expected) in [
        (RedactionStrategy::Mask, "Mail [REDACTED] today"),
        (RedactionStrategy::Remove, "Mail  today"),
        (RedactionStrategy::Replace, "Mail [EMAIL] today"),
    ] {
        let redacted = redactor.redact(text, strategy).await?;
        let line = format!("{:<8} {}", strategy.as_str(), redacted.text);
        account.claim(&line, redacted.text == expected);
    }
    let hashed = redactor.redact(text, RedactionStrategy::Hash).await?.text;
    let is_keyed = hashed.starts_with("Mail hmac-sha256:") && !hashed.contains("ada");
    account.claim(&format!("{:<8} {hashed}", "hash"), is_keyed);

    let again = redactor.redact("cc: ada@example.com", RedactionStrategy::Hash).await?.text;
    let token = hashed.split_whitespace().nth(1).unwrap_or_default();
    account.claim("the same value has the same hash: it can be followed", again.ends_with(token));
    let other = RegexPiiRedactor::new().redact(text, RedactionStrategy::Hash).await?.text;
    account.claim("under another key it has another: it cannot be looked up", other != hashed);
    Ok(())
}

/// What the General Data Protection Regulation asks for: no number that names a person, a trail
/// that can be followed, a text that can be read.
async fn data_protection(account: &mut Account) -> Result<(), Box<dyn Error>> {
    println!("\nA policy by category: remove SSNs, hash addresses, name the rest");
    let redactor = RegexPiiRedactor::new()
        .with_default_strategy(RedactionStrategy::Replace)
        .with_strategy(PiiCategory::SSN, RedactionStrategy::Remove)
        .with_strategy(PiiCategory::EMAIL, RedactionStrategy::Hash)
        .with_strategy(PiiCategory::API_KEY, RedactionStrategy::Mask);
    let redacted = redactor.redact(TICKET, RedactionStrategy::Replace).await?;
    println!("         {}", redacted.text);
    let values = redacted.detections.iter().filter_map(|found| TICKET.get(found.span.clone()));
    let is_gone =
        values.clone().count() == 6 && !values.into_iter().any(|v| redacted.text.contains(v));
    account.claim("no value is left", is_gone);
    let rest = RegexPiiDetector::new().detect(&redacted.text).await?;
    account.claim("and the detector finds nothing any more", rest.is_empty());
    account.claim("the SSN left no trace", redacted.text.contains("SSN , logged in"));
    account.claim("the card's place is named", redacted.text.contains("Card [CREDIT_CARD]"));
    Ok(())
}

/// Numbers that only look like it.
async fn no_false_alarms(account: &mut Account) -> Result<(), Box<dyn Error>> {
    println!("\nWhat is left alone");
    let detector = RegexPiiDetector::new();
    for text in [
        "order 4111 1111 1111 1112 (fails the Luhn check)",
        "part no. 000-12-3456 (no such SSN is given out)",
        "version 1.2.3.400 (not an address)",
        "meet me @ 5",
    ] {
        account.claim(text, detector.detect(text).await?.is_empty());
    }
    Ok(())
}

/// A kind of your own beside the built-in ones.
async fn own_pattern(account: &mut Account) -> Result<(), Box<dyn Error>> {
    println!("\nA pattern of your own");
    let badge = PiiCategory::new("badge")?;
    let detector =
        RegexPiiDetector::builder().with_pattern(&badge, "acme.badge", r"\bB-\d{5}\b").build()?;
    let redactor = RegexPiiRedactor::new()
        .with_detector(detector)
        .with_default_strategy(RedactionStrategy::Replace);
    let redacted =
        redactor.redact("Badge B-20481, mail bo@example.com", RedactionStrategy::Replace).await?;
    account.claim(&redacted.text, redacted.text == "Badge [BADGE], mail [EMAIL]");
    Ok(())
}

/// Prints claims, and counts those that do not hold.
#[derive(Default)]
struct Account {
    failed: usize,
}

impl Account {
    fn claim(&mut self, claim: &str, holds: bool) {
        println!("  {} {claim}", if holds { "ok    " } else { "FAILED" });
        self.failed += usize::from(!holds);
    }
}
