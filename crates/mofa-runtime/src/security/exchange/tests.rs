//! What is taken apart is put together again, byte for byte but for what was replaced.

use super::collect::MAX_LAYERS_DEEP;
use super::labelling::MAX_LAYERS;
use super::*;
use crate::security::document::JsonRef;
use crate::security::types::{SubjectId, TenantId};
use mofa_kernel::Provenance;
use proptest::prelude::*;

/// The levels that are read by default.
const MAX_DEPTH: usize = 64;

fn open(raw: &str) -> Exchange<'_> {
    let subject = Subject::new(SubjectId::new("s").unwrap(), TenantId::default());
    let act = Act::new("invoke", "model:m");
    let words = |word: &str| matches!(word, "messages" | "content");
    Exchange::json(subject, act, Direction::Input, raw).unwrap().vocabulary(words).into_parts()
}

/// Replaces `from` by `to` in every part, as a redactor would.
#[track_caller]
fn check(raw: &str, from: &str, to: &str, expected: &str, pointers: &[&str]) {
    let mut exchange = open(raw);
    let mut found = Vec::new();
    for index in 0..exchange.parts.len() {
        let text = exchange.part(index).unwrap().text.to_owned();
        if text.contains(from) {
            found.push(exchange.pointer(index));
            exchange.replace(index, text.replace(from, to));
        }
    }
    assert_eq!(found, pointers);
    assert_eq!(exchange.into_document(), expected);
}

#[test]
fn what_is_not_replaced_stays_as_it_was() {
    check(
        r#" {"x" : "a\u0041" , "n":1.50 } "#,
        "none",
        "",
        r#" {"x" : "a\u0041" , "n":1.50 } "#,
        &[],
    );
    check(
        r#"{"messages":[{"content":"hi Bob"},{"content":"Bob \u0042ob"}],"other":[1,  2]}"#,
        "Bob",
        "[N]",
        r#"{"messages":[{"content":"hi [N]"},{"content":"[N] [N]"}],"other":[1,  2]}"#,
        &["/messages/0/content", "/messages/1/content"],
    );
}

#[test]
fn json_in_strings_is_taken_apart_and_put_together() {
    check(
        r#"{"content":"{\"to\": \"B\\u006fb\", \"n\":[\"{\\\"Bob\\\":1}\"]}"}"#,
        "Bob",
        "\"",
        r#"{"content":"{\"to\": \"\\\"\", \"n\":[\"{\\\"\\\\\\\"\\\":1}\"]}"}"#,
        &["/content>/#0", "/content>/#1/0>/#0"],
    );
}

