//! Searches the other readings of a text, and reports what they show by the bytes of the text.
//!
//! Called by the scanner when it was built with layers.

use std::ops::Range;

use super::builtin::Category;
use super::{PiiScanner, bank, card, resolve, secret};
use crate::{Finding, RuleId, layers};

/// How much of its confidence a finding keeps that was not there in plain sight.
const KEPT: f32 = 0.95;

/// Appends the candidates that readings of `text` show from the offset `from` on; returns where
/// the part begins that more text could change. Those that stand in plain sight are `out[plain]`.
pub(super) fn candidates(
    scanner: &PiiScanner,
    text: &str,
    from: usize,
    out: &mut Vec<Finding>,
    plain: Range<usize>,
) -> usize {
    let mut shown = Vec::new();
    // A cipher of an address has the form of one: a word that shows its value hides no other.
    let in_sight = out.get(plain).unwrap_or_default().iter();
    let in_sight = in_sight.filter(|found| has_format(scanner, found.rule));
    let mut in_sight: Vec<_> = in_sight.map(|found| found.start..found.end).collect();
    in_sight.sort_unstable_by_key(|span| span.start);
    let believed = believed(scanner, &in_sight);
    let shows_itself = |span: &Range<usize>| believed.is_in_sight(span.start, span.end);
    layers::visit_with(text, from, believed, &mut |reading| {
        shown.clear();
        // Most guesses hold nothing that is believed: that is found out at a part of the work.
        if reading.is_guess() {
            scanner.formatted_candidates(reading.text(), &mut shown);
            let is_news = |found: &Finding| {
                has_format(scanner, found.rule)
                    && reading
                        .reveals(found.start..found.end)
                        .is_some_and(|span| !shows_itself(&span))
            };
            if !shown.iter().any(is_news) {
                return;
            }
            shown.clear();
        }
        scanner.plain_candidates(reading.text(), 0, &mut shown);
        resolve::resolve(&mut shown, 0);
        for found in shown.drain(..) {
            if reading.is_guess() && !has_format(scanner, found.rule) {
                continue;
            }
            let span = reading.reveals(found.start..found.end);
            if let Some(span) = span.filter(|span| !reading.is_guess() || !shows_itself(span)) {
                let confidence = found.confidence * KEPT;
                out.push(Finding { start: span.start, end: span.end, confidence, ..found });
            }
        }
    })
}

/// What a reading that is a guess must show to be looked at.
fn believed<'b>(scanner: &PiiScanner, in_sight: &'b [Range<usize>]) -> layers::Believed<'b> {
    // What the caller's own patterns take is not known.
    if !scanner.custom.is_empty() {
        return layers::Believed { in_sight, ..layers::Believed::ALL };
    }
    let is_card: fn(&[u8]) -> bool =
        if scanner.settings.luhn { |digits| card::is_card(digits, true) } else { |_| true };
    let begins = |four| bank::begins_iban(four) || secret::begins_key(four);
    layers::Believed { begins, is_card, in_sight }
}

/// The categories of built-in rules of which some ask for so much that a guess is believed.
pub(super) const FORMATTED: [Category; 5] =
    [Category::Email, Category::CreditCard, Category::Ssn, Category::Iban, Category::ApiKey];

/// Whether a rule asks for so much that ordinary words and numbers do not pass it by chance; the
/// caller's own patterns may not.
fn has_format(scanner: &PiiScanner, rule: RuleId) -> bool {
    let category = scanner.rule(rule).category.as_ref();
    matches!(category, "email" | "credit_card" | "ssn" | "iban") || secret::has_prefix(rule)
}
