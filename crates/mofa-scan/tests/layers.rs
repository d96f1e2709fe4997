//! Properties of the readings of a text: ways back lie in bounds, plain text has none, work stays
//! linear, redaction leaves nothing, chopping a stream changes nothing.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::maybe_infinite_iter,
    reason = "a test fails by panicking"
)]

#[path = "layers/properties.rs"]
mod properties;

use mofa_scan::MAX_OPEN_TAIL;
use mofa_scan::layers::{self, MAX_GROWTH};
use mofa_scan::pii::PiiScanner;
use properties::{
    chopping_changes_nothing, readings_map_back, redacted, redaction_ends, scan, scanner,
    what_is_not_open_is_final,
};
use proptest::prelude::*;

/// Parts that hide something, nearly do, or lie between.
const PARTS: &[&str] = &[
    "john",
    "@",
    "example.com",
    ".",
    " ",
    "  ",
    "\n",
    "4111",
    "1111",
    "4111111111111111",
    "123-45-6789",
    "ann@example.org",
    "&#64;",
    "&#6",
    "&",
    ";",
    "%40",
    "%",
    "\\u0040",
    "\\x40",
    "\\",
    "\\n",
    "\"",
    "=40",
    "=\r\n",
    "=",
    " at ",
    " dot ",
    "com",
    " (at) ",
    "[dot]",
    "four",
    " one",
    " one",
    " one",
    "dash",
    "a",
    "I",
    "the ",
    "library ",
    "harbour ",
    "a b c d e f ",
    "j o h n @ e x . i o",
    "4-1-1-1-",
    "\u{200b}",
    "\u{301}",
    "\u{202e}",
    "\u{202c}",
    "\u{2066}",
    "\u{2069}",
    "ａ",
    "о",
    "𝟒",
    "é",
    "邮",
    "\u{8}",
    "\u{1b}[8m",
    "\u{e0040}",
    "\u{fe0f}",
    "\u{2062}\u{2064}",
    "am9obkBleGFtcGxlLmNvbQ==",
    "am9obkBleGFtcGxlLmNvbQ",
    "6a6f686e406578616d706c652e636f6d",
    "6a 6f 68 6e 40 65 78 2e 69 6f",
    "106 111 104 110 64 101 120 46 105 111",
    "moc.elpmaxe@nhoj",
    "wbua@rknzcyr.pbz",
    ".--- --- .... -.",
    "Juliett Oscar ",
    "ghp_aB3dE5gH7jaB3dE5gH7jaB3dE5gH7jaB3dE5",
    "token: ",
    "password=",
    "hunter2x",
    "-",
    "--",
    "...",
    "0",
    "7 ",
];

/// Values that are hidden each in another way.
const HIDDEN: &[&str] = &[
    "am9obkBleGFtcGxlLmNvbQ==",
    "6a6f686e406578616d706c652e636f6d",
    "6a 6f 68 6e 40 65 78 61 6d 70 6c 65 2e 63 6f 6d",
    "john&#64;example.com",
    "john%40example.com",
    "john\\u0040example.com",
    "john=40example.com",
    "j o h n @ e x a m p l e . c o m",
    "john at example dot com",
    "jоhn@exаmple.com",
    "４１１１ １１１１ １１１１ １１１１",
    "4111*1111*1111*1111",
    "four one one one one one one one one one one one one one one one",
    "1\u{200b}2\u{200b}3-45-6789",
    "9876-54-321",
    "NJXWQ3SAMV4GC3LQNRSS4Y3PNU======",
];

fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        12 => prop::sample::select(PARTS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[0-9a-f ]{1,40}",
        1 => "[A-Za-z0-9+/=]{1,60}",
        1 => "[ -~]{1,40}",
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ways_back_lie_in_the_text(text in text(), any in any::<String>()) {
        for text in [text, any] {
            readings_map_back(&text);
        }
    }

    #[test]
    fn chopping_a_text_changes_nothing(
        text in text(),
        chops in prop::collection::vec(1..40_usize, 1..12),
    ) {
        chopping_changes_nothing(&text, &chops);
    }

    #[test]
    fn what_lies_before_the_open_tail_is_final(head in text(), rest in text()) {
        what_is_not_open_is_final(&head, &rest);
    }

    #[test]
    fn what_was_redacted_is_not_detectable(
        values in prop::collection::vec(prop::sample::select(HIDDEN), 1..6),
    ) {
        let scanner = scanner();
        let text = values.join(" and then in the old harbour ");
        let once = redacted(scanner, &text);
        prop_assert!(scan(scanner, &once).is_empty(), "{:?} {:?}", text, once);
        prop_assert_eq!(once.matches("[redacted]").count(), values.len(), "{:?} {:?}", text, once);
    }

    /// Where hidden values overlap, the longest is taken out first, and no more than a few times.
    #[test]
    fn redaction_of_any_text_comes_to_an_end(text in text()) {
        redaction_ends(&text);
    }

    #[test]
    fn prose_has_no_other_reading(words in prop::collection::vec("[a-z]{2,9}", 0..60)) {
        let text = words.join(" ");
        if !layers::needs(&text) {
            prop_assert_eq!(readings_map_back(&text), 0);
        }
    }
}

