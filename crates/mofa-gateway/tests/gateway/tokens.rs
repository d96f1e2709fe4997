//! Values that the model never sees and that come back to who may see them, however the answer
//! comes, and to nobody else.

use crate::client::Answer;
use crate::house::{House, chat, chat_streamed};
use mofa_gateway::scripted::{Ending, Reply, Script};
use mofa_sdk::Deployment;
use mofa_sdk::config::ApiKey;
use serde_json::{Value, json};
use std::fmt::Write;

const MAIL: &str = "ann@example.com";

const CARD: &str = "4111 1111 1111 1111";

/// A gateway that keeps values, with callers that may see all, some or none of them.
struct Desk {
    house: House,
    /// May see everything.
    clerk: String,
    /// May see cards.
    teller: String,
    /// May see nothing.
    porter: String,
    /// May see everything, in another tenant.
    stranger: String,
}

impl Desk {
    async fn open(script: Script) -> Self {
        Self::open_with(script, |_| {}).await
    }

    async fn open_with(script: Script, change: impl FnOnce(&mut Deployment)) -> Self {
        let keys =
            ["clerk", "teller", "porter", "stranger"].map(|id| ApiKey::generate(id).unwrap());
        let mut more = r#"
            [security.pii]
            strategy = "tokenize"
            strategies = { ssn = "partial_mask" }
            [[security.pii.patterns]]
            category = "badge"
            rule = "test.badge"
            regex = 'B"\\\d'
            [vault]
            key = "${VAULT_KEY}"
            [roles.clerk]
            permissions = ["invoke:model:small", "reveal:pii:*"]
            [roles.teller]
            permissions = ["invoke:model:small", "reveal:pii:credit_card"]
            [tenants.acme.roles.clerk]
            permissions = ["*"]
        "#
        .to_owned();
        for (key, rest) in keys.iter().zip([
            ("clerk", "clerk", "default"),
            ("teller", "teller", "default"),
            ("porter", "user", "default"),
            ("stranger", "clerk", "acme"),
        ]) {
            let ((id, role, tenant), hash) = (rest, key.digest());
            let _ = write!(
                more,
                "[[keys]]\nid = \"{id}\"\nhash = \"{hash}\"\nsubject = \"{id}\"\n\
                 roles = [\"{role}\"]\ntenant = \"{tenant}\"\n"
            );
        }
        let house = House::start_with(script, &more, change).await;
        let [clerk, teller, porter, stranger] = keys.map(|key| key.expose().to_owned());
        Self { house, clerk, teller, porter, stranger }
    }

    /// Asks as who has `key`, in the conversation `name` if it has one.
    async fn ask(&self, key: &str, name: Option<&str>, body: &str) -> Answer {
        let bearer = format!("Bearer {key}");
        let mut headers =
            vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
        headers.extend(name.map(|name| ("x-mofa-conversation", name)));
        let mut client = self.house.client().await;
        let answer = client.request("POST", "/v1/chat/completions", &headers, body.as_bytes());
        answer.await
    }

    /// What the model says to `text`, as who has `key` reads it.
    #[track_caller]
    fn said(answer: &Answer) -> String {
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    }

    /// The last request that reached the model server.
    fn sent(&self) -> String {
        self.house.received().pop().unwrap()
    }

    /// What the record of `answer` says beside the decision.
    #[track_caller]
    fn noted(&self, answer: &Answer) -> Value {
        self.house.record_of(answer).metadata
    }
}

#[tokio::test]
async fn the_model_sees_placeholders_and_the_caller_values() {
    let desk = Desk::open(Script::new()).await;
    let text = format!("Write to {MAIL}, pay with {CARD}, then {MAIL} again. SSN 536-90-4399.");
    let answer = desk.ask(&desk.clerk, Some("c1"), &chat(&text)).await;
    let placed = "Write to [EMAIL_1], pay with [CREDIT_CARD_1], then [EMAIL_1] again. SSN \
                  [****4399].";
    assert_eq!(desk.sent(), chat(placed), "byte for byte");
    assert_eq!(Desk::said(&answer), text.replace("536-90-4399", "[****4399]"));
    assert_eq!(desk.noted(&answer), json!({"restored": {"credit_card": 1, "email": 2}}));
    let log = std::fs::read_to_string(desk.house.audit_path()).unwrap();
    assert!(!log.contains(MAIL) && !log.contains(CARD), "values are in no record");
}

