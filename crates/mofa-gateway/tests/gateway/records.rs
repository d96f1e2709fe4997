//! Each request of somebody who is known leaves its records, whatever becomes of it.

use crate::client::Answer;
use crate::house::{House, chat, chat_streamed};
use async_trait::async_trait;
use mofa_gateway::scripted::{Ending, Reply, Script};
use mofa_sdk::config::ApiKey;
use mofa_sdk::monitoring::AuditRecord;
use mofa_sdk::security::{AuditError, AuditSink, SecurityConfig, SecurityEvent, SecurityService};
use std::sync::Arc;
use std::time::Duration;

/// The one record that `house` has beside those it had before.
#[track_caller]
fn new_record(house: &House, before: usize) -> AuditRecord {
    let records = house.records();
    assert_eq!(records.len(), before + 1, "{records:?}");
    records.last().unwrap().clone()
}

/// `answer` is refused with `code`, and `record` says so and nothing of what was sent.
#[track_caller]
fn check_unread(answer: &Answer, record: &AuditRecord, direction: &str, code: &str) {
    assert_eq!(answer.error("code"), code, "{answer:?}");
    assert_eq!(record.metadata["error"], code);
    assert_eq!(record.metadata.as_object().unwrap().len(), 1);
    assert_eq!(record.verdict.as_deref(), Some("block"));
    assert_eq!(record.direction.as_deref(), Some(direction));
    assert_eq!((record.subject.id.as_str(), record.action.as_deref()), ("ann", Some("invoke")));
    let ran = record.stages.iter().filter(|stage| stage.coverage != "unread");
    assert!(ran.clone().all(|stage| stage.coverage == "not_on_output"), "{record:?}");
    assert_eq!(ran.count(), usize::from(direction == "output"));
    let id = record.id.clone().unwrap();
    assert_eq!(answer.error("decision_id"), id.as_str());
    assert_eq!(answer.header("x-mofa-decision"), Some(id.as_str()));
}

/// Roles belong to keys, so a record says which of a subject's keys it was.
#[tokio::test]
async fn records_name_the_key() {
    let other = ApiKey::generate("team-b").unwrap();
    let more = format!(
        "[[keys]]\nid = \"team-b\"\nhash = \"{}\"\nsubject = \"ann\"\nroles = [\"user\"]\n",
        other.digest()
    );
    let mut house = House::start_with(Script::new(), &more, |_| {}).await;
    let asked = |house: &House| {
        let keys = house.records().into_iter().map(|record| {
            assert_eq!(record.subject.id, "ann");
            record.subject.key.unwrap()
        });
        keys.collect::<Vec<_>>()
    };
    assert_eq!(house.ask(chat("hi")).await.status, 200);
    assert_eq!(asked(&house), ["team-a"; 2]);
    house.key = other.expose().to_owned();
    assert_eq!(house.ask(chat("hi")).await.status, 200);
    assert_eq!(house.ask(chat_streamed("hi")).await.status, 200);
    assert_eq!(house.ask("{").await.status, 400);
    let [_, _, new @ ..] = &asked(&house)[..] else { panic!("four records at least") };
    assert_eq!(new, ["team-b"; 5]);
    assert!(!std::fs::read_to_string(house.audit_path()).unwrap().contains(other.expose()));
}