#[test]
fn clean_text_allocates_no_reading() {
    let text = "The committee met on Tuesday to talk about the new library, \"and nobody will be \
                asked to pay more,\" she said (so the light is good until late).\n"
        .repeat(100);
    assert!(!layers::needs(&text));
    assert_eq!(readings_map_back(&text), 0);
    assert!(scan(scanner(), &text).is_empty());
}

/// The readings of hostile texts grow with the text and no faster.
#[test]
fn megabytes_that_could_hide_everything_stay_linear() {
    let parts = [
        "A",
        "a1",
        "%41",
        "%25",
        "&#65;",
        "&amp;",
        "\\u0041",
        "\\",
        "\\\\\"",
        "=41",
        "QUFB",
        "QUFBQUFB ",
        "4141",
        "41 ",
        "65 ",
        "101 ",
        "01000001 ",
        "a b ",
        "a-",
        "- . ",
        ". ",
        "one ",
        "alfa ",
        "x at y dot com ",
        "(at)",
        " dot",
        "@",
        "a@b.io ",
        "é",
        "\u{430}",
        "\u{200b}",
        "\u{202e}",
        "\u{202e}a\u{2066}",
        "\u{2062}",
        "\u{e0041}",
        "\u{fe0f}\u{e0120}",
        "\u{8}",
        "a\u{8}",
        "\u{1b}[8m",
        "A\n",
        "1111 ",
        "4111*",
        "M0000",
        "!!!!!",
        "<~",
        "double ",
        "邮",
        "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\n",
    ];
    for part in parts {
        let small = part.repeat((64 << 10) / part.len());
        let large = part.repeat((1 << 20) / part.len());
        let count = |text: &str| {
            let mut bytes = 0;
            layers::visit(text, 0, &mut |reading| bytes += reading.text().len());
            bytes
        };
        let (few, many) = (count(&small), count(&large));
        assert!(many <= few * 17 + 65_536, "{part:?}: {few} {many}");
        assert!(many <= large.len() * MAX_GROWTH * 2 + 65_536, "{part:?}: {many}");
        assert!(scanner().open_tail(&large) <= MAX_OPEN_TAIL, "{part:?}");
    }
}

/// What is hidden in a long run is found wherever it stands in it.
#[test]
fn long_runs_are_read_in_pieces() {
    let scanner = scanner();
    for before in (0..6_000).step_by(61) {
        let text = format!(
            "{} john@example.com {}",
            "lorem ipsum ".repeat(before / 12),
            "dolor sit ".repeat(300)
        );
        let hex = text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let found = scan(scanner, &hex);
        assert_eq!(found.len(), 1, "{before}");
        let shown = text.find("john").unwrap() * 2;
        let span = found.first().map_or(0..0, |found| found.start..found.end);
        assert!(span.contains(&shown) && span.len() <= 48, "{before} {span:?} {shown}");
    }
}

/// A reading may show what was hidden, and a log is no place for that.
#[test]
fn a_reading_does_not_print_its_text() {
    let mut shown = Vec::new();
    layers::visit("ann&#64;example.org", 0, &mut |reading| shown.push(format!("{reading:?}")));
    assert!(!shown.is_empty());
    assert!(shown.iter().all(|text| !text.contains("ann")), "{shown:?}");
}

#[test]
fn layers_are_off_unless_switched_on() {
    let text = "write to am9obkBleGFtcGxlLmNvbQ== or call";
    assert!(scan(&PiiScanner::default(), text).is_empty());
    assert!(scan(&PiiScanner::builder().build().unwrap(), text).is_empty());
    let found = scan(scanner(), text);
    assert_eq!(found.iter().map(|one| (one.start, one.end)).collect::<Vec<_>>(), [(9, 33)]);
    let definition = |scanner: &PiiScanner| {
        let mut all = Vec::new();
        scanner.definition(&mut |part| all.push(part.to_owned()));
        all
    };
    assert_ne!(definition(&PiiScanner::default()), definition(scanner()));
}
