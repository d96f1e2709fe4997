//! The gate in front of the automaton changes nothing: every text, with the gate and without it.

use super::*;
use proptest::prelude::*;

/// Parts of phrases and of texts: letters that fold from outside ASCII, words without spaces, white
/// space of every width, symbols, and words around the eight bytes the gate looks at.
const PARTS: &[&str] = &[
    "a",
    "b",
    "k",
    "K",
    "i",
    "\u{212a}",
    "\u{130}",
    "é",
    "É",
    "邮",
    "件",
    "_",
    "7",
    " ",
    "  ",
    "\n",
    "\u{a0}",
    "\u{2003}",
    ".",
    "#",
    "@",
    "-",
    "abcdefg",
    "ABCDEFGH",
    "abcdefgh",
    "abcdefghi",
    "😀",
    "\u{200b}",
    "the quick brown fox jumps over the lazy dog and runs away from it ",
];

fn parts(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PARTS), 1..most).prop_map(|parts| parts.concat())
}

impl KeywordScanner {
    /// As [`Self::scan_from`], from the first byte to the last one by the automaton alone.
    fn scan_without_gate(&self, text: &str, from: usize) -> Vec<KeywordMatch> {
        let from = ceil_boundary(text, from.min(text.len()));
        let (mut out, mut folder) = (Vec::new(), Folder::new(text, from));
        let mut state = self.machine.start();
        while let Some(folded) = folder.next() {
            let mut buffer = [0; 4];
            let bytes = match folded {
                Folded::Ascii(byte) => char::from(byte).encode_utf8(&mut buffer).bytes(),
                Folded::Wide(c) => c.encode_utf8(&mut buffer).bytes(),
            };
            state = bytes.fold(state, |state, byte| self.machine.step(state, byte));
            if self.machine.is_match(state) {
                let _ =
                    self.whole_at(&folder, state).any(|found| keep_leftmost(&mut out, 0, found));
            }
        }
        out
    }
}

fn check(phrases: &[String], text: &str, from: usize) {
    let phrases = phrases.iter().filter(|phrase| !phrase.trim().is_empty()).zip(0..);
    let scanner = phrases
        .fold(KeywordScanner::builder(), |builder, (phrase, id)| builder.add(phrase, KeywordId(id)))
        .build()
        .unwrap();
    let mut gated = Vec::new();
    scanner.scan_from(text, from, &mut gated);
    assert_eq!(gated, scanner.scan_without_gate(text, from), "{text:?} from {from}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_gate_lets_every_phrase_through(
        phrases in prop::collection::vec(parts(4), 0..12),
        text in parts(40),
        from in 0..12_usize,
    ) {
        check(&phrases, &text, from);
    }

    #[test]
    fn a_part_of_the_text_is_found_in_it(text in parts(40), start in 0..150_usize, len in 1..30_usize) {
        let start = ceil_boundary(&text, start);
        let part = text.get(start..ceil_boundary(&text, start + len)).unwrap();
        check(&[part.to_owned()], &text, 0);
    }
}

#[test]
fn a_phrase_is_found_wherever_a_block_of_the_gate_ends() {
    let scanner = KeywordScanner::builder().add("spam mail", KeywordId(0)).build().unwrap();
    for before in 0..200 {
        for filler in ["x", " ", "é", "ab "] {
            let text = filler.repeat(before) + " Spam  mail";
            let mut found = Vec::new();
            scanner.scan(&text, &mut found);
            assert_eq!(found.len(), 1, "{filler:?} {before}");
        }
    }
}

/// All occurrences of `phrases`, by trying every place; ASCII, one space.
fn occurrences(phrases: &[&str], text: &str) -> Vec<(usize, usize)> {
    let is_word = |at: Option<usize>| {
        at.and_then(|at| text.as_bytes().get(at)).is_some_and(u8::is_ascii_alphanumeric)
    };
    let mut found = Vec::new();
    for phrase in phrases {
        for start in 0..text.len() {
            let end = start + phrase.len();
            let is_there = text.get(start..end) == Some(*phrase);
            if is_there && !is_word(start.checked_sub(1)) && !is_word(Some(end)) {
                found.push((start, end));
            }
        }
    }
    found
}

fn scanner(phrases: &[&str]) -> KeywordScanner {
    let add = |all: KeywordScannerBuilder, phrase: &&str| all.add(*phrase, KeywordId(0));
    phrases.iter().fold(KeywordScanner::builder(), add).build().unwrap()
}

/// Words of which phrases and texts of the tests below are made.
fn words(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "x"]), 1..most)
        .prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cover_knows_every_occurrence(
        phrases in prop::collection::vec(words(4), 1..5),
        text in words(14),
    ) {
        let phrases: Vec<&str> = phrases.iter().map(String::as_str).collect();
        let cover = scanner(&phrases).cover(&text);
        let all = occurrences(&phrases, &text);
        for start in 0..text.len() {
            for end in start + 1..=text.len() {
                let within = all.iter().any(|(from, to)| *from <= start && end <= *to);
                prop_assert_eq!(cover.contains(start, end), within, "{}..{}", start, end);
            }
            let outside = (0..=start).rev().find(|at| {
                // As far to the left as needed and no farther.
                !all.iter().any(|(from, to)| from < at && at < to)
            });
            prop_assert_eq!(Some(cover.outside(start)), outside);
        }
    }

    #[test]
    fn what_is_excused_takes_no_room(
        phrases in prop::collection::vec(words(4), 1..5),
        exceptions in prop::collection::vec(words(4), 1..3),
        text in words(14),
    ) {
        let phrases: Vec<&str> = phrases.iter().map(String::as_str).collect();
        let exceptions: Vec<&str> = exceptions.iter().map(String::as_str).collect();
        let excused = occurrences(&exceptions, &text);
        let mut counted = occurrences(&phrases, &text);
        counted.retain(|(start, end)| {
            !excused.iter().any(|(from, to)| from <= start && end <= to)
        });
        // Leftmost, then longest.
        counted.sort_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)));
        let mut expected: Vec<(usize, usize)> = Vec::new();
        for (start, end) in counted {
            if expected.last().is_none_or(|last| last.1 <= start) {
                expected.push((start, end));
            }
        }
        let mut found = Vec::new();
        let cover = scanner(&exceptions).cover(&text);
        scanner(&phrases).scan_outside(&text, &cover, &mut found);
        let found: Vec<_> = found.iter().map(|found| (found.start, found.end)).collect();
        prop_assert_eq!(found, expected);
    }
}