#[tokio::test]
async fn each_caller_gets_what_it_may_see() {
    let desk = Desk::open(Script::new()).await;
    let text = format!("{MAIL} {CARD}");
    for (key, expected, noted) in [
        (&desk.porter, "[EMAIL_1] [CREDIT_CARD_1]".to_owned(), Value::Null),
        (&desk.teller, format!("[EMAIL_1] {CARD}"), json!({"restored": {"credit_card": 1}})),
        (&desk.clerk, text.clone(), json!({"restored": {"credit_card": 1, "email": 1}})),
    ] {
        let answer = desk.ask(key, Some("c1"), &chat(&text)).await;
        assert_eq!(Desk::said(&answer), expected);
        assert_eq!(desk.noted(&answer), noted);
        let answer = desk.ask(key, Some("c1"), &chat_streamed(&text)).await;
        assert_eq!(answer.said(0, "content"), expected);
        assert_eq!(desk.noted(&answer), noted);
    }
}

#[tokio::test]
async fn a_placeholder_means_nothing_elsewhere() {
    let desk = Desk::open(Script::new()).await;
    desk.ask(&desk.clerk, Some("c1"), &chat(MAIL)).await;
    let ask = "repeat [EMAIL_1] and [EMAIL_2] and [PHONE_1]";
    // The conversation itself knows the one, for who may see it.
    let answer = desk.ask(&desk.clerk, Some("c1"), &chat(ask)).await;
    assert_eq!(Desk::said(&answer), ask.replace("[EMAIL_1]", MAIL));
    for (key, name) in [
        (&desk.clerk, Some("c2")),
        (&desk.clerk, None),
        (&desk.stranger, Some("c1")),
        (&desk.stranger, None),
        (&desk.porter, Some("c1")),
    ] {
        let answer = desk.ask(key, name, &chat(ask)).await;
        assert_eq!(Desk::said(&answer), ask, "{name:?}");
        let answer = desk.ask(key, name, &chat_streamed(ask)).await;
        assert_eq!(answer.said(0, "content"), ask, "{name:?}");
    }
}

/// What stood in a text before stays what it is: no new value gets its number.
#[tokio::test]
async fn a_literal_that_looks_like_one_survives() {
    let desk = Desk::open(Script::new()).await;
    for key in [&desk.clerk, &desk.porter] {
        let text = format!("[EMAIL_1] is no address, {MAIL} is");
        let answer = desk.ask(key, Some("c1"), &chat(&text)).await;
        assert!(desk.sent().contains("[EMAIL_1] is no address, [EMAIL_2] is"), "{}", desk.sent());
        let is_clerk = key == &desk.clerk;
        let mail = if is_clerk { MAIL } else { "[EMAIL_2]" };
        assert_eq!(Desk::said(&answer), text.replace(MAIL, mail));
    }
}

#[tokio::test]
async fn one_conversation_goes_on_without_a_name() {
    let desk = Desk::open(Script::new()).await;
    let turns = |last: &[(&str, &str)]| -> String {
        let mut messages =
            vec![json!({"role": "system", "content": format!("turn {}", last.len())})];
        messages.extend(last.iter().map(|(role, text)| json!({"role": role, "content": text})));
        json!({"model": "small", "messages": messages}).to_string()
    };
    let first = format!("I am {MAIL}");
    let answer = desk.ask(&desk.clerk, None, &turns(&[("user", &first)])).await;
    assert_eq!(Desk::said(&answer), first);
    // The client dropped what was in between.
    let more = "write [EMAIL_1] and bob@example.com";
    let body = turns(&[("user", "I am [EMAIL_1]"), ("user", more)]);
    desk.ask(&desk.clerk, None, &body).await;
    let answer = desk.ask(&desk.clerk, None, &turns(&[("user", &first), ("user", more)])).await;
    assert!(desk.sent().contains("write [EMAIL_1] and [EMAIL_2]"), "{}", desk.sent());
    assert_eq!(Desk::said(&answer), format!("write {MAIL} and bob@example.com"));
    // Another subject that begins in the same way is another conversation.
    let answer = desk.ask(&desk.teller, None, &turns(&[("user", &first), ("user", more)])).await;
    assert_eq!(Desk::said(&answer), "write [EMAIL_1] and [EMAIL_3]", "{answer:?}");
}

