//! What becomes of refusals, failures, delays and nonsense; settings that cannot be used.

use super::{Answer, KEY, Server, permit, permit_for, streamed};
use mofa_foundation::llm::{
    AnthropicProvider, ChatMessage, ChatModel, ChatRequest, GeminiProvider, LlmError,
    OpenAiProvider, Phase, Retries, TimeOuts,
};
use mofa_runtime::Secret;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;

/// Longer than any test: a limit or wait that must not come into play.
const NEVER: Duration = Duration::from_hours(1);

const SOON: Duration = Duration::from_millis(20);

fn provider(url: &str, limits: TimeOuts, retries: Retries) -> OpenAiProvider {
    OpenAiProvider::builder()
        .with_base_url(url)
        .with_api_key(Secret::new(KEY))
        .with_timeouts(limits)
        .with_retries(retries)
        .build()
        .unwrap()
}

fn patient() -> TimeOuts {
    TimeOuts::default().with_connect(NEVER).with_headers(NEVER).with_idle(NEVER).with_total(NEVER)
}

fn quick(attempts: u32) -> Retries {
    Retries::new(attempts).with_base_delay(Duration::from_millis(1))
}

fn request() -> ChatRequest {
    ChatRequest::new("small", [ChatMessage::user("Hi")])
}

