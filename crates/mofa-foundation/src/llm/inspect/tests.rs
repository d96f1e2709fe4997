//! What a request and an answer look like after inspection, and what a permit then covers.

use super::{request_exchange, response_exchange};
use crate::llm::{
    ChatMessage, ChatRequest, ChatResponse, ChatToolCall, FinishReason, InspectError,
};
use crate::security::{RegexPiiDetector, RegexPiiRedactor};
use async_trait::async_trait;
use mofa_kernel::{ToolDescription, ToolName};
use mofa_runtime::security::{
    AuditError, AuditSink, Direction, PermitError, RefusalCause, SecurityConfig, SecurityEvent,
    SecurityService, Stage, Subject, SubjectId, TenantId, Trust, Verdict, danger,
};
use serde_json::json;
use std::sync::{Arc, Mutex};

fn subject() -> Subject {
    Subject::new(SubjectId::new("tester").unwrap(), TenantId::default())
}

fn service() -> SecurityService {
    SecurityService::builder(SecurityConfig::new().with_pii_redaction_enabled(true))
        .with_pii_detector(Arc::new(RegexPiiDetector::new()))
        .with_pii_redactor(Arc::new(RegexPiiRedactor::new()))
        .with_audit_sink(danger::without_audit())
        .build()
        .unwrap()
}

fn tool(description: &str, argument: &str) -> ToolDescription {
    ToolDescription {
        name: ToolName::new("the-tool").unwrap(),
        description: description.to_owned(),
        parameters: json!({argument: {"title": "the-title"}}),
    }
}

/// Every part, as `trust provenance text`, with `!` in front of what cannot be replaced.
fn parts(exchange: &mofa_runtime::security::Exchange<'_>) -> Vec<String> {
    let shown = exchange.parts().map(|part| {
        let fixed = if part.editable { "" } else { "!" };
        let trust = if part.trust == Trust::Trusted { "+" } else { "-" };
        format!("{fixed}{trust}{} {}", part.provenance, part.text)
    });
    shown.collect()
}