#[tokio::test]
async fn a_request_that_cannot_be_read_leaves_one_record() {
    let house = House::start_with(Script::new(), "", |deployment| {
        deployment.limits.max_body_bytes = 1000;
        deployment.limits.body_read_timeout = Duration::from_millis(50);
    })
    .await;
    let secret = "bob@example.com";
    let long = chat(&secret.repeat(100));
    let bodies = [
        (400, "invalid_json", format!("{{\"{secret}\"")),
        (400, "invalid_json", format!("{{\"{secret}\":1,\"{secret}\":2}}")),
        (400, "invalid_value", chat(secret).replace("\"user\"", "7")),
        (400, "invalid_value", format!("[\"{secret}\"]")),
        (413, "body_too_large", long),
    ];
    for (number, (status, code, body)) in bodies.iter().enumerate() {
        let answer = house.ask(body).await;
        assert_eq!(answer.status, *status, "{code}");
        let record = new_record(&house, number);
        check_unread(&answer, &record, "input", code);
        assert_eq!(record.resource.as_deref(), Some("model:#unknown"));
    }
    let before = bodies.len();
    let answer = house.ask(b"\"\xff").await;
    check_unread(&answer, &new_record(&house, before), "input", "invalid_encoding");

    let bearer = format!("Bearer {}", house.key);
    let headers = [("authorization", bearer.as_str())];
    let body = chat(secret);
    let mut client = house.client().await;
    let answer = client.request("POST", "/v1/chat/completions", &headers, body.as_bytes()).await;
    check_unread(&answer, &new_record(&house, before + 1), "input", "unsupported_media_type");

    let mut client = house.client().await;
    client.send(house.head(100).as_bytes()).await;
    client.send(b"{\"model\"").await;
    let answer = client.answer().await;
    check_unread(&answer, &new_record(&house, before + 2), "input", "request_timeout");

    assert!(!std::fs::read_to_string(house.audit_path()).unwrap().contains("bob"));
    // What leads nowhere, or comes from nobody, is no decision.
    assert_eq!(house.get("/v1/completions").await.status, 404);
    assert_eq!(house.records().len(), before + 3);
}

#[tokio::test]
async fn a_caller_who_goes_away_in_the_middle_leaves_a_record() {
    let house = House::start(Script::new()).await;
    let mut client = house.client().await;
    client.send(house.head(100).as_bytes()).await;
    client.send(b"{\"model\"").await;
    drop(client);
    while house.records().is_empty() {
        tokio::task::yield_now().await;
    }
    let record = new_record(&house, 0);
    assert_eq!(record.metadata["error"], "body_incomplete");
    assert_eq!(record.direction.as_deref(), Some("input"));
}

