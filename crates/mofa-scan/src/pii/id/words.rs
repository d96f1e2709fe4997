//! The words that announce numbers, and which numbers the words before a place announce.
//!
//! Called by the probe, once for each piece of text whose form fits a number at all.
//!
//! # Invariants
//!
//! Looks at most [`WINDOW`] bytes back, and at a list of words that begin with the same two
//! bytes wherever a word begins there.

use std::collections::BTreeMap;

use super::{COUNT, Id};
use crate::bytes::byte_at;
use crate::pii::builtin::{CATEGORIES, Enabled};
use crate::pii::context::{WINDOW, begins_word, ends_word, in_mark};
use crate::pii::country::Countries;

/// How many lists the words are spread over; a power of two.
const SLOTS: usize = 2048;
/// Shorter words have to end where they end: `nif` does not announce in `nifty`.
pub(in crate::pii) const SHORT: usize = 5;

/// A set of the numbers of the module.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Announced([u64; COUNT.div_ceil(64) as usize]);

impl Announced {
    pub(super) fn has(&self, id: u16) -> bool {
        self.0.get(usize::from(id) / 64).is_some_and(|bits| bits >> (id % 64) & 1 != 0)
    }

    fn add_all(&mut self, others: &Self) {
        for (bits, other) in self.0.iter_mut().zip(others.0) {
            *bits |= other;
        }
    }

    fn add(&mut self, id: u16) {
        if let Some(bits) = self.0.get_mut(usize::from(id) / 64) {
            *bits |= 1 << (id % 64);
        }
    }
}

