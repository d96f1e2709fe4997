//! OpenAI's wire format: what is sent, and what answers are read as.

use super::{Answer, KEY, Server, check_every_cut, permit, pieces, streamed, weather_tool};
use mofa_foundation::llm::{
    ChatMessage, ChatModel, ChatRequest, ChatResponse, ChatRole, ChatToolCall, FinishReason,
    LlmError, OpenAiProvider, Usage,
};
use mofa_runtime::Secret;
use serde_json::json;

fn provider(url: &str) -> OpenAiProvider {
    OpenAiProvider::builder()
        .with_base_url(format!("{url}/v1"))
        .with_api_key(Secret::new(KEY))
        .with_organization("org-1")
        .build()
        .unwrap()
}

fn conversation() -> ChatRequest {
    let call = ChatToolCall::new("call_1", "weather", r#"{"city":"Paris"}"#);
    ChatRequest::new(
        "small",
        [
            ChatMessage::system("Be brief."),
            ChatMessage::user("Weather in Paris?").with_name("ann"),
            ChatMessage::assistant("").with_tool_call(call.clone()),
            ChatMessage::tool_result(&call, "Rain"),
        ],
    )
    .with_tools([weather_tool()])
    .with_temperature(0.5)
    .with_top_p(0.25)
    .with_max_tokens(64)
    .with_stop("END")
}

#[tokio::test]
async fn a_request_is_sent_as_documented() {
    let answer = json!({"id": "x", "object": "chat.completion", "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Rain.", "refusal": null},
         "finish_reason": "stop", "logprobs": null}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}});
    let server = Server::start([Answer::json(200, &answer)]).await;
    let response = provider(&server.url()).chat(permit("small"), &conversation()).await.unwrap();
    assert_eq!(
        response,
        ChatResponse::new(
            ChatMessage::assistant("Rain."),
            FinishReason::Stop,
            Some(Usage::new(9, 2))
        )
    );

    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!(request.line(), "POST /v1/chat/completions HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Bearer sk-test-0123456789"));
    assert_eq!(request.header("openai-organization"), Some("org-1"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(
        request.json(),
        json!({
            "model": "small",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Weather in Paris?", "name": "ann"},
                {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": "{\"city\":\"Paris\"}"}}]},
                {"role": "tool", "content": "Rain", "tool_call_id": "call_1"},
            ],
            "tools": [{"type": "function", "function": {"name": "weather",
                "description": "Tells the weather", "parameters": {"type": "object",
                    "properties": {"city": {"type": "string"}}}}}],
            "temperature": 0.5,
            "top_p": 0.25,
            "max_tokens": 64,
            "stop": ["END"],
        })
    );
}

#[tokio::test]
async fn wishes_to_run_tools_are_read() {
    let answer = json!({"choices": [{"message": {"role": "assistant", "content": null,
        "tool_calls": [{"id": "c1", "type": "function",
            "function": {"name": "weather", "arguments": "{\"city\":"}}]},
        "finish_reason": "tool_calls"}]});
    let server = Server::start([Answer::json(200, &answer)]).await;
    let request = ChatRequest::new("small", [ChatMessage::user("Hi")]);
    let response = provider(&server.url()).chat(permit("small"), &request).await.unwrap();
    // What the model said is kept as it is; it is checked when the tool is to run.
    let call = ChatToolCall::new("c1", "weather", "{\"city\":");
    assert_eq!(response.message, ChatMessage::assistant("").with_tool_call(call));
    assert_eq!((response.finish_reason, response.usage), (FinishReason::ToolCalls, None));
}

const STREAM: &str = concat!(
    ": keep-alive\r\n\r\n",
    r#"data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#,
    "\r\n\r\n",
    r#"data: {"choices":[{"index":0,"delta":{"content":"Grüße 🙂"}}]}"#,
    "\n\n",
    r#"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","#,
    r#""function":{"name":"weather","arguments":""}}]}}]}"#,
    "\n\n",
    r#"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"#,
    r#""function":{"arguments":"{\"a\":1}"}}]}}]}"#,
    "\n\n",
    r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
    "\n\n",
    r#"data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5}}"#,
    "\n\ndata: [DONE]\n\n",
);

#[tokio::test]
async fn a_stream_is_read_however_it_is_cut() {
    let mut message = ChatMessage::new(ChatRole::Assistant, "Grüße 🙂");
    message.tool_calls = vec![ChatToolCall::new("c1", "weather", r#"{"a":1}"#)];
    let expect = ChatResponse::new(message, FinishReason::ToolCalls, Some(Usage::new(3, 5)));
    let request = ChatRequest::new("small", [ChatMessage::user("Hi")]);
    check_every_cut(|url| Box::new(provider(url)), &request, STREAM, &expect).await;
}

#[tokio::test]
async fn a_stream_is_asked_for_and_given_piece_by_piece() {
    let server = Server::start([Answer::stream(STREAM)]).await;
    let request = ChatRequest::new("small", [ChatMessage::user("Hi")]);
    let pieces = pieces(&provider(&server.url()), &request).await;
    assert_eq!(pieces.len(), 5);
    assert_eq!(pieces[0].content, "Grüße 🙂");
    assert_eq!(
        server.requests()[0].json(),
        json!({"model": "small", "messages": [{"role": "user", "content": "Hi"}],
               "stream": true, "stream_options": {"include_usage": true}})
    );
}

#[tokio::test]
async fn a_stream_ends_only_when_it_is_complete() {
    let part = r#"data: {"choices":[{"delta":{"content":"a"}}]}"#.to_owned() + "\n\n";
    let end = r#"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"#.to_owned() + "\n\n";
    let server = Server::start([
        Answer::stream(&part),
        Answer::stream(&format!("{part}data: [DONE]\n\n")),
        Answer::stream(&format!("{part}{end}")),
        Answer::stream(&format!("{part}data: {{\"choices\":7}}\n\n")),
        Answer::stream(&format!(
            "{part}data: {{\"error\":{{\"message\":\"m\",\"code\":\"server_error\"}}}}\n\n"
        )),
    ])
    .await;
    let model = provider(&server.url());
    let request = ChatRequest::new("small", [ChatMessage::user("Hi")]);
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(streamed(&model, &request).await);
    }
    assert!(matches!(answers[0], Err(LlmError::Interrupted { .. })), "{answers:?}");
    assert!(matches!(answers[1], Err(LlmError::Protocol { .. })), "{answers:?}");
    assert_eq!(answers[2].as_ref().unwrap().message.content, "a");
    assert!(matches!(answers[3], Err(LlmError::Protocol { .. })), "{answers:?}");
    let aborted =
        LlmError::Aborted { provider: "openai".to_owned(), code: Some("server_error".to_owned()) };
    assert_eq!(answers[4], Err(aborted));
}
