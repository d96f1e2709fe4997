//! Chunks are taken apart, and chunks of our own are written.

use super::*;
use serde_json::{Value, json};

fn path(member: &str) -> Vec<Step> {
    ["delta", member].map(|member| Step::Member(member.to_owned())).to_vec()
}

fn text(member: &str) -> Field {
    Field::Text { path: path(member) }
}

#[test]
fn a_chunk_is_its_frame_and_its_pieces() {
    let raw = r#"{"id": "c", "choices":[{"index":2,"delta":{"role":"assistant","content":"a\n","x":"b","refusal":null,
        "tool_calls":[{"index":1,"id":"i","function":{"name":"f","arguments":"{"}},{"custom":{"input":"c"}}],
        "function_call":{"arguments":"d"}},"logprobs":{"content":[]},"finish_reason":null},
        {"delta":{},"finish_reason":"stop"}]}"#;
    let chunk = read(raw, false).unwrap();
    let found: Vec<_> = chunk
        .pieces
        .iter()
        .map(|piece| (piece.choice, &piece.field, piece.text.as_str()))
        .collect();
    let expected = [
        (2, &text("content"), "a\n"),
        (2, &text("x"), "b"),
        (2, &Field::Arguments { call: 1 }, "{"),
        (2, &Field::CustomInput { call: 1 }, "c"),
        (2, &Field::FunctionCall, "d"),
    ];
    assert_eq!(found, expected);
    assert_eq!((chunk.choices, chunk.finished, chunk.is_reduced), (vec![2, 1], vec![1], true));
    let frame = raw
        .replace(r#""a\n""#, r#""""#)
        .replace(r#""x":"b""#, r#""x":"""#)
        .replace(r#""{""#, r#""""#)
        .replace(r#""input":"c""#, r#""input":"""#)
        .replace(r#""d""#, r#""""#)
        .replace(r#"{"content":[]}"#, "null");
    assert_eq!(chunk.frame, frame);
    let places = places(&frame).unwrap();
    assert_eq!(places.len(), 5);
    assert!(places.iter().all(|place| frame.get(place.clone()) == Some("\"\"")));
    assert!(!read(raw, true).unwrap().is_reduced);
}

#[test]
fn what_is_no_chunk_is_refused() {
    for raw in ["", "{", "{\"choices\":[{\"index\":128}]}", "{\"choices\":[{\"index\":\"0\"}]}"] {
        assert!(read(raw, true).is_err(), "{raw}");
    }
    for raw in
        ["[]", "{}", "{\"choices\":7}", "{\"choices\":[7]}", "{\"choices\":[{\"delta\":[]}]}"]
    {
        assert!(read(raw, true).unwrap().pieces.is_empty(), "{raw}");
    }
}

fn flushed(choice: u64, field: Field, text: &str) -> Flushed {
    Flushed { choice, field, text: text.to_owned(), beside: Vec::new() }
}

#[test]
fn our_own_chunks_say_what_all_of_the_stream_do() {
    let long = "p".repeat(2000);
    let frame = format!(
        r#"{{"id" : "c","pad":"{long}","model":"{long}","created":1.50,"choices":[{{"index":0}}],"usage":{{"a":1}}}}"#
    );
    let part = |index: u64, text: &str| {
        let path = [path("content"), vec![Step::Element(index), Step::Member("text".to_owned())]];
        let beside = vec![(3, "index", json!(index)), (3, "type", json!("text"))];
        Flushed { beside, ..flushed(5, Field::Text { path: path.concat() }, text) }
    };
    let flushed = [
        flushed(4, text("content"), "a\""),
        flushed(4, Field::Arguments { call: 3 }, "{}"),
        flushed(4, Field::FunctionCall, "f"),
        part(1, "one"),
        part(0, "nought"),
    ];
    let envelope = envelope(&frame);
    let [written] = &synthesised(&envelope, &flushed)[..] else { panic!("one chunk") };
    assert!(written.starts_with(r#"{"id":"c","created":1.50,"choices":["#), "{written}");
    let read: Value = serde_json::from_str(written).unwrap();
    let delta = json!({"content": "a\"", "function_call": {"arguments": "f"},
        "tool_calls": [{"index": 3, "function": {"arguments": "{}"}}]});
    let parts = json!([{"index": 0, "type": "text", "text": "nought"},
        {"index": 1, "type": "text", "text": "one"}]);
    let choices = json!([{"index": 4, "delta": delta, "finish_reason": null},
        {"index": 5, "delta": {"content": parts}, "finish_reason": null}]);
    assert_eq!(read["choices"], choices);
    let ended: Value = serde_json::from_str(&refused(&envelope, [0, 7].into_iter())).unwrap();
    assert_eq!((&ended["id"], &ended["choices"][1]["index"]), (&json!("c"), &json!(7)));
    assert_eq!(ended["choices"][0]["finish_reason"], "content_filter");
}

#[test]
fn texts_that_cannot_stand_in_one_chunk_have_two() {
    let element = [path("content"), vec![Step::Element(0)]].concat();
    let flushed = [
        flushed(0, text("content"), "a"),
        flushed(0, Field::Text { path: element }, "b"),
        flushed(0, text("refusal"), "c"),
    ];
    let written = synthesised("", &flushed);
    let deltas = [json!({"content": "a"}), json!({"content": ["b"], "refusal": "c"})];
    let expected = deltas
        .map(|delta| json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]}));
    let read: Vec<Value> = written.iter().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(read, expected);
}

#[test]
fn channels_are_named_by_words_of_the_format_only() {
    assert_eq!(channel(0, &path("content"), 7), "/choices/0/delta/content");
    assert_eq!(channel(1, &path("bob@example.com"), 7), "/choices/1/delta/#7");
    let deeper = [path("content"), vec![Step::Element(2), Step::Member("text".to_owned())]];
    assert_eq!(channel(0, &deeper.concat(), 7), "/choices/0/delta/content/2/text");
}

#[test]
fn texts_are_few_shallow_and_under_short_keys() {
    let of = |delta: &str| read(&format!("{{\"choices\":[{{\"delta\":{delta}}}]}}"), true);
    let many = |count| format!("{{\"content\":[{}\"\"]}}", "\"\",".repeat(count - 1));
    assert_eq!(of(&many(MAX_TEXTS)).unwrap().pieces.len(), MAX_TEXTS);
    assert!(matches!(of(&many(MAX_TEXTS + 1)), Err(ChunkError::Texts)));
    let deep = |depth| format!("{{\"x\":{}\"\"{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(of(&deep(MAX_STEPS - 2)).is_ok());
    assert!(matches!(of(&deep(MAX_STEPS)), Err(ChunkError::Texts)));
    assert!(of(&format!("{{\"{}\":\"\"}}", "k".repeat(MAX_KEY))).is_ok());
    assert!(of(&format!("{{\"{}\":\"\"}}", "k".repeat(MAX_KEY + 1))).is_err());
}

#[test]
fn what_is_inspected_is_not_printed() {
    let raw = r#"{"id":"bob@","choices":[{"delta":{"bob@":"bob@","name":{"type":"bob@"}}}]}"#;
    let chunk = read(raw, true).unwrap();
    let printed = format!("{chunk:?}");
    assert!(printed.contains("bytes: 4") && !printed.contains("bob"), "{printed}");
    let (text, beside) = ("bob@".to_owned(), Vec::new());
    let printed = format!("{:?}", Flushed { choice: 0, field: text_of_bob(), text, beside });
    assert!(printed.contains("bytes: 4") && !printed.contains("bob"), "{printed}");
}

fn text_of_bob() -> Field {
    text("bob@")
}

#[test]
fn half_of_a_surrogate_pair_does_not_go_on_as_it_came() {
    for (content, text, is_reduced) in [
        (r"a \ud83d", "a \u{fffd}", true),
        (r"a \ud83d\ude00", "a \u{1f600}", false),
        ("a \u{fffd}", "a \u{fffd}", false),
    ] {
        let raw = format!(r#"{{"choices":[{{"delta":{{"content":"{content}"}}}}]}}"#);
        let chunk = read(&raw, true).unwrap();
        assert_eq!((chunk.pieces[0].text.as_str(), chunk.is_reduced), (text, is_reduced));
    }
}
