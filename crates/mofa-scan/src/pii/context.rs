//! Words before a value that say what it is.
//!
//! Called by matchers whose values look like any other number. A key of JSON counts like any word,
//! because it stands before its value.

mod begins;

pub(super) use begins::{Beginnings, Endings, each_word};

use crate::CONTEXT;
use crate::bytes::{byte_at, byte_before, ends_with_ignore_case, is_word, run_len, run_len_back};

/// How far before a value its words are looked for, in bytes.
pub(super) const WINDOW: usize = 96;

/// No mark of redaction has more between its brackets, in bytes.
const MAX_MARK: usize = 80;

/// A partial mask keeps no more of a value, in bytes: four characters.
const MAX_KEPT: usize = 16;

const _: () = assert!(WINDOW <= CONTEXT, "a stream keeps no more");

/// Whether one of `words`, which are lower case, begins within [`WINDOW`] bytes before `start`, at
/// the beginning of a word or of a part of a name: `taxId`, `tax_id`. Case is ignored in ASCII.
pub(super) fn announces(text: &[u8], start: usize, words: &[impl AsRef<str>]) -> bool {
    announces_within(text, start, WINDOW, words)
}

/// The same within `window` bytes, which are at most [`WINDOW`].
pub(super) fn announces_within(
    text: &[u8],
    start: usize,
    window: usize,
    words: &[impl AsRef<str>],
) -> bool {
    let first = start.saturating_sub(window.min(WINDOW));
    // Few letters begin one of the words: most places are passed over by this alone.
    let begins = || words.iter().filter_map(|word| word.as_ref().as_bytes().first());
    let letters = begins().fold(0_u32, |letters, byte| letters | 1 << (byte & 31));
    // Digits and marks have the same last bits as letters, but begin hardly a word.
    let least = begins().copied().min().unwrap_or(0).min(b'A');
    (first..start).any(|at| {
        let byte = byte_at(text, at);
        byte >= least
            && letters >> (byte & 31) & 1 != 0
            && begins_word(text, at)
            && words.iter().map(AsRef::as_ref).any(|word| {
                let found = text.get(at..at + word.len()).filter(|_| at + word.len() <= start);
                found.is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
            })
            && !in_mark(text, at)
    })
}

/// How many lists of words there are that a pass remembers.
pub(super) const LISTS: usize = 8;

/// Words that are asked for at one number after the other.
#[derive(Debug)]
pub(super) struct List {
    number: usize,
    words: &'static [&'static str],
    beginnings: Beginnings,
}

impl List {
    /// The list `number` of [`LISTS`].
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, below the lengths")]
    pub(super) const fn new(number: usize, words: &'static [&'static str]) -> Self {
        assert!(number < LISTS, "no pass remembers it");
        let mut beginnings = Beginnings::none();
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_bytes();
            assert!(word[0] >= b'A', "a digit begins no word");
            beginnings = beginnings.with([word[0], word[1], word[2]]);
            at += 1;
        }
        Self { number, words, beginnings }
    }

    pub(super) const fn number(&self) -> usize {
        self.number
    }

    pub(super) const fn words(&self) -> &'static [&'static str] {
        self.words
    }
}

/// What was heard of one list so far in a pass: every byte is looked at about once, not once for
/// every number behind it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Heard {
    /// What part of the text has been searched.
    from: usize,
    to: usize,
    /// Before what was asked last, and where the last word before it begins.
    asked: usize,
    last: Option<usize>,
}

impl Heard {
    /// What [`announces_within`] says.
    pub(super) fn announces(
        &mut self,
        text: &[u8],
        start: usize,
        window: usize,
        list: &List,
    ) -> bool {
        let first = start.saturating_sub(window.min(WINDOW));
        if start < self.asked {
            return announces_within(text, start, window, list.words);
        }
        if first < self.from || self.to < first {
            *self = Self { from: first, to: first, ..Self::default() };
        }
        self.asked = start;
        let mut reach = start;
        each_word(text, self.to, start, |at| {
            if list.beginnings.has(text, at) {
                let ends = list.words.iter().filter_map(|word| word_end(text, at, word));
                for end in ends {
                    if in_mark(text, at) {
                        break;
                    } else if end <= start {
                        self.last = Some(at);
                    } else {
                        reach = reach.min(at);
                    }
                }
            }
        });
        self.to = reach;
        self.last.is_some_and(|last| last >= first)
    }
}

/// Where `word` ends that begins at `at`, ASCII case ignored.
fn word_end(text: &[u8], at: usize, word: &str) -> Option<usize> {
    let end = at + word.len();
    text.get(at..end)
        .is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
        .then_some(end)
}

