//! What comes back: answers inspected, failures of the model server with their own status.

use crate::client::Answer;
use crate::house::{House, UPSTREAM_KEY, chat};
use mofa_gateway::scripted::{Ending, Reply, Script, ScriptedUpstream};
use serde_json::{Value, json};
use std::time::Duration;

fn raw(content_type: &str, body: &str, ending: Ending) -> Reply {
    let (content_type, pieces) = (content_type.to_owned(), vec![body.to_owned()]);
    Reply::Raw { content_type, pieces, ending }
}

async fn answer_to(reply: Reply) -> (House, Answer) {
    let house = House::start(Script::new().with_rule("", reply)).await;
    let answer = house.ask(chat("hi")).await;
    (house, answer)
}

#[tokio::test]
async fn a_harmless_answer_passes_byte_for_byte() {
    let document = " {\"id\": \"chatcmpl-1\",\n \"object\":\"chat.completion\", \"created\":2125551234,\"model\":\"small\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"caf\\u00e9 \\/\"},\"logprobs\":{\"content\":[{\"token\":\"caf\",\"logprob\":-0.0000212555,\"bytes\":[99]}]},\"finish_reason\":\"stop\"}], \"extra\":[1.50]}";
    let (house, answer) = answer_to(raw("application/json", document, Ending::Complete)).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, document));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(house.record_of(&answer).verdict.as_deref(), Some("allow"));
    assert_ne!(answer.header("x-mofa-decision"), answer.header("x-mofa-request-decision"));
}

#[tokio::test]
async fn personal_data_is_taken_out_of_an_answer() {
    let call = json!({"id": "c", "type": "function", "function":
        {"name": "mail", "arguments": "{\"to\":\"bob@example.com\"}"}});
    let document = json!({"id": "x", "object": "chat.completion", "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "ask bob@example.com",
            "tool_calls": [call]},
         "logprobs": {"content": [{"token": "bob@", "logprob": -0.1}, {"token": "example.com"}]}},
        {"index": 1, "message": {"role": "assistant", "refusal": "no, bob@example.com"}}],
        "more": {"like": "bob@example.com"}});
    let reply = Reply::Document { status: 200, body: document.clone() };
    let (house, answer) = answer_to(reply).await;
    let mut expected: Value =
        serde_json::from_str(&document.to_string().replace("bob@example.com", "[EMAIL]")).unwrap();
    // The probabilities of tokens would spell it out.
    expected["choices"][0]["logprobs"] = Value::Null;
    assert_eq!((answer.status, answer.json()), (200, expected));
    let record = house.record_of(&answer);
    assert_eq!((record.direction.as_deref(), record.stages[1].found), (Some("output"), 4));
    assert_eq!(record.stages[1].findings[0].provenance, "model");
}

#[tokio::test]
async fn a_banned_answer_is_blocked() {
    let (house, answer) = answer_to(Reply::text("a forbiddenword")).await;
    let code = "blocked_by_policy.moderation";
    assert_eq!((answer.status, answer.error("code")), (403, code.into()));
    let record = house.record_of(&answer);
    assert_eq!(
        (record.direction.as_deref(), record.verdict.as_deref()),
        (Some("output"), Some("block"))
    );

    let audio = json!({"choices": [{"message": {"role": "assistant", "audio": {"id": "a", "data": "AAAA"}}}]});
    let (_house, answer) = answer_to(Reply::Document { status: 200, body: audio }).await;
    assert_eq!(answer.error("code"), "blocked_by_policy.uninspectable");
}

#[tokio::test]
async fn an_error_of_the_model_server_passes_inspected() {
    let body = json!({"error": {"message": "slow down, bob@example.com", "type": "rate"}});
    let (house, answer) = answer_to(Reply::Document { status: 429, body }).await;
    let expected = json!({"error": {"message": "slow down, [EMAIL]", "type": "rate"}});
    assert_eq!((answer.status, answer.json()), (429, expected));
    assert_eq!(house.record_of(&answer).verdict.as_deref(), Some("flag"));

    let body = json!({"error": {"message": "the key sk-abc is wrong"}});
    let (_house, answer) = answer_to(Reply::Document { status: 401, body }).await;
    assert_eq!((answer.status, answer.error("code")), (502, "upstream_credentials".into()));
    assert!(!answer.body.contains("sk-"));
}

#[tokio::test]
async fn the_key_of_the_model_server_never_comes_back() {
    const SAID: &str = "what?";
    for status in [200, 400, 403, 500] {
        let error = json!({"error": {"message": format!("bad key {UPSTREAM_KEY}")}});
        let harmless = json!({"error": {"message": "bad key"}});
        let script = Script::new()
            .with_rule(SAID, Reply::Document { status, body: error })
            .with_rule("", Reply::Document { status, body: harmless });
        let with_key = |upstream: &ScriptedUpstream| {
            let rest = r#"api_key = "${UPSTREAM_KEY}"
                models = ["missing"]"#;
            format!("[[upstreams]]\nname = \"keyed\"\nbase_url = \"{}\"\n{rest}", upstream.url())
        };
        let upstream = ScriptedUpstream::start(script).await.unwrap();
        let house = House::start_with(Script::new(), &with_key(&upstream), |_| {}).await;
        let ask = |text| chat(text).replace("small", "missing");
        let answer = house.ask(ask(SAID)).await;
        let found = (answer.status, answer.error("code"));
        assert_eq!(found, (502, "upstream_credentials".into()), "{status}");
        assert!(!answer.body.contains("5f0a1b2c"));
        assert_eq!(house.ask(ask("hi")).await.status, status);
    }
}

