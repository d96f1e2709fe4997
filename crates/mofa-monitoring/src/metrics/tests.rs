//! Figures, read from the text that a scraper gets.

use super::*;
use crate::engines::{service, with_opaque_content};
use mofa_kernel::Timestamp;
use mofa_runtime::security::{
    Act, Direction, Exchange, SecurityConfig, SecurityFailMode, Stage, StageMode, Subject,
    SubjectId, TenantId, danger,
};
use std::collections::HashSet;
use std::sync::Arc;

#[track_caller]
fn check(metrics: &Metrics, line: &str) {
    let text = metrics.encode();
    assert!(text.lines().any(|found| found == line), "no `{line}` in\n{text}");
}

fn event(name: &str) -> SecurityEvent {
    SecurityEvent::new(name.to_owned(), "agent-1", Timestamp::default())
}

#[test]
fn everything_is_there_from_the_start_and_well_formed() {
    let text = Metrics::new().encode();
    assert!(text.ends_with("# EOF\n"));
    for name in ["decisions", "stage_runs", "stage_failures", "audit_failures", "events"] {
        assert!(text.contains(&format!("# TYPE mofa_{name} counter\n")), "{name}");
    }
    assert!(text.contains("# TYPE mofa_stage_seconds histogram\n"));
    assert!(text.contains("mofa_decisions_total{direction=\"input\",verdict=\"block\"} 0\n"));
    assert!(!text.contains("mode=\"off\""));
    let series: Vec<_> = text.lines().filter_map(|line| line.rsplit_once(' ')).collect();
    let names: HashSet<_> = series.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), series.len(), "a series is there twice");
}

#[test]
fn events_count_by_type_and_by_whether_they_were_stored() {
    let metrics = Metrics::new();
    metrics.observe(&event("login"), true);
    metrics.observe(&event("login"), false);
    check(&metrics, "mofa_events_total{event_type=\"login\"} 2");
    check(&metrics, "mofa_audit_failures_total 1");
}

#[tokio::test]
async fn decisions_count_by_what_their_stages_say() {
    let metrics = Arc::new(Metrics::new());
    let config = SecurityConfig::strict().with_stage_mode(Stage::Guard, StageMode::Shadow);
    let observer = Some(Arc::clone(&metrics) as Arc<dyn EventObserver>);
    let service = service(config, danger::without_audit(), observer);
    // Let through, flagged for numbers, undecided; the attack in the shadow only counts.
    for (text, direction) in [
        ("hello ignore", Direction::Input),
        ("1234 and 5678", Direction::Input),
        ("fail", Direction::Output),
    ] {
        let subject = Subject::new(SubjectId::new("agent-1").unwrap(), TenantId::default());
        let exchange = Exchange::text(subject, Act::new("invoke", "model:small"), direction, text);
        let _ = service.inspect(&mut exchange.into_parts()).await;
    }
    for line in [
        r#"decisions_total{direction="input",verdict="allow"} 1"#,
        r#"decisions_total{direction="input",verdict="flag"} 1"#,
        r#"decisions_total{direction="output",verdict="block"} 1"#,
        r#"decisions_total{direction="output",verdict="allow"} 0"#,
        r#"stage_runs_total{stage="rbac",mode="enforce",verdict="allow"} 2"#,
        r#"stage_runs_total{stage="pii",mode="enforce",verdict="allow"} 2"#,
        r#"stage_runs_total{stage="pii",mode="enforce",verdict="flag"} 1"#,
        r#"stage_runs_total{stage="moderation",mode="enforce",verdict="block"} 1"#,
        r#"stage_runs_total{stage="guard",mode="shadow",verdict="block"} 1"#,
        r#"stage_runs_total{stage="guard",mode="shadow",verdict="allow"} 1"#,
        r#"stage_findings_total{stage="pii",category="phone"} 2"#,
        r#"stage_findings_total{stage="guard",category="override"} 1"#,
        r#"stage_failures_total{stage="moderation",kind="engine"} 1"#,
        // Not on output, and not after a block.
        r#"stage_seconds_count{stage="rbac"} 2"#,
        r#"stage_seconds_count{stage="guard"} 2"#,
        r#"events_total{event_type="decision"} 3"#,
        "audit_failures_total 0",
    ] {
        check(&metrics, &format!("mofa_{line}"));
    }
}

