//! Streamed answers: inspected however they are cut, and ended properly whatever happens.

use crate::client::Answer;
use crate::house::{House, chat_streamed};
use mofa_gateway::scripted::{Ending, Reply, Script};
use mofa_sdk::monitoring::AuditRecord;
use serde_json::{Value, json};
use std::time::Duration;

/// An event with a chunk whose choices are `choices`.
fn chunk(choices: &Value) -> String {
    let chunk = json!({"id": "c1", "object": "chat.completion.chunk", "created": 1_700_000_000,
        "model": "small", "choices": choices});
    format!("data: {chunk}\n\n")
}

fn delta(choice: u64, delta: &Value) -> String {
    chunk(&json!([{"index": choice, "delta": delta, "finish_reason": null}]))
}

fn finish(choice: u64, reason: &str) -> String {
    chunk(&json!([{"index": choice, "delta": {}, "finish_reason": reason}]))
}

const DONE: &str = "data: [DONE]\n\n";

/// A gateway before a model server that answers with these pieces.
async fn house_of(pieces: &[impl AsRef<str>], ending: Ending) -> House {
    let reply = Reply::events(pieces.iter().map(AsRef::as_ref), ending);
    House::start(Script::new().with_rule("", reply)).await
}

async fn stream_of(pieces: &[impl AsRef<str>], ending: Ending) -> (House, Answer) {
    let house = house_of(pieces, ending).await;
    let answer = house.ask(chat_streamed("hi")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    (house, answer)
}

/// The error that the stream ends with, and the events after it.
#[track_caller]
fn last_error(answer: &Answer) -> (Value, Vec<String>) {
    let events = answer.events();
    let at = events.iter().position(|event| event.starts_with("{\"error\"")).expect("an error");
    let error: Value = serde_json::from_str(&events[at]).unwrap();
    (error["error"].clone(), events[at + 1..].to_vec())
}

fn stream_record(house: &House, answer: &Answer, end: &str) -> AuditRecord {
    let record = house.record_of(answer);
    assert_eq!(record.stream.as_deref(), Some(end));
    record
}

#[tokio::test]
async fn what_is_harmless_passes_byte_for_byte() {
    let odd = "data: {\"id\": \"c1\",\"choices\":[ {\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"x\":1.50,\"finish_reason\":null}]}\n\n";
    let usage = "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"total_tokens\":12345678}}\n\n";
    let pieces = [odd, usage, &finish(0, "stop"), DONE];
    let (house, answer) = stream_of(&pieces, Ending::Complete).await;
    assert_eq!(answer.body, pieces.concat());
    assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"));
    let record = stream_record(&house, &answer, "complete");
    assert_eq!(record.verdict.as_deref(), Some("allow"));
    assert!(house.received()[0].contains("\"stream\":true"));
}

#[tokio::test]
async fn a_value_is_found_however_the_stream_is_cut() {
    let text = "Write to bob@example.com, or call +1 415 555 2671 today.";
    let expected = "Write to [EMAIL], or call [PHONE] today.";
    let script = |chars| Script::new().with_rule("", Reply::text(text)).with_chunk_chars(chars);
    for chars in [1, 2, 3, 5, 7, 11, 100] {
        let house = House::start(script(chars)).await;
        let answer = house.ask(chat_streamed("hi")).await;
        assert_eq!(answer.said(0, "content"), expected, "every {chars} characters");
        assert_eq!(answer.events().last().unwrap(), "[DONE]");
        let record = stream_record(&house, &answer, "complete");
        assert_eq!((record.stages[1].found, record.verdict.as_deref()), (2, Some("flag")));
        assert_eq!(record.stages[1].findings[0].pointer, "/choices/0/delta/content");
        // The last chunk says why it ends, and nothing follows it.
        let events = answer.events();
        let last: Value = serde_json::from_str(&events[events.len() - 2]).unwrap();
        assert_eq!(last["choices"][0]["finish_reason"], "stop");
        assert_eq!(last["id"], "chatcmpl-scripted");
    }
}

#[tokio::test]
async fn bytes_may_be_cut_anywhere() {
    let events = [
        delta(0, &json!({"role": "assistant", "content": "caf\u{e9} bob@exa"})),
        ": a comment\r\n\r\n".to_owned(),
        delta(0, &json!({"content": "mple.com"})).replace('\n', "\r\n"),
        finish(0, "stop").replace("{\"choices\"", "{\ndata: \"choices\""),
        DONE.to_owned(),
    ];
    let whole = events.concat();
    let mut script = Script::new();
    let cuts: Vec<usize> = (1..whole.len()).filter(|at| whole.is_char_boundary(*at)).collect();
    for at in &cuts {
        let (before, after) = whole.split_at(*at);
        script =
            script.with_rule(format!("<{at}>"), Reply::events([before, after], Ending::Complete));
    }
    let letters = whole.chars().map(String::from);
    script = script.with_rule("<each>", Reply::events(letters, Ending::Complete));
    let house = House::start(script).await;
    let mut client = house.client().await;
    for at in cuts.iter().map(ToString::to_string).chain(["each".to_owned()]) {
        let answer = house.ask_on(&mut client, chat_streamed(&format!("<{at}>"))).await;
        assert_eq!(answer.said(0, "content"), "caf\u{e9} [EMAIL]", "cut at {at}");
        assert_eq!(answer.events().last().unwrap(), "[DONE]", "cut at {at}");
        assert!(!answer.body.contains("comment"));
    }
}

#[tokio::test]
async fn choices_and_their_texts_keep_apart() {
    let pieces = [
        delta(0, &json!({"role": "assistant", "content": "bob@", "reasoning_content": "ann@"})),
        delta(1, &json!({"content": "one ", "odd name": "eve@"})),
        delta(0, &json!({"content": "example.com", "reasoning_content": "example.org ok"})),
        delta(1, &json!({"content": "two", "odd name": "example.net"})),
        chunk(&json!([{"index": 1, "delta": {"content": "!"}, "finish_reason": "stop"},
            {"index": 0, "delta": {}, "finish_reason": null}])),
        finish(0, "stop"),
        DONE.to_owned(),
    ];
    let (house, answer) = stream_of(&pieces, Ending::Complete).await;
    assert_eq!(answer.said(0, "content"), "[EMAIL]");
    assert_eq!(answer.said(0, "reasoning_content"), "[EMAIL] ok");
    assert_eq!(
        (answer.said(1, "content"), answer.said(1, "odd name")),
        ("one two!".into(), "[EMAIL]".into())
    );
    let ends = |choice: u64| {
        let events = answer.events();
        events.iter().position(|event| {
            let chunk: Value = serde_json::from_str(event).unwrap_or_default();
            let mut choices = chunk["choices"].as_array().into_iter().flatten();
            choices.any(|it| it["index"] == choice && it["finish_reason"] == "stop")
        })
    };
    let (one, zero) = (ends(1).unwrap(), ends(0).unwrap());
    assert!(one < zero && zero == answer.events().len() - 2);
    let record = stream_record(&house, &answer, "complete");
    let mut pointers: Vec<_> =
        record.stages[1].findings.iter().map(|f| f.pointer.clone()).collect();
    pointers.sort();
    let expected =
        ["/choices/0/delta/content", "/choices/0/delta/reasoning_content", "/choices/1/delta/#3"];
    assert_eq!(pointers, expected);
}

#[tokio::test]
async fn arguments_of_tools_are_inspected_whole() {
    let arguments = r#"{"to": "bob\u0040example.com", "n": [1, "x"]}"#;
    let calls = vec![
        ("mail".to_owned(), arguments.to_owned()),
        ("odd".to_owned(), "not JSON: ann@example.com".to_owned()),
    ];
    let script = Script::new().with_rule("", Reply::ToolCalls(calls)).with_chunk_chars(4);
    let house = House::start(script).await;
    let answer = house.ask(chat_streamed("hi")).await;
    let mut found = [String::new(), String::new()];
    let mut names = Vec::new();
    let events = answer.events();
    for event in &events[..events.len() - 1] {
        let event: Value = serde_json::from_str(event).unwrap();
        for call in event["choices"][0]["delta"]["tool_calls"].as_array().into_iter().flatten() {
            let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
            found[index] += call["function"]["arguments"].as_str().unwrap_or_default();
            names.extend(call["function"]["name"].as_str().map(str::to_owned));
        }
    }
    assert_eq!(names, ["mail", "odd"]);
    let expected = [r#"{"to": "[EMAIL]", "n": [1, "x"]}"#, "not JSON: [EMAIL]"];
    assert_eq!(found, expected);
    let last: Value = serde_json::from_str(&events[events.len() - 2]).unwrap();
    assert_eq!(last["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!(stream_record(&house, &answer, "complete").stages[1].found, 2);
}

#[tokio::test]
async fn arguments_of_tools_may_be_too_long() {
    let calls = vec![("f".to_owned(), "x".repeat(2000))];
    let script = Script::new().with_rule("", Reply::ToolCalls(calls));
    let house = House::start_with(script, "", |deployment| {
        deployment.limits.max_tool_arguments_bytes = 1000;
    })
    .await;
    let answer = house.ask(chat_streamed("hi")).await;
    let (error, _) = last_error(&answer);
    assert_eq!(error["code"], "blocked_by_policy.too_long");
    let record = stream_record(&house, &answer, "blocked");
    assert_eq!(record.verdict.as_deref(), Some("block"));
    let reason = "arguments of tools longer than 1000 bytes cannot be inspected";
    assert!(record.stages.iter().any(|stage| stage.verdict == "block" && stage.reason == reason));
}

#[tokio::test]
async fn a_blocked_stream_ends_with_an_error_and_an_end() {
    let pieces = [
        delta(0, &json!({"role": "assistant", "content": "This is fine. "})),
        delta(0, &json!({"content": format!("{} And a forbidden", "More text. ".repeat(40))})),
        delta(0, &json!({"content": "word in it. "})),
        delta(0, &json!({"content": "NEVER SEEN"})),
        finish(0, "stop"),
        DONE.to_owned(),
    ];
    let (house, answer) = stream_of(&pieces, Ending::Complete).await;
    let (error, rest) = last_error(&answer);
    assert_eq!(error["code"], "blocked_by_policy.moderation");
    let record = stream_record(&house, &answer, "blocked");
    assert_eq!(error["decision_id"], record.id.clone().unwrap());
    assert_eq!(record.verdict.as_deref(), Some("block"));
    assert_eq!(rest.len(), 2);
    let last: Value = serde_json::from_str(&rest[0]).unwrap();
    assert_eq!(last["choices"][0]["finish_reason"], "content_filter");
    assert_eq!((&last["id"], rest[1].as_str()), (&"c1".into(), "[DONE]"));
    let said = answer.said(0, "content");
    assert!(said.starts_with("This is fine.") && !said.contains("forbidden"), "{said}");
    assert!(!answer.body.contains("NEVER") && answer.is_complete);
}

#[tokio::test]
async fn texts_outside_of_the_deltas_are_inspected() {
    let extra = json!([{"index": 0, "delta": {}, "note": "for bob@example.com", "finish_reason": null,
        "logprobs": {"content": [{"token": "bob@", "logprob": -0.1}]}}]);
    let (_house, answer) =
        stream_of(&[chunk(&extra), finish(0, "stop"), DONE.to_owned()], Ending::Complete).await;
    let first: Value = serde_json::from_str(&answer.events()[0]).unwrap();
    assert_eq!(first["choices"][0]["note"], "for [EMAIL]");
    assert_eq!(first["choices"][0]["logprobs"], Value::Null);

    let named =
        json!({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "bob@example.com"}}]});
    let (house, answer) =
        stream_of(&[delta(0, &named), finish(0, "stop"), DONE.to_owned()], Ending::Complete).await;
    assert_eq!(last_error(&answer).0["code"], "blocked_by_policy.pii");
    assert!(!answer.body.contains("bob"));
    stream_record(&house, &answer, "blocked");
}

#[tokio::test]
async fn a_value_is_found_however_deep_it_stands() {
    let text = |text: &str| json!({"content": [{"type": "text", "text": text}]});
    let audio = |text: &str| json!({"audio": {"id": "a", "transcript": text}});
    let reasoning = |text: &str| json!({"reasoning_details": [{"type": "reasoning.text", "text": text, "index": 3}]});
    let extra = |text: &str| {
        json!({"tool_calls": [{"index": 0, "id": "c", "extra": {"note": [text]},
            "function": {"name": "f", "arguments": "{}"}}]})
    };
    for make in [&text as &dyn Fn(&str) -> Value, &audio, &reasoning, &extra] {
        let pieces =
            [make("ask user@exam"), make("ple.com now"), make(".")].map(|it| delta(0, &it));
        let pieces = pieces.iter().cloned().chain([finish(0, "stop"), DONE.to_owned()]);
        let (house, answer) = stream_of(&pieces.collect::<Vec<_>>(), Ending::Complete).await;
        let mut said = String::new();
        for event in answer.events().iter().filter(|event| *event != "[DONE]") {
            let event: Value = serde_json::from_str(event).unwrap();
            let delta = &event["choices"][0]["delta"];
            let reached = [
                &delta["content"][0]["text"],
                &delta["audio"]["transcript"],
                &delta["reasoning_details"][0]["text"],
                &delta["tool_calls"][0]["extra"]["note"][0],
            ];
            said.extend(reached.into_iter().filter_map(Value::as_str));
            if delta["reasoning_details"][0]["text"].is_string() {
                assert_eq!(delta["reasoning_details"][0]["index"], 3);
            }
        }
        assert_eq!(said, "ask [EMAIL] now.", "{answer:?}");
        assert_eq!(stream_record(&house, &answer, "complete").stages[1].found, 1);
    }
    // As completions that are no chats have it.
    let old = |text: &str| chunk(&json!([{"index": 0, "text": text, "finish_reason": null}]));
    let pieces = [old("user@exam"), old("ple.com ok"), finish(0, "stop"), DONE.to_owned()];
    let (_house, answer) = stream_of(&pieces, Ending::Complete).await;
    assert!(!answer.body.contains("user@exam") && answer.body.contains("[EMAIL]"), "{answer:?}");
}

#[tokio::test]
async fn a_name_in_pieces_is_inspected_as_one() {
    let name =
        |name: &str| delta(0, &json!({"tool_calls": [{"index": 0, "function": {"name": name}}]}));
    let message = |text: &str| chunk(&json!([{"index": 0, "message": {"content": text}}]));
    for make in [&name as &dyn Fn(&str) -> String, &message] {
        let pieces = [make("user@exam"), make("ple.com"), finish(0, "stop"), DONE.to_owned()];
        let (house, answer) = stream_of(&pieces, Ending::Complete).await;
        assert_eq!(last_error(&answer).0["code"], "blocked_by_policy.pii");
        stream_record(&house, &answer, "blocked");
    }
    // So is what equal pieces make, and what begins with the piece before, whatever is between.
    let same = name("4242");
    let named = |name: &str, with: &str| {
        let call = json!({"index": 0, "function": {"name": name, "arguments": with}});
        delta(0, &json!({"tool_calls": [call]}))
    };
    for pieces in [
        vec![same.clone(), same.clone(), same.clone(), same.clone()],
        vec![named("4242", "{"), named("4242", ""), named("4242", "}"), named("4242", "")],
        vec![same.clone(), delta(0, &json!({"content": "ok"})), same.clone(), name("42424242")],
        vec![name("4242"), name("42424242"), name("4242")],
        vec![name("4111"), name("41111111"), name("11111111")],
    ] {
        let pieces = [&pieces[..], &[finish(0, "stop"), DONE.to_owned()]].concat();
        let (house, answer) = stream_of(&pieces, Ending::Complete).await;
        assert_eq!(last_error(&answer).0["code"], "blocked_by_policy.pii", "{pieces:?}");
        stream_record(&house, &answer, "blocked");
    }
    // A tool may be named in every chunk.
    let mut pieces = vec![name("get_weather"); 400];
    pieces.extend([finish(0, "stop"), DONE.to_owned()]);
    let (_house, answer) = stream_of(&pieces, Ending::Complete).await;
    assert_eq!(answer.body, pieces.concat());
    // What comes after that is read with it.
    let mut pieces = vec![name("4"); 1000];
    pieces.extend([name("user@exam"), name("ple.com"), finish(0, "stop"), DONE.to_owned()]);
    let (_house, answer) = stream_of(&pieces, Ending::Complete).await;
    assert_eq!(last_error(&answer).0["code"], "blocked_by_policy.pii");
    // A text that is repeated from its beginning goes on being what it is.
    let pieces = [message("one"), message("one two"), finish(0, "stop"), DONE.to_owned()];
    let (_house, answer) = stream_of(&pieces, Ending::Complete).await;
    assert_eq!(answer.body, pieces.concat());
}

#[tokio::test]
async fn a_choice_ends_once() {
    let part = |text: &str, reason: Value| {
        chunk(&json!([{"index": 0, "delta": {"content": text}, "finish_reason": reason}]))
    };
    let pieces = [part("user@exam", "".into()), part("ple.com", "".into())];
    let pieces = [&pieces[..], &[finish(0, "stop"), DONE.to_owned()]].concat();
    let (_house, answer) = stream_of(&pieces, Ending::Complete).await;
    assert_eq!(answer.said(0, "content"), "[EMAIL]");

    let pieces = [part("user@exam", "stop".into()), part("ple.com", Value::Null), DONE.to_owned()];
    let (house, answer) = stream_of(&pieces, Ending::Complete).await;
    assert_eq!(last_error(&answer).0["code"], "upstream_invalid");
    assert!(!answer.body.contains("ple.com"));
    stream_record(&house, &answer, "aborted");
}

#[tokio::test]
async fn probabilities_go_no_sooner_than_what_they_spell() {
    let spelled = |text: &str| {
        chunk(&json!([{"index": 0, "delta": {"content": text}, "finish_reason": null,
            "logprobs": {"content": [{"token": text, "logprob": -0.1}]}}]))
    };
    let pieces = [spelled("a for"), spelled("bidden"), spelled("word"), finish(0, "stop")];
    let reply = Reply::events(pieces, Ending::Complete);
    let script = Script::new().with_rule("", reply);
    let off = "[security.pii]\nmode = \"off\"\n";
    let house = House::start_with(script.clone(), off, |_| {}).await;
    let answer = house.ask(chat_streamed("hi")).await;
    assert_eq!(last_error(&answer).0["code"], "blocked_by_policy.moderation");
    assert!(!answer.body.contains("token"), "{answer:?}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_does_not_end_well() {
    let pieces = [
        delta(0, &json!({"content": "The rest is bob@example"})),
        delta(0, &json!({"content": ".c"})),
    ];
    for ending in [Ending::Cut, Ending::Complete] {
        let (house, answer) = stream_of(&pieces, ending).await;
        let (error, rest) = last_error(&answer);
        assert_eq!((&error["code"], rest.len()), (&"upstream_interrupted".into(), 0));
        assert!(!answer.body.contains("[DONE]") && !answer.body.contains("bob"));
        stream_record(&house, &answer, "aborted");
    }
    // Without its last word, but with every choice at its end, it is complete.
    let (house, answer) =
        stream_of(&[delta(0, &json!({"content": "ok"})), finish(0, "stop")], Ending::Complete)
            .await;
    assert_eq!(
        (answer.said(0, "content").as_str(), answer.events().last().unwrap().as_str()),
        ("ok", "[DONE]")
    );
    stream_record(&house, &answer, "complete");
}

#[tokio::test]
async fn what_is_no_chunk_ends_the_stream() {
    for wrong in [
        "data: <html>\n\n",
        "data: {\"a\":1,\"a\":2}\n\n",
        "data: {\"choices\":[{\"index\":-1}]}\n\n",
    ] {
        let first = delta(0, &json!({"content": "ok"}));
        let (house, answer) = stream_of(&[first.as_str(), wrong, DONE], Ending::Complete).await;
        assert_eq!(last_error(&answer).0["code"], "upstream_invalid", "{wrong}");
        stream_record(&house, &answer, "aborted");
    }
}

#[tokio::test]
async fn silence_ends_the_stream() {
    let reply = Reply::events([delta(0, &json!({"content": "ok"}))], Ending::Silence);
    let house = House::start_with(Script::new().with_rule("", reply), "", |deployment| {
        deployment.limits.stream_idle_timeout = Duration::from_millis(50);
    })
    .await;
    let answer = house.ask(chat_streamed("hi")).await;
    assert_eq!(last_error(&answer).0["code"], "upstream_timeout");
    stream_record(&house, &answer, "aborted");
}

#[tokio::test]
async fn a_caller_that_goes_away_is_recorded() {
    let house = house_of(&[delta(0, &json!({"role": "assistant"}))], Ending::Silence).await;
    let mut client = house.client().await;
    let body = chat_streamed("hi");
    client.send(&[house.head(body.len()).as_bytes(), body.as_bytes()].concat()).await;
    assert!(client.until_body_has("\"role\"").await);
    drop(client);
    let aborted = |records: Vec<AuditRecord>| {
        records.iter().any(|record| record.stream.as_deref() == Some("aborted"))
    };
    while !aborted(house.records()) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_error_instead_of_a_stream_comes_whole() {
    let body = json!({"error": {"message": "no, bob@example.com"}});
    let reply = Reply::Document { status: 400, body };
    let house = House::start(Script::new().with_rule("", reply)).await;
    let answer = house.ask(chat_streamed("hi")).await;
    assert_eq!((answer.status, answer.error("message")), (400, "no, [EMAIL]".into()));
    let answer = house.ask(chat_streamed("a forbiddenword")).await;
    assert_eq!((answer.status, answer.error("code")), (403, "blocked_by_policy.moderation".into()));
}