#[tokio::test]
async fn an_answer_that_never_comes_leaves_a_record() {
    let raw = |body: &str, ending| Reply::Raw {
        content_type: "application/json".to_owned(),
        pieces: vec![body.to_owned()],
        ending,
    };
    let script = Script::new()
        .with_rule("html", raw("<html>", Ending::Complete))
        .with_rule("cut", raw("{\"choi", Ending::Cut))
        .with_rule("large", Reply::text("x".repeat(2000)))
        .with_rule("key", Reply::Document { status: 401, body: serde_json::json!({}) })
        .with_rule("silent", raw("{", Ending::Silence));
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let more = format!(
        "[[upstreams]]\nname = \"gone\"\nbase_url = \"http://{gone}\"\nmodels = [\"missing\"]\n"
    );
    let house = House::start_with(script, &more, |deployment| {
        deployment.limits.max_response_bytes = 1000;
        deployment.limits.request_timeout = Duration::from_millis(300);
    })
    .await;
    let requests = [
        ("upstream_invalid", chat("html")),
        ("upstream_interrupted", chat("cut")),
        ("upstream_too_large", chat("large")),
        ("upstream_credentials", chat("key")),
        ("upstream_unreachable", chat("gone").replace("small", "missing")),
        ("upstream_unreachable", chat_streamed("gone").replace("small", "missing")),
        ("upstream_timeout", chat("silent")),
    ];
    for (number, (code, body)) in requests.iter().enumerate() {
        let answer = house.ask(body).await;
        let records = house.records();
        assert_eq!(records.len(), 2 * number + 2, "{code}");
        let [input, output] = &records[2 * number..] else { panic!("two records") };
        assert_eq!(input.verdict.as_deref(), Some("allow"));
        check_unread(&answer, output, "output", code);
        assert_eq!(output.resource, input.resource);
        assert_eq!(answer.header("x-mofa-request-decision"), input.id.as_deref());
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_says_why_in_its_record() {
    let piece = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ok\"}}]}\n\n";
    for (ending, code) in
        [(Ending::Cut, "upstream_interrupted"), (Ending::Silence, "upstream_timeout")]
    {
        let script = Script::new().with_rule("", Reply::events([piece], ending));
        let house = House::start_with(script, "", |deployment| {
            deployment.limits.stream_idle_timeout = Duration::from_millis(50);
        })
        .await;
        let answer = house.ask(chat_streamed("hi")).await;
        assert!(answer.body.contains(code), "{answer:?}");
        let record = house.record_of(&answer);
        assert_eq!(record.stream.as_deref(), Some("aborted"));
        assert_eq!(record.metadata, serde_json::json!({"error": code}));
    }
    let house = House::start(Script::new()).await;
    let answer = house.ask(chat_streamed("hi")).await;
    assert!(house.record_of(&answer).metadata.is_null(), "what went well needs no reason");
}

#[tokio::test]
async fn a_permitted_model_that_nobody_has_is_not_blocked_by_a_stage() {
    let house = House::start(Script::new()).await;
    let ask = |model: &str| chat("hi").replace("small", model);
    let answer = house.ask(ask("missing")).await;
    assert_eq!(answer.status, 404);
    let record = new_record(&house, 0);
    check_unread(&answer, &record, "input", "model_not_found");
    assert_eq!(record.resource.as_deref(), Some("model:#unknown"));
    // Who may not use a model of this name is not told whether there is one.
    let answer = house.ask(ask("other")).await;
    assert_eq!((answer.status, answer.error("code")), (403, "blocked_by_policy.rbac".into()));
    let record = new_record(&house, 1);
    assert_eq!((record.stages[0].verdict.as_str(), record.metadata.is_null()), ("block", true));

    // Granted with all others, and denied by name: the record of the request allows what it names,
    // and that of the answer says that there was none.
    let key = ApiKey::generate("team-b").unwrap();
    let more = format!(
        "[roles.most]\npermissions = [\"invoke:model:*\"]\ndenied = [\"invoke:model:no\"]\n\
         [[keys]]\nid = \"team-b\"\nhash = \"{}\"\nsubject = \"ann\"\nroles = [\"most\"]\n",
        key.digest()
    );
    let mut house = House::start_with(Script::new(), &more, |_| {}).await;
    house.key = key.expose().to_owned();
    let answer = house.ask(ask("no")).await;
    let records = house.records();
    let [input, output] = &records[..] else { panic!("two records: {records:?}") };
    assert_eq!(input.verdict.as_deref(), Some("allow"));
    check_unread(&answer, output, "output", "model_not_found");
}

#[tokio::test]
async fn a_request_that_is_dropped_when_the_gateway_ends_leaves_a_record() {
    let silent = Reply::Raw {
        content_type: "application/json".to_owned(),
        pieces: vec!["{".to_owned()],
        ending: Ending::Silence,
    };
    let mut house = House::start(Script::new().with_rule("", silent)).await;
    let mut client = house.client().await;
    let body = chat("hi");
    client.send(&[house.head(body.len()).as_bytes(), body.as_bytes()].concat()).await;
    while house.received().is_empty() {
        tokio::task::yield_now().await;
    }
    house.abort();
    assert!(client.is_closed().await);
    while house.records().len() < 2 {
        tokio::task::yield_now().await;
    }
    let record = new_record(&house, 1);
    assert_eq!(record.metadata["error"], "shutting_down");
    assert_eq!(record.direction.as_deref(), Some("output"));
}

/// A log that never works.
struct Broken;

#[async_trait]
impl AuditSink for Broken {
    async fn record(&self, _: &SecurityEvent) -> Result<(), AuditError> {
        Err(AuditError::Store { reason: "no space left".to_owned() })
    }
}

#[tokio::test]
async fn what_cannot_be_recorded_is_refused_for_that() {
    let house = House::start_with(Script::new(), "", |deployment| {
        let builder = SecurityService::builder(SecurityConfig::new());
        deployment.service = Arc::new(builder.with_audit_sink(Arc::new(Broken)).build().unwrap());
        deployment.limits.max_body_bytes = 1000;
    })
    .await;
    for body in ["{", &chat(&"x".repeat(1000))] {
        let answer = house.ask(body).await;
        assert_eq!((answer.status, answer.error("code")), (503, "audit_unavailable".into()));
        // What is left of a long body is not taken for the next request.
        let closes = answer.header("connection") == Some("close");
        assert_eq!(closes, body.len() > 1000);
    }
    assert_eq!(house.get("/readyz").await.status, 503);
}
