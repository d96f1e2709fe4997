//! Anthropic's wire format: what is sent, and what answers are read as.

use super::{Answer, KEY, Server, check_every_cut, permit, streamed, weather_tool};
use mofa_foundation::llm::{
    AnthropicProvider, ChatMessage, ChatModel, ChatRequest, ChatResponse, ChatToolCall,
    FinishReason, LlmError, Usage,
};
use mofa_runtime::Secret;
use serde_json::json;

fn provider(url: &str) -> AnthropicProvider {
    AnthropicProvider::builder().with_base_url(url).with_api_key(Secret::new(KEY)).build().unwrap()
}

#[tokio::test]
async fn a_request_is_sent_as_documented() {
    let answer = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "small",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "text", "text": "Let me "}, {"type": "text", "text": "see."},
            {"type": "tool_use", "id": "toolu_2", "name": "weather", "input": {"city": "Rome"}}],
        "stop_reason": "tool_use", "stop_sequence": null,
        "usage": {"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 7}});
    let server = Server::start([Answer::json(200, &answer)]).await;
    let first = ChatToolCall::new("toolu_1", "weather", r#"{"city":"Paris"}"#);
    let second = ChatToolCall::new("toolu_0", "weather", "");
    let request = ChatRequest::new(
        "small",
        [
            ChatMessage::system("Be brief."),
            ChatMessage::user("Weather in Paris?"),
            ChatMessage::assistant("I look.")
                .with_tool_call(first.clone())
                .with_tool_call(second.clone()),
            ChatMessage::tool_result(&first, "Rain"),
            ChatMessage::tool_result(&second, "None"),
            ChatMessage::user("And in Rome?"),
        ],
    )
    .with_tools([weather_tool()])
    .with_temperature(0.5)
    .with_stop("END");
    let response = provider(&server.url()).chat(permit("small"), &request).await.unwrap();
    let call = ChatToolCall::new("toolu_2", "weather", r#"{"city":"Rome"}"#);
    assert_eq!(
        response,
        ChatResponse::new(
            ChatMessage::assistant("Let me see.").with_tool_call(call),
            FinishReason::ToolCalls,
            Some(Usage::new(15, 7)),
        )
    );

    let requests = server.requests();
    assert_eq!(requests[0].line(), "POST /v1/messages HTTP/1.1");
    assert_eq!(requests[0].header("x-api-key"), Some(KEY));
    assert_eq!(requests[0].header("authorization"), None);
    assert_eq!(requests[0].header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(
        requests[0].json(),
        json!({
            "model": "small",
            "max_tokens": 4096,
            "system": [{"type": "text", "text": "Be brief."}],
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "Weather in Paris?"}]},
                {"role": "assistant", "content": [
                    {"type": "text", "text": "I look."},
                    {"type": "tool_use", "id": "toolu_1", "name": "weather",
                     "input": {"city": "Paris"}},
                    {"type": "tool_use", "id": "toolu_0", "name": "weather", "input": {}}]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "toolu_1", "content": "Rain"},
                    {"type": "tool_result", "tool_use_id": "toolu_0", "content": "None"},
                    {"type": "text", "text": "And in Rome?"}]},
            ],
            "tools": [{"name": "weather", "description": "Tells the weather",
                "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}],
            "temperature": 0.5,
            "stop_sequences": ["END"],
        })
    );
}

const STREAM: &str = concat!(
    "event: message_start\n",
    r#"data: {"type":"message_start","message":{"id":"m","content":[],"stop_reason":null,"#,
    r#""usage":{"input_tokens":25,"output_tokens":1}}}"#,
    "\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\n",
    "event: content_block_start\r\n",
    r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
    "\r\n\r\n",
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Ça 🙂"}}"#,
    "\n\n",
    r#"data: {"type":"content_block_stop","index":0}"#,
    "\n\n",
    r#"data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","#,
    r#""id":"t1","name":"weather","input":{}}}"#,
    "\n\n",
    r#"data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","#,
    r#""partial_json":"{\"a\""}}"#,
    "\n\n",
    r#"data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","#,
    r#""partial_json":":1}"}}"#,
    "\n\n",
    r#"data: {"type":"new_thing","index":1}"#,
    "\n\n",
    r#"data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"#,
    r#""usage":{"output_tokens":15}}"#,
    "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
);

#[tokio::test]
async fn a_stream_is_read_however_it_is_cut() {
    let call = ChatToolCall::new("t1", "weather", r#"{"a":1}"#);
    let expect = ChatResponse::new(
        ChatMessage::assistant("Ça 🙂").with_tool_call(call),
        FinishReason::ToolCalls,
        Some(Usage::new(25, 15)),
    );
    let request = ChatRequest::new("small", [ChatMessage::user("Hi")]).with_max_tokens(9);
    check_every_cut(|url| Box::new(provider(url)), &request, STREAM, &expect).await;

    let server = Server::start([Answer::stream(STREAM)]).await;
    streamed(&provider(&server.url()), &request).await.unwrap();
    assert_eq!(
        server.requests()[0].json(),
        json!({"model": "small", "max_tokens": 9, "stream": true, "messages":
            [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]})
    );
}

#[tokio::test]
async fn an_error_or_an_early_end_of_a_stream_is_an_error() {
    let start = STREAM.split("event: message_stop").next().unwrap();
    let error = r#"data: {"type":"error","error":{"type":"overloaded_error","message":"m"}}"#;
    let server = Server::start([
        Answer::stream(start),
        Answer::stream(&format!("{start}{error}\n\n")),
        Answer::stream("data: {\"type\":\"message_stop\"}\n\n"),
    ])
    .await;
    let model = provider(&server.url());
    let request = ChatRequest::new("small", [ChatMessage::user("Hi")]);
    let early = streamed(&model, &request).await;
    assert!(matches!(early, Err(LlmError::Interrupted { .. })), "{early:?}");
    let aborted = streamed(&model, &request).await;
    let code = Some("overloaded_error".to_owned());
    assert_eq!(aborted, Err(LlmError::Aborted { provider: "anthropic".to_owned(), code }));
    let empty = streamed(&model, &request).await;
    assert!(matches!(empty, Err(LlmError::Protocol { .. })), "{empty:?}");
}

#[tokio::test]
async fn what_the_format_cannot_say_is_not_sent() {
    let server = Server::start([]).await;
    let mut nameless = ChatMessage::user("Rain");
    nameless.role = mofa_foundation::llm::ChatRole::Tool;
    let list = ChatToolCall::new("1", "weather", "[1]");
    for (message, field) in [
        (nameless, "tool_call_id"),
        (ChatMessage::assistant("").with_tool_call(list), "tool_calls.arguments"),
    ] {
        let request = ChatRequest::new("small", [message]);
        let error = provider(&server.url()).chat(permit("small"), &request).await.unwrap_err();
        assert!(matches!(error, LlmError::Request { field: f, .. } if f == field), "{error}");
    }
    assert!(server.requests().is_empty());
}
