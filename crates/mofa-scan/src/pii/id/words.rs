//! The words that announce numbers, and which numbers the words before a place announce.
//!
//! Called by the probe, once for each piece of text whose form fits a number at all.
//!
//! # Invariants
//!
//! Looks at most [`WINDOW`] bytes back, and at a list of words that begin with the same two
//! bytes wherever a word begins there. What was heard is kept for the next number: in a text of
//! numbers every byte is looked at about once, not once for every number behind it.

use std::collections::BTreeMap;

use super::{COUNT, Id};
use crate::bytes::byte_at;
use crate::pii::builtin::Enabled;
use crate::pii::context::{Beginnings, WINDOW, begins_word, each_word, ends_word, in_mark};
use crate::pii::country::Countries;

/// How many lists the words are spread over; a power of two.
const SLOTS: usize = 2048;
/// Shorter words have to end where they end: `nif` does not announce in `nifty`.
pub(in crate::pii) const SHORT: usize = 5;
/// No word is longer in a text, in bytes.
const MAX_WORD: usize = 64;
/// How many words of a text are kept.
const KEPT: usize = 16;
/// How far before a run of digits its number may begin, in bytes.
const BACK: usize = 32;

/// A set of the numbers of the module.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Announced([u64; COUNT.div_ceil(64) as usize]);

impl Announced {
    /// Whether the two have a number in common.
    #[inline]
    pub(super) fn has_any(&self, others: &Self) -> bool {
        self.0.iter().zip(&others.0).fold(0, |common, (one, other)| common | one & other) != 0
    }

    pub(super) fn has(&self, id: u16) -> bool {
        self.0.get(usize::from(id) / 64).is_some_and(|bits| bits >> (id % 64) & 1 != 0)
    }

    fn add_all(&mut self, others: &Self) {
        for (bits, other) in self.0.iter_mut().zip(others.0) {
            *bits |= other;
        }
    }

    pub(super) fn add(&mut self, id: u16) {
        if let Some(bits) = self.0.get_mut(usize::from(id) / 64) {
            *bits |= 1 << (id % 64);
        }
    }
}

/// The words of the numbers that a scanner looks for.
#[derive(Debug, Clone)]
pub(super) struct Words {
    /// Where each list ends in `all`; it begins where the one before ends.
    ends: Vec<u32>,
    all: Vec<(&'static [u8], Announced)>,
    /// What they begin with, so far as it is ASCII.
    beginnings: Box<Beginnings>,
}

impl Words {
    pub(super) fn new(ids: impl Iterator<Item = (u16, &'static Id)>) -> Self {
        let mut by_word: BTreeMap<&'static [u8], Announced> = BTreeMap::new();
        for (number, id) in ids {
            for word in of_category(&id.rule.category).iter().chain(id.words) {
                by_word.entry(word.as_bytes()).or_default().add(number);
            }
        }
        let mut all: Vec<_> = by_word.into_iter().collect();
        all.sort_by_key(|(word, _)| slot(word));
        let ends = (0..SLOTS).map(|at| all.partition_point(|(word, _)| slot(word) <= at));
        let ends = ends.map(|end| u32::try_from(end).unwrap_or(u32::MAX)).collect();
        let three = all.iter().flat_map(|(word, _)| beginnings(word));
        let beginnings = Box::new(three.fold(Beginnings::none(), Beginnings::with));
        Self { ends, all, beginnings }
    }

    /// Whether a word may begin at `at`.
    #[inline]
    fn may_begin(&self, text: &[u8], at: usize) -> bool {
        // The case of other letters than ASCII's is not known yet.
        let three = text.get(at..).and_then(<[u8]>::first_chunk::<3>);
        self.beginnings.has(text, at) || three.is_some_and(|three| !three.is_ascii())
    }

    /// Gives `each` the words that begin at `at`: which one, and where it ends.
    fn at(&self, text: &[u8], at: usize, each: &mut dyn FnMut(usize, usize)) {
        let mut folded = [0; MAX_WORD];
        let rest = text.get(at..text.len().min(at + MAX_WORD)).unwrap_or_default();
        fold(rest, &mut folded);
        let folded = folded.get(..rest.len()).unwrap_or_default();
        let slot = slot(folded);
        for (number, (word, _)) in (self.first(slot)..).zip(self.list(slot)) {
            if let Some(len) = matched_len(folded, word) {
                each(number, at + len);
            }
        }
    }

    fn ids(&self, number: usize) -> Option<&Announced> {
        self.all.get(number).map(|(_, ids)| ids)
    }

    fn first(&self, slot: usize) -> usize {
        slot.checked_sub(1).map_or(0, |at| self.ends.get(at).map_or(0, |end| *end as usize))
    }

    fn list(&self, slot: usize) -> &[(&'static [u8], Announced)] {
        let end = self.ends.get(slot).map_or(0, |end| *end as usize);
        self.all.get(self.first(slot)..end).unwrap_or_default()
    }
}

/// A word that was found in a text.
#[derive(Debug, Clone, Copy, Default)]
struct Hit {
    start: usize,
    end: usize,
    word: usize,
    /// Whether it announces only what follows at once: it is short, and a letter goes on.
    is_cut: bool,
}

/// What was heard of the words of a text so far.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::pii) struct Heard {
    /// What part of the text has been searched.
    from: usize,
    to: usize,
    hits: [Hit; KEPT],
    count: usize,
    /// The end of the hits that were forgotten for newer ones.
    forgotten: usize,
}

impl Heard {
    /// What the words that begin within [`WINDOW`] bytes before `start` announce.
    pub(super) fn before(&mut self, words: &Words, text: &[u8], start: usize) -> Announced {
        let window = start.saturating_sub(WINDOW);
        if window < self.from || self.to < window {
            // The letters before a number are asked about, too.
            let from = window.saturating_sub(BACK);
            *self = Self { from, to: from, ..Self::default() };
        }
        self.search(words, text, start);
        if self.forgotten > window {
            return afresh(words, text, window, start);
        }
        let mut announced = Announced::default();
        for hit in self.hits.iter().take(self.count) {
            hit.say(words, window, start, &mut announced);
        }
        announced
    }