/// The words of the numbers that a scanner looks for.
#[derive(Debug, Clone)]
pub(super) struct Words {
    /// Where each list ends in `words`; it begins where the one before ends.
    ends: Vec<u32>,
    words: Vec<(&'static [u8], Announced)>,
}

impl Words {
    pub(super) fn new(ids: impl Iterator<Item = (u16, &'static Id)>) -> Self {
        let mut by_word: BTreeMap<&'static [u8], Announced> = BTreeMap::new();
        for (number, id) in ids {
            for word in of_category(&id.rule.category).iter().chain(id.words) {
                by_word.entry(word.as_bytes()).or_default().add(number);
            }
        }
        let mut words: Vec<_> = by_word.into_iter().collect();
        words.sort_by_key(|(word, _)| slot(word));
        let ends = (0..SLOTS).map(|at| words.partition_point(|(word, _)| slot(word) <= at));
        let ends = ends.map(|end| u32::try_from(end).unwrap_or(u32::MAX)).collect();
        Self { ends, words }
    }

    /// What the words that begin within [`WINDOW`] bytes before `start` announce.
    pub(super) fn before(&self, text: &[u8], start: usize) -> Announced {
        let mut announced = Announced::default();
        let window = start.saturating_sub(WINDOW);
        let mut folded = [0; WINDOW];
        let len = fold(text.get(window..start).unwrap_or_default(), &mut folded);
        let folded = folded.get(..len).unwrap_or_default();
        for at in 0..len {
            if begins_word(text, window + at) {
                let rest = folded.get(at..).unwrap_or_default();
                for (word, ids) in self.list(slot(rest)) {
                    if matched_len(rest, word)
                        .is_some_and(|len| may_end(text, window + at + len, len))
                        && !in_mark(text, window + at)
                    {
                        announced.add_all(ids);
                    }
                }
            }
        }
        announced
    }

    fn list(&self, slot: usize) -> &[(&'static [u8], Announced)] {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let start = slot.checked_sub(1).map_or(0, end);
        self.words.get(start..end(slot)).unwrap_or_default()
    }
}

/// By the first two bytes.
fn slot(word: &[u8]) -> usize {
    (usize::from(byte_at(word, 0)) * 61 + usize::from(byte_at(word, 1))) % SLOTS
}

/// How many bytes of `text` are `word`, if it begins with it. A blank of the word may be a mark or
/// missing, as in names: `tax id`, `tax_id`, `taxId`.
pub(in crate::pii) fn matched_len(text: &[u8], word: &[u8]) -> Option<usize> {
    let mut len = 0;
    for byte in word {
        let is_blank = *byte == b' ';
        match byte_at(text, len) {
            b' ' | b'_' | b'-' if is_blank => len += 1,
            _ if is_blank => {}
            other if other == *byte => len += 1,
            _ => return None,
        }
    }
    Some(len)
}

/// Copies `text` in lower case, each byte to its place; a character whose lower case has another
/// length stays. Returns how many bytes there are.
fn fold(text: &[u8], folded: &mut [u8; WINDOW]) -> usize {
    for (slot, byte) in folded.iter_mut().zip(text) {
        *slot = byte.to_ascii_lowercase();
    }
    if !text.is_ascii() {
        // Characters of two bytes: Latin with accents, Greek, Cyrillic.
        for at in 0..text.len().saturating_sub(1) {
            let pair = text.get(at..at + 2).and_then(|pair| std::str::from_utf8(pair).ok());
            let mut chars = pair.into_iter().flat_map(str::chars);
            if let (Some(one), None) = (chars.next(), chars.next())
                && let Some(lower) = one.to_lowercase().next().filter(|c| c.len_utf8() == 2)
                && let Some(place) = folded.get_mut(at..at + 2)
            {
                lower.encode_utf8(place);
            }
        }
    }
    text.len().min(WINDOW)
}

/// Whether a word of `len` bytes, which ends before `at`, may do so.
fn may_end(text: &[u8], at: usize, len: usize) -> bool {
    len > SHORT || ends_word(text, at)
}

/// Every word that announces a number of these categories and countries.
pub(in crate::pii) fn announcing(
    enabled: Enabled,
    countries: &Countries,
) -> impl Iterator<Item = &'static str> {
    let is_looked_for = move |id: &&Id| {
        let category = CATEGORIES.iter().find(|(name, ..)| *name == id.rule.category);
        category.is_some_and(|(_, category, _)| enabled.has(*category))
            && countries.has(&id.rule.issuer)
    };
    let ids = super::ids().filter(is_looked_for);
    ids.flat_map(|id| of_category(&id.rule.category).iter().chain(id.words)).copied()
}

/// What announces any number of a category.
fn of_category(category: &str) -> &'static [&'static str] {
    match category {
        "national_id" => &[
            "national id",
            "national identification",
            "national identity",
            "identity card",
            "identity number",
            "id card",
            "id code",
            "identity code",
            "identification number",
            "personal number",
            "personal id",
            "personal identification",
            "citizen id",
        ],
        "tax_id" => &[
            "tax id",
            "tax number",
            "tax no",
            "tax file",
            "tax identification",
            "taxpayer",
            "tax payer",
            "tin",
            "vat",
        ],
        "health_id" => &["health insurance", "health card", "patient", "insurance number"],
        "passport" => PASSPORT,
        "driving_licence" => LICENCE,
        "company_id" => &[
            "vat",
            "company number",
            "company no",
            "company registration",
            "business number",
            "business registration",
            "registered number",
        ],
        "vehicle_id" => {
            &["vehicle", "number plate", "license plate", "licence plate", "registration plate"]
        }
        _ => &[],
    }
}

const PASSPORT: &[&str] = &[
    "passport",
    "pasaporte",
    "passaporto",
    "passeport",
    "passaporte",
    "reisepass",
    "paspoort",
    "паспорт",
    "护照",
    "護照",
    "旅券",
    "パスポート",
    "여권",
];

const LICENCE: &[&str] = &[
    "driver license",
    "driver's license",
    "drivers license",
    "driver licence",
    "driver's licence",
    "drivers licence",
    "driving license",
    "driving licence",
    "license number",
    "licence number",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_of_a_word_may_be_a_mark_or_missing() {
        for text in ["tax id 1", "tax_id", "tax-id", "taxid"] {
            assert_eq!(
                matched_len(text.as_bytes(), b"tax id"),
                Some(text.trim_end_matches(" 1").len())
            );
        }
        for text in ["tax  id", "tax", "tax_", "taxes id", ""] {
            assert_eq!(matched_len(text.as_bytes(), b"tax id"), None, "{text}");
        }
    }

    #[test]
    fn capitals_of_other_alphabets_are_folded() {
        let fold_all = |text: &str| {
            let mut folded = [0; WINDOW];
            let len = fold(text.as_bytes(), &mut folded);
            String::from_utf8_lossy(folded.get(..len).unwrap_or_default()).into_owned()
        };
        for (text, expect) in
            [("ИНН ČÍSLO", "инн číslo"), ("ΑΦΜ", "αφμ"), ("Ab", "ab"), ("İ身", "İ身"), ("", "")]
        {
            assert_eq!(fold_all(text), expect);
        }
    }
}
