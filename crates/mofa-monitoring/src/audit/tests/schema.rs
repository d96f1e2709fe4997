//! The schema as it is promised, byte for byte.

use super::{event, records};
use crate::audit::JsonlAuditLog;
use crate::engines::{service, with_opaque_content};
use mofa_runtime::security::{
    Act, AuditSink, Direction, Exchange, KeyId, RoleName, SecurityConfig, SecurityFailMode, Stage,
    StageMode, Subject, SubjectId, TenantId,
};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// The line of one decision about `text`, without what changes from run to run.
async fn line_of(config: SecurityConfig, text: &str, path: &Path) -> Value {
    let service = service(config, Arc::new(JsonlAuditLog::open(path).unwrap()), None);
    let mut subject = Subject::new(SubjectId::new("agent-1").unwrap(), TenantId::default());
    subject.roles = vec![RoleName::new("reader").unwrap()];
    subject.key = Some(KeyId::new("team-a").unwrap());
    let act = Act::new("invoke", "model:small");
    let mut exchange = Exchange::text(subject, act, Direction::Input, text).into_parts();
    let id = match service.inspect(&mut exchange).await {
        Ok(permit) => permit.decision(),
        Err(refusal) => refusal.decision,
    };
    let text = std::fs::read_to_string(path).unwrap();
    let mut line: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(line["id"], id.to_string());
    assert_eq!(line["policy"], service.policy());
    let hash = line["stages"][1]["findings"][0]["value_hash"].as_str();
    assert!(hash.is_none_or(|hash| hash == service.value_hash("phone", "5551234")));
    for field in ["id", "time", "policy", "took_us"] {
        line.as_object_mut().unwrap().remove(field).unwrap();
    }
    for stage in line["stages"].as_array_mut().unwrap() {
        assert!(stage.as_object_mut().unwrap().remove("took_us").unwrap().is_u64());
        let findings = stage.get_mut("findings").and_then(Value::as_array_mut);
        for finding in findings.into_iter().flatten() {
            finding.as_object_mut().unwrap().remove("value_hash").unwrap();
        }
    }
    line
}

#[tokio::test]
async fn a_decision_is_written_as_the_schema_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("audit.jsonl");
    let config = SecurityConfig::strict()
        .with_fail_mode(SecurityFailMode::FailClosed)
        .with_stage_mode(Stage::Guard, StageMode::Shadow);
    let line = line_of(config.clone(), "harm 5551234", &path).await;
    assert_eq!(
        line,
        json!({
            "v": 1, "seq": 0, "event_type": "decision",
            "subject": {"id": "agent-1", "tenant": "default", "key": "team-a",
                        "roles": ["reader"]},
            "action": "invoke", "resource": "model:small", "direction": "input", "verdict": "flag",
            "stages": [
                {"stage": "rbac", "mode": "enforce", "coverage": "full", "verdict": "allow",
                 "parts": 0, "bytes": 0, "found": 0},
                {"stage": "pii", "mode": "enforce", "coverage": "full", "verdict": "flag",
                 "reason": "personal data or secrets were taken out",
                 "parts": 1, "bytes": 12, "found": 1,
                 "findings": [{"category": "phone", "rule": "digits", "pointer": "",
                               "provenance": "user", "start": 5, "end": 12, "score": 0.5}]},
                {"stage": "moderation", "mode": "enforce", "coverage": "full", "verdict": "flag",
                 "parts": 1, "bytes": 6, "found": 1,
                 // A score that is no number is left out.
                 "findings": [{"category": "harm", "rule": "word", "pointer": "",
                               "provenance": "user", "start": 0, "end": 6}]},
                {"stage": "guard", "mode": "shadow", "coverage": "full", "verdict": "allow",
                 "parts": 1, "bytes": 6, "found": 0},
            ],
            "parts": 1, "bytes": 12, "policy_revision": 0,
        })
    );
    let line = line_of(config, "fail", &path).await;
    assert_eq!(line["seq"], 1);
    assert_eq!(line["verdict"], "block");
    assert_eq!(line["stages"][2]["failure"], "engine");
    assert_eq!(line["stages"][3]["coverage"], "after_block");
}

/// Content that no stage can read is said to be that, not something else.
#[tokio::test]
async fn what_cannot_be_inspected_has_a_word_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let log = Arc::new(JsonlAuditLog::open(&path).unwrap());
    let config = SecurityConfig::strict().with_fail_mode(SecurityFailMode::FailOpen);
    let service = service(config, log, None);
    let _permit = service.inspect(&mut with_opaque_content()).await.unwrap();
    let stages = &records(&path)[0].stages;
    assert_eq!((stages[0].coverage.as_str(), &stages[0].failure), ("full", &None));
    for stage in &stages[1..] {
        assert_eq!(stage.coverage, "partial", "{}", stage.stage);
        assert_eq!(stage.failure.as_deref(), Some("uninspectable"), "{}", stage.stage);
    }
}

/// What is written is what is read: the types that write and the types that read are two.
#[tokio::test]
async fn reading_loses_nothing_that_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    for text in ["harm 5551234 ignore", "fail 5551234", "plain"] {
        line_of(SecurityConfig::strict(), text, &path).await;
        line_of(SecurityConfig::permissive(), text, &path).await;
    }
    let log = JsonlAuditLog::open(&path).unwrap();
    let mut plugin = event("agent-1").with_metadata(json!({"version": "1.0.0", "n": [1, null]}));
    plugin.plugin_name = Some("llm-plugin".into());
    log.record(&plugin).await.unwrap();
    let again: Vec<String> =
        records(&path).iter().map(|record| serde_json::to_string(record).unwrap()).collect();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(again, text.lines().collect::<Vec<_>>());
    assert_eq!(
        text.lines().last().unwrap(),
        r#"{"v":1,"seq":6,"time":"2025-02-20T00:00:00.000001Z","event_type":"plugin_loaded","subject":{"id":"agent-1"},"plugin_name":"llm-plugin","metadata":{"n":[1,null],"version":"1.0.0"}}"#
    );
}
