//! Gemini's wire format: what is sent, and what answers are read as.

use super::{Answer, KEY, Server, check_every_cut, permit, streamed, weather_tool};
use mofa_foundation::llm::{
    ChatMessage, ChatModel, ChatRequest, ChatResponse, ChatToolCall, FinishReason, GeminiProvider,
    LlmError, Usage,
};
use mofa_runtime::Secret;
use serde_json::json;

fn provider(url: &str) -> GeminiProvider {
    GeminiProvider::builder().with_base_url(url).with_api_key(Secret::new(KEY)).build().unwrap()
}

#[tokio::test]
async fn a_request_is_sent_as_documented() {
    let answer = json!({"candidates": [{"content": {"role": "model", "parts": [
            {"text": "thinking", "thought": true},
            {"text": "Let me see."},
            {"functionCall": {"name": "weather", "args": {"city": "Rome"}},
             "thoughtSignature": "c2ln"}]},
        "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 7,
            "thoughtsTokenCount": 2, "totalTokenCount": 19}});
    let server = Server::start([Answer::json(200, &answer), Answer::json(200, &answer)]).await;
    let model = provider(&server.url());
    let known = ChatToolCall::new("id-1", "weather", r#"{"city":"Paris"}"#);
    let mut request = ChatRequest::new(
        "small",
        [
            ChatMessage::system("Be brief."),
            ChatMessage::user("Weather in Paris?"),
            ChatMessage::assistant("I look.").with_tool_call(known.clone()),
            ChatMessage::tool_result(&known, "Rain"),
            ChatMessage::user("And in Rome?"),
        ],
    )
    .with_tools([weather_tool()])
    .with_temperature(0.5)
    .with_top_p(0.25)
    .with_max_tokens(64)
    .with_stop("END");
    let response = model.chat(permit("small"), &request).await.unwrap();
    let mut call = ChatToolCall::new("gemini-call-0", "weather", r#"{"city":"Rome"}"#);
    call.signature = Some("c2ln".to_owned());
    assert_eq!(
        response,
        ChatResponse::new(
            ChatMessage::assistant("Let me see.").with_tool_call(call.clone()),
            FinishReason::ToolCalls,
            Some(Usage::new(10, 9)),
        )
    );

    let requests = server.requests();
    assert_eq!(requests[0].line(), "POST /v1beta/models/small:generateContent HTTP/1.1");
    assert_eq!(requests[0].header("x-goog-api-key"), Some(KEY));
    assert_eq!(requests[0].header("authorization"), None);
    assert_eq!(
        requests[0].json(),
        json!({
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "contents": [
                {"role": "user", "parts": [{"text": "Weather in Paris?"}]},
                {"role": "model", "parts": [{"text": "I look."},
                    {"functionCall": {"id": "id-1", "name": "weather",
                        "args": {"city": "Paris"}}}]},
                {"role": "user", "parts": [
                    {"functionResponse": {"id": "id-1", "name": "weather",
                        "response": {"result": "Rain"}}},
                    {"text": "And in Rome?"}]},
            ],
            "tools": [{"functionDeclarations": [{"name": "weather",
                "description": "Tells the weather", "parametersJsonSchema": {"type": "object",
                    "properties": {"city": {"type": "string"}}}}]}],
            "generationConfig": {"temperature": 0.5, "topP": 0.25, "maxOutputTokens": 64,
                "stopSequences": ["END"]},
        })
    );

    // The next turn returns the signature, and no id that Gemini never gave.
    request.messages =
        vec![response.message, ChatMessage::tool_result(&call, r#"{"sky":"clear"}"#)];
    model.chat(permit("small"), &request).await.unwrap();
    assert_eq!(
        server.requests()[1].json()["contents"],
        json!([
            {"role": "model", "parts": [{"text": "Let me see."},
                {"functionCall": {"name": "weather", "args": {"city": "Rome"}},
                 "thoughtSignature": "c2ln"}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "weather",
                "response": {"sky": "clear"}}}]},
        ])
    );
}

const STREAM: &str = concat!(
    r#"data: {"candidates":[{"content":{"parts":[{"text":"Grüße "}],"role":"model"}}],"#,
    r#""usageMetadata":{"promptTokenCount":4}}"#,
    "\r\n\r\n",
    r#"data: {"candidates":[{"content":{"parts":[{"text":"🙂"},"#,
    r#"{"functionCall":{"id":"f1","name":"weather","args":{"a":1}}}]}}]}"#,
    "\r\n\r\n",
    r#"data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"weather"}}]},"#,
    r#""finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":6}}"#,
    "\r\n\r\n",
);

#[tokio::test]
async fn a_stream_is_read_however_it_is_cut() {
    let expect = ChatResponse::new(
        ChatMessage::assistant("Grüße 🙂")
            .with_tool_call(ChatToolCall::new("f1", "weather", r#"{"a":1}"#))
            .with_tool_call(ChatToolCall::new("gemini-call-1", "weather", "{}")),
        FinishReason::ToolCalls,
        Some(Usage::new(4, 6)),
    );
    let request = ChatRequest::new("small", [ChatMessage::user("Hi")]);
    check_every_cut(|url| Box::new(provider(url)), &request, STREAM, &expect).await;

    let server = Server::start([Answer::stream(STREAM)]).await;
    streamed(&provider(&server.url()), &request).await.unwrap();
    let sent = &server.requests()[0];
    assert_eq!(sent.line(), "POST /v1beta/models/small:streamGenerateContent?alt=sse HTTP/1.1");
    assert_eq!(sent.json(), json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}));
}

#[tokio::test]
async fn held_back_answers_and_early_ends_are_told_apart() {
    let head = STREAM.split_inclusive("\r\n\r\n").next().unwrap();
    let error = r#"data: {"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}"#;
    let server = Server::start([
        Answer::stream("data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\r\n\r\n"),
        Answer::stream(head),
        Answer::stream(&format!("{head}{error}\r\n\r\n")),
    ])
    .await;
    let model = provider(&server.url());
    let request = ChatRequest::new("small", [ChatMessage::user("Hi")]);
    let blocked = streamed(&model, &request).await.unwrap();
    assert_eq!(blocked.finish_reason, FinishReason::ContentFilter);
    let early = streamed(&model, &request).await;
    assert!(matches!(early, Err(LlmError::Interrupted { .. })), "{early:?}");
    let code = Some("UNAVAILABLE".to_owned());
    let aborted = streamed(&model, &request).await;
    assert_eq!(aborted, Err(LlmError::Aborted { provider: "gemini".to_owned(), code }));
}

#[tokio::test]
async fn a_models_name_cannot_leave_its_place_in_the_path() {
    let server = Server::start([]).await;
    let request = ChatRequest::new("../files?x=", [ChatMessage::user("Hi")]);
    let error = provider(&server.url()).chat(permit("../files?x="), &request).await.unwrap_err();
    assert!(matches!(error, LlmError::Request { field: "model", .. }), "{error}");
    assert!(server.requests().is_empty());
}