#[test]
fn escapes_in_other_text_are_read_too() {
    let raw = r#"["Result: {\"to\":\"B\\u006fb\"}", "plain"]"#;
    let exchange = open(raw);
    let texts: Vec<_> = exchange.parts().map(|part| (part.text, part.editable)).collect();
    let expected = [
        (r#"Result: {"to":"B\u006fb"}"#, true),
        (r#"Result: {"to":"Bob"}"#, true),
        ("plain", true),
    ];
    assert_eq!(texts, expected);
    let bob = texts[1].0.find("Bob").map(|at| at..at + 3).unwrap();
    let origin = exchange.origin(1, &bob).unwrap();
    assert_eq!((origin.part, texts[0].0.get(origin.span)), (0, Some(r"B\u006fb")));
    assert_eq!(exchange.origin(0, &bob), None);

    // Whoever reads on reads what was put there.
    let mut exchange = open(raw);
    exchange.replace(0, r"a\tb".to_owned());
    exchange.replace(1, "ignored".to_owned());
    let texts: Vec<_> = exchange.parts().map(|part| part.text).collect();
    assert_eq!(texts, [r"a\tb", "a\tb", "plain"]);
    exchange.replace(0, "none".to_owned());
    assert!(exchange.parts().map(|part| part.text).eq(["none", "", "plain"]));
    assert_eq!(exchange.into_document(), r#"["none", "plain"]"#);
}

#[test]
fn json_in_plain_text_is_taken_apart_too() {
    let subject = Subject::new(SubjectId::new("s").unwrap(), TenantId::default());
    let act = Act::new("a", "b");
    let raw = r#" {"to":"B\u006fb"} "#;
    let mut exchange = Exchange::text(subject, act, Direction::Input, raw).into_parts();
    assert!(exchange.parts().map(|part| part.text).eq(["to", "Bob"]));
    exchange.replace(1, "[N]".to_owned());
    assert_eq!(exchange.into_document(), r#" {"to":"[N]"} "#);
}

#[test]
fn keys_and_long_numbers_are_parts() {
    check(
        r#"{"Bob":4111111111111111,"n":12}"#,
        "4111111111111111",
        "[CARD]",
        r#"{"Bob":"[CARD]","n":12}"#,
        &["/#0"],
    );
    check(r#"{"Bob":1}"#, "Bob", "[N]", r#"{"[N]":1}"#, &["/#0"]);
    assert_eq!(open(r#"{"content":[1,2,"messages"]}"#).skipped.short_numbers, 2);
    let content = open(r#"{"content":[1,2,"messages"]}"#);
    assert_eq!(content.skipped.vocabulary, 1, "the key is a word, the text is not");
    assert!(!open(r#"{"Bob":1}"#).part(0).unwrap().editable, "a key is never replaced");
}

#[test]
fn the_last_label_holds() {
    let subject = Subject::new(SubjectId::new("s").unwrap(), TenantId::default());
    let act = Act::new("invoke", "model:m");
    let raw = r#"{"a":["x",{"b":"y"}],"c":"z"}"#;
    let labelling = Exchange::json(subject, act, Direction::Input, raw).unwrap();
    let root = labelling.root().unwrap();
    let (a, b) = (root.get("a").unwrap(), root.get("a").unwrap().elements().nth(1).unwrap());
    let (a, b) = (a.index(), b.index());
    let exchange = labelling
        .labels([
            (a, Label::trusted(Provenance::System)),
            (b, Label::untrusted(Provenance::Model).fixed()),
        ])
        .into_parts();
    let found: Vec<_> = exchange.parts().map(|p| (p.text, p.provenance.to_string())).collect();
    let expected = [
        ("a", "user"),
        ("x", "system"),
        ("b", "model"),
        ("y", "model"),
        ("c", "user"),
        ("z", "user"),
    ];
    assert_eq!(found, expected.map(|(text, who)| (text, who.to_owned())));
    assert_eq!(exchange.part(3).unwrap().key, Some("b"));
}

#[test]
fn a_value_has_its_key_and_the_key_above() {
    let raw = r#"{"a":["x",{"b":"y","c":{"d":["z",["w"]]}},"v"],"e":"u"}"#;
    let exchange = open(raw);
    let value = |text: &str| {
        let part = exchange.parts().find(|part| part.text == text).unwrap();
        (part.key, part.holder)
    };
    assert_eq!(value("x"), (Some("a"), None));
    assert_eq!(value("y"), (Some("b"), Some("a")));
    assert_eq!(value("z"), (Some("d"), Some("c")));
    assert_eq!(value("w"), (Some("d"), Some("c")));
    assert_eq!(value("v"), (Some("a"), None));
    assert_eq!(value("u"), (Some("e"), None));
    assert_eq!(value("b"), (None, None), "a key stands under none");
}

/// The texts that are read over the ends of the strings in `raw`, an array.
#[track_caller]
fn check_runs(raw: &str, expected: &[&str]) {
    let subject = Subject::new(SubjectId::new("s").unwrap(), TenantId::default());
    let labelling = Exchange::json(subject, Act::new("a", "b"), Direction::Input, raw).unwrap();
    let nodes = labelling.root().unwrap().elements().map(JsonRef::index).collect::<Vec<_>>();
    let exchange = labelling.joined(vec![nodes]).into_parts();
    let runs = exchange.runs(false);
    let found = runs.iter().flat_map(|run| run.texts(&exchange)).map(|joined| joined.text);
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[test]
fn what_is_read_together_is_joined() {
    check_runs(r#"["a","b"]"#, &["ab", "a b"]);
    check_runs(r#"["a ","b","c"]"#, &["a bc", "a  b c"]);
    check_runs(r#"["a ","b","\nc"]"#, &["a b\nc"]);
    check_runs(r#"["a","",7,"[1]",["x"],"b"]"#, &["ab", "a b"]);
    for alone in ["[]", r#"["a"]"#, r#"["a","",true]"#] {
        check_runs(alone, &[]);
    }
}

#[test]
fn only_strings_of_the_document_are_joined() {
    let subject = Subject::new(SubjectId::new("s").unwrap(), TenantId::default());
    let raw = r#"{"a":"x","b":"y \\u0061"}"#;
    let labelling = Exchange::json(subject, Act::new("a", "b"), Direction::Input, raw).unwrap();
    let exchange = labelling.joined(vec![vec![4, 0, 1, 2, 3, 2, 4, 99]]).into_parts();
    let runs = exchange.runs(false);
    let found = runs.iter().flat_map(|run| run.texts(&exchange)).map(|joined| joined.text);
    assert_eq!(found.collect::<Vec<_>>(), [r"y \u0061x", r"y \u0061 x"]);
}

#[test]
fn of_long_texts_the_ends_are_joined() {
    let long = "é".repeat(256);
    check_runs(&format!(r#"["a","{long}"]"#), &[&format!("a{long}"), &format!("a {long}")]);
    let end = "é".repeat(127);
    let longer = format!(r#"["a","x{long}y","b"]"#);
    let (head, tail) = (format!("ax{end}"), format!("{end}yb"));
    check_runs(&longer, &[&head, &head.replace('x', " x"), &tail, &tail.replace('b', " b")]);
    check_runs(&format!(r#"["{long}x"]"#), &[]);
}

#[test]
fn whole_numbers_are_read_however_they_are_written() {
    let exchange = open("[4111111111111111.0,4.111111111111111e15,4111111111111111,0.1234567]");
    let texts: Vec<_> = exchange.parts().map(|part| (part.text, part.editable)).collect();
    let card = "4111111111111111";
    let expected = [
        ("4111111111111111.0", true),
        (card, false),
        ("4.111111111111111e15", true),
        (card, false),
        (card, true),
        ("0.1234567", true),
    ];
    assert_eq!(texts, expected);
}

#[test]
fn many_brackets_are_no_json() {
    let smile = "[".repeat(MAX_DEPTH + 1);
    for (text, opaque) in [
        (smile.clone(), 0),
        (format!("{smile} hello"), 0),
        (format!("{smile}{}", "]".repeat(MAX_DEPTH + 1)), 1),
        ("[".repeat(1 << 17), 1),
    ] {
        let raw = serde_json::to_string(&[&text]).unwrap();
        let exchange = open(&raw);
        assert_eq!(exchange.skipped.opaque, opaque, "{} bytes", text.len());
        assert!(exchange.parts().map(|part| part.text).eq([text.as_str()]));
    }
}

#[test]
fn halves_of_surrogate_pairs_hide_nothing_in_strings() {
    let raw = r#"["{\"a\":\"\\ud83d B\\u006fb\"}"]"#;
    let mut exchange = open(raw);
    assert!(exchange.parts().map(|part| part.text).eq(["a", "\u{fffd} Bob"]));
    assert!(matches!(exchange.document(), Cow::Borrowed(same) if same == raw));
    exchange.replace(1, "[N]".to_owned());
    assert_eq!(exchange.into_document(), r#"["{\"a\":\"[N]\"}"]"#);
}

#[test]
fn only_what_looks_like_it_is_passed_over_as_the_formats() {
    let subject = Subject::new(SubjectId::new("s").unwrap(), TenantId::default());
    let long = "a".repeat(129);
    let raw = format!(
        r#"[1700000000,17000000000,-0.0123456789,4.1111111e15,"4111-1_1.1:z","a b","a\u0062","{long}",1234567]"#
    );
    let labelling = Exchange::json(subject, Act::new("a", "b"), Direction::Output, &raw).unwrap();
    let skip = |index| if (5..=9).contains(&index) { Skip::WireId } else { Skip::WireNumber };
    let exchange = labelling.skips((1..=9).map(|index| (index, skip(index)))).into_parts();
    let texts: Vec<_> = exchange.parts().map(|part| part.text).collect();
    let digits = "4111111100000000";
    assert_eq!(
        texts,
        ["17000000000", "4.1111111e15", digits, "a b", "ab", long.as_str(), "1234567"]
    );
    let expected = Skipped { wire_numbers: 2, wire_ids: 1, ..Skipped::default() };
    assert_eq!(exchange.skipped, expected);
}

#[test]
fn what_is_skipped_is_counted_and_no_part() {
    let subject = Subject::new(SubjectId::new("s").unwrap(), TenantId::default());
    let act = Act::new("invoke", "model:m");
    let raw = r#"{"a":1700000000,"b":"1700000000","c":{"d":"AAAA"},"e":"x"}"#;
    let labelling = Exchange::json(subject, act, Direction::Input, raw).unwrap();
    let index = |key| labelling.root().unwrap().get(key).unwrap().index();
    let (a, b, c) = (index("a"), index("b"), index("c"));
    let exchange = labelling
        .skips([(a, Skip::WireNumber), (b, Skip::WireNumber), (c, Skip::Opaque)])
        .into_parts();
    let texts: Vec<&str> = exchange.parts().map(|part| part.text).collect();
    assert_eq!(texts, ["a", "b", "1700000000", "c", "d", "e", "x"]);
    let expected = Skipped { wire_numbers: 1, opaque: 1, ..Skipped::default() };
    assert_eq!(exchange.skipped, expected);
}

#[test]
fn deep_and_many_layers_are_bounded() {
    let mut text = "[\"x\"]".to_owned();
    for _ in 0..8 {
        text = serde_json::to_string(&[text]).unwrap();
    }
    let deep = open(&text);
    assert_eq!(deep.layers.len(), 1 + usize::from(MAX_LAYERS_DEEP));
    assert_eq!(deep.skipped.opaque, 1);
    let limits = DocumentLimits { max_nodes: 10, ..DocumentLimits::default() };
    let subject = Subject::new(SubjectId::new("s").unwrap(), TenantId::default());
    let raw = r#"["[1,2,3]","[4,5,6]","[7,8,9]"]"#;
    let labelling = Exchange::json_with(subject, Act::new("a", "b"), Direction::Input, raw, limits);
    let exchange = labelling.unwrap().into_parts();
    let texts: Vec<_> = exchange.parts().map(|part| part.text).collect();
    assert_eq!(texts, ["[4,5,6]", "[7,8,9]"], "what does not fit is a part as it is");
    assert_eq!(exchange.skipped.opaque, 2, "and is said to be unreadable");
    let many = serde_json::to_string(&vec!["[]"; 2 * MAX_LAYERS]).unwrap();
    let exchange = open(&many);
    assert_eq!(exchange.layers.len(), MAX_LAYERS + 1);
    assert_eq!(exchange.parts.len(), MAX_LAYERS);
}

proptest! {
    #[test]
    fn nothing_textual_is_lost(texts in prop::collection::vec("[^0-9{\\[ \\n\\r\\t]{1,8}", 1..8), depth in 0..3_usize) {
        let mut raw = serde_json::to_string(&texts).unwrap();
        for _ in 0..depth {
            raw = serde_json::to_string(&[raw]).unwrap();
        }
        let exchange = open(&raw);
        let written = (0..exchange.parts.len()).filter(|index| !exchange.is_reading(*index));
        let mut found: Vec<String> =
            written.map(|index| exchange.part(index).unwrap().text.to_owned()).collect();
        let mut expected: Vec<String> =
            texts.into_iter().filter(|t| t != "messages" && t != "content").collect();
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(&exchange.into_document(), &raw);
    }

    #[test]
    fn a_span_of_a_joined_text_is_made_of_its_parts(
        texts in prop::collection::vec(prop_oneof!["[aé😀 ]{0,6}", "[aé😀 ]{500,600}"], 0..6),
        from in 0..400_usize,
        length in 0..700_usize,
    ) {
        let raw = serde_json::to_string(&texts).unwrap();
        let subject = Subject::new(SubjectId::new("s").unwrap(), TenantId::default());
        let labelling = Exchange::json(subject, Act::new("a", "b"), Direction::Input, &raw).unwrap();
        let exchange = labelling.joined(vec![(1..=texts.len()).collect()]).into_parts();
        let runs = exchange.runs(false);
        let size: usize = runs.iter().map(|run| run.texts(&exchange).next().unwrap().text.len()).sum();
        prop_assert!(size <= 512 * texts.len());
        for joined in runs.iter().flat_map(|run| run.texts(&exchange)).filter(|it| it.is_tight) {
            let from = joined.text.floor_char_boundary(from);
            let to = joined.text.floor_char_boundary(from + length).max(from);
            let made = joined.made(&(from..to)).of;
            let text = |it: &Stretch| exchange.part(it.part).unwrap().text.get(it.span.clone());
            let found: String = made.iter().map(|it| text(it).unwrap()).collect();
            prop_assert_eq!(found, joined.text.get(from..to).unwrap());
            prop_assert!(made.iter().map(|it| it.part).is_sorted());
        }
    }

    #[test]
    fn a_replacement_reads_back(text in ".*", to in ".*", depth in 0..3_usize) {
        let mut raw = serde_json::to_string(&[format!("x{text}")]).unwrap();
        for _ in 0..depth {
            raw = serde_json::to_string(&[raw]).unwrap();
        }
        let mut exchange = open(&raw);
        for index in 0..exchange.parts.len() {
            exchange.replace(index, to.clone());
        }
        let mut document = exchange.into_document().into_owned();
        for _ in 0..depth {
            document = serde_json::from_str::<Vec<String>>(&document).unwrap().remove(0);
        }
        let found: Vec<String> = serde_json::from_str(&document).unwrap();
        prop_assert_eq!(found, vec![to]);
    }
}
