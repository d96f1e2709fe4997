//! How long and how large a stream may be, and what must never be in it.

use crate::client::Answer;
use crate::house::{House, UPSTREAM_KEY, chat, chat_streamed};
use mofa_gateway::scripted::{Ending, Reply, Script, ScriptedUpstream};
use mofa_sdk::Deployment;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::task::JoinSet;

fn delta(delta: &Value) -> String {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": null});
    format!("data: {}\n\n", json!({"id": "c1", "choices": [choice]}))
}

/// The error that a stream ends with; nothing follows it.
#[track_caller]
fn last_error(answer: &Answer) -> Value {
    let last: Value = serde_json::from_str(answer.events().last().unwrap()).unwrap();
    assert!(last["error"]["code"].is_string(), "{answer:?}");
    last["error"].clone()
}

async fn check(reply: Reply, change: impl FnOnce(&mut Deployment), code: &str) -> Answer {
    let house = House::start_with(Script::new().with_rule("", reply), "", change).await;
    let answer = house.ask(chat_streamed("hi")).await;
    let error = last_error(&answer);
    assert_eq!(error["code"], code, "{answer:?}");
    let record = house.record_of(&answer);
    assert_eq!(error["decision_id"], record.id.clone().unwrap());
    assert_eq!(record.stream.as_deref(), Some("aborted"));
    assert_eq!(record.metadata, json!({"error": code}));
    answer
}

#[tokio::test]
async fn a_stream_may_not_last_for_ever() {
    let short = |deployment: &mut Deployment| {
        deployment.limits.max_stream_duration = Duration::from_millis(50);
    };
    let said = delta(&json!({"content": "ok"}));
    check(Reply::events([&said], Ending::Silence), short, "stream_timeout").await;
    // Also if there is always something more.
    let endless = vec![said; 200_000];
    let answer = check(Reply::events(endless, Ending::Complete), short, "stream_timeout").await;
    assert!(answer.events().len() < 200_000);
}

#[tokio::test]
async fn a_stream_may_not_be_larger_than_the_limit() {
    let small = |deployment: &mut Deployment| deployment.limits.max_stream_bytes = 4096;
    let said = delta(&json!({"content": "ok"}));
    let pieces = vec![said; 1000];
    let answer = check(Reply::events(pieces, Ending::Complete), small, "upstream_too_large").await;
    assert!(answer.body.len() < 3 * 4096, "{}", answer.body.len());
    // Comments and white space count.
    let comments = vec![": nothing\n\n"; 1000];
    check(Reply::events(comments, Ending::Complete), small, "upstream_too_large").await;
}

/// What a caller sees of a stream with these pieces from a model server with a key.
async fn from_keyed(pieces: Vec<String>) -> (House, Answer) {
    let script = Script::new().with_rule("", Reply::events(pieces, Ending::Complete));
    let upstream = ScriptedUpstream::start(script).await.unwrap();
    let more = format!(
        "[[upstreams]]\nname = \"keyed\"\nbase_url = \"{}\"\napi_key = \"${{UPSTREAM_KEY}}\"\n\
         models = [\"missing\"]\n",
        upstream.url()
    );
    let house = House::start_with(Script::new(), &more, |_| {}).await;
    let answer = house.ask(chat_streamed("hi").replace("small", "missing")).await;
    (house, answer)
}

#[tokio::test]
async fn the_key_of_the_model_server_is_in_no_stream() {
    let (head, tail) = UPSTREAM_KEY.split_at(10);
    let call = |arguments: &str| {
        delta(&json!({"tool_calls": [{"index": 0, "function": {"arguments": arguments}}]}))
    };
    let name =
        |name: &str| delta(&json!({"tool_calls": [{"index": 0, "function": {"name": name}}]}));
    let said = |text: &str| delta(&json!({"content": text}));
    let end = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    let end = || end.to_owned();
    let whole = said(&format!("the key is {UPSTREAM_KEY}"));
    let cut = whole.find(tail).unwrap();
    let escaped = whole.replace(tail, &tail.replace('5', "\\u0035"));
    for pieces in [
        vec![said("ok"), whole.clone(), end()],
        // Cut anywhere, as the network does.
        vec![said("ok"), whole[..cut].to_owned(), whole[cut..].to_owned(), end()],
        vec![said("ok"), escaped, end()],
        // Spelled out in pieces, in whatever text.
        vec![said("ok"), said(head), said(tail), end()],
        vec![said("ok"), call("{\"key\":\""), call(head), call(tail), call("\"}"), end()],
        vec![said("ok"), name(head), name(tail), end()],
        // Where nobody reads.
        vec![said("ok"), format!(": {UPSTREAM_KEY}\n\n"), end()],
    ] {
        let (house, answer) = from_keyed(pieces.clone()).await;
        assert_eq!(last_error(&answer)["code"], "upstream_credentials", "{pieces:?}");
        assert!(!answer.body.contains(tail), "{pieces:?}");
        let record = house.record_of(&answer);
        assert_eq!(record.metadata, json!({"error": "upstream_credentials"}));
        assert_eq!(record.stream.as_deref(), Some("aborted"));
    }
    let (_house, answer) = from_keyed(vec![said(head), said("and no more"), end()]).await;
    assert_eq!(answer.events().last().unwrap(), "[DONE]");
}

#[tokio::test]
async fn only_what_says_when_to_come_again_is_passed_on() {
    // The scripted model server sets no such header, so one is written by hand.
    for (sent, expected) in [("7", Some("7")), (UPSTREAM_KEY, None), ("soon", None)] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let reply = format!(
            "HTTP/1.1 429 Too Many\r\nretry-after: {sent}\r\ncontent-type: application/json\r\n\
             content-length: 2\r\nconnection: close\r\n\r\n{{}}"
        );
        let mut server = JoinSet::new();
        server.spawn(async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            stream.write_all(reply.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        });
        let more = format!(
            "[[upstreams]]\nname = \"busy\"\nbase_url = \"{url}\"\nmodels = [\"missing\"]\n"
        );
        let house = House::start_with(Script::new(), &more, |_| {}).await;
        let answer = house.ask(chat("hi").replace("small", "missing")).await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, expected), "{answer:?}");
        server.join_next().await.unwrap().unwrap();
    }
}
