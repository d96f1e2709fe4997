//! A record as it is read back: [`AuditRecord`].
//!
//! These types are the schema's other half: `wire` writes what they read, and a test holds the two
//! together.

use mofa_kernel::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::time::{Duration, UNIX_EPOCH};

/// One record of the log; the schema is described [above](super).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditRecord {
    /// The version of the schema.
    pub v: u64,
    /// Which record of the log it is, from 0.
    pub seq: u64,
    /// When it began.
    #[serde(deserialize_with = "rfc3339")]
    pub time: Timestamp,
    /// What happened: `decision`, `plugin_loaded` …
    pub event_type: String,
    /// Who did it.
    pub subject: SubjectRecord,
    /// The plugin that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin_name: Option<String>,
    /// Whatever else is to be known; `Null` if there is nothing.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub metadata: Value,
    /// The decision; this and all below are only in decisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the subject wanted to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// With what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// `input` or `output`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// `allow`, `flag` or `block`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// The coverage receipt, one entry a stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageRecord>,
    /// How many texts there were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<u64>,
    /// How many bytes were in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// What no stage saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<SkippedRecord>,
    /// Identifies the configuration and the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Counts the changes of rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_revision: Option<u64>,
    /// How the stream ended: `complete`, `blocked` or `aborted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// How long it took, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took_us: Option<u64>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SubjectRecord {
    /// Its name.
    pub id: String,
    /// Whose policies hold for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The name of its credential; of a caller of the gateway, the id of the API key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Roles that its credential brought along.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
}

/// What one stage did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StageRecord {
    /// `rbac`, `pii`, `moderation` or `guard`.
    pub stage: String,
    /// `off`, `shadow` or `enforce`.
    pub mode: String,
    /// `full`, `partial`, `off`, `after_block`, `not_on_output` or `unread`.
    pub coverage: String,
    /// `allow`, `flag` or `block`; holds only under `enforce`.
    pub verdict: String,
    /// Why, in words for a person.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// How many parts it saw.
    pub parts: u64,
    /// How many bytes of text it saw.
    pub bytes: u64,
    /// How much it found.
    pub found: u64,
    /// The first of what it found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingRecord>,
    /// Why it could not decide: `engine`, `panic`, `time_out`, `uninspectable` or `span`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// How long it took, in microseconds.
    pub took_us: u64,
}

/// Something that a stage found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FindingRecord {
    /// What kind of thing it is.
    pub category: String,
    /// The rule that found it.
    pub rule: String,
    /// In which part.
    pub pointer: String,
    /// Who produced the part.
    pub provenance: String,
    /// Where in the part it begins, in bytes.
    pub start: u64,
    /// Where it ends.
    pub end: u64,
    /// How sure the rule is, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f32>,
    /// The value's keyed hash.
    pub value_hash: String,
}

/// Texts that no stage saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SkippedRecord {
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u32,
}

fn rfc3339<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    let time = humantime::parse_rfc3339(&text).map_err(D::Error::custom)?;
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Ok(Timestamp::from_micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX)))
}
