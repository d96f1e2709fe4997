//! What is read of a piece is enough: with every decoder, and the whole piece, no more is found.

use std::cell::Cell;

use proptest::prelude::*;

use super::anchors::Kinds;
use super::spot::Spot;
use super::zone::Piece;
use crate::Finding;
use crate::pii::PiiScanner;

thread_local! {
    static EVERY: Cell<bool> = const { Cell::new(false) };
}

/// One spot, the whole piece, while [`with_every_decoder`] works.
pub(super) fn widen(piece: Piece, spots: &mut Vec<Spot>) {
    if EVERY.get() {
        *spots = vec![Spot { start: piece.start, end: piece.end, kinds: Kinds::all() }];
    }
}

/// Every decoder, while [`with_every_decoder`] works.
pub(super) fn widened(kinds: Kinds) -> Kinds {
    if EVERY.get() { Kinds::all() } else { kinds }
}

fn scan(scanner: &PiiScanner, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    scanner.scan(text, &mut findings);
    findings
}

fn with_every_decoder(scanner: &PiiScanner, text: &str) -> Vec<Finding> {
    EVERY.set(true);
    let findings = scan(scanner, text);
    EVERY.set(false);
    findings
}

/// What hides something, and what only looks so.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "am9obkBleGFtcGxlLmNvbQ==", "6a6f686e406578616d706c652e636f6d", "NJXWQ3SAMV4GC3LQNRSS4Y3PNU======",
    "6a 6f 68 6e 40 65 78 61 6d 70 6c 65 2e 63 6f 6d", "106 111 104 110 64 101 120 46 105 111",
    "john&#64;example.com", "john%40example.com", "john\\u0040example.com", "john=40example.com",
    "=6A=6F=68=6E=40=65=78=2E=69=6F", "ann=\r\n@example.org", "password=3Dhunter2x",
    "j o h n @ e x a m p l e . c o m", "john at example dot com", "john [at] example [dot] com",
    "jоhn@exаmple.com", "４１１１ １１１１ １１１１ １１１１", "4111*1111*1111*1111", "1111 1111 1111 1114",
    "four one one one one one one one one one one one one one one one", "1\u{200b}2\u{200b}3-45-6789",
    "9876-54-321", "moc.elpmaxe@nhoj", "wbua@rknzcyr.pbz", "tuc_nO3qR5tU7wnO3qR5tU7wnO3qR5tU7wnO3qR5",
    "ann@example.org", "4111 1111 1111 1111", "123-45-6789", "ghp_aB3dE5gH7jaB3dE5gH7jaB3dE5gH7jaB3dE5",
    "\\\"password\\\": \\\"hunter2x\\\"", "{\"a\": \"b\", \"n\": 12}", "a=10 b=20 id=4f00aa31",
    "2024-03-01T10:20:30.123Z INFO worker-3 took 12 ms", "12345,123.45,item 7,open,20240101\n",
    "let x = &y[1..3];\n", "fn begins_text(word: &[u8]) -> bool {\n", "the library in the old harbour",
    "Die Größe der Bänke genügt", "邮", "&amp;", "%20", "\\n", " ", "\n", ", ", "\"", "7", "-", ".", "@",
    "one", "token: ", "0x1f", "....- -.. ", "ABCDEFGHIJKLMNOP", "camelCaseWord", "1 2 3 4 5 6 7 8",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_decoder_finds_no_more_than_those_that_are_named(
        parts in prop::collection::vec((prop::sample::select(PARTS), any::<bool>()), 0..60),
    ) {
        let scanner = PiiScanner::builder().with_layers(true).build().unwrap_or_default();
        let text: String =
            parts.iter().flat_map(|(part, apart)| [*part, if *apart { " " } else { "" }]).collect();
        prop_assert_eq!(scan(&scanner, &text), with_every_decoder(&scanner, &text), "{:?}", text);
    }
}

/// Words with an `@` are marked after those with digits.
#[test]
fn a_mark_far_before_the_last_one_counts() {
    let scanner = PiiScanner::builder().with_layers(true).build().unwrap_or_default();
    let gap = "fn begins_text(word: &[u8]) -> bool {\n".repeat(4);
    let text = format!("moc.elpmaxe@nhoj {gap}tuc_nO3qR5tU7wnO3qR5tU7wnO3qR5tU7wnO3qR5");
    assert_eq!(scan(&scanner, &text).first().map(|found| (found.start, found.end)), Some((0, 16)));
    assert_eq!(scan(&scanner, &text), with_every_decoder(&scanner, &text));
}