    /// Searches the places before `end`.
    fn search(&mut self, words: &Words, text: &[u8], end: usize) {
        each_word(text, self.to, end, |at| {
            if words.may_begin(text, at) {
                words.at(text, at, &mut |word, end| {
                    if let Some(hit) = Hit::new(text, at, end, word) {
                        self.keep(hit);
                    }
                });
            }
        });
        self.to = self.to.max(end);
    }

    fn keep(&mut self, hit: Hit) {
        let slot = self.count % KEPT;
        if let Some(kept) = self.hits.get_mut(slot) {
            if self.count >= KEPT {
                self.forgotten = self.forgotten.max(kept.start + 1);
            }
            *kept = hit;
        }
        self.count += 1;
    }
}

impl Hit {
    /// Nothing if what redaction puts in the place of a value is taken for a word.
    fn new(text: &[u8], start: usize, end: usize, word: usize) -> Option<Self> {
        let is_cut = end - start <= SHORT && !ends_word(text, end);
        (!in_mark(text, start)).then_some(Self { start, end, word, is_cut })
    }

    /// Adds what the word announces at `start`, if it stands before that and in the window.
    fn say(&self, words: &Words, window: usize, start: usize, announced: &mut Announced) {
        let is_near = self.start >= window && self.end <= start;
        if is_near
            && (!self.is_cut || self.end == start)
            && let Some(ids) = words.ids(self.word)
        {
            announced.add_all(ids);
        }
    }
}

/// The same from the text alone, where more words stand than are kept.
fn afresh(words: &Words, text: &[u8], window: usize, start: usize) -> Announced {
    let mut announced = Announced::default();
    for at in (window..start).filter(|at| begins_word(text, *at)) {
        words.at(text, at, &mut |word, end| {
            if let Some(hit) = Hit::new(text, at, end, word) {
                hit.say(words, window, start, &mut announced);
            }
        });
    }
    announced
}

/// Every three bytes that a text may begin with where it has `word`, see [`matched_len`].
fn beginnings(word: &[u8]) -> Vec<[u8; 3]> {
    let mut texts = vec![Vec::new()];
    for byte in word {
        let longer = |text: Vec<u8>| {
            let ways: &[&[u8]] = match byte {
                _ if text.len() == 3 => &[b""],
                b' ' => &[b" ", b"_", b"-", b""],
                _ => &[std::slice::from_ref(byte)],
            };
            ways.iter().map(|way| [text.as_slice(), way].concat()).collect::<Vec<_>>()
        };
        texts = texts.into_iter().flat_map(longer).collect();
    }
    texts.iter().filter_map(|text| text.first_chunk().copied()).collect()
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
fn fold(text: &[u8], folded: &mut [u8]) -> usize {
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
    text.len().min(folded.len())
}

/// Every word that announces a number of these categories and countries.
pub(in crate::pii) fn announcing(
    enabled: Enabled,
    countries: &Countries,
) -> impl Iterator<Item = &'static str> {
    let ids = super::ids().filter(move |id| id.is_chosen(enabled, countries));
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
    fn no_word_is_too_long_or_too_short_to_be_found() {
        for (word, _) in &Words::new((0..).zip(super::super::ids())).all {
            assert!(word.len() < MAX_WORD, "{word:?}");
            assert!(word.iter().filter(|byte| **byte != b' ').count() >= 3, "{word:?}");
        }
    }

    #[test]
    fn a_word_is_found_however_its_blanks_are_written() {
        let words = Words::new((0..).zip(super::super::ids()));
        for (number, (word, _)) in words.all.iter().enumerate() {
            for blank in [&b" "[..], b"_", b"-", b""] {
                let text = word.split(|byte| *byte == b' ').collect::<Vec<_>>().join(blank);
                let mut found = Vec::new();
                words.at(&text, 0, &mut |number, _| found.push(number));
                assert!(found.contains(&number), "{}", String::from_utf8_lossy(&text));
            }
        }
    }

    #[test]
    fn what_was_heard_is_what_a_new_search_hears() {
        let words = Words::new((0..).zip(super::super::ids()));
        let said = ["tax id ", "nif", "паспорт ", "[TAX_ID_1]", "steuernummer: ", "nifty ", "护照"];
        let text: String = (0..900)
            .map(|i| said[i * i % 101 % said.len()].to_owned() + &"1 .é-".repeat(i % 7))
            .collect();
        let text = text.as_bytes();
        let mut heard = Heard::default();
        for start in (0..text.len()).filter(|at| text[*at] == b'1') {
            for back in [0, 7, 21] {
                let start = start.saturating_sub(back);
                if text.get(start).is_some_and(|byte| byte & 0xc0 != 0x80) {
                    let expect = afresh(&words, text, start.saturating_sub(WINDOW), start);
                    assert_eq!(heard.before(&words, text, start).0, expect.0, "{start}");
                }
            }
        }
        assert!(heard.count > KEPT, "{}", heard.count);
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
