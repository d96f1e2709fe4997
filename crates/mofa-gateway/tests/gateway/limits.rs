//! Each limit has its status.

use crate::house::{House, chat, chat_streamed};
use mofa_gateway::scripted::{Ending, Reply, Script};
use mofa_sdk::Deployment;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

async fn house_with(change: impl FnOnce(&mut Deployment)) -> House {
    House::start_with(Script::new(), "", change).await
}

/// A program may set what no configuration takes.
#[tokio::test]
async fn a_limit_may_be_longer_than_any_clock_shows() {
    let house = house_with(|deployment| {
        let limits = &mut deployment.limits;
        limits.header_read_timeout = Duration::MAX;
        limits.body_read_timeout = Duration::MAX;
        limits.request_timeout = Duration::MAX;
        limits.stream_idle_timeout = Duration::MAX;
        limits.max_stream_duration = Duration::MAX;
        limits.shutdown_grace = Duration::MAX;
    });
    let mut house = house.await;
    assert_eq!(house.ask(chat("hi")).await.status, 200);
    assert_eq!(house.ask(chat_streamed("hi")).await.events().last().unwrap(), "[DONE]");
    house.stop();
    house.ended().await;
}

#[tokio::test]
async fn a_body_may_be_too_long() {
    let house = house_with(|deployment| deployment.limits.max_body_bytes = 1000).await;
    let fits = chat(&"x".repeat(1000 - chat("").len()));
    assert_eq!((fits.len(), house.ask(&fits).await.status), (1000, 200));
    let answer = house.ask(format!("{fits} ")).await;
    assert_eq!((answer.status, answer.error("code")), (413, "body_too_large".into()));

    // Said to be long, and not sent.
    let mut client = house.client().await;
    client.send(house.head(1 << 40).as_bytes()).await;
    client.end().await;
    assert_eq!(client.answer().await.status, 413);

    // Said to be long, begun, and never finished: that it is too long is known all the same.
    let house_of_haste = house_with(|deployment| {
        deployment.limits.body_read_timeout = Duration::from_millis(50);
    })
    .await;
    let mut client = house_of_haste.client().await;
    client.send(house_of_haste.head(1 << 40).as_bytes()).await;
    client.send(b"{").await;
    assert_eq!(client.answer().await.status, 413);

    // Nobody waits for it, and it takes no place.
    let house_of_one = house_with(|deployment| {
        deployment.limits.body_read_timeout = Duration::MAX;
        deployment.limits.max_in_flight = 1;
    })
    .await;
    let head = house_of_one.head(1 << 40);
    let asking = head.replace("host:", "expect: 100-continue\r\nhost:");
    for head in [asking, head] {
        let mut client = house_of_one.client().await;
        client.send(head.as_bytes()).await;
        let answer = client.answer().await;
        assert_eq!((answer.status, answer.header("connection")), (413, Some("close")));
        assert_eq!(house_of_one.ask(chat("hi")).await.status, 200);
    }

    // Long in pieces, without saying so.
    let mut client = house.client().await;
    let head = house.head(0).replace("content-length: 0", "transfer-encoding: chunked");
    client.send(head.as_bytes()).await;
    for _ in 0..3 {
        client.send(format!("1f4\r\n{}\r\n", "x".repeat(500)).as_bytes()).await;
    }
    client.end().await;
    assert_eq!(client.answer().await.status, 413);
    assert_eq!(house.received(), [fits]);
}

#[tokio::test]
async fn a_head_may_be_too_long() {
    let house = house_with(|deployment| deployment.limits.max_header_bytes = 8192).await;
    let bearer = format!("Bearer {}", house.key);
    let long = "x".repeat(9000);
    let headers = [("authorization", bearer.as_str()), ("x-long", long.as_str())];
    let answer = house.client().await.request("GET", "/v1/models", &headers, b"").await;
    assert_eq!((answer.status, answer.error("code")), (431, "headers_too_large".into()));
    let longer = "x".repeat(100_000);
    let headers = [("x-long", longer.as_str())];
    let answer = house.client().await.request("GET", "/healthz", &headers, b"").await;
    assert_eq!(answer.status, 431);
    assert_eq!(house.get("/v1/models").await.status, 200);
}

