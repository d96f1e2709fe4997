//! How the gateway ends, and what it does when it cannot keep records.

use crate::house::{House, chat, chat_streamed};
use async_trait::async_trait;
use mofa_gateway::scripted::{Ending, Reply, Script};
use mofa_sdk::security::{AuditError, AuditSink, SecurityConfig, SecurityEvent, SecurityService};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn silent_stream() -> Script {
    let chunk = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n";
    Script::new().with_rule("wait", Reply::events([chunk], Ending::Silence))
}

#[tokio::test]
async fn streams_end_with_an_error_when_their_time_is_up() {
    let mut house = House::start_with(silent_stream(), "", |deployment| {
        deployment.limits.shutdown_grace = Duration::from_millis(50);
    })
    .await;
    let mut idle = house.client().await;
    assert_eq!(house.ask_on(&mut idle, chat("hi")).await.status, 200);
    let mut streaming = house.client().await;
    let body = chat_streamed("wait");
    streaming.send(&[house.head(body.len()).as_bytes(), body.as_bytes()].concat()).await;
    assert!(streaming.until_body_has("\"role\"").await);
    house.stop();
    assert!(idle.is_closed().await, "connections without a request end at once");
    assert!(streaming.until_body_has("\"code\":\"shutting_down\"").await);
    house.ended().await;
    let record = house.records().pop().unwrap();
    assert_eq!(record.stream.as_deref(), Some("aborted"));
    assert!(tokio::net::TcpStream::connect(house.address).await.is_err());
}

#[tokio::test]
async fn requests_under_way_are_answered() {
    let mut house = House::start_with(Script::new(), "", |deployment| {
        deployment.limits.shutdown_grace = Duration::from_mins(1);
    })
    .await;
    let mut client = house.client().await;
    let body = chat("the last one");
    let (first, rest) = body.split_at(20);
    client.send(&[house.head(body.len()).as_bytes(), first.as_bytes()].concat()).await;
    // Whoever is ready to answer has read the head of the request by now.
    let mut other = house.client().await;
    assert_eq!(house.ask_on(&mut other, chat("hi")).await.status, 200);
    house.stop();
    assert!(other.is_closed().await);
    client.send(rest.as_bytes()).await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    house.ended().await;
}

#[tokio::test]
async fn dropping_it_ends_everything_at_once() {
    let mut house = House::start(silent_stream()).await;
    let mut streaming = house.client().await;
    let body = chat_streamed("wait");
    streaming.send(&[house.head(body.len()).as_bytes(), body.as_bytes()].concat()).await;
    assert!(streaming.until_body_has("\"role\"").await);
    house.abort();
    assert!(streaming.until_body_has("\"code\":\"shutting_down\"").await);
    assert!(!streaming.until_body_has("more").await, "the connection ends");
}

/// A log that can be made to fail.
#[derive(Default)]
struct Fragile(AtomicBool);

#[async_trait]
impl AuditSink for Fragile {
    async fn record(&self, _: &SecurityEvent) -> Result<(), AuditError> {
        if self.0.load(Ordering::Relaxed) {
            return Err(AuditError::Store { reason: "no space left".to_owned() });
        }
        Ok(())
    }
}

async fn house_with_log(log: &Arc<Fragile>, script: Script) -> House {
    House::start_with(script, "", |deployment| {
        let builder = SecurityService::builder(SecurityConfig::new());
        let built = builder.with_audit_sink(Arc::clone(log) as Arc<_>).build();
        deployment.service = Arc::new(built.unwrap());
    })
    .await
}

#[tokio::test]
async fn nothing_is_answered_that_was_not_recorded() {
    let log = Arc::new(Fragile::default());
    let house = house_with_log(&log, Script::new()).await;
    assert_eq!(house.ask(chat("hi")).await.status, 200);
    assert_eq!(house.get("/readyz").await.status, 200);
    log.0.store(true, Ordering::Relaxed);
    let answer = house.ask(chat("hi")).await;
    assert_eq!((answer.status, answer.error("code")), (503, "audit_unavailable".into()));
    let answer = house.get("/readyz").await;
    assert_eq!((answer.status, answer.error("code")), (503, "audit_unavailable".into()));
    assert_eq!(house.received().len(), 1);
    log.0.store(false, Ordering::Relaxed);
    assert_eq!(house.ask(chat("hi")).await.status, 200);
    assert_eq!(house.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn an_open_fail_mode_does_not_hide_that_nothing_is_recorded() {
    let mut audit = None;
    let open = "[security]\nfail_mode = \"open\"\n";
    let house = House::start_with(Script::new(), open, |deployment| {
        audit = Some(Arc::clone(&deployment.audit));
    })
    .await;
    audit.unwrap().close().await;
    assert_eq!(house.ask(chat("hi")).await.status, 200, "the fail mode is open");
    let answer = house.get("/readyz").await;
    assert_eq!((answer.status, answer.error("code")), (503, "audit_unavailable".into()));
}

#[tokio::test]
async fn a_stream_that_was_not_recorded_does_not_end_well() {
    let log = Arc::new(Fragile::default());
    let chunk = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n";
    let script = Script::new().with_rule("wait", Reply::events([chunk], Ending::Silence));
    let mut house = house_with_log(&log, script).await;
    let mut client = house.client().await;
    let body = chat_streamed("wait");
    client.send(&[house.head(body.len()).as_bytes(), body.as_bytes()].concat()).await;
    assert!(client.until_body_has("\"content\":\"hi\"").await);
    log.0.store(true, Ordering::Relaxed);
    house.abort();
    assert!(client.until_body_has("\"code\":\"audit_unavailable\"").await);

    let house = house_with_log(&log, Script::new()).await;
    log.0.store(false, Ordering::Relaxed);
    let answer = house.ask(chat_streamed("hi")).await;
    assert_eq!(answer.events().last().unwrap(), "[DONE]");
}
