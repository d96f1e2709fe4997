//! Lines that do not fit are told apart, and nothing of them is repeated.

use super::*;

#[track_caller]
fn check(line: &[u8], expected: Malformed) {
    assert_eq!(read(line).map(|_| ()), Err(expected));
    let printed = expected.to_string();
    assert!(!printed.contains("secret"), "{printed}");
}

#[test]
fn malformed_lines_are_told_apart() {
    check(b"", Malformed::Empty);
    check(b" \t", Malformed::Empty);
    check(b"secret", Malformed::NotJson { column: 1 });
    check(b"{\"text\":\"secret", Malformed::NotJson { column: 15 });
    check(b"{\"text\":\"a\"} secret", Malformed::NotJson { column: 14 });
    check(b"\"secret\"", Malformed::NotAnObject);
    check(b"[{\"text\":\"a\"}]", Malformed::NotAnObject);
    check(b"{}", Malformed::NoText);
    check(b"{\"id\":1,\"Text\":\"secret\"}", Malformed::NoText);
    check(b"{\"text\":null}", Malformed::NoText);
    check(b"{\"text\":[\"secret\"]}", Malformed::TextIsNoString);
    check(b"{\"\\ud800\":1,\"text\":\"secret\"}", Malformed::NotJson { column: 9 });
    check(b"{\"text\":\"a\",\"text\":\"b\"}", Malformed::Twice);
    check(b"{\"text\":\"\xff\"}", Malformed::NotUtf8);
}

/// A line whose text is written so is read so.
#[track_caller]
fn check_text(written: &str, expected: &str) {
    let line = format!("{{\"id\":7,\"text\":\"{written}\",\"more\":\"\\udc00\"}}");
    let asked = read(line.as_bytes()).unwrap();
    assert_eq!(asked.text, expected);
    assert_eq!(asked.id.map(RawValue::get), Some("7"));
}

#[test]
fn half_a_pair_is_one_character() {
    check_text(r"a", "a");
    check_text(r"\ud83d", "\u{fffd}");
    check_text(r"\ud83d\ud83d\udc69", "\u{fffd}👩");
    check_text(r"\udc69\ud83d x\ud800\n한\udfff", "\u{fffd}\u{fffd} x\u{fffd}\n한\u{fffd}");
    check_text("\u{d7ff}\\ud800é", "\u{d7ff}\u{fffd}é");
}

#[test]
fn the_id_is_kept_where_it_can_be_read() {
    for (line, id) in [
        (&br#"{"id":[1, {"a":null}],"text":5}"#[..], Some("[1, {\"a\":null}]")),
        (
            br#"{"text":5,"id":123456789012345678901234567890}"#,
            Some("123456789012345678901234567890"),
        ),
        (br#"{"id":7,"text":"#, None),
    ] {
        assert_eq!(guess(line).and_then(|guessed| guessed.id).map(RawValue::get), id);
    }
}

#[test]
fn what_nests_deeply_does_no_harm() {
    let deep = format!("{{\"id\":{}{},\"text\":\"a\"}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(deep.as_bytes()).is_ok());
}

#[test]
fn a_panic_over_a_line_is_an_error_of_this_line_alone() {
    let answerer = Answerer::new(|text: &str| {
        assert_ne!(text, "secret", "an engine fails");
        Ok(TextReport::default())
    });
    let lines = ["{\"text\":\"a\"}", "{\"id\":7,\"text\":\"secret\"}", "{\"text\":\"b\"}"];
    let mut block = Block { first_line: 1, ..Block::default() };
    for line in lines {
        let start = block.input.len();
        block.input.extend_from_slice(line.as_bytes());
        block.lines.push(Line::Whole(start..block.input.len()));
    }
    answerer.answer(&mut block);
    let output = String::from_utf8(block.output).unwrap();
    let answers: Vec<_> = output.lines().collect();
    assert_eq!(answers.len(), 3);
    assert!(answers[0].contains("\"verdict\"") && answers[2].contains("\"verdict\""), "{output}");
    assert!(answers[1].starts_with("{\"id\":7,\"line\":2,\"error\":\"internal error"), "{output}");
    assert!(!output.contains("secret"), "{output}");
    assert_eq!(block.counts, Counts { lines: 3, malformed: 1, found: 0, failed: 1 });
}
