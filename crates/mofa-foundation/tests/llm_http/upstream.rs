//! The raw upstream: bytes through, statuses as they are, connections kept.

use super::{Answer, KEY, Server, permit, permit_for};
use bytes::Bytes;
use mofa_foundation::llm::{LlmError, Phase, Retries, TimeOuts, Upstream, UpstreamBuilder};
use mofa_runtime::Secret;
use std::time::Duration;
use tokio::net::TcpListener;

const SOON: Duration = Duration::from_millis(20);

fn upstream(url: &str) -> UpstreamBuilder {
    Upstream::builder("local", format!("{url}/v1/")).with_api_key(Secret::new(KEY))
}

const BODY: Bytes = Bytes::from_static(b"{ \"model\":\"small\", \"unknown\": [1e400] }\n");

#[tokio::test]
async fn bytes_go_through_as_they_are() {
    let answer = Answer::text(200, "Content-Type: text/odd; x=y\r\n", "{ \"odd\" : 1e400 }\n");
    let server = Server::start([answer, Answer::stream("data: x\n\n")]).await;
    let upstream = upstream(&server.url()).build().unwrap();
    let response = upstream.forward(permit("small"), "small", BODY, false).await.unwrap();
    assert_eq!(response.status, http::StatusCode::OK);
    assert_eq!(response.content_type.unwrap(), "text/odd; x=y");
    assert_eq!(response.retry_after, None);
    assert_eq!(response.body.collect(100).await.unwrap(), "{ \"odd\" : 1e400 }\n");

    let mut response = upstream.forward(permit("small"), "small", BODY, true).await.unwrap();
    assert_eq!(response.body.next_chunk().await.unwrap().unwrap(), "data: x\n\n");
    assert_eq!(response.body.next_chunk().await, None);

    let requests = server.requests();
    let host = server.url().replace("http://", "");
    for (request, accept) in requests.iter().zip(["application/json", "text/event-stream"]) {
        assert_eq!(request.body, BODY);
        let mut lines: Vec<&str> = request.head.lines().skip(1).collect();
        lines.sort_unstable();
        let expect = [
            format!("accept: {accept}"),
            format!("authorization: Bearer {KEY}"),
            format!("content-length: {}", BODY.len()),
            "content-type: application/json".to_owned(),
            format!("host: {host}"),
            format!("user-agent: mofa/{}", env!("CARGO_PKG_VERSION")),
        ];
        assert_eq!(lines, expect);
        assert_eq!(request.line(), "POST /v1/chat/completions HTTP/1.1");
    }
    assert_eq!((requests.len(), server.connections()), (2, 1));
    assert!(!format!("{upstream:?}").contains(KEY));
}

#[tokio::test]
async fn another_permit_sends_nothing() {
    let server = Server::start([Answer::text(200, "", "")]).await;
    let upstream = upstream(&server.url()).build().unwrap();
    for permit in [permit("large"), permit_for("read", "model:small")] {
        let error = upstream.forward(permit, "small", BODY, false).await.unwrap_err();
        assert!(matches!(error, LlmError::Permit(_)), "{error}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_status_is_the_callers_to_judge() {
    for status in [400, 401, 429, 500, 503] {
        let answer = Answer::text(status, "Retry-After: 7\r\n", "why");
        let server = Server::start([answer]).await;
        let upstream = upstream(&server.url()).build().unwrap();
        let response = upstream.forward(permit("small"), "small", BODY, false).await.unwrap();
        assert_eq!(response.status, status);
        assert_eq!(response.retry_after.unwrap(), "7");
        assert_eq!(response.body.collect(100).await.unwrap(), "why");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn retries_are_there_for_who_wants_them() {
    let busy = || Answer::text(503, "Retry-After: 0\r\n", "busy");
    let server = Server::start([busy(), busy(), busy()]).await;
    let upstream = upstream(&server.url()).with_retries(Retries::new(2)).build().unwrap();
    let response = upstream.forward(permit("small"), "small", BODY, false).await.unwrap();
    assert_eq!(response.status, 503);
    assert_eq!(response.body.collect(100).await.unwrap(), "busy");
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.body == BODY));
}

#[tokio::test]
async fn a_body_is_collected_up_to_the_limit() {
    let pieces = || Answer::chunks([b"12345".as_slice(), b"67890"]);
    let server =
        Server::start([pieces(), pieces(), pieces(), Answer::text(200, "", "123456")]).await;
    let upstream = upstream(&server.url()).build().unwrap();
    for (limit, expect) in [(10, Some("1234567890")), (9, None), (4, None), (5, None)] {
        let response = upstream.forward(permit("small"), "small", BODY, false).await.unwrap();
        match (response.body.collect(limit).await, expect) {
            (Ok(body), Some(expect)) => assert_eq!(body, expect),
            (Err(LlmError::TooLarge { limit: found, .. }), None) => assert_eq!(found, limit),
            (found, _) => panic!("{limit}: {found:?}"),
        }
    }
}

#[tokio::test]
async fn waits_have_limits_and_ends_are_told_apart() {
    let half = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    let server = Server::start([
        Answer::hang_after(""),
        Answer::hang_after(half),
        Answer::cut_off(half),
        Answer::cut_off(""),
    ])
    .await;
    let limits = TimeOuts::default().with_headers(SOON).with_idle(SOON);
    let upstream = upstream(&server.url()).with_timeouts(limits).build().unwrap();
    let call = || upstream.forward(permit("small"), "small", BODY, true);
    let error = call().await.unwrap_err();
    assert!(matches!(error, LlmError::TimeOut { phase: Phase::Headers, .. }), "{error}");

    let mut body = call().await.unwrap().body;
    assert_eq!(body.next_chunk().await.unwrap().unwrap(), "abc");
    let error = body.next_chunk().await.unwrap().unwrap_err();
    assert!(matches!(error, LlmError::TimeOut { phase: Phase::Idle, .. }), "{error}");

    let mut body = call().await.unwrap().body;
    assert_eq!(body.next_chunk().await.unwrap().unwrap(), "abc");
    let error = body.next_chunk().await.unwrap().unwrap_err();
    assert!(matches!(error, LlmError::Interrupted { .. }), "{error}");

    let error = call().await.unwrap_err();
    assert!(matches!(error, LlmError::Interrupted { .. }), "{error}");
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn nobody_there_is_a_failed_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let upstream = upstream(&url).build().unwrap();
    let error = upstream.forward(permit("small"), "small", BODY, false).await.unwrap_err();
    assert!(matches!(error, LlmError::Connect { .. }), "{error}");
    assert!(error.to_string().starts_with("cannot connect to `local`: "), "{error}");
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    for (url, key, expect) in [
        ("h.example", "sk-1", "base_url"),
        ("https://h.example/?key=sk-1", "sk-1", "base_url"),
        ("http://127.0.0.1:9", "sk 1", "api_key"),
    ] {
        let builder = Upstream::builder("local", url).with_api_key(Secret::new(key));
        let error = builder.build().unwrap_err();
        assert!(
            matches!(&error, LlmError::Configuration { variable, .. } if variable == expect),
            "{error}"
        );
        assert!(!error.to_string().contains(key), "{error}");
    }
}
