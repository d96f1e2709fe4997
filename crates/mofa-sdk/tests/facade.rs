//! Whatever the facade hands out can be named by its own paths.

use mofa_sdk::llm::{LlmError, OpenAiProvider, ProviderBuilder, Upstream, UpstreamBuilder};
use mofa_sdk::monitoring::{
    FindingRecord, InFlight, JsonlAuditLog, JsonlAuditLogBuilder, Metrics, Records, SkippedRecord,
    StageRecord, SubjectRecord, TornEnd, read_records,
};
use mofa_sdk::security::{
    AccessReport, AccessRow, AuthorizerBuilder, ChangeError, Changes, DefaultAuthorizer, Effect,
    Explanation, PiiDetectorBuilder, RbacPolicy, Reason, RegexPiiDetector, Role, RoleName,
    RoleOrigin, Source, Subject, SubjectId, TenantId,
};

#[test]
fn what_an_authorizer_says_has_names() {
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("reader").with_permission("read:docs:*"));
    let tenant = TenantId::default();
    let builder: AuthorizerBuilder = DefaultAuthorizer::builder();
    let authorizer = builder.with_tenant(tenant.clone(), policy).build().unwrap();
    let (ann, reader) = (SubjectId::new("ann").unwrap(), RoleName::new("reader").unwrap());
    let give = |changes: &mut Changes| {
        changes.assign_role(ann.clone(), reader.clone());
    };
    assert_eq!(authorizer.update(&tenant, give).unwrap(), 1);
    let nowhere = TenantId::new("nowhere").unwrap();
    let error: ChangeError = authorizer.update(&nowhere, give).unwrap_err();
    assert!(error.to_string().contains("nowhere"));

    let subject = Subject::new(ann.clone(), tenant.clone());
    let why: Explanation = authorizer.explain(&subject, "read", "docs:a").unwrap();
    let Reason::Granted(source) = why.reason else { panic!("{why}") };
    let Source { origin, path, .. } = source;
    assert_eq!((origin, path), (RoleOrigin::Assigned, vec![reader]));

    let report: AccessReport = authorizer.access_report(&tenant).unwrap();
    let rows: Vec<AccessRow> = report.collect();
    assert!(matches!(rows.as_slice(), [AccessRow { effect: Effect::Allow, .. }]), "{rows:?}");
}

#[test]
fn what_builds_an_engine_or_a_client_has_a_name() {
    let detector: PiiDetectorBuilder = RegexPiiDetector::builder();
    assert_eq!(detector.build().unwrap().find("a@b.io").len(), 1);
    let upstream: UpstreamBuilder = Upstream::builder("local", "http://127.0.0.1:9");
    assert_eq!(upstream.build().unwrap().name(), "local");
    let client: ProviderBuilder<_> = OpenAiProvider::builder();
    let error: LlmError = client.with_base_url("no address").build().unwrap_err();
    assert!(matches!(error, LlmError::Configuration { .. }), "{error}");
}

#[test]
fn what_a_log_and_metrics_hand_out_has_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    std::fs::write(&path, "{\"v\":").unwrap();
    let builder: JsonlAuditLogBuilder = JsonlAuditLog::builder(&path);
    let log = builder.open().unwrap();
    let torn: &TornEnd = log.torn_end().unwrap();
    assert_eq!(torn.bytes, 5);
    let mut records: Records = read_records(&path).unwrap();
    assert!(records.next().is_none());

    let metrics = Metrics::new();
    let busy: InFlight = metrics.in_flight_guard();
    let in_flight = |count: u8| {
        metrics.encode().lines().any(|line| line == format!("mofa_http_in_flight {count}"))
    };
    assert!(in_flight(1), "{}", metrics.encode());
    drop(busy);
    assert!(in_flight(0), "{}", metrics.encode());
}

#[test]
fn what_a_record_is_made_of_has_names() {
    let subject: SubjectRecord = serde_json::from_value(serde_json::json!({"id": "ann"})).unwrap();
    assert_eq!(subject.id, "ann");
    let stage: StageRecord = serde_json::from_value(serde_json::json!({
        "stage": "pii", "mode": "enforce", "coverage": "full", "verdict": "flag", "parts": 1,
        "bytes": 6, "found": 1, "took_us": 1,
        "findings": [{
            "category": "email", "rule": "email.address", "pointer": "/0", "provenance": "user",
            "start": 0, "end": 6, "value_hash": "hmac-sha256:00",
        }],
    }))
    .unwrap();
    let finding: &FindingRecord = stage.findings.first().unwrap();
    assert_eq!((finding.start, finding.end), (0, 6));
    let skipped: SkippedRecord =
        serde_json::from_value(serde_json::json!({"reason": "short_number", "count": 2})).unwrap();
    assert_eq!(skipped.count, 2);
}