#[test]
fn each_text_is_whose_it_is() {
    let signature = Some("the-signature".to_owned());
    let call =
        ChatToolCall { signature, ..ChatToolCall::new("call-1", "look_up", r#"{"q":"what"}"#) };
    let mut odd = ChatMessage::tool_result(&call, "the-odd-result");
    odd.name = Some("4111111111111111".to_owned());
    let request = ChatRequest::new(
        "small",
        [
            ChatMessage::system("be brief"),
            ChatMessage::user("hello").with_name("ann"),
            ChatMessage::assistant("wait").with_tool_call(call.clone()),
            ChatMessage::tool_result(&call, "the-result"),
            odd,
        ],
    );
    let request = request.with_tools([tool("it looks", "q")]).with_temperature(0.123_456_7);
    let exchange = request_exchange(&request.with_stop("the-end"), subject()).unwrap();
    let mut expect = vec![
        "!-user small",
        "+system be brief",
        "-user hello",
        "-user ann",
        "-model wait",
        "!-model call-1",
        "!-model look_up",
        "!-model the-signature",
        "-tool:look_up the-result",
        "!-tool:look_up call-1",
        "!-tool:look_up look_up",
        "-tool:unknown the-odd-result",
        "!-tool:unknown call-1",
        "!-tool:unknown 4111111111111111",
        "!-developer the-tool",
        "-developer it looks",
        "!-developer q",
        "!-developer title",
        "-developer the-title",
        "-user the-end",
        // JSON in a string is taken apart.
        "!-model q",
        "-model what",
    ];
    let mut found = parts(&exchange);
    expect.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expect);
}

#[test]
fn an_answer_is_the_models() {
    let message = ChatMessage::assistant("hello").with_tool_call(ChatToolCall::new("1", "t", "x"));
    let reason = FinishReason::Other("odd".to_owned());
    let answer = ChatResponse::new(message, reason, None);
    let exchange = response_exchange(&answer, subject(), "small").unwrap();
    let expect = ["-model hello", "!-model 1", "!-model t", "-model x", "-model odd"];
    assert_eq!(parts(&exchange), expect);
}

#[tokio::test]
async fn what_is_sent_is_what_was_inspected() {
    let call = ChatToolCall::new("1", "mail", r#"{"to":"ada@corp.test","b":"\f"}"#);
    let tool = tool("mail \u{8} ada@corp.test", "to");
    let request = ChatRequest::new(
        "small",
        [
            ChatMessage::user("\u{c} I am ada@corp.test"),
            ChatMessage::assistant("").with_tool_call(call.clone()),
            ChatMessage::tool_result(&call, "sent to ada@corp.test"),
        ],
    );
    let request = request.with_tools([tool]).with_temperature(0.1).with_stop("ada@corp.test");
    let original = request.clone();
    let (permit, request) = request.inspect(&service(), subject()).await.unwrap();
    permit.require("invoke", "model:small").unwrap();
    permit.require_document(&request.document()).unwrap();
    assert_eq!(permit.require_document(&original.document()), Err(PermitError::Document));
    assert!(!request.document().contains("ada@"));
    assert_eq!(request.messages[0].content, "\u{c} I am [REDACTED]");
    assert_eq!(request.temperature, Some(0.1));

    let request = ChatRequest::new("small", [ChatMessage::user("hello")]);
    let (permit, same) = request.clone().inspect(&service(), subject()).await.unwrap();
    assert_eq!(same, request);
    permit.require_document(&request.document()).unwrap();
}

#[tokio::test]
async fn what_is_split_over_messages_of_one_role_is_found() {
    let split = [
        ChatMessage::assistant("Go on"),
        ChatMessage::user("I am ada@co"),
        ChatMessage::user("rp.test, hello"),
    ];
    let request = ChatRequest::new("small", split);
    let (permit, request) = request.inspect(&service(), subject()).await.unwrap();
    permit.require_document(&request.document()).unwrap();
    let texts: Vec<_> = request.messages.iter().map(|it| it.content.as_str()).collect();
    assert_eq!(texts, ["Go on", "I am [REDACTED]", ", hello"]);

    let apart = [ChatMessage::user("I am ada@co"), ChatMessage::assistant("rp.test")];
    let request = ChatRequest::new("small", apart);
    let (_, same) = request.clone().inspect(&service(), subject()).await.unwrap();
    assert_eq!(same, request);
}

#[tokio::test]
async fn a_value_is_found_wherever_it_is_split() {
    let service = service();
    for value in [
        "bob.lee@example.com",
        "536-22-8726",
        "4111 1111 1111 1111",
        "+1 415 555 2671",
        concat!("AKIA", "1234567890ABCDEF"),
    ] {
        let text = format!("it is {value}, yes");
        let inside = text.find(value).unwrap()..=text.find(value).unwrap() + value.len();
        for (from, to) in inside.clone().flat_map(|from| inside.clone().map(move |to| (from, to))) {
            let cuts = [0, from, to.max(from), text.len()];
            let turns =
                cuts.windows(2).map(|cut| ChatMessage::user(text.get(cut[0]..cut[1]).unwrap()));
            let request = ChatRequest::new("small", turns);
            let (_permit, left) = request.inspect(&service, subject()).await.unwrap();
            let left: String = left.messages.iter().map(|it| it.content.as_str()).collect();
            let half = value.get(value.len() / 2 - 3..value.len() / 2 + 3).unwrap();
            assert!(left.contains("[REDACTED]") && !left.contains(half), "{left} at {cuts:?}");
            assert!(left.starts_with("it is ") && left.ends_with(", yes"), "{left} at {cuts:?}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_replaced_is_refused() {
    let call = ChatToolCall::new("1", "mail", "{}");
    let named = ChatMessage::tool_result(&call, "x").with_name("ada@corp.test");
    let renamed = tool("", "ada@corp.test");
    for request in [
        ChatRequest::new("ada@corp.test", [ChatMessage::user("hello")]),
        ChatRequest::new("small", [named]),
        ChatRequest::new("small", []).with_tools([renamed]),
    ] {
        let error = request.inspect(&service(), subject()).await.unwrap_err();
        let InspectError::Refused(refusal) = &error else { panic!("{error}") };
        assert_eq!(refusal.cause, RefusalCause::Stage(Stage::Pii));
        assert!(!format!("{error} {error:?}").contains("ada@"), "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_comes_without_what_was_taken_out() {
    let call = ChatToolCall::new("1", "mail", r#"{"to":"ada@corp.test"}"#);
    let message = ChatMessage::assistant("It is ada@corp.test").with_tool_call(call);
    let answer = ChatResponse::new(message, FinishReason::ToolCalls, None);
    let clean = answer.inspect(&service(), subject(), "small").await.unwrap();
    assert_eq!(clean.message.content, "It is [REDACTED]");
    assert_eq!(clean.message.tool_calls[0].arguments, r#"{"to":"[REDACTED]"}"#);
    assert_eq!(clean.finish_reason, FinishReason::ToolCalls);
}

/// Keeps what it is given, unless it is down.
#[derive(Default)]
struct Sink {
    kept: Mutex<Vec<SecurityEvent>>,
    is_down: bool,
}

#[async_trait]
impl AuditSink for Sink {
    async fn record(&self, event: &SecurityEvent) -> Result<(), AuditError> {
        if self.is_down {
            return Err(AuditError::Store { reason: "no space left on device".to_owned() });
        }
        self.kept.lock().unwrap().push(event.clone());
        Ok(())
    }
}

/// How a request and an answer of too many values are refused, and what the sink has then.
async fn refused(is_down: bool) -> (Vec<InspectError>, Vec<SecurityEvent>) {
    let sink = Arc::new(Sink { is_down, ..Sink::default() });
    let service = SecurityService::builder(SecurityConfig::new())
        .with_audit_sink(Arc::clone(&sink) as Arc<_>)
        .build()
        .unwrap();
    let request = ChatRequest::new("small", (0..70_000).map(|_| ChatMessage::user("x")));
    let call = || ChatToolCall::new("1", "t", "{}");
    let message = (0..30_000).fold(ChatMessage::assistant(""), |all, _| all.with_tool_call(call()));
    let answer = ChatResponse::new(message, FinishReason::ToolCalls, None);
    let errors = vec![
        request.inspect(&service, subject()).await.unwrap_err(),
        answer.inspect(&service, subject(), "small").await.unwrap_err(),
    ];
    let kept = sink.kept.lock().unwrap().clone();
    (errors, kept)
}

#[tokio::test]
async fn what_is_too_much_to_take_apart_is_named_and_recorded() {
    let (errors, kept) = refused(false).await;
    for (error, named) in errors.iter().zip(["request", "answer"]) {
        let InspectError::Document { what, .. } = error else { panic!("{error}") };
        assert_eq!(*what, named);
    }
    let records = kept.iter().map(|event| {
        let decision = event.decision.as_ref().unwrap();
        assert_eq!(event.metadata, json!({"error": "invalid_json"}));
        assert_eq!(decision.act.to_string(), "invoke:model:small");
        (decision.direction, decision.verdict)
    });
    assert!(records.eq([Direction::Input, Direction::Output].map(|way| (way, Verdict::Block))));
}

#[tokio::test]
async fn what_is_too_much_is_refused_for_audit_without_its_record() {
    for error in refused(true).await.0 {
        let InspectError::Refused(refusal) = &error else { panic!("{error}") };
        assert_eq!(refusal.cause, RefusalCause::Audit);
    }
}
