//! The log as its users see it: services, crashes, full disks.

mod crash;
mod disk;
mod privacy;
mod schema;

use super::{AuditRecord, JsonlAuditLog, MAX_LINE, ReadError, TornEnd, read_records};
use mofa_kernel::Timestamp;
use mofa_runtime::security::{AuditError, AuditSink, SecurityEvent};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

fn event(agent: &str) -> SecurityEvent {
    SecurityEvent::new("plugin_loaded", agent, Timestamp::from_micros(1_740_009_600_000_001))
}

#[track_caller]
fn records(path: &Path) -> Vec<AuditRecord> {
    read_records(path).unwrap().map(Result::unwrap).collect()
}

/// Whoever made each record, in the log's order.
#[track_caller]
fn agents(path: &Path) -> Vec<String> {
    records(path).into_iter().map(|record| record.subject.id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_writers_have_each_record_once_and_in_their_order() {
    const WRITERS: usize = 16;
    const EACH: usize = 40;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let log = Arc::new(JsonlAuditLog::open(&path).unwrap());
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let log = Arc::clone(&log);
        writers.spawn(async move {
            for n in 0..EACH {
                log.record(&event(&format!("{writer}.{n}"))).await.unwrap();
            }
        });
    }
    writers.join_all().await;

    let records = records(&path);
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), WRITERS * EACH);
    assert!(records.iter().map(|record| record.seq).eq(0..(WRITERS * EACH) as u64));
    for writer in 0..WRITERS {
        let own = records.iter().filter_map(|record| {
            let (found, n) = record.subject.id.split_once('.')?;
            (found == writer.to_string()).then(|| n.parse::<usize>().unwrap())
        });
        assert!(own.eq(0..EACH), "writer {writer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_queue_makes_callers_wait_and_drops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let log = JsonlAuditLog::builder(&path).with_max_queue(MAX_LINE).open().unwrap();
    let log = Arc::new(log);
    // Each takes most of the queue, so they can only go one by one.
    let large = event("a").with_metadata(Value::String("x".repeat(MAX_LINE * 2 / 3)));
    let mut writers = JoinSet::new();
    for _ in 0..8 {
        let (log, large) = (Arc::clone(&log), large.clone());
        writers.spawn(async move { log.record(&large).await });
    }
    for result in writers.join_all().await {
        result.unwrap();
    }
    assert_eq!(records(&path).len(), 8);
}

#[tokio::test]
async fn a_record_is_on_its_way_even_if_nobody_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let log = JsonlAuditLog::open(&path).unwrap();
    for n in 0..10 {
        // Polled once, then given up, as by a caller that was cancelled.
        let given_up = event(&n.to_string());
        let mut future = Box::pin(log.record(&given_up));
        std::future::poll_fn(|context| {
            let _ = future.as_mut().poll(context);
            std::task::Poll::Ready(())
        })
        .await;
    }
    drop(log);
    assert_eq!(agents(&path), (0..10).map(|n| n.to_string()).collect::<Vec<_>>());
}

/// On one thread, which must never wait for the pen.
#[tokio::test]
async fn who_finds_the_disk_taken_can_stop_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let log = JsonlAuditLog::open(&path).unwrap();
    log.while_somebody_writes(async || {
        let (one, other) = (event("one"), event("other"));
        let both = async { tokio::join!(log.record(&one), log.record(&other)) };
        assert!(tokio::time::timeout(Duration::from_millis(50), both).await.is_err());
    })
    .await;
    log.record(&event("last")).await.unwrap();
    assert_eq!(agents(&path), ["one", "other", "last"]);
}

#[tokio::test]
async fn a_caller_that_writes_itself_tells_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let log = JsonlAuditLog::open(&path).unwrap();
    for n in 0..20 {
        log.be_quick();
        log.record(&event(&n.to_string())).await.unwrap();
    }
    assert_eq!(agents(&path), (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    log.be_quick();
    let refused = log.record(&event("a")).await;
    assert!(matches!(refused, Err(AuditError::Store { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_closed_log_refuses_and_numbers_go_on_in_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let log = JsonlAuditLog::open(&path).unwrap();
    log.record(&event("a")).await.unwrap();
    log.close().await;
    assert!(matches!(log.record(&event("b")).await, Err(AuditError::Closed)));
    log.close().await;
    drop(log);

    let log = JsonlAuditLog::open(&path).unwrap();
    assert_eq!(log.torn_end(), None::<&TornEnd>);
    log.record(&event("c")).await.unwrap();
    let found = records(&path);
    assert_eq!(found.iter().map(|record| record.seq).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(agents(&path), ["a", "c"]);
}

/// What a reader would not take back is refused, and the log goes on.
#[tokio::test]
async fn only_what_can_be_read_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let log = JsonlAuditLog::open(&path).unwrap();
    let nested = |levels: usize| (0..levels).fold(json!(1), |value, _| json!([value]));
    let long = |len: usize| Value::String("x".repeat(len));
    for (metadata, fits) in [
        (nested(64), true),
        (nested(65), false),
        (long(MAX_LINE - 1_000), true),
        (long(MAX_LINE), false),
        (json!({"line": "a\nb\u{2028}\0", "f": 1.5e300, "n": u64::MAX}), true),
    ] {
        let event = event("a").with_metadata(metadata.clone());
        let before = records(&path).len();
        let result = log.record(&event).await;
        assert_eq!(result.is_ok(), fits, "{result:?}");
        let after = records(&path);
        assert_eq!(after.len(), before + usize::from(fits));
        if fits {
            assert_eq!(after.last().unwrap().metadata, metadata);
        }
    }
}

#[test]
fn a_line_that_cannot_be_read_does_not_hide_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let good = r#"{"v":1,"seq":4,"time":"2025-02-20T00:00:00.000001Z","event_type":"e","subject":{"id":"a"},"later":1}"#;
    let long = "x".repeat(3 * MAX_LINE);
    let newer = r#"{"v":2,"whatever":[]}"#;
    std::fs::write(&path, [good, "{}", &long, newer, good, "{\"v\":1"].join("\n")).unwrap();
    let mut found = read_records(&path).unwrap();
    let first = found.next().unwrap().unwrap();
    assert_eq!((first.seq, first.time), (4, Timestamp::from_micros(1_740_009_600_000_001)));
    assert!(matches!(found.next(), Some(Err(ReadError::Invalid { line: 2, .. }))));
    assert!(matches!(found.next(), Some(Err(ReadError::TooLong { line: 3, .. }))));
    assert!(matches!(found.next(), Some(Err(ReadError::Version { line: 4, found: 2 }))));
    assert_eq!(found.next().unwrap().unwrap(), first);
    assert!(matches!(found.next(), Some(Err(ReadError::Torn { line: 6 }))));
    assert!(found.next().is_none());
}
