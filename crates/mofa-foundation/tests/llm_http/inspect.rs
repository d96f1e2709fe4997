//! A permit is for one text: with another nothing leaves this machine.

use super::{Answer, KEY, Server};
use bytes::Bytes;
use mofa_foundation::llm::{
    AnthropicProvider, ChatMessage, ChatModel, ChatRequest, GeminiProvider, LlmError,
    OpenAiProvider, Upstream,
};
use mofa_runtime::Secret;
use mofa_runtime::security::{
    Act, Direction, Exchange, Permit, PermitError, SecurityConfig, SecurityService, Subject,
    SubjectId, TenantId, danger,
};
use serde_json::json;

fn service() -> SecurityService {
    let builder = SecurityService::builder(SecurityConfig::new());
    builder.with_audit_sink(danger::without_audit()).build().unwrap()
}

fn subject() -> Subject {
    Subject::new(SubjectId::new("tester").unwrap(), TenantId::default())
}

fn request(text: &str) -> ChatRequest {
    ChatRequest::new("small", [ChatMessage::user(text)])
}

/// The leave to send `text` to a model, as a program gets it.
async fn inspected(text: &str) -> (Permit, ChatRequest) {
    request(text).inspect(&service(), subject()).await.unwrap()
}

/// A permit for the same act, given for `text` as it stands.
async fn of_text(text: &str, is_bound: bool) -> Permit {
    let act = Act::new("invoke", "model:small");
    let exchange = Exchange::text(subject(), act, Direction::Input, text).into_parts();
    let mut exchange = if is_bound { exchange.bound() } else { exchange };
    service().inspect(&mut exchange).await.unwrap()
}

#[track_caller]
fn check_refused<T: std::fmt::Debug>(found: Result<T, LlmError>) {
    assert_eq!(found.err(), Some(LlmError::Permit(PermitError::Document)));
}

#[tokio::test]
async fn a_provider_sends_nothing_but_what_was_inspected() {
    let answer = json!({"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]});
    let server = Server::start([Answer::json(200, &answer)]).await;
    let (url, key) = (server.url(), || Secret::new(KEY));
    let openai = OpenAiProvider::builder().with_base_url(&url).with_api_key(key()).build();
    let anthropic = AnthropicProvider::builder().with_base_url(&url).with_api_key(key()).build();
    let gemini = GeminiProvider::builder().with_base_url(&url).with_api_key(key()).build();
    let (openai, anthropic, gemini) = (openai.unwrap(), anthropic.unwrap(), gemini.unwrap());
    let models: [&dyn ChatModel; 3] = [&openai, &anthropic, &gemini];
    let other = request("send this instead");
    for model in models {
        check_refused(model.chat(inspected("hello").await.0, &other).await);
        check_refused(model.chat_stream(inspected("hello").await.0, &other).await);
        // A permit for the words alone is none for the request, and one for no text for none.
        check_refused(model.chat(of_text("hello", true).await, &request("hello")).await);
        check_refused(model.chat(of_text("hello", false).await, &request("hello")).await);
    }
    assert_eq!((server.requests().len(), server.connections()), (0, 0));

    let (permit, request) = inspected("hello").await;
    let answer = openai.chat(permit, &request).await.unwrap();
    assert_eq!(answer.message.content, "Hello");
    assert_eq!(server.requests()[0].json()["messages"][0]["content"], "hello");
}

#[tokio::test]
async fn the_upstream_sends_nothing_but_what_was_inspected() {
    let server = Server::start([Answer::text(200, "", "fine")]).await;
    let upstream = Upstream::builder("local", server.url()).build().unwrap();
    let body = Bytes::from_static(b"{\"model\":\"small\"}");
    let text = std::str::from_utf8(&body).unwrap();
    let invalid = Bytes::from_static(b"{\"model\":\"small\"}\xff");
    for (permit, body) in [
        (of_text("{}", true).await, &body),
        (of_text(text, false).await, &body),
        (of_text(text, true).await, &invalid),
    ] {
        check_refused(upstream.forward(permit, "small", body.clone(), false).await);
    }
    assert_eq!((server.requests().len(), server.connections()), (0, 0));

    let permit = of_text(text, true).await;
    let response = upstream.forward(permit, "small", body.clone(), false).await.unwrap();
    assert_eq!(response.body.collect(100).await.unwrap(), "fine");
    assert_eq!(server.requests()[0].body, body);
}