#[tokio::test]
async fn the_beginning_of_that_key_does_not_come_back_from_who_refuses_it() {
    let masked = format!("{}*****", &UPSTREAM_KEY[..8]);
    let body = json!({"error": {"message": format!("Incorrect API key: {masked}")}});
    let script = Script::new().with_rule("", Reply::Document { status: 403, body });
    let upstream = ScriptedUpstream::start(script).await.unwrap();
    let more = format!(
        "[[upstreams]]\nname = \"keyed\"\nbase_url = \"{}\"\napi_key = \"${{UPSTREAM_KEY}}\"\n\
         models = [\"missing\"]\n",
        upstream.url()
    );
    let house = House::start_with(Script::new(), &more, |_| {}).await;
    let answer = house.ask(chat("hi").replace("small", "missing")).await;
    assert_eq!((answer.status, answer.error("code")), (502, "upstream_credentials".into()));
    assert!(!answer.body.contains(&masked), "{answer:?}");
}

#[tokio::test]
async fn an_error_that_is_no_object_is_told_in_our_own_words() {
    for body in [json!(null), json!("4111 1111 1111 1111"), json!(["no"]), json!(7)] {
        let (house, answer) = answer_to(Reply::Document { status: 429, body }).await;
        let found = (answer.status, answer.error("code"));
        assert_eq!(found, (429, "upstream_error".into()), "{answer:?}");
        assert_eq!(answer.error("decision_id"), house.record_of(&answer).id.unwrap());
    }
}

#[tokio::test]
async fn what_is_no_answer_is_a_bad_gateway() {
    for body in
        ["<html>", "", "[1,2]", " \"text\"", "null", "7", "{\"a\":1,\"a\":2}", "{\"choices\":["]
    {
        let (_house, answer) = answer_to(raw("application/json", body, Ending::Complete)).await;
        let found = (answer.status, answer.error("code"));
        assert_eq!(found, (502, "upstream_invalid".into()), "{body}");
        assert!(answer.error("decision_id").is_string());
    }
    let (_house, answer) = answer_to(raw("application/json", "{\"choi", Ending::Cut)).await;
    assert_eq!((answer.status, answer.error("code")), (502, "upstream_interrupted".into()));
}

#[tokio::test]
async fn a_slow_large_or_absent_model_server_has_its_own_status() {
    let script = Script::new().with_rule("", raw("application/json", "{", Ending::Silence));
    let house = House::start_with(script, "", |deployment| {
        deployment.limits.request_timeout = Duration::from_millis(50);
    })
    .await;
    let answer = house.ask(chat("hi")).await;
    assert_eq!((answer.status, answer.error("code")), (504, "upstream_timeout".into()));

    let house = House::start_with(Script::new(), "", |deployment| {
        deployment.limits.max_response_bytes = 100;
    })
    .await;
    let answer = house.ask(chat("hi")).await;
    assert_eq!((answer.status, answer.error("code")), (502, "upstream_too_large".into()));

    // A port that was free a moment ago, and that nothing listens on.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let more = format!(
        "[[upstreams]]\nname = \"gone\"\nbase_url = \"http://{gone}\"\nmodels = [\"missing\"]\n"
    );
    let house = House::start_with(Script::new(), &more, |_| {}).await;
    let answer = house.ask(chat("hi").replace("small", "missing")).await;
    assert_eq!((answer.status, answer.error("code")), (502, "upstream_unreachable".into()));
    assert!(!answer.body.contains(&gone.to_string()));
}

#[tokio::test]
async fn the_key_of_the_model_server_is_known_with_escapes() {
    let spelled =
        UPSTREAM_KEY.bytes().fold(String::new(), |all, byte| format!("{all}\\u{byte:04x}"));
    let first = UPSTREAM_KEY.replacen('l', "\\u006c", 1);
    for key in [spelled, first, UPSTREAM_KEY.replace('/', "\\/")] {
        let body = format!(r#"{{"choices":[{{"message":{{"content":"it is {key}"}}}}]}}"#);
        let reply = raw("application/json", &body, Ending::Complete);
        let upstream = ScriptedUpstream::start(Script::new().with_rule("", reply)).await.unwrap();
        let more = format!(
            "[[upstreams]]\nname = \"keyed\"\nbase_url = \"{}\"\napi_key = \
             \"${{UPSTREAM_KEY}}\"\nmodels = [\"missing\"]\n",
            upstream.url()
        );
        let house = House::start_with(Script::new(), &more, |_| {}).await;
        let answer = house.ask(chat("hi").replace("small", "missing")).await;
        assert_eq!((answer.status, answer.error("code")), (502, "upstream_credentials".into()));
    }
}