#[tokio::test]
async fn a_stream_may_cut_a_placeholder_anywhere() {
    let said = "é [EMAIL_1], [CREDIT_CARD_1][EMAIL_1] [EMAIL_9] [[EMAIL_ [EMAIL_1";
    let event = |delta: &Value, finish: Option<&str>| {
        let choices = json!([{"index": 0, "delta": delta, "finish_reason": finish}]);
        format!("data: {}\n\n", json!({"id": "c1", "choices": choices}))
    };
    let end = || [event(&json!({}), Some("stop")), "data: [DONE]\n\n".to_owned()];
    let cuts: Vec<usize> = (0..=said.len()).filter(|at| said.is_char_boundary(*at)).collect();
    let mut script = Script::new();
    for at in &cuts {
        let (one, two) = said.split_at(*at);
        let parts = [one, two].map(|part| event(&json!({"content": part}), None));
        let pieces = parts.into_iter().chain(end());
        script = script.with_rule(format!("<{at}>"), Reply::events(pieces, Ending::Complete));
    }
    let letters = said.chars().map(|c| event(&json!({"content": c.to_string()}), None));
    let pieces = letters.chain(end());
    script = script.with_rule("<each>", Reply::events(pieces, Ending::Complete));
    // The same in pieces of the bytes that are sent.
    let whole = [event(&json!({"content": said}), None)].into_iter().chain(end());
    let whole: String = whole.collect();
    let bytes = whole.chars().map(String::from);
    script = script.with_rule("<bytes>", Reply::events(bytes, Ending::Complete));
    let desk = Desk::open(script).await;
    let expected = said.replace("[EMAIL_1]", MAIL).replace("[CREDIT_CARD_1]", CARD);
    for at in cuts.iter().map(ToString::to_string).chain(["each".into(), "bytes".into()]) {
        let body = chat_streamed(&format!("<{at}> {MAIL} {CARD}"));
        let answer = desk.ask(&desk.clerk, Some("c1"), &body).await;
        assert_eq!(answer.said(0, "content"), expected, "cut at {at}");
        assert_eq!(answer.events().last().unwrap(), "[DONE]", "cut at {at}");
        let noted = json!({"restored": {"credit_card": 1, "email": 2}});
        assert_eq!(desk.noted(&answer), noted, "cut at {at}");
        let answer = desk.ask(&desk.porter, Some("c1"), &body).await;
        assert_eq!(answer.said(0, "content"), said, "cut at {at}");
    }
}

/// What was held back of one text comes before another goes on.
#[tokio::test]
async fn an_open_bracket_ends_with_its_text() {
    let event = |delta: &Value, finish: Option<&str>| {
        let choices = json!([{"index": 0, "delta": delta, "finish_reason": finish}]);
        format!("data: {}\n\n", json!({"id": "c1", "choices": choices}))
    };
    let pieces = [
        event(&json!({"reasoning_content": "think [EMAIL_1] [EMA"}), None),
        event(&json!({"content": "IL_1] so [EMAIL_1] [EMAIL_1"}), None),
        event(&json!({}), Some("stop")),
        "data: [DONE]\n\n".to_owned(),
    ];
    let desk =
        Desk::open(Script::new().with_rule("", Reply::events(pieces, Ending::Complete))).await;
    let answer = desk.ask(&desk.clerk, Some("c1"), &chat_streamed(MAIL)).await;
    assert_eq!(answer.said(0, "reasoning_content"), format!("think {MAIL} [EMA"));
    assert_eq!(answer.said(0, "content"), format!("IL_1] so {MAIL} [EMAIL_1"));
    let at = |text: &str| answer.body.find(text).unwrap();
    assert!(at("[EMA\"") < at("IL_1]"), "{answer:?}");
}

/// The arguments of calls, joined, of a plain or a streamed answer.
fn arguments(answer: &Answer, is_streamed: bool) -> String {
    if !is_streamed {
        let calls = answer.json()["choices"][0]["message"]["tool_calls"].clone();
        return calls[0]["function"]["arguments"].as_str().unwrap().to_owned();
    }
    let mut joined = String::new();
    for event in answer.events().into_iter().filter(|event| event != "[DONE]") {
        let chunk: Value = serde_json::from_str(&event).unwrap();
        for call in chunk["choices"][0]["delta"]["tool_calls"].as_array().into_iter().flatten() {
            joined += call["function"]["arguments"].as_str().unwrap_or_default();
        }
    }
    joined
}

