//! Models without a network: the scripted one, and the handle whose provider can be exchanged.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use mofa_foundation::llm::{
    ChatMessage, ChatModel, ChatRequest, ChatResponse, ChatStream, FinishReason, LlmError,
    ScriptedModel, ScriptedReply, SharedModel,
};
use mofa_kernel::{SystemClock, ToolCall, ToolName};
use mofa_runtime::security::{
    Act, Permit, PermitError, SecurityConfig, SecurityService, Subject, SubjectId, TenantId, danger,
};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::task::JoinSet;

fn permit(model: &str) -> Permit {
    let subject = Subject::new(SubjectId::new("tester").unwrap(), TenantId::default());
    let act = Act::new("invoke", format!("model:{model}"));
    danger::permit_without_inspection(subject, act, &SystemClock, "a test")
}

fn request(text: &str) -> ChatRequest {
    ChatRequest::new("small", [ChatMessage::system("script"), ChatMessage::user(text)])
}

fn model() -> ScriptedModel {
    let call = |name: &str| ToolCall {
        name: ToolName::new(name).unwrap(),
        arguments: json!({"city": "Paris"}),
    };
    ScriptedModel::new()
        .with_reply("weather", "Grüße, 🙂!")
        .with_tool_call("book", call("book"))
        .with_rule("both", ScriptedReply::ToolCalls(vec![call("one"), call("two")]))
        .with_chunk_chars(3)
}

/// Plain and streamed, the model answers the same.
async fn check(text: &str, expect: &str, calls: &[&str], reason: FinishReason) {
    let model = model();
    let plain = model.chat(permit("small"), &request(text)).await.unwrap();
    let stream = model.chat_stream(permit("small"), &request(text)).await.unwrap();
    assert_eq!(stream.collect().await.unwrap(), plain);
    assert_eq!(plain.message.content, expect);
    assert_eq!(plain.finish_reason, reason);
    let found: Vec<_> = plain.message.tool_calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(found, calls);
    for call in &plain.message.tool_calls {
        assert_eq!(call.to_tool_call().unwrap().arguments, json!({"city": "Paris"}));
    }
    assert_eq!(model.requests(), [request(text), request(text)]);
}

#[tokio::test]
async fn the_first_rule_that_fits_answers() {
    check("How is the weather? Then book.", "Grüße, 🙂!", &[], FinishReason::Stop).await;
    check("book it", "", &["book"], FinishReason::ToolCalls).await;
    check("both", "", &["one", "two"], FinishReason::ToolCalls).await;
    check("script?", "You said: script?", &[], FinishReason::Stop).await;
    check("", "You said: ", &[], FinishReason::Stop).await;
}

#[tokio::test]
async fn a_stream_has_pieces_of_the_set_length() {
    let mut stream = model().chat_stream(permit("small"), &request("weather")).await.unwrap();
    let mut texts = Vec::new();
    while let Some(delta) = stream.next().await {
        texts.push(delta.unwrap().content);
    }
    assert_eq!(texts, ["Grü", "ße,", " 🙂!", ""]);
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_scripted_model_wants_a_permit_too() {
    let model = model();
    let error = model.chat(permit("large"), &request("weather")).await.unwrap_err();
    assert!(matches!(error, LlmError::Permit(_)), "{error}");
    let error = model.chat_stream(permit("large"), &request("weather")).await.unwrap_err();
    assert!(matches!(error, LlmError::Permit(_)), "{error}");
    assert!(model.requests().is_empty());
}

#[tokio::test]
async fn a_permit_is_for_the_request_that_was_inspected() {
    let service = SecurityService::builder(SecurityConfig::permissive()).build().unwrap();
    let subject = Subject::new(SubjectId::new("tester").unwrap(), TenantId::default());
    let model = model();
    for is_stream in [false, true] {
        let (permit, _) = request("weather").inspect(&service, subject.clone()).await.unwrap();
        let other = request("book");
        let error = if is_stream {
            model.chat_stream(permit, &other).await.unwrap_err()
        } else {
            model.chat(permit, &other).await.unwrap_err()
        };
        assert_eq!(error, LlmError::Permit(PermitError::Document));
    }
    assert!(model.requests().is_empty());
    let (permit, same) = request("weather").inspect(&service, subject).await.unwrap();
    assert_eq!(model.chat(permit, &same).await.unwrap().message.content, "Grüße, 🙂!");
}

#[tokio::test]
async fn only_the_latest_requests_are_kept() {
    let model = ScriptedModel::new();
    for number in 0..1_030 {
        model.chat(permit("small"), &request(&number.to_string())).await.unwrap();
    }
    let requests = model.requests();
    assert_eq!(requests.len(), 1_024);
    assert_eq!(requests[0], request("6"));
    assert_eq!(requests[1_023], request("1029"));
}

/// Answers once it is let go.
struct Held {
    has_begun: Arc<Notify>,
    go_on: Arc<Notify>,
}

#[async_trait]
impl ChatModel for Held {
    async fn chat(&self, _: Permit, _: &ChatRequest) -> Result<ChatResponse, LlmError> {
        self.has_begun.notify_one();
        self.go_on.notified().await;
        Ok(ChatResponse::new(ChatMessage::assistant("old"), FinishReason::Stop, None))
    }

    async fn chat_stream(&self, _: Permit, _: &ChatRequest) -> Result<ChatStream, LlmError> {
        Err(LlmError::Request { field: "stream", problem: "is not what this test is about" })
    }
}

#[tokio::test]
async fn a_call_under_way_finishes_on_the_old_provider() {
    let (has_begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let held = Held { has_begun: Arc::clone(&has_begun), go_on: Arc::clone(&go_on) };
    let shared = SharedModel::new(held);
    let agent = shared.clone();
    let mut calls = JoinSet::new();
    calls.spawn(async move { agent.chat(permit("small"), &request("hi")).await });
    has_begun.notified().await;

    shared.update_provider(ScriptedModel::new().with_reply("hi", "new")).await;
    let new = shared.chat(permit("small"), &request("hi")).await.unwrap();
    assert_eq!(new.message.content, "new");
    let stream = shared.chat_stream(permit("small"), &request("hi")).await.unwrap();
    assert_eq!(stream.collect().await.unwrap().message.content, "new");

    go_on.notify_one();
    let old = calls.join_next().await.unwrap().unwrap().unwrap();
    assert_eq!(old.message.content, "old");
}