/// A stage that had all parts and could not read the rest has run: its figures count.
#[tokio::test]
async fn stages_that_saw_only_a_part_count_too() {
    let metrics = Arc::new(Metrics::new());
    let observer = Some(Arc::clone(&metrics) as Arc<dyn EventObserver>);
    let config = SecurityConfig::strict().with_fail_mode(SecurityFailMode::FailOpen);
    let service = service(config, danger::without_audit(), observer);
    let _permit = service.inspect(&mut with_opaque_content()).await.unwrap();
    for line in [
        r#"stage_runs_total{stage="pii",mode="enforce",verdict="flag"} 1"#,
        r#"stage_findings_total{stage="pii",category="phone"} 1"#,
        r#"stage_failures_total{stage="pii",kind="uninspectable"} 1"#,
        r#"stage_seconds_count{stage="pii"} 1"#,
    ] {
        check(&metrics, &format!("mofa_{line}"));
    }
}

#[test]
fn names_are_bounded_and_escaped() {
    let metrics = Metrics::new();
    for n in 0..1_000 {
        metrics.observe(&event(&format!("kind_{n}")), true);
    }
    metrics.observe(&event(&"x".repeat(10_000)), true);
    metrics.observe(&event("kind_3"), true);
    check(&metrics, "mofa_events_total{event_type=\"kind_3\"} 2");
    check(&metrics, "mofa_events_total{event_type=\"other\"} 937");
    let lines = metrics.encode();
    let series = lines.lines().filter(|line| line.starts_with("mofa_events_total"));
    assert_eq!(series.count(), MAX_NAMES + 1);

    let metrics = Metrics::new();
    metrics.observe(&event("a\"} 1\nmofa_decisions_total 9"), true);
    check(&metrics, r#"mofa_events_total{event_type="a\"} 1\nmofa_decisions_total 9"} 1"#);
}

#[test]
fn requests_count_by_route_and_status() {
    let metrics = Metrics::new();
    let took = Duration::from_micros(250);
    metrics.observe_http("/v1/models", 200, took);
    metrics.observe_http("/v1/models", 200, took * 2);
    metrics.observe_http("/v1/models", 403, Duration::from_hours(1));
    metrics.observe_http("/v1/models", 9, took);
    metrics.observe_http("/v1/models", u16::MAX, took);
    check(&metrics, "mofa_http_requests_total{route=\"/v1/models\",status=\"200\"} 2");
    check(&metrics, "mofa_http_requests_total{route=\"/v1/models\",status=\"403\"} 1");
    check(&metrics, "mofa_http_requests_total{route=\"/v1/models\",status=\"other\"} 2");
    let seconds = "mofa_http_request_seconds";
    check(&metrics, &format!("{seconds}_bucket{{le=\"0.0001\",route=\"/v1/models\"}} 0"));
    check(&metrics, &format!("{seconds}_bucket{{le=\"0.00025\",route=\"/v1/models\"}} 3"));
    check(&metrics, &format!("{seconds}_bucket{{le=\"0.0005\",route=\"/v1/models\"}} 4"));
    check(&metrics, &format!("{seconds}_bucket{{le=\"60.0\",route=\"/v1/models\"}} 4"));
    check(&metrics, &format!("{seconds}_bucket{{le=\"+Inf\",route=\"/v1/models\"}} 5"));
    check(&metrics, &format!("{seconds}_count{{route=\"/v1/models\"}} 5"));
    check(&metrics, &format!("{seconds}_sum{{route=\"/v1/models\"}} 3600.00125"));
}

#[test]
fn a_request_is_in_flight_until_its_guard_is_dropped() {
    let metrics = Metrics::new();
    let (one, two) = (metrics.in_flight_guard(), metrics.in_flight_guard());
    check(&metrics, "mofa_http_in_flight 2");
    drop(one);
    check(&metrics, "mofa_http_in_flight 1");
    drop(two);
    check(&metrics, "mofa_http_in_flight 0");
}

#[test]
fn nothing_is_lost_when_many_count() {
    let metrics = Arc::new(Metrics::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for n in 0..1_000 {
                    metrics.observe(&event(&format!("kind_{}", n % 80)), n % 2 == 0);
                    metrics.observe_http("/", 200, Duration::from_micros(n));
                }
            });
        }
    });
    let text = metrics.encode();
    let events: u64 = text
        .lines()
        .filter(|line| line.starts_with("mofa_events_total"))
        .map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap())
        .sum();
    assert_eq!(events, 4_000);
    check(&metrics, "mofa_audit_failures_total 2000");
    check(&metrics, "mofa_http_request_seconds_count{route=\"/\"} 4000");
    // The sum of 0 to 999 µs, four times.
    check(&metrics, "mofa_http_request_seconds_sum{route=\"/\"} 1.998");
}
