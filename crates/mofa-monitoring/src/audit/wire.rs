//! Writes an event as the body of a record: borrowed, and without a value tree between.
//!
//! Called for every record on the caller's side, so that the writer only copies and syncs.
//!
//! # Failure
//! An event that a reader could not take back is not written: [`AuditError::Store`] says why.

use crate::audit::failure_word;
use crate::audit::frame::MAX_BODY;
use mofa_kernel::Timestamp;
use mofa_runtime::security::{
    AuditError, Decision, DecisionId, Finding, RoleName, SecurityEvent, SkippedParts, StageReceipt,
};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::time::Duration;

/// How deep metadata may be nested; a reader takes 128 levels, the record's own included.
const MAX_METADATA_DEPTH: u32 = 64;

/// A usual record with nothing found, so that its buffer is allocated once.
const USUAL_LEN: usize = 1_536;

/// `event` as a JSON object.
///
/// # Errors
/// [`AuditError::Store`] if it is longer or deeper than a reader takes.
pub(super) fn body_of(event: &SecurityEvent) -> Result<Vec<u8>, AuditError> {
    if !is_within(&event.metadata, MAX_METADATA_DEPTH) {
        let reason = format!("its metadata is nested deeper than {MAX_METADATA_DEPTH} levels");
        return Err(AuditError::Store { reason });
    }
    let mut body = Vec::with_capacity(USUAL_LEN);
    serde_json::to_writer(&mut body, &Body::of(event))
        .map_err(|error| AuditError::Store { reason: error.to_string() })?;
    if body.len() > MAX_BODY {
        let reason = format!("it has {} bytes, at most {MAX_BODY} fit", body.len());
        return Err(AuditError::Store { reason });
    }
    Ok(body)
}

fn is_within(value: &Value, levels: u32) -> bool {
    match (value, levels.checked_sub(1)) {
        (Value::Array(items), Some(left)) => items.iter().all(|item| is_within(item, left)),
        (Value::Object(fields), Some(left)) => fields.values().all(|item| is_within(item, left)),
        (Value::Array(_) | Value::Object(_), None) => false,
        _ => true,
    }
}

#[derive(Serialize)]
struct Body<'a> {
    time: Timestamp,
    event_type: &'a str,
    subject: Subject<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plugin_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Value::is_null")]
    metadata: &'a Value,
    #[serde(flatten)]
    decision: Option<DecisionFields<'a>>,
}

#[derive(Serialize)]
struct Subject<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "roles")]
    roles: &'a [RoleName],
}

#[derive(Serialize)]
struct DecisionFields<'a> {
    #[serde(serialize_with = "decision_id")]
    id: DecisionId,
    action: &'a str,
    resource: &'a str,
    direction: &'static str,
    verdict: &'static str,
    #[serde(serialize_with = "stages")]
    stages: &'a [StageReceipt],
    parts: usize,
    bytes: usize,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "skipped")]
    skipped: &'a [SkippedParts],
    policy: &'a str,
    policy_revision: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<&'static str>,
    took_us: u64,
}

#[derive(Serialize)]
struct StageFields<'a> {
    stage: &'static str,
    mode: &'static str,
    coverage: &'static str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
    parts: usize,
    bytes: usize,
    found: usize,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "findings")]
    findings: &'a [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'static str>,
    took_us: u64,
}

#[derive(Serialize)]
struct FindingFields<'a> {
    category: &'a str,
    rule: &'a str,
    pointer: &'a str,
    provenance: &'a str,
    start: usize,
    end: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f32>,
    value_hash: &'a str,
}

#[derive(Serialize)]
struct SkippedFields<'a> {
    reason: &'a str,
    count: u32,
}

impl<'a> Body<'a> {
    fn of(event: &'a SecurityEvent) -> Self {
        let decision = event.decision.as_deref();
        Self {
            time: event.timestamp,
            event_type: &event.event_type,
            subject: Subject {
                id: &event.agent_id,
                tenant: decision.map(|decision| decision.subject.tenant.as_str()),
                roles: decision.map_or(&[], |decision| &decision.subject.roles),
            },
            plugin_name: event.plugin_name.as_deref(),
            metadata: &event.metadata,
            decision: decision.map(DecisionFields::of),
        }
    }
}

impl<'a> DecisionFields<'a> {
    fn of(decision: &'a Decision) -> Self {
        Self {
            id: decision.id,
            action: &decision.act.action,
            resource: &decision.act.resource,
            direction: decision.direction.as_str(),
            verdict: decision.verdict.as_str(),
            stages: &decision.stages,
            parts: decision.parts,
            bytes: decision.bytes,
            skipped: &decision.skipped,
            policy: &decision.policy,
            policy_revision: decision.policy_revision,
            stream: decision.stream.map(mofa_runtime::security::StreamEnd::as_str),
            took_us: micros(decision.took),
        }
    }
}

impl<'a> StageFields<'a> {
    fn of(receipt: &'a StageReceipt) -> Self {
        Self {
            stage: receipt.stage.as_str(),
            mode: receipt.mode.as_str(),
            coverage: receipt.coverage.as_str(),
            verdict: receipt.verdict.as_str(),
            reason: &receipt.reason,
            parts: receipt.parts,
            bytes: receipt.bytes,
            found: receipt.found,
            findings: &receipt.findings,
            failure: receipt.failure.as_ref().map(failure_word),
            took_us: micros(receipt.took),
        }
    }
}

impl<'a> FindingFields<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            category: &finding.category,
            rule: &finding.rule,
            pointer: &finding.pointer,
            provenance: &finding.provenance,
            start: finding.span.start,
            end: finding.span.end,
            score: finding.score.is_finite().then_some(finding.score),
            value_hash: &finding.value_hash,
        }
    }
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

fn decision_id<S: Serializer>(id: &DecisionId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

fn roles<S: Serializer>(roles: &[RoleName], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(roles.iter().map(RoleName::as_str))
}

fn stages<S: Serializer>(stages: &[StageReceipt], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(stages.iter().map(StageFields::of))
}

fn findings<S: Serializer>(findings: &[Finding], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(FindingFields::of))
}

fn skipped<S: Serializer>(skipped: &[SkippedParts], serializer: S) -> Result<S::Ok, S::Error> {
    let fields =
        |skipped: &SkippedParts| SkippedFields { reason: skipped.reason, count: skipped.count };
    serializer.collect_seq(skipped.iter().map(fields))
}
