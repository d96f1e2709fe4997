//! Texts of a stream that are read one after another, and calls of tools that follow each other.

use crate::client::Answer;
use crate::house::{House, chat_streamed};
use mofa_gateway::scripted::{Ending, Reply, Script};
use serde_json::{Value, json};

const DONE: &str = "data: [DONE]\n\n";

/// An event with a chunk that has one choice.
fn chunk(delta: &Value, reason: &Value) -> String {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
    let chunk = json!({"id": "c1", "object": "chat.completion.chunk", "created": 1_700_000_000,
        "model": "small", "choices": [choice]});
    format!("data: {chunk}\n\n")
}

fn delta(delta: &Value) -> String {
    chunk(delta, &Value::Null)
}

fn finish() -> String {
    chunk(&json!({}), &"stop".into())
}

/// What a caller gets of these pieces, and the house.
async fn answer(pieces: impl IntoIterator<Item = String>) -> (House, Answer) {
    let reply = Reply::events(pieces, Ending::Complete);
    let house = House::start(Script::new().with_rule("", reply)).await;
    let answer = house.ask(chat_streamed("hi")).await;
    (house, answer)
}

/// The same for deltas, with a proper end.
async fn answer_of(deltas: &[Value]) -> (House, Answer) {
    let pieces = deltas.iter().map(delta);
    answer(pieces.chain([finish(), DONE.to_owned()])).await
}

/// The chunks of `answer`.
fn chunks(answer: &Answer) -> Vec<Value> {
    let events = answer.events().into_iter().filter(|event| event != "[DONE]");
    events.map(|event| serde_json::from_str(&event).unwrap()).collect()
}

#[track_caller]
fn error_code(answer: &Answer) -> Value {
    let chunks = chunks(answer);
    let error = chunks.iter().find(|chunk| chunk["error"].is_object());
    error.unwrap_or_else(|| panic!("no error: {answer:?}"))["error"]["code"].clone()
}

async fn check_blocked(deltas: &[Value], hidden: &str) {
    let (house, answer) = answer_of(deltas).await;
    assert_eq!(error_code(&answer), "blocked_by_policy.pii", "{deltas:?}");
    assert!(!answer.body.contains(hidden), "{answer:?}");
    assert_eq!(house.record_of(&answer).stream.as_deref(), Some("blocked"));
}

#[tokio::test]
async fn what_is_held_back_comes_in_few_bytes() {
    let parts: Vec<_> =
        (0..250).map(|i| json!({"type": "text", "index": i, "note": "bob@exam"})).collect();
    let mut begin = json!({"id": "c1", "choices": []});
    let mut end = json!({"id": "c1", "choices": [], "pad": "p".repeat(100_000)});
    for index in 0..2 {
        let choices = begin["choices"].as_array_mut().unwrap();
        let parts = if index == 0 { json!(parts) } else { json!(["bob@exam"]) };
        choices.push(json!({"index": index, "delta": {"content": parts}, "finish_reason": null}));
        let choices = end["choices"].as_array_mut().unwrap();
        choices.push(json!({"index": index, "delta": {}, "finish_reason": "stop"}));
    }
    let pieces = [format!("data: {begin}\n\n"), format!("data: {end}\n\n"), DONE.to_owned()];
    let sent: usize = pieces.iter().map(String::len).sum();
    let (_house, answer) = answer(pieces).await;
    assert_eq!(answer.body.matches("bob@exam").count(), 251, "{answer:?}");
    assert!(answer.body.len() < sent + 30_000, "{} of {sent}", answer.body.len());
    // One chunk has it all.
    assert_eq!(answer.events().len(), 4);
}

#[tokio::test]
async fn a_blocked_stream_with_many_choices_ends_in_few_bytes() {
    let choices = |said: &str| -> Vec<_> {
        (0..128).map(|index| json!({"index": index, "delta": {"content": said}})).collect()
    };
    let pad = "p".repeat(100_000);
    let event = |said: &str| {
        format!("data: {}\n\n", json!({"id": "c1", "pad": pad, "choices": choices(said)}))
    };
    let (_house, answer) = answer([event("ok. "), event(" a forbiddenword "), DONE.into()]).await;
    assert_eq!(error_code(&answer), "blocked_by_policy.moderation");
    assert_eq!(answer.body.matches("content_filter").count(), 128);
    assert!(answer.body.len() < 150_000, "{}", answer.body.len());
}

#[tokio::test]
async fn what_is_written_counts_too() {
    // Each word makes room for one that is longer.
    let said = json!({"content": "a@b.co ".repeat(60)});
    let pieces: Vec<_> = (0..20).map(|_| delta(&said)).chain([finish()]).collect();
    let sent: usize = pieces.iter().map(String::len).sum();
    let script = Script::new().with_rule("", Reply::events(pieces, Ending::Complete));
    let house = House::start_with(script, "", |deployment| {
        deployment.limits.max_stream_bytes = sent;
    })
    .await;
    let answer = house.ask(chat_streamed("hi")).await;
    assert_eq!(error_code(&answer), "upstream_too_large", "{answer:?}");
}

