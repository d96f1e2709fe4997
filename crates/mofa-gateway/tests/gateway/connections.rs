//! What callers may do with a connection: end a half of it, go away, or send what is no request.

use crate::client::Client;
use crate::house::{House, chat, chat_streamed};
use mofa_gateway::scripted::{Ending, Reply, Script};

#[tokio::test]
async fn what_is_no_request_is_refused_in_json() {
    let house = House::start(Script::new()).await;
    let many = "x-many: y\r\n".repeat(200);
    let long = format!("x-long: {}\r\n", "x".repeat(100_000));
    let get = |headers: &str| format!("GET /healthz HTTP/1.1\r\nhost: gateway\r\n{headers}\r\n");
    let cases = [
        (400, "invalid_request", "nonsense\r\n\r\n".to_owned()),
        (400, "invalid_request", "GET /healthz HTTP/7.7\r\n\r\n".to_owned()),
        (400, "invalid_request", "G\u{0}T /healthz HTTP/1.1\r\n\r\n".to_owned()),
        (400, "invalid_request", get("no colon\r\n")),
        (400, "invalid_request", get("content-length: many\r\n")),
        (400, "invalid_request", get("content-length: 1\r\ncontent-length: 2\r\n")),
        (400, "invalid_request", get("transfer-encoding: odd\r\n")),
        (400, "invalid_request", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        (431, "headers_too_large", get(&many)),
        (431, "headers_too_large", get(&long)),
        (431, "headers_too_large", format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000))),
    ];
    for (status, code, request) in cases {
        let shown = &request[..request.len().min(60)];
        let mut client = house.client().await;
        client.send(request.as_bytes()).await;
        let answer = client.answer().await;
        assert_eq!(answer.status, status, "{shown:?}: {answer:?}");
        assert_eq!(answer.error("code"), code, "{shown:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("connection"), Some("close"));
        client.end().await;
        assert!(client.is_closed().await, "{shown:?}");
    }
    // After an answer too, and on the connection of a request that was fine.
    let mut client = house.client().await;
    assert_eq!(house.ask_on(&mut client, chat("hi")).await.status, 200);
    client.send(b"nonsense\r\n\r\n").await;
    assert_eq!(client.answer().await.error("code"), "invalid_request");
}

