//! What a line of labelled data may look like, and what is said of one that is wrong.

use super::*;

fn read(line: &str) -> Result<Record, Malformed> {
    let fields = ["transform".to_owned(), "form".to_owned()];
    Record::read(line.as_bytes(), &fields)
}

/// `line` is refused in these words.
#[track_caller]
fn refused(line: &str, expected: &str) {
    assert_eq!(read(line).unwrap_err().to_string(), expected);
}

#[test]
fn the_formats_are_read() {
    let record = read(
        r#"{"text":"👩ä a@b.io","spans":[{"start":3,"end":9,"label":"EMAIL","value":"a@b.io"}],
            "entity":"EMAIL","id":7,"form":"short","kind":"x"}"#,
    );
    let expected = Record {
        text: "👩ä a@b.io".to_owned(),
        id: Some("7".to_owned()),
        entity: Some("EMAIL".to_owned()),
        spans: Some(vec![Labelled { span: 3..9, label: "EMAIL".to_owned() }]),
        group: Some("form=short".to_owned()),
        ..Record::default()
    };
    assert_eq!(record.unwrap(), expected);
    let secret = read(r#"{"text":"key=abc","label":1,"secret":{"start":4,"end":7,"value":"abc"}}"#);
    let secret = secret.unwrap();
    assert_eq!((secret.secret, secret.is_positive, secret.spans), (Some(4..7), Some(true), None));
    let bare = read(r#"{"text":"","label":0,"secret":null,"spans":null,"entity":null}"#).unwrap();
    assert_eq!(bare, Record { is_positive: Some(false), ..Record::default() });
    assert_eq!(read(r#"{"text":"","label":true}"#).unwrap().is_positive, Some(true));
    assert_eq!(read(r#"{"text":"","spans":[]}"#).unwrap().spans, Some(Vec::new()));
}

#[test]
fn what_is_wrong_is_said() {
    refused("  ", "the line is empty, expected a JSON object");
    refused("{\"text\":", "the line is not JSON, see column 8");
    refused("[1]", "the line is a list, expected an object");
    refused("{}", "`text` is missing, expected a text");
    refused(r#"{"text":7}"#, "`text` is another number, expected a text");
    refused(r#"{"text":"","label":2}"#, "`label` is another number, expected 0 or 1");
    refused(r#"{"text":"","label":"1"}"#, "`label` is a text, expected 0 or 1");
    refused(r#"{"text":"","spans":{}}"#, "`spans` is an object, expected a list");
    refused(r#"{"text":"","entity":[]}"#, "`entity` is a list, expected a text");
    refused(r#"{"text":"","secret":"x"}"#, "`secret` is a text, expected an object");
    let span = |span: &str| {
        format!(r#"{{"text":"äöü","spans":[{{"start":0,"end":1,"label":"X"}},{span}]}}"#)
    };
    refused(&span("null"), "span 2: `spans` is null, expected an object");
    refused(&span(r#"{"start":0,"end":1}"#), "span 2: `label` is missing, expected a text");
    refused(
        &span(r#"{"start":-1,"end":1,"label":"X"}"#),
        "span 2: `start` is another number, expected a whole number from 0",
    );
    refused(
        &span(r#"{"start":1,"end":4,"label":"X"}"#),
        "span 2: 1..4 is no piece of a text of 3 code points",
    );
    for (start, end) in [(1, 1), (2, 1)] {
        let line = span(&format!(r#"{{"start":{start},"end":{end},"label":"X"}}"#));
        refused(&line, &format!("span 2: {start}..{end} is no piece of a text of 3 code points"));
    }
}

#[test]
fn offsets_in_bytes_or_utf16_are_told_by_the_value() {
    let line = |start, end| {
        format!(r#"{{"text":"👩 a@b","secret":{{"start":{start},"end":{end},"value":"a@b"}}}}"#)
    };
    assert_eq!(read(&line(2, 5)).unwrap().secret, Some(2..5));
    refused(&line(1, 4), "what stands at 1..4 is not its `value`");
    refused(&line(3, 6), "3..6 is no piece of a text of 5 code points");
}

#[test]
fn nothing_that_stands_in_a_line_is_repeated() {
    for line in [
        r#"{"text":["hidden"]}"#,
        r#"{"text":"hidden","label":"hidden"}"#,
        r#"{"text":"hidden","spans":["hidden"]}"#,
        r#"{"text":"hidden","spans":[{"start":0,"end":3,"label":"hidden","value":"hidden"}]}"#,
        r#"{"text":"hidden""#,
    ] {
        let error = read(line).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hidden"), "{error:?}");
    }
}