#[tokio::test]
async fn tools_get_values_in_sound_json() {
    let inner = json!({"to": "[EMAIL_1]", "note": "for [EMAIL_1]\n[EMAIL_7]"}).to_string();
    let given = json!({"to": "[EMAIL_1]", "body": inner, "n": 1}).to_string();
    let plain = "to=[EMAIL_1]".to_owned();
    let calls = |arguments: &str| Reply::ToolCalls(vec![("send".into(), arguments.into())]);
    let script = Script::new()
        .with_rule("<plain>", calls(&plain))
        .with_rule("<quoted>", calls(&given.replace("EMAIL", "BADGE")))
        .with_rule("", calls(&given))
        .with_chunk_chars(3);
    let desk = Desk::open(script).await;
    for (is_streamed, chat) in [(false, chat as fn(&str) -> String), (true, chat_streamed)] {
        let answer = desk.ask(&desk.clerk, Some("c1"), &chat(&format!("mail {MAIL}"))).await;
        let found: Value = serde_json::from_str(&arguments(&answer, is_streamed)).unwrap();
        assert_eq!((&found["to"], &found["n"]), (&json!(MAIL), &json!(1)));
        let body: Value = serde_json::from_str(found["body"].as_str().unwrap()).unwrap();
        let note = format!("for {MAIL}\n[EMAIL_7]");
        assert_eq!(body, json!({"to": MAIL, "note": note}), "{answer:?}");
        assert_eq!(desk.noted(&answer), json!({"restored": {"email": 3}}));
        let answer = desk.ask(&desk.clerk, Some("c1"), &chat(&format!("<plain> {MAIL}"))).await;
        assert_eq!(arguments(&answer, is_streamed), format!("to={MAIL}"));
        let answer = desk.ask(&desk.porter, Some("c1"), &chat(&format!("mail {MAIL}"))).await;
        assert_eq!(arguments(&answer, is_streamed), given);
        // What has quotes and backslashes in it is written as JSON writes them.
        let badge = "B\"\\7";
        let answer = desk.ask(&desk.clerk, Some("c1"), &chat(&format!("<quoted> {badge}"))).await;
        assert!(desk.sent().contains("<quoted> [BADGE_1]"), "{}", desk.sent());
        let found: Value = serde_json::from_str(&arguments(&answer, is_streamed)).unwrap();
        assert_eq!(found["to"], badge);
        let body: Value = serde_json::from_str(found["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["to"], badge);
    }
}

/// What the model says itself is kept and given back like what it was told.
#[tokio::test]
async fn values_of_the_model_s_own_are_kept_too() {
    let script = Script::new().with_rule("", Reply::text("ask bob@example.com or [EMAIL_1]"));
    let desk = Desk::open(script).await;
    let answer = desk.ask(&desk.porter, Some("c1"), &chat("hi")).await;
    assert_eq!(Desk::said(&answer), "ask [EMAIL_2] or [EMAIL_1]");
    let answer = desk.ask(&desk.clerk, Some("c1"), &chat("hi")).await;
    assert_eq!(Desk::said(&answer), "ask bob@example.com or [EMAIL_1]");
}

#[tokio::test]
async fn a_name_that_is_none_is_refused() {
    let desk = Desk::open(Script::new()).await;
    for wrong in ["", "a b", "~x", "\u{e9}", &"x".repeat(129)] {
        let answer = desk.ask(&desk.clerk, Some(wrong), &chat("hi")).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert_eq!(answer.error("code"), "invalid_conversation");
        assert!(wrong.len() < 3 || !answer.body.contains(wrong), "{answer:?}");
    }
    let bearer = format!("Bearer {}", desk.clerk);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("x-mofa-conversation", "a"),
        ("x-mofa-conversation", "b"),
    ];
    let mut client = desk.house.client().await;
    let body = chat("hi");
    let answer = client.request("POST", "/v1/chat/completions", &headers, body.as_bytes()).await;
    assert_eq!(answer.error("code"), "invalid_conversation");
    assert!(desk.house.received().is_empty());
}

#[tokio::test]
async fn requests_at_once_share_no_placeholder() {
    let desk = Desk::open(Script::new()).await;
    let mails: Vec<String> = (0..12).map(|n| format!("user{n}@example.com")).collect();
    let bodies: Vec<String> = mails.iter().map(|mail| chat(&format!("{mail} here"))).collect();
    let asked = bodies.iter().map(|body| desk.ask(&desk.clerk, Some("c1"), body));
    let mut asked: Vec<_> = asked.map(Box::pin).collect();
    let mut answers = Vec::new();
    // All at once: each is polled until all are done.
    std::future::poll_fn(|context| {
        asked.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(answer) => {
                answers.push(Desk::said(&answer));
                false
            }
            std::task::Poll::Pending => true,
        });
        if asked.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    answers.sort();
    let mut expected: Vec<_> = mails.iter().map(|mail| format!("{mail} here")).collect();
    expected.sort();
    assert_eq!(answers, expected);
    let mut sent = desk.house.received();
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), mails.len(), "two values had one placeholder");
}