/// Whether `at` is in what redaction puts in the place of a value, as `[IP_ADDRESS_1]`: what was
/// taken out announces nothing, or a text would change each time it is redacted.
pub(super) fn in_mark(text: &[u8], at: usize) -> bool {
    let of_mark = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    let before = run_len_back(text, at, MAX_MARK, of_mark);
    let after = run_len(text, at, MAX_MARK, of_mark);
    let is_name = byte_before(text, at - before, 1) == b'[' && byte_at(text, at + after) == b']';
    is_name || in_partial_mask(text, at)
}

/// Whether `at` is in what a partial mask keeps of a value: at most four characters behind `[****`.
fn in_partial_mask(text: &[u8], at: usize) -> bool {
    let after = run_len(text, at, MAX_KEPT + 1, |b| b != b']');
    if after > MAX_KEPT {
        return false;
    }
    let kept = run_len_back(text, at, MAX_KEPT + 1, |b| !matches!(b, b'[' | b']' | b'*'));
    kept + after <= MAX_KEPT
        && ends_with_ignore_case(text, at - kept, b"[****")
        && byte_at(text, at + after) == b']'
}

/// Whether a word, or a part of a name that is written as one word, may begin at `at`. A character
/// of a script that is written without blanks begins one anywhere.
pub(super) fn begins_word(text: &[u8], at: usize) -> bool {
    let (byte, before) = (byte_at(text, at), byte_before(text, at, 1));
    match byte {
        0xe0..=0xf4 => true,
        // A byte that goes on with a character begins none.
        0x80..=0xbf => false,
        b'A'..=b'Z' => !before.is_ascii_uppercase() && before < 0x80,
        b'a'..=b'z' | 0xc0..=0xdf => !before.is_ascii_alphabetic() && before < 0x80,
        _ => (!is_word(before) || before == b'_') && before < 0x80,
    }
}

/// Whether a word, or a part of a name, may end before `at`: `vat` in `vatNumber` and `VATNumber`.
pub(super) fn ends_word(text: &[u8], at: usize) -> bool {
    let (last, next) = (byte_before(text, at, 1), byte_at(text, at));
    let is_capital = next.is_ascii_uppercase()
        && (last.is_ascii_lowercase() || byte_at(text, at + 1).is_ascii_lowercase());
    is_capital || !next.is_ascii_alphabetic() && next < 0xc0
}

#[cfg(test)]
mod tests {
    use super::*;

    static NUMERO: List = List::new(0, &["tax id", "tax_id", "taxid", "número"]);

    #[test]
    fn what_was_heard_is_what_a_new_search_hears() {
        let said = ["tax id ", "número", "[TAX_ID_1] ", "syntax idea ", "{\"userTaxId\": ", "tax"];
        let text: String = (0..900)
            .map(|i| said[i * i % 97 % said.len()].to_owned() + &"1 .-".repeat(i * i % 31))
            .collect();
        let text = text.as_bytes();
        let mut heard = Heard::default();
        for start in (0..text.len()).filter(|at| text[*at] == b'1' || text[*at] == b'i') {
            for (back, window) in [(0, WINDOW), (0, 32), (9, WINDOW), (2, 40)] {
                let start = start.saturating_sub(back);
                let expect = announces_within(text, start, window, NUMERO.words);
                assert_eq!(heard.announces(text, start, window, &NUMERO), expect, "{start}");
            }
        }
    }

    #[track_caller]
    fn check(text: &str, expect: bool) {
        let start = text.find('#').unwrap_or(text.len());
        let found = announces(text.as_bytes(), start, &["tax id", "tax_id", "taxid", "número"]);
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn a_part_of_a_name_ends_before_a_capital() {
        let ends = |text: &str, word: &str| ends_word(text.as_bytes(), word.len());
        for text in ["vat", "vat_no", "vatNumber", "VATNumber", "vat: 1", "VAT 1"] {
            assert!(ends(text, "vat"), "{text}");
        }
        for text in ["vats", "VATS", "vaté", "Vatican"] {
            assert!(!ends(text, "vat"), "{text}");
        }
    }

    #[test]
    fn a_script_without_blanks_begins_words_anywhere() {
        assert!(announces("我的电话#".as_bytes(), 12, &["电话"]));
        assert!(!announces("мойтел#".as_bytes(), 12, &["тел"]));
    }

    #[test]
    fn a_word_counts_where_it_begins_and_before_the_value() {
        check("my Tax ID is #", true);
        check("{\"userTaxId\": \"#", true);
        check("user_tax_id=#", true);
        check("我的número #", false);
        check("7número #", true);
        check("el número: #", true);
        check("[TAX_ID_1] and #", false);
        check("[tax_id] and #", true);
        check("[****taxid] and #", false);
        check("syntax idea #", false);
        check("# is a tax id", false);
        check(&format!("tax id {} #", "x".repeat(WINDOW)), false);
        check(&format!("tax id {} #", "x".repeat(WINDOW - 10)), true);
        check("tax i#d", false);
        check("", false);
    }
}