#[tokio::test]
async fn a_request_may_be_too_slow() {
    let house = house_with(|deployment| {
        deployment.limits.header_read_timeout = Duration::from_millis(50);
        deployment.limits.body_read_timeout = Duration::from_millis(50);
    })
    .await;
    let mut client = house.client().await;
    client.send(b"GET /healthz HTTP/1.1\r\nhost: ga").await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.error("code")), (408, "request_timeout".into()));
    assert!(client.is_closed().await);

    let mut client = house.client().await;
    client.send(house.head(100).as_bytes()).await;
    client.send(b"{\"model\"").await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.error("code")), (408, "request_timeout".into()));

    // A connection on which nothing was begun is closed without a word.
    let mut client = house.client().await;
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn a_body_may_be_of_the_wrong_kind() {
    let house = house_with(|_| {}).await;
    let bearer = format!("Bearer {}", house.key);
    let body = chat("hi");
    let kinds = [
        vec![],
        vec![("content-type", "text/plain")],
        vec![("content-type", "application/jsonx")],
        vec![("content-type", "application/json"), ("content-encoding", "gzip")],
        vec![
            ("content-type", "application/json"),
            ("content-encoding", "identity"),
            ("content-encoding", "gzip"),
        ],
        vec![
            ("content-type", "application/json"),
            ("content-encoding", "identity"),
            ("content-encoding", "identity"),
        ],
    ];
    for mut headers in kinds {
        headers.push(("authorization", &bearer));
        let mut client = house.client().await;
        let answer =
            client.request("POST", "/v1/chat/completions", &headers, body.as_bytes()).await;
        let found = (answer.status, answer.error("code"));
        assert_eq!(found, (415, "unsupported_media_type".into()), "{headers:?}");
    }
    assert!(house.received().is_empty());
}

#[tokio::test]
async fn too_many_requests_at_once_are_told_to_come_again() {
    let silent = Reply::events(["data: {\"choices\":[]}\n\n"], Ending::Silence);
    let script = Script::new().with_rule("wait", silent);
    let house = House::start_with(script, "", |deployment| {
        deployment.limits.max_in_flight = 1;
    })
    .await;
    let mut waiting = house.client().await;
    let body = crate::house::chat_streamed("wait");
    waiting.send(&[house.head(body.len()).as_bytes(), body.as_bytes()].concat()).await;
    assert!(waiting.until_body_has("data: {\"choices\":[]}").await);
    // The stream is being answered, and so is who asks.
    let figures = house.get("/metrics").await.body;
    assert!(figures.contains("\nmofa_http_in_flight 2\n"), "{figures}");
    let counted = r#"http_request_seconds_count{route="/v1/chat/completions"}"#;
    assert!(!figures.contains(counted), "{figures}");
    let answer = house.ask(chat("hi")).await;
    assert_eq!((answer.status, answer.error("code")), (503, "overloaded".into()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(house.get("/healthz").await.status, 200);
    drop(waiting);
    // The place is free again as soon as the gateway has seen that the caller is gone.
    while house.ask(chat("hi")).await.status == 503 {
        tokio::task::yield_now().await;
    }
    assert_eq!(house.ask(chat("hi")).await.status, 200);
}

#[tokio::test]
async fn more_connections_wait_for_their_turn() {
    let house = house_with(|deployment| deployment.limits.max_connections = 1).await;
    let mut first = house.client().await;
    assert_eq!(house.ask_on(&mut first, chat("hi")).await.status, 200);
    let mut second = house.client().await;
    let body = chat("second");
    second.send(&[house.head(body.len()).as_bytes(), body.as_bytes()].concat()).await;
    assert_eq!(house.ask_on(&mut first, chat("third")).await.status, 200);
    drop(first);
    assert_eq!(second.answer().await.status, 200);
    assert_eq!(house.received(), [chat("hi"), chat("third"), body]);
}

#[tokio::test]
async fn a_caller_who_never_reads_loses_the_connection() {
    let house = house_with(|deployment| {
        deployment.limits.max_connections = 1;
        deployment.limits.body_read_timeout = Duration::from_millis(50);
    })
    .await;
    let mut deaf = TcpStream::connect(house.address).await.unwrap();
    let requests = "GET /metrics HTTP/1.1\r\nhost: gateway\r\n\r\n".repeat(1000);
    // Without a limit nothing would go out any more, and this would never end.
    while deaf.write_all(requests.as_bytes()).await.is_ok() {}
    assert_eq!(house.get("/healthz").await.status, 200);
}
