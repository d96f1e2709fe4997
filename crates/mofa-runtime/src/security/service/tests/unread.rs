//! What could not be read, and what broke off.

use super::*;

fn subject() -> Subject {
    Subject::new(SubjectId::new("ann").unwrap(), TenantId::default())
}

#[tokio::test]
async fn what_cannot_be_read_is_recorded_as_refused() {
    let act = Act::new("invoke", "model:m");
    for direction in [Direction::Input, Direction::Output] {
        let house = House::new(strict().with_stage_mode(Stage::Guard, StageMode::Off));
        let id = house.service.reject(&subject(), &act, direction, "not_json").await.unwrap();
        let decision = house.sink.last();
        assert_eq!((decision.id, decision.verdict), (id, Verdict::Block));
        assert_eq!((decision.direction, &decision.act, decision.parts), (direction, &act, 0));
        let rbac =
            if direction == Direction::Input { Coverage::Unread } else { Coverage::NotOnOutput };
        let coverage: Vec<_> = decision.stages.iter().map(|receipt| receipt.coverage).collect();
        assert_eq!(coverage, [rbac, Coverage::Unread, Coverage::Unread, Coverage::Off]);
        assert!(house.seen().iter().all(Vec::is_empty), "no stage ran");
        assert_eq!(house.sink.metadata(), serde_json::json!({"error": "not_json"}));
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_for_audit_without_its_record() {
    let reject = async |house: &House| {
        house.sink.is_down.store(true, Ordering::Relaxed);
        let act = Act::new("invoke", "model:m");
        house.service.reject(&subject(), &act, Direction::Input, "not_json").await
    };
    let closed = reject(&House::new(strict())).await;
    assert_eq!(closed.unwrap_err().cause, RefusalCause::Audit);
    let open = House::new(strict().with_fail_mode(SecurityFailMode::FailOpen));
    assert!(reject(&open).await.is_ok());
}

#[tokio::test]
async fn a_stream_that_breaks_off_says_why() {
    let house = House::new(strict());
    let permit = house.inspect("ann", "[]").await.0.unwrap();
    assert_eq!(house.sink.metadata(), serde_json::Value::Null);
    let mut stream = house.service.inspect_stream(&permit, Provenance::Model);
    stream.breaks_off("upstream_timeout");
    stream.finish(StreamEnd::Aborted).await.unwrap();
    assert_eq!(house.sink.metadata(), serde_json::json!({"error": "upstream_timeout"}));
    assert_eq!(house.sink.last().stream, Some(StreamEnd::Aborted));
}
