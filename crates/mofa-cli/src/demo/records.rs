//! What the audit log says about a decision, in words for a table.

use crate::error::CliError;
use mofa_sdk::monitoring::{AuditRecord, read_records};
use serde::Serialize;
use std::path::Path;

/// What the log says about one decision.
#[derive(Debug, Serialize)]
pub(super) struct Decided {
    pub(super) id: String,
    pub(super) verdict: String,
    pub(super) stages: Vec<StageWord>,
}

/// What one stage did.
#[derive(Debug, Serialize)]
pub(super) struct StageWord {
    pub(super) stage: String,
    pub(super) word: &'static str,
    pub(super) found: u64,
}

/// The log at `path`.
pub(super) fn read(path: &Path) -> Result<Vec<AuditRecord>, CliError> {
    Ok(read_records(path)?.collect::<Result<_, _>>()?)
}

/// What `records` say about the decision `id`.
pub(super) fn decided(records: &[AuditRecord], id: Option<&str>) -> Option<Decided> {
    let id = id?;
    let record = records.iter().find(|record| record.id.as_deref() == Some(id))?;
    let stages = record.stages.iter().filter(|stage| stage.coverage != "not_on_output");
    let stages = stages.map(|stage| StageWord {
        stage: stage.stage.clone(),
        word: word(stage),
        found: stage.found,
    });
    Some(Decided {
        id: id.to_owned(),
        verdict: record.verdict.clone().unwrap_or_default(),
        stages: stages.collect(),
    })
}

fn word(stage: &mofa_sdk::monitoring::StageRecord) -> &'static str {
    let is_shadow = stage.mode == "shadow";
    match (stage.coverage.as_str(), stage.verdict.as_str()) {
        _ if stage.failure.is_some() => "failed",
        ("off", _) => "off",
        ("after_block" | "unread", _) => "not run",
        (_, "block") if is_shadow => "would block",
        (_, "block") => "blocked",
        _ if stage.stage == "pii" && stage.found > 0 && !is_shadow => "redacted",
        (_, "flag") => "flagged",
        _ => "ok",
    }
}
