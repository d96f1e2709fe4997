//! Keeps every event as one line of JSON that is on the disk before anybody acts on it.
//!
//! [`JsonlAuditLog`] is the [`AuditSink`](mofa_runtime::security::AuditSink) of a
//! `SecurityService`; [`read_records`] reads the file back.
//!
//! # Schema
//! Version 1: one object a line, at most [`MAX_LINE`] bytes with its newline, UTF-8. Names and
//! words are stable; a field with nothing to say is left out, and a reader passes over fields that
//! it does not know.
//!
//! | field | in | what |
//! |---|---|---|
//! | `v` | every record | the version of this schema: 1 |
//! | `seq` | every record | counts the records of the log from 0, over restarts |
//! | `time` | every record | when it began: RFC 3339, UTC, microseconds |
//! | `event_type` | every record | what happened: `decision`, `plugin_loaded` … |
//! | `subject` | every record | who: `id`; `tenant`, `key` (the name of its credential) and `roles` where known |
//! | `plugin_name` | some events | the plugin that it is about |
//! | `metadata` | some events | whatever else is to be known; `error` of what could not be read or broke off |
//! | `id` | decisions | the id that the answer names too |
//! | `action`, `resource` | decisions | what the subject wanted to do, and with what |
//! | `direction` | decisions | `input` or `output` |
//! | `verdict` | decisions | `allow`, `flag` or `block` |
//! | `stages` | decisions | the coverage receipt, one entry a stage |
//! | `parts`, `bytes` | decisions | how many texts there were, and their size |
//! | `skipped` | decisions | texts that no stage saw: `reason` and `count` |
//! | `policy`, `policy_revision` | decisions | the rules in force |
//! | `stream` | of streams | how it ended: `complete`, `blocked` or `aborted` |
//! | `took_us` | decisions | how long it took, in microseconds |
//!
//! An entry of `stages` has `stage` (`rbac`, `pii`, `moderation`, `guard`), `mode` (`off`,
//! `shadow`, `enforce`), `coverage` (`full`, `partial`, `off`, `after_block`, `not_on_output`,
//! `unread`),
//! `verdict`, `reason` in words, `parts`, `bytes`, `found` (all) and `findings` (the first of them),
//! `failure` (`engine`, `panic`, `time_out`, `uninspectable`, `span`) if it could not decide, and
//! `took_us`. Under `partial` a stage saw every part, and beside them there is content that it cannot
//! read: `failure` is then `uninspectable`, unless it failed otherwise or blocks. A finding has
//! `category`, `rule`, `pointer` (which part), `provenance`, `start` and `end` (bytes of the part),
//! `score` (left out if it is no number) and `value_hash`.
//!
//! # Invariants
//! No field holds inspected text: what was found is a category, a place and a keyed hash.
//! A record whose storing succeeded is on the disk. A record whose storing failed is not in the
//! log, in whole or in part, as long as the disk lets the log be cut back.
//!
//! # Failure
//! Opening fails with an [`AuditLogError`]; storing with `AuditError`, and the next record tries
//! again; reading a line with a [`ReadError`].
//!
//! # Example
//! ```
//! use mofa_kernel::{Clock, SystemClock};
//! use mofa_monitoring::{JsonlAuditLog, read_records};
//! use mofa_runtime::security::{AuditSink, SecurityEvent};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("audit.jsonl");
//! let log = JsonlAuditLog::open(&path)?;
//! log.record(&SecurityEvent::new("plugin_loaded", "agent-1", SystemClock.now())).await?;
//!
//! let records: Vec<_> = read_records(&path)?.collect::<Result<_, _>>()?;
//! assert_eq!(records[0].event_type, "plugin_loaded");
//! # Ok(())
//! # }
//! ```

mod error;
mod file;
mod frame;
mod log;
mod queue;
mod reader;
mod record;
mod recovery;
mod wire;

pub use error::{AuditLogError, ReadError};
pub use frame::MAX_LINE;
pub use log::{JsonlAuditLog, JsonlAuditLogBuilder};
pub use reader::{Records, read_records};
pub use record::{AuditRecord, FindingRecord, SkippedRecord, StageRecord, SubjectRecord};
pub use recovery::TornEnd;

use mofa_runtime::security::StageFailure;

/// The stable word for why a stage could not decide; records and metrics share it.
pub(crate) fn failure_word(failure: &StageFailure) -> &'static str {
    match failure {
        StageFailure::Engine { .. } => "engine",
        StageFailure::Panic => "panic",
        StageFailure::TimeOut { .. } => "time_out",
        StageFailure::Uninspectable { .. } => "uninspectable",
        StageFailure::Span => "span",
        _ => "other",
    }
}

#[cfg(test)]
mod tests;
