//! Every JSON text is read as `serde_json` reads it, or refused as it refuses it.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

fn rebuild(at: JsonRef<'_>) -> Value {
    match at.kind() {
        NodeKind::Object => Value::Object(
            at.entries().map(|(k, v)| (k.as_str().unwrap().into_owned(), rebuild(v))).collect(),
        ),
        NodeKind::Array => Value::Array(at.elements().map(rebuild).collect()),
        NodeKind::String | NodeKind::Key => Value::String(at.as_str().unwrap().into_owned()),
        NodeKind::Number | NodeKind::Literal => serde_json::from_str(at.raw()).unwrap(),
    }
}

#[track_caller]
fn check(raw: &str, expected: Result<(), DocumentErrorKind>) {
    let limits = DocumentLimits { max_depth: 4, max_nodes: 32, ..DocumentLimits::default() };
    let found = Document::parse(raw, limits);
    assert_eq!(found.as_ref().map(|_| ()).map_err(|e| e.kind), expected, "{raw}");
    if let Ok(document) = found {
        assert_eq!(rebuild(document.root(raw)), serde_json::from_str::<Value>(raw).unwrap());
    }
}

#[test]
fn reads_what_json_allows() {
    for raw in [
        "null",
        " [ ] ",
        "{}",
        "-0.5e+10",
        "0",
        r#""""#,
        r#"{"a":[1,{"b":"c"}],"d":null}"#,
        r#""\ud83d\ude00 \u00e9 \"\\\/\b\f\n\r\t""#,
        "\"\u{1F600}\"",
        "[true,false,null]",
    ] {
        check(raw, Ok(()));
    }
}

#[test]
fn names_what_is_wrong() {
    use DocumentErrorKind::{DuplicateKey, Escape, TooDeep, TooMany, Truncated, Unexpected};
    for raw in ["", " ", "[", "{", "[1", "{\"a\"", "{\"a\":", "\"a", "tru", "-", "1.", "1e", "\"\\"]
    {
        check(raw, Err(Truncated));
    }
    check("[1,]", Err(Unexpected { expected: "a value" }));
    check("[1 2]", Err(Unexpected { expected: "`,` or `]`" }));
    check("{\"a\":1,}", Err(Unexpected { expected: "a key in quotes" }));
    check("{\"a\" 1}", Err(Unexpected { expected: "`:`" }));
    check("01", Err(Unexpected { expected: "the end of the text" }));
    check("nul!", Err(Unexpected { expected: "a value" }));
    check("+1", Err(Unexpected { expected: "a value" }));
    check("\"\u{1}\"", Err(Unexpected { expected: "control characters in strings to be escaped" }));
    check(r#""\x""#, Err(Escape));
    check(r#""\ud800""#, Err(Escape));
    check(r#""\ud800\u0041""#, Err(Escape));
    check(r#""\udc00""#, Err(Escape));
    check(r#""\u12g4""#, Err(Escape));
    check("[[[[[]]]]]", Err(TooDeep { limit: 4 }));
    check(&format!("[{}1]", "1,".repeat(40)), Err(TooMany { limit: 32 }));
    check(r#"{"a":1,"\u0061":2}"#, Err(DuplicateKey));
    check(r#"{"a":1,"b":{"a":1}}"#, Ok(()));
    check(r#"{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"3":0}"#, Err(DuplicateKey));
}

#[test]
fn halves_of_surrogate_pairs_are_read_where_they_are_allowed() {
    let limits = DocumentLimits { allow_lone_surrogates: true, ..DocumentLimits::default() };
    for (raw, expected) in [
        (r#""\ud83d""#, "\u{fffd}"),
        (r#""\ude00""#, "\u{fffd}"),
        (r#""\ud83d\ude00""#, "\u{1f600}"),
        (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
        (r#""\ud83d\ud83d\ude00x""#, "\u{fffd}\u{1f600}x"),
        (r#""\ud83d\u0041""#, "\u{fffd}A"),
        (r#""\ud83d\n""#, "\u{fffd}\n"),
        (r#""\ud83dxxde00""#, "\u{fffd}xxde00"),
        (r#""\ud83d\\ude00""#, "\u{fffd}\\ude00"),
    ] {
        let document = Document::parse(raw, limits).unwrap();
        assert_eq!(document.root(raw).as_str().unwrap(), expected, "{raw}");
    }
    for raw in [r#""\ud83""#, r#""\ud83d"#, r#""\ud83d\x""#] {
        Document::parse(raw, limits).unwrap_err();
    }
}

#[test]
fn depth_is_no_recursion() {
    let deep = "[".repeat(1 << 20);
    let limits =
        DocumentLimits { max_depth: usize::MAX, max_nodes: usize::MAX, ..Default::default() };
    assert_eq!(Document::parse(&deep, limits).unwrap_err().kind, DocumentErrorKind::Truncated);
}

#[test]
fn quoting_is_undone_by_reading() {
    for text in ["", "plain", "\"\\\n\r\t\u{0}\u{1f}é\u{1F600}"] {
        let mut quoted = String::new();
        quote_into(&mut quoted, text);
        assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::hash_map(".*", inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn reads_as_serde_json(value in json(), pretty in any::<bool>()) {
        let raw = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let raw = raw.unwrap();
        let document = Document::parse(&raw, DocumentLimits::default()).unwrap();
        prop_assert_eq!(rebuild(document.root(&raw)), value);
    }

    #[test]
    fn accepts_and_refuses_as_serde_json(raw in r#"[\[\]{},:"\\u0-9a-f\.eE+\- \ntrufalsn]{0,24}"#) {
        let limits = DocumentLimits { allow_duplicate_keys: true, ..Default::default() };
        let ours = Document::parse(&raw, limits).is_ok();
        // A float that overflows is JSON, although serde_json has no number for it.
        let theirs = serde_json::from_str::<Box<serde_json::value::RawValue>>(&raw);
        if ours {
            prop_assert!(theirs.is_ok(), "{} {:?}", raw, theirs);
        } else if serde_json::from_str::<Value>(&raw).is_ok() {
            prop_assert!(false, "refused {raw}");
        }
    }

    #[test]
    fn halves_of_pairs_are_read_as_utf_16(units in prop::collection::vec(
        prop_oneof![0xD7FE..=0xE001_u16, 0xD800..=0xDFFF_u16, 0x20..=0x7F_u16], 0..8)) {
        let escaped: Vec<_> = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
        let raw = format!("\"{}\"", escaped.concat());
        let lossy = String::from_utf16_lossy(&units);
        let limits = DocumentLimits { allow_lone_surrogates: true, ..Default::default() };
        let document = Document::parse(&raw, limits).unwrap();
        prop_assert_eq!(document.root(&raw).as_str().unwrap(), lossy.as_str());
        let is_whole = String::from_utf16(&units).is_ok();
        prop_assert_eq!(Document::parse(&raw, DocumentLimits::default()).is_ok(), is_whole);
    }

    #[test]
    fn never_panics(raw in ".*") {
        let _ = Document::parse(&raw, DocumentLimits::default());
    }
}
