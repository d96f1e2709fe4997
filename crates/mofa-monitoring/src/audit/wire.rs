//! Writes an event as the body of a record: its fields in the order of the schema.
//!
//! Called for every record on the caller's side, so that the writer only copies and syncs.
//!
//! # Failure
//! An event that a reader could not take back is not written: [`AuditError::Store`] says why.

mod object;

use crate::audit::failure_word;
use crate::audit::frame::MAX_BODY;
use mofa_runtime::security::{
    AuditError, Decision, Finding, SecurityEvent, SkippedParts, StageReceipt, StreamEnd,
};
use object::{Object, object, string};
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
    object(&mut body, |record| write_event(event, record));
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

fn write_event(event: &SecurityEvent, record: &mut Object<'_>) {
    let decision = event.decision.as_deref();
    record.plain("time", event.timestamp);
    record.text("event_type", &event.event_type);
    record.object("subject", |subject| {
        subject.text("id", &event.agent_id);
        if let Some(decision) = decision {
            subject.text("tenant", decision.subject.tenant.as_str());
            if let Some(key) = &decision.subject.key {
                subject.text("key", key.as_str());
            }
            subject.list("roles", &decision.subject.roles, |out, role| string(out, role.as_str()));
        }
    });
    if let Some(name) = &event.plugin_name {
        record.text("plugin_name", name);
    }
    if !event.metadata.is_null() {
        record.value("metadata", &event.metadata);
    }
    if let Some(decision) = decision {
        write_decision(decision, record);
    }
}

fn write_decision(decision: &Decision, record: &mut Object<'_>) {
    record.plain("id", decision.id);
    record.text("action", &decision.act.action);
    record.text("resource", &decision.act.resource);
    record.word("direction", decision.direction.as_str());
    record.word("verdict", decision.verdict.as_str());
    record.list("stages", &decision.stages, |out, receipt| {
        object(out, |stage| write_stage(receipt, stage));
    });
    record.number("parts", decision.parts);
    record.number("bytes", decision.bytes);
    record.list("skipped", &decision.skipped, |out, SkippedParts { reason, count }| {
        object(out, |skipped| {
            skipped.word("reason", reason);
            skipped.number("count", *count);
        });
    });
    record.text("policy", &decision.policy);
    record.number("policy_revision", decision.policy_revision);
    if let Some(end) = decision.stream.map(StreamEnd::as_str) {
        record.word("stream", end);
    }
    record.number("took_us", micros(decision.took));
}

fn write_stage(receipt: &StageReceipt, stage: &mut Object<'_>) {
    stage.word("stage", receipt.stage.as_str());
    stage.word("mode", receipt.mode.as_str());
    stage.word("coverage", receipt.coverage.as_str());
    stage.word("verdict", receipt.verdict.as_str());
    if !receipt.reason.is_empty() {
        stage.text("reason", &receipt.reason);
    }
    stage.number("parts", receipt.parts);
    stage.number("bytes", receipt.bytes);
    stage.number("found", receipt.found);
    stage.list("findings", &receipt.findings, |out, finding| {
        object(out, |fields| write_finding(finding, fields));
    });
    if let Some(failure) = &receipt.failure {
        stage.word("failure", failure_word(failure));
    }
    stage.number("took_us", micros(receipt.took));
}

fn write_finding(finding: &Finding, fields: &mut Object<'_>) {
    fields.text("category", &finding.category);
    fields.text("rule", &finding.rule);
    fields.text("pointer", &finding.pointer);
    fields.text("provenance", &finding.provenance);
    fields.number("start", finding.span.start);
    fields.number("end", finding.span.end);
    if finding.score.is_finite() {
        // As few digits as tell it from every other number of its size, and always a point.
        fields.literal("score", format_args!("{:?}", finding.score));
    }
    fields.text("value_hash", &finding.value_hash);
}

fn micros(took: Duration) -> u128 {
    took.as_micros()
}