#[tokio::test]
async fn parts_of_one_content_are_read_one_after_another() {
    let part = |index: u64, text: &str| json!({"type": "text", "index": index, "text": text});
    let bare = |text: &str| json!({"type": "text", "text": text});
    let content = |parts: &[Value]| json!({"content": parts});
    for deltas in [
        vec![content(&[bare("bob@exam"), bare("ple.com x")])],
        vec![content(&[part(0, "bob@exam")]), content(&[part(1, "ple.com x")])],
        vec![
            content(&[part(0, "bob@exam")]),
            content(&[part(1, "x")]),
            content(&[part(0, "ple.com x")]),
        ],
        vec![json!({"content": "bob@exam"}), content(&[bare("ple.com x")])],
    ] {
        check_blocked(&deltas, "ple.com").await;
    }
    // What is in one part is taken out, and what is harmless goes in its order and place.
    let deltas = [
        content(&[part(0, "one bob@exam")]),
        content(&[part(0, "ple.com two"), part(1, "three")]),
        content(&[part(1, " four ann@example.org")]),
    ];
    let (_house, answer) = answer_of(&deltas).await;
    let mut said = [String::new(), String::new()];
    for chunk in chunks(&answer) {
        for part in chunk["choices"][0]["delta"]["content"].as_array().into_iter().flatten() {
            let index = usize::try_from(part["index"].as_u64().unwrap()).unwrap();
            said[index] += part["text"].as_str().unwrap();
        }
    }
    assert_eq!(said, ["one [EMAIL] two", "three four [EMAIL]"], "{answer:?}");
}

#[tokio::test]
async fn ids_in_pieces_are_inspected_as_one() {
    let call = |id: &str| json!({"tool_calls": [{"index": 0, "id": id}]});
    check_blocked(&[call("bob@exam"), call("ple.com")], "ple.com").await;
    let audio = |id: &str| json!({"audio": {"id": id}});
    check_blocked(&[audio("bob@exam"), audio("ple.com")], "ple.com").await;
    // The same id in every chunk is none that goes on.
    let deltas = vec![json!({"tool_calls": [{"index": 0, "id": "call_4Zf1kQ"}]}); 50];
    let (_house, answer) = answer_of(&deltas).await;
    assert_eq!(answer.events().last().unwrap(), "[DONE]");
}

#[tokio::test]
async fn a_text_ends_where_another_goes_on() {
    let deltas = [
        json!({"role": "assistant", "content": "", "reasoning_content": "think"}),
        json!({"reasoning_content": " yes"}),
        json!({"content": "The answer "}),
        json!({"content": "is ann@example.com"}),
    ];
    let (house, answer) = answer_of(&deltas).await;
    let mut order = String::new();
    for chunk in chunks(&answer) {
        let delta = &chunk["choices"][0]["delta"];
        order += delta["reasoning_content"].as_str().unwrap_or_default();
        order += delta["content"].as_str().unwrap_or_default();
    }
    assert_eq!(order, "think yesThe answer is [EMAIL]", "{answer:?}");
    assert_eq!(house.record_of(&answer).stages[1].found, 1);
    // If it goes on later, that is read with its end.
    let thought = json!({"reasoning_content": "hm"});
    let said = |text: &str| json!({"content": text});
    check_blocked(&[said("bob@exam"), thought.clone(), said("ple.com x")], "ple.com").await;
    let (_house, answer) = answer_of(&[said("forbidden"), thought.clone(), said("word x")]).await;
    assert_eq!(error_code(&answer), "blocked_by_policy.moderation");
    let (_house, answer) =
        answer_of(&[said("Write to "), thought, said("bob@example.com x")]).await;
    assert_eq!(answer.said(0, "content"), "Write to [EMAIL] x");
}

#[tokio::test]
async fn calls_without_numbers_are_told_apart_by_their_ids() {
    let call = |id: &str, to: &str| {
        let function = json!({"name": "mail", "arguments": format!("{{\"to\":\"{to}\"}}")});
        json!({"id": id, "type": "function", "function": function})
    };
    let with_index = |call: Value| {
        let mut call = call;
        call["index"] = 0.into();
        call
    };
    let calls = [call("a", "bob\\u0040example.com"), call("b", "ann\\u0040example.com")];
    let numbered = calls.clone().map(with_index);
    for deltas in [
        calls.clone().map(|call| json!({"tool_calls": [call]})).to_vec(),
        numbered.clone().map(|call| json!({"tool_calls": [call]})).to_vec(),
        vec![json!({"tool_calls": numbered})],
    ] {
        let (_house, answer) = answer_of(&deltas).await;
        let mut found: Vec<(String, String)> = Vec::new();
        for chunk in chunks(&answer) {
            let calls = chunk["choices"][0]["delta"]["tool_calls"].clone();
            for call in calls.as_array().into_iter().flatten() {
                if let Some(id) = call["id"].as_str() {
                    found.push((id.to_owned(), String::new()));
                }
                let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
                found.last_mut().unwrap().1 += arguments;
            }
        }
        let clean = r#"{"to":"[EMAIL]"}"#;
        assert_eq!(found, [("a".into(), clean.into()), ("b".into(), clean.into())], "{answer:?}");
    }
    // Some readers put them together all the same.
    let part = |id: &str, with: &str| json!({"tool_calls": [{"index": 0, "id": id, "function": {"name": "f", "arguments": with}}]});
    check_blocked(&[part("a", "bob@exam"), part("b", "ple.com")], "ple.com").await;
}

#[tokio::test]
async fn what_clients_read_over_does_not_end_a_stream() {
    let said = delta(&json!({"content": "ok"}));
    let null = said.replace("\"index\":0", "\"index\":null");
    let after = delta(&json!({"content": " \n"}));
    let pieces = [null, "data:\n\n".to_owned(), finish(), after, DONE.to_owned()];
    let (_house, answer) = answer(pieces).await;
    assert_eq!(answer.said(0, "content").trim(), "ok", "{answer:?}");
    assert_eq!(answer.events().last().unwrap(), "[DONE]", "{answer:?}");
    assert!(!answer.body.contains("\"error\""), "{answer:?}");
}

#[tokio::test]
async fn a_number_in_the_place_of_a_text_is_refused_for_what_it_is() {
    check_blocked(&[json!({"content": 4_111_111_111_111_111_u64})], "4111").await;
}