fn good() -> Answer {
    Answer::json(
        200,
        &json!({"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}),
    )
}

fn failing(status: u16) -> Answer {
    Answer::json(status, &json!({"error": {"message": "m", "type": "t", "code": null}}))
}

/// The error that a plain call ends with, and how many requests the server saw.
async fn error_after(
    limits: TimeOuts,
    answers: impl IntoIterator<Item = Answer>,
) -> (LlmError, usize) {
    let server = Server::start(answers).await;
    let model = provider(&server.url(), limits, quick(2));
    let error = model.chat(permit("small"), &request()).await.unwrap_err();
    let shown = format!("{error} {error:?} {model:?}");
    assert!(!shown.contains(KEY), "{shown}");
    (error, server.requests().len())
}

#[tokio::test]
async fn another_permit_sends_nothing() {
    let server = Server::start([good(), good()]).await;
    let model = provider(&server.url(), patient(), quick(0));
    for permit in
        [permit("large"), permit_for("read", "model:small"), permit_for("invoke", "small")]
    {
        let error = model.chat(permit, &request()).await.unwrap_err();
        assert!(matches!(error, LlmError::Permit(_)), "{error}");
    }
    let error = model.chat_stream(permit("large"), &request()).await.unwrap_err();
    assert!(matches!(error, LlmError::Permit(_)), "{error}");
    assert_eq!((server.requests().len(), server.connections()), (0, 0));
}

#[tokio::test]
async fn a_passing_failure_is_tried_again_over_the_same_connection() {
    for status in [429, 500, 502, 503, 504] {
        let server = Server::start([failing(status), failing(status), good()]).await;
        let model = provider(&server.url(), patient(), quick(2));
        let response = model.chat(permit("small"), &request()).await.unwrap();
        assert_eq!(response.message.content, "Hello");
        let requests = server.requests();
        assert_eq!(requests.len(), 3);
        assert_eq!(server.connections(), 1);
        assert!(requests.iter().all(|again| again.body == requests[0].body));
    }
}

#[tokio::test]
async fn retry_after_takes_the_place_of_the_wait() {
    // Without it the wait would be up to an hour, cut to half a minute.
    let wait = Answer::text(429, "Retry-After: 0\r\n", "");
    let date = Answer::text(503, "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "{}");
    let server = Server::start([wait, date, good()]).await;
    let retries = Retries::new(2).with_base_delay(NEVER);
    let limits = patient().with_total(Duration::from_secs(20));
    let model = provider(&server.url(), limits, retries);
    model.chat(permit("small"), &request()).await.unwrap();
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_stream_is_tried_again_before_it_begins_only() {
    let begun =
        Answer::cut_off("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ndata:\r\n");
    let server = Server::start([failing(503), begun, good()]).await;
    let model = provider(&server.url(), patient(), quick(2));
    let error = streamed(&model, &request()).await.unwrap_err();
    assert!(matches!(error, LlmError::Interrupted { .. }), "{error}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn retries_come_to_an_end_and_keep_the_last_answer() {
    let last = Answer::text(
        503,
        "Retry-After: 0\r\n",
        r#"{"error":{"message":"secret words","type":"overloaded","code":"busy"}}"#,
    );
    let (error, requests) =
        error_after(patient(), [failing(500), failing(502), last, good()]).await;
    assert_eq!(requests, 3);
    let expect = LlmError::Status {
        provider: "openai".to_owned(),
        status: http::StatusCode::SERVICE_UNAVAILABLE,
        code: Some("busy".to_owned()),
        retry_after: Some(Duration::ZERO),
    };
    assert_eq!(error, expect);
    assert_eq!(error.to_string(), "`openai` answered 503 Service Unavailable (`busy`)");
    assert!(!format!("{error:?}").contains("secret words"));
}

#[tokio::test]
async fn what_will_not_pass_is_not_tried_again() {
    for status in [301, 400, 401, 403, 404, 413, 422, 501] {
        let (error, requests) = error_after(patient(), [failing(status), good()]).await;
        assert!(
            matches!(&error, LlmError::Status { status: s, code, .. }
                if *s == status && code.as_deref() == Some("t")),
            "{error}"
        );
        assert_eq!(requests, 1);
    }
}

#[tokio::test]
async fn an_echoed_key_is_taken_out() {
    let body = json!({"error": {"message": format!("wrong key {KEY}"),
        "code": format!("bad {KEY}\n{}", "x".repeat(500))}});
    let (error, _) = error_after(patient(), [Answer::json(401, &body)]).await;
    let LlmError::Status { code: Some(code), .. } = &error else { panic!("{error}") };
    assert!(code.starts_with("bad [redacted] xxx"), "{code}");
    assert_eq!(code.chars().count(), 200);
    // In the middle of a stream as well.
    let event = format!("data: {{\"error\":{{\"code\":\"no {KEY}\"}}}}\n\n");
    let server = Server::start([Answer::stream(&event)]).await;
    let model = provider(&server.url(), patient(), quick(0));
    let error = streamed(&model, &request()).await.unwrap_err();
    let code = Some("no [redacted]".to_owned());
    assert_eq!(error, LlmError::Aborted { provider: "openai".to_owned(), code });
}

#[tokio::test]
async fn error_bodies_of_any_kind_are_read_only_for_a_code() {
    for body in ["", "<html>", "[]", "{}", "{\"error\":7}", "{\"error\":{\"code\":401}}"] {
        let (error, _) = error_after(patient(), [Answer::text(401, "", body)]).await;
        assert!(matches!(&error, LlmError::Status { code: None, .. }), "{body}: {error}");
    }
    // Longer than is read of an error.
    let long = format!("{{\"error\":{{\"code\":\"c\",\"message\":\"{}\"}}}}", "x".repeat(70_000));
    let (error, _) = error_after(patient(), [Answer::text(401, "", &long)]).await;
    assert!(matches!(&error, LlmError::Status { code: None, .. }), "{error}");
}

#[tokio::test]
async fn each_wait_has_its_own_limit() {
    let silent = || Answer::hang_after("");
    let begun = || Answer::hang_after("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{");
    for (limits, answer, expect) in [
        (patient().with_headers(SOON), silent(), Phase::Headers),
        (patient().with_total(SOON), silent(), Phase::Total),
        (patient().with_total(SOON), begun(), Phase::Total),
        (patient().with_idle(Duration::MAX).with_total(SOON), begun(), Phase::Total),
        (patient().with_idle(SOON), begun(), Phase::Idle),
    ] {
        let (error, requests) = error_after(limits, [answer, good()]).await;
        assert!(
            matches!(&error, LlmError::TimeOut { phase, limit: SOON, .. } if *phase == expect),
            "{error}"
        );
        assert_eq!(requests, 1);
    }
    let half = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ndata:\r\n";
    let server = Server::start([Answer::hang_after(half)]).await;
    let model = provider(&server.url(), patient().with_idle(SOON), quick(2));
    let error = streamed(&model, &request()).await.unwrap_err();
    assert!(matches!(error, LlmError::TimeOut { phase: Phase::Idle, .. }), "{error}");
    assert_eq!(error.to_string(), "`openai` took longer than 20ms to go on with its answer");
}

#[tokio::test]
async fn nobody_there_is_a_failed_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = provider(&url, patient(), quick(1)).chat(permit("small"), &request()).await;
    assert!(matches!(error, Err(LlmError::Connect { .. })), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_interrupted() {
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"choices\":",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"choi",
    ] {
        let (error, requests) = error_after(patient(), [Answer::cut_off(answer), good()]).await;
        assert!(matches!(error, LlmError::Interrupted { .. }), "{answer:?}: {error}");
        assert_eq!(requests, 1);
    }
}

#[tokio::test]
async fn an_answer_has_a_limit() {
    let promised = "HTTP/1.1 200 OK\r\nContent-Length: 16777217\r\n\r\n{";
    let (error, _) = error_after(patient(), [Answer::hang_after(promised)]).await;
    assert!(matches!(error, LlmError::TooLarge { limit: 16_777_216, .. }), "{error}");

    let piece = vec![b' '; 1 << 20];
    let pieces = || std::iter::repeat_n(piece.as_slice(), 17);
    let (error, _) = error_after(patient(), [Answer::chunks(pieces())]).await;
    assert!(matches!(error, LlmError::TooLarge { limit: 16_777_216, .. }), "{error}");

    // One event has a limit of its own.
    let event = format!("data: {}", "x".repeat(1 << 20));
    let server = Server::start([Answer::stream(&event)]).await;
    let model = provider(&server.url(), patient(), quick(0));
    let error = streamed(&model, &request()).await.unwrap_err();
    assert!(matches!(error, LlmError::TooLarge { limit: 1_048_576, .. }), "{error}");
}

#[tokio::test]
async fn what_is_no_answer_is_a_protocol_error() {
    let deep = "[".repeat(100_000);
    for body in ["", "{", "7", "{\"choices\":[]}", "\u{0}", "{\"choices\":[{}]}", deep.as_str()] {
        let (error, requests) = error_after(patient(), [Answer::text(200, "", body), good()]).await;
        assert!(matches!(error, LlmError::Protocol { .. }), "{error}");
        assert_eq!(requests, 1);
    }
    let (error, _) = error_after(patient(), [Answer::cut_off("SSH-2.0-x\r\n\r\n")]).await;
    assert!(matches!(error, LlmError::Protocol { .. }), "{error}");
}

/// What is wrong with variables, if anything.
fn from_variables(variables: &[(&str, &str)]) -> Vec<Option<String>> {
    let source = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    [
        OpenAiProvider::from_source(source).err(),
        AnthropicProvider::from_source(source).err(),
        GeminiProvider::from_source(source).err(),
    ]
    .into_iter()
    .map(|error| {
        let error = error?;
        let shown = format!("{error} {error:?}");
        assert!(!variables.iter().any(|(_, value)| shown.contains(value)), "{shown}");
        let LlmError::Configuration { variable, .. } = error else { panic!("{error}") };
        Some(variable)
    })
    .collect()
}

#[test]
fn a_missing_or_malformed_variable_is_named_and_its_value_is_not() {
    let keys = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY"];
    let named = |names: [&str; 3]| names.map(|name| Some(name.to_owned()));
    assert_eq!(from_variables(&[]), named(keys));
    for bad in ["sk secret", "sk-secret\n", "sk\r\nX: secret", "sk-s\u{e9}cret"] {
        assert_eq!(from_variables(&keys.map(|key| (key, bad))), named(keys), "{bad:?}");
    }
    let bases = ["OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"];
    for bad in ["not a url", "ftp://h.example", "http://user:secret@h.example", "h.example/secret"]
    {
        let mut variables = keys.map(|key| (key, "sk-fine")).to_vec();
        variables.extend(bases.map(|base| (base, bad)));
        assert_eq!(from_variables(&variables), named(bases), "{bad:?}");
    }
    let organization = [
        ("OPENAI_API_KEY", "sk-fine"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:9"),
        ("OPENAI_ORG_ID", "org\tsecret"),
    ];
    assert_eq!(from_variables(&organization)[0].as_deref(), Some("OPENAI_ORG_ID"));
    let gemini = [("GEMINI_API_KEY", "b\u{7}ad"), ("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:9")];
    assert_eq!(from_variables(&gemini)[2].as_deref(), Some("GEMINI_API_KEY"));
}

#[tokio::test]
async fn variables_make_a_provider_that_works() {
    let gemini_answer: Value = json!({"candidates": [{"content": {"parts": [{"text": "Hello"}]},
        "finishReason": "STOP"}]});
    let server = Server::start([good(), Answer::json(200, &gemini_answer)]).await;
    let url = server.url();
    let source = |name: &str| match name {
        "OPENAI_BASE_URL" | "GOOGLE_GEMINI_BASE_URL" => Some(url.clone()),
        "OPENAI_API_KEY" | "GEMINI_API_KEY" => Some(KEY.to_owned()),
        "OPENAI_ORG_ID" => Some("org-9".to_owned()),
        _ => None,
    };
    let openai = OpenAiProvider::from_source(source).unwrap();
    let gemini = GeminiProvider::from_source(source).unwrap();
    let models: [&dyn ChatModel; 2] = [&openai, &gemini];
    for model in models {
        let response = model.chat(permit("small"), &request()).await.unwrap();
        assert_eq!(response.message.content, "Hello");
    }
    let requests = server.requests();
    assert_eq!(requests[0].header("openai-organization"), Some("org-9"));
    assert_eq!(requests[1].header("x-goog-api-key"), Some(KEY));
    assert!(requests.iter().all(|request| !request.line().contains(KEY)));
}

#[test]
fn an_organization_is_only_for_a_provider_that_has_them() {
    let url = "http://127.0.0.1:9";
    let builder = AnthropicProvider::builder().with_base_url(url).with_api_key(Secret::new(KEY));
    let error = builder.with_organization("org-1").build().unwrap_err();
    assert_eq!(error.to_string(), "`organization` is something this provider lacks");
    let error = OpenAiProvider::builder().with_base_url(url).build().unwrap_err();
    assert_eq!(error.to_string(), "`api_key` is not set: it holds the provider's key");
}