#[tokio::test]
async fn a_head_asks_for_what_is_done_here() {
    let house = House::start(Script::new()).await;
    let head = |headers: &str| format!("GET /healthz HTTP/1.1\r\n{headers}\r\n");
    let with = |headers: &str| head(&format!("host: gateway\r\n{headers}"));
    let encoded = |encoding: &str| {
        let head = with(&format!("transfer-encoding: {encoding}\r\n")).replace("GET", "POST");
        head.replace("/healthz", "/v1/chat/completions")
    };
    for (status, code, request) in [
        (400, "invalid_host", head("")),
        (400, "invalid_host", with("host: other\r\n")),
        (400, "invalid_host", with("host: gateway\r\n").replace("1.1", "1.0")),
        (417, "expectation_failed", with("expect: more\r\n")),
        (417, "expectation_failed", with("expect: 100-continue\r\nexpect: more\r\n")),
        (501, "unsupported_transfer_encoding", encoded("gzip, chunked")),
    ] {
        let mut client = house.client().await;
        client.send(request.as_bytes()).await;
        let answer = client.answer().await;
        let found = (answer.status, answer.error("code"), answer.header("connection"));
        assert_eq!(found, (status, code.into(), Some("close")), "{request:?}");
    }
    for request in [head("").replace("1.1", "1.0"), with("expect: 100-Continue\r\n")] {
        let mut client = house.client().await;
        client.send(request.as_bytes()).await;
        assert_eq!(client.answer().await.status, 200, "{request:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_badly_chunked_is_refused_in_json() {
    let house = House::start(Script::new()).await;
    let head = house.head(0).replace("content-length: 0", "transfer-encoding: chunked");
    for body in ["zz\r\n{}\r\n0\r\n\r\n", "2\r\n{}xx0\r\n\r\n", "fffffffffffffffff\r\n{}"] {
        let mut client = house.client().await;
        client.send(&[head.as_bytes(), body.as_bytes()].concat()).await;
        let answer = client.answer().await;
        assert_eq!(
            (answer.status, answer.error("code")),
            (400, "body_incomplete".into()),
            "{body}"
        );
    }
    let body = chat("hi");
    let mut client = house.client().await;
    let chunked = format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    client.send(chunked.as_bytes()).await;
    assert_eq!(client.answer().await.status, 200);
}

/// Sends `request` and ends the sending half at once.
async fn half_closed(house: &House, request: &[u8]) -> Client {
    let mut client = house.client().await;
    client.send(request).await;
    client.end().await;
    client
}

fn request(house: &House, body: &str) -> Vec<u8> {
    [house.head(body.len()).as_bytes(), body.as_bytes()].concat()
}

#[tokio::test]
async fn who_ends_the_sending_half_is_answered() {
    let house = House::start(Script::new()).await;
    let get = b"GET /healthz HTTP/1.1\r\nhost: gateway\r\n\r\n";
    let mut client = half_closed(&house, get).await;
    assert_eq!(client.answer().await.status, 200);
    assert!(client.is_closed().await, "nothing more can come");

    let mut client = half_closed(&house, &request(&house, &chat("hello"))).await;
    let answer = client.answer().await;
    assert_eq!(answer.json()["choices"][0]["message"]["content"], "hello");
    assert!(client.is_closed().await);

    let mut client = half_closed(&house, &request(&house, &chat_streamed("hello"))).await;
    let answer = client.answer().await;
    assert!(answer.is_complete && answer.body.ends_with("data: [DONE]\n\n"), "{answer:?}");
    assert!(client.is_closed().await);

    // Of a body that nobody reads.
    let body = chat("hello");
    let stranger = house.head(body.len()).replace("Bearer ", "Bearer x") + &body;
    let mut client = half_closed(&house, stranger.as_bytes()).await;
    assert_eq!(client.answer().await.status, 401);
    assert!(client.is_closed().await);

    // Several requests, one after the other.
    let two = [request(&house, &chat("one")), request(&house, &chat("two"))].concat();
    let mut client = half_closed(&house, &two).await;
    for expected in ["one", "two"] {
        let answer = client.answer().await;
        assert_eq!(answer.json()["choices"][0]["message"]["content"], expected);
    }
    assert!(client.is_closed().await);

    // A body of which the rest cannot come any more.
    let mut cut = request(&house, &chat("hello"));
    cut.pop();
    let mut client = half_closed(&house, &cut).await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.error("code")), (400, "body_incomplete".into()));
}

#[tokio::test]
async fn who_closes_in_good_order_ends_the_call_to_the_model_server() {
    let role = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n";
    let script = Script::new().with_rule("", Reply::events([role], Ending::Silence));
    let house = House::start(script).await;
    let mut client = half_closed(&house, &request(&house, &chat_streamed("hi"))).await;
    assert!(client.until_body_has("\"role\"").await);
    // Whoever is still there sees comments, which clients read over.
    assert!(client.until_body_has("\r\n:\n\n\r\n").await);
    assert_eq!(house.records().len(), 1, "the stream goes on");
    drop(client);
    while house.records().len() < 2 {
        tokio::task::yield_now().await;
    }
    let record = house.records().pop().unwrap();
    assert_eq!(record.stream.as_deref(), Some("aborted"));
    assert_eq!(record.metadata["error"], "caller_gone");
}

#[tokio::test]
async fn a_reset_ends_the_call_to_the_model_server_at_once() {
    let silent = Reply::Raw {
        content_type: "application/json".to_owned(),
        pieces: vec!["{".to_owned()],
        ending: Ending::Silence,
    };
    let house = House::start(Script::new().with_rule("", silent)).await;
    let mut client = house.client().await;
    client.send(&request(&house, &chat("hi"))).await;
    while house.received().is_empty() {
        tokio::task::yield_now().await;
    }
    client.reset();
    while house.records().len() < 2 {
        tokio::task::yield_now().await;
    }
    let record = house.records().pop().unwrap();
    assert_eq!(record.direction.as_deref(), Some("output"));
    assert_eq!(record.metadata["error"], "caller_gone");
}
