//! What order a caller sees a streamed answer in, for chunks as real servers cut them: role, then
//! the head of a call before its arguments, and the end of a choice last.

use crate::house::{House, chat_streamed};
use mofa_gateway::scripted::{Ending, Reply, Script};
use serde_json::{Value, json};

fn chunk(choices: &Value) -> String {
    let chunk = json!({"id": "c1", "object": "chat.completion.chunk", "created": 1_700_000_000,
        "model": "small", "choices": choices});
    format!("data: {chunk}\n\n")
}

fn part(delta: &Value, reason: Option<&str>) -> String {
    chunk(&json!([{"index": 0, "delta": delta, "finish_reason": reason}]))
}

/// A call as it is begun, or whole.
fn call(index: u64, name: &str, arguments: &str) -> Value {
    json!({"index": index, "id": format!("call_{index}"), "type": "function",
        "function": {"name": name, "arguments": arguments}})
}

const DONE: &str = "data: [DONE]\n\n";

/// What the caller gets of `pieces`.
async fn body_of(pieces: &[String]) -> String {
    let reply = Reply::events(pieces, Ending::Complete);
    let house = House::start(Script::new().with_rule("", reply)).await;
    let answer = house.ask(chat_streamed("hi")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// What a caller who puts choice 0 together sees, one word an event: `role`, `content`, `head N`,
/// `arguments N`, `end`. Within a chunk things come at once, and a reader takes them in this order.
fn seen(body: &str) -> Vec<String> {
    let mut seen = Vec::new();
    for event in body.split("\n\n").filter_map(|event| event.strip_prefix("data: {")) {
        let event: Value = serde_json::from_str(&format!("{{{event}")).unwrap();
        for choice in event["choices"].as_array().into_iter().flatten() {
            let delta = &choice["delta"];
            let has = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
            seen.extend(has(&delta["role"]).then(|| "role".to_owned()));
            seen.extend(has(&delta["content"]).then(|| "content".to_owned()));
            for call in delta["tool_calls"].as_array().into_iter().flatten() {
                let (index, function) = (&call["index"], &call["function"]);
                seen.extend(has(&function["name"]).then(|| format!("head {index}")));
                seen.extend(has(&function["arguments"]).then(|| format!("arguments {index}")));
            }
            seen.extend(has(&choice["finish_reason"]).then(|| "end".to_owned()));
        }
    }
    seen
}

async fn check(pieces: &[String], expected: &[&str]) -> String {
    let body = body_of(&[pieces, &[DONE.to_owned()]].concat()).await;
    assert_eq!(seen(&body), expected, "{body}");
    body
}

#[tokio::test]
async fn a_call_that_comes_whole_goes_on_as_it_came() {
    let arguments = r#"{"city": "Paris"}"#;
    let (first, second) = (call(0, "weather", arguments), call(1, "time", "{}"));
    let whole = |delta: &Value| part(delta, Some("tool_calls"));
    let both = ["head 0", "arguments 0", "head 1", "arguments 1", "end"];
    let shapes = [
        // Ollama: role, content and every call with the end of the choice.
        (
            vec![whole(
                &json!({"role": "assistant", "content": "", "tool_calls": [&first, &second]}),
            )],
            [&["role"][..], &both].concat(),
        ),
        // The same with something said before it.
        (
            vec![whole(
                &json!({"role": "assistant", "content": "I look.", "tool_calls": [&first]}),
            )],
            vec!["role", "content", "head 0", "arguments 0", "end"],
        ),
        // vLLM with named calls: the role first, then all at once.
        (
            vec![
                part(&json!({"role": "assistant", "content": ""}), None),
                whole(&json!({"tool_calls": [&first, &second]})),
            ],
            [&["role"][..], &both].concat(),
        ),
        // llama.cpp: the call whole, and an end of its own.
        (
            vec![
                part(&json!({"role": "assistant", "content": null}), None),
                part(&json!({"tool_calls": [&first]}), None),
                whole(&json!({})),
            ],
            vec!["role", "head 0", "arguments 0", "end"],
        ),
        // A word and its end in one chunk, with the role.
        (
            vec![part(&json!({"role": "assistant", "content": "Yes."}), Some("stop"))],
            vec!["role", "content", "end"],
        ),
    ];
    for (pieces, expected) in shapes {
        let body = check(&pieces, &expected).await;
        let is_split = expected.len() == 4;
        assert!(is_split || body == pieces.concat() + DONE, "{body}");
    }
}

#[tokio::test]
async fn a_call_in_pieces_has_its_head_first() {
    let arguments =
        |text: &str| json!({"tool_calls": [{"index": 0, "function": {"arguments": text}}]});
    let head = json!({"role": "assistant", "content": null, "tool_calls": [call(0, "mail", "")]});
    // OpenAI: the end has a chunk of its own; some servers put it to the last piece.
    let to = r#"{"to": "bob@exam"#;
    let own = [
        part(&head, None),
        part(&arguments(to), None),
        part(&arguments("ple.com\"}"), None),
        part(&json!({}), Some("tool_calls")),
    ];
    let joint = [
        part(&head, None),
        part(&arguments(to), None),
        part(&arguments("ple.com\"}"), Some("tool_calls")),
    ];
    for pieces in [&own[..], &joint] {
        let body = check(pieces, &["role", "head 0", "arguments 0", "end"]).await;
        assert!(body.contains(r#"{\"to\": \"[EMAIL]\"}"#), "{body}");
    }
    // A second call that comes whole with the end, while the first is still held.
    let pieces = [
        part(&head, None),
        part(&arguments("{}"), None),
        part(&json!({"tool_calls": [call(1, "time", "{}")]}), Some("tool_calls")),
    ];
    check(&pieces, &["role", "head 0", "arguments 0", "head 1", "arguments 1", "end"]).await;
}

#[tokio::test]
async fn what_is_held_back_comes_before_the_end() {
    let said = |text: &str, reason| part(&json!({"content": text}), reason);
    let role = part(&json!({"role": "assistant", "content": "mail bob@exam"}), None);
    let last = [role.clone(), said("ple.com", Some("stop"))];
    let body = check(&last, &["role", "content", "content", "end"]).await;
    assert!(body.contains("[EMAIL]") && !body.contains("ple.com"), "{body}");
    // A call and the end in one chunk: what was said before comes before the head of the call.
    let called = json!({"tool_calls": [call(0, "f", r#"{"to":"bob@example.com"}"#)]});
    let pieces = [role, said("ple.com", None), part(&called, Some("tool_calls"))];
    let body =
        check(&pieces, &["role", "content", "content", "head 0", "arguments 0", "end"]).await;
    assert_eq!((body.matches("[EMAIL]").count(), body.contains("ple.com")), (2, false), "{body}");
}
