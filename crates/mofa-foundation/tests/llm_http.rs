//! The providers and the upstream against a server on this machine: what is sent byte by byte, and
//! what becomes of every kind of answer.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "llm_http/anthropic.rs"]
mod anthropic;
#[path = "llm_http/failures.rs"]
mod failures;
#[path = "llm_http/gemini.rs"]
mod gemini;
#[path = "llm_http/inspect.rs"]
mod inspect;
#[path = "llm_http/openai.rs"]
mod openai;
#[path = "llm_http/server.rs"]
mod server;
#[path = "llm_http/upstream.rs"]
mod upstream;

use mofa_foundation::llm::{ChatDelta, ChatModel, ChatRequest, ChatResponse, LlmError};
use mofa_kernel::{SystemClock, ToolDescription, ToolName};
use mofa_runtime::security::{Act, Permit, Subject, SubjectId, TenantId, danger};
use serde_json::json;
use server::{Answer, Server};

/// A key that must not be seen anywhere.
const KEY: &str = "sk-test-0123456789";

/// The leave to invoke `model`.
fn permit(model: &str) -> Permit {
    permit_for("invoke", &format!("model:{model}"))
}

fn permit_for(action: &str, resource: &str) -> Permit {
    let subject = Subject::new(SubjectId::new("tester").unwrap(), TenantId::default());
    let act = Act::new(action.to_owned(), resource.to_owned());
    danger::permit_without_inspection(subject, act, &SystemClock, "a test")
}

fn weather_tool() -> ToolDescription {
    ToolDescription {
        name: ToolName::new("weather").unwrap(),
        description: "Tells the weather".to_owned(),
        parameters: json!({"type": "object", "properties": {"city": {"type": "string"}}}),
    }
}

/// Streams `request` and puts the answer together.
async fn streamed(model: &dyn ChatModel, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
    model.chat_stream(permit(&request.model), request).await?.collect().await
}

/// Streams `request` and keeps the pieces.
async fn pieces(model: &dyn ChatModel, request: &ChatRequest) -> Vec<ChatDelta> {
    let mut stream = model.chat_stream(permit(&request.model), request).await.unwrap();
    let mut pieces = Vec::new();
    while let Some(piece) = stream.next().await {
        pieces.push(piece.unwrap());
    }
    pieces
}

/// However the bytes of `stream` are cut in two, `model` makes the same answer of them.
async fn check_every_cut(
    build: impl Fn(&str) -> Box<dyn ChatModel>,
    request: &ChatRequest,
    stream: &str,
    expect: &ChatResponse,
) {
    let stream = stream.as_bytes();
    let answers = (0..=stream.len()).map(|at| {
        let (head, tail) = stream.split_at(at);
        Answer::chunks([head, tail])
    });
    let server = Server::start(answers).await;
    let model = build(&server.url());
    for at in 0..=stream.len() {
        let answer = streamed(&*model, request).await;
        assert_eq!(answer.as_ref(), Ok(expect), "cut at {at}");
    }
    // And in single bytes.
    let server = Server::start([Answer::chunks(stream.chunks(1))]).await;
    let answer = streamed(&*build(&server.url()), request).await;
    assert_eq!(answer.as_ref(), Ok(expect));
}
