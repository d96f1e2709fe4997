//! What is recorded: [`SecurityEvent`]. Made by the pipeline and by whoever has something else to
//! record; read by sinks and observers.
//!
//! # Invariants
//! An event never holds inspected text or secrets.

use crate::security::decision::Decision;
use mofa_kernel::Timestamp;
use serde_json::Value;
use std::borrow::Cow;

/// Something that happened and that an auditor may ask about.
#[derive(Debug, Clone)]
pub struct SecurityEvent {
    /// What happened, a stable word: `decision`, `plugin_loaded`, `authentication_failed` …
    pub event_type: Cow<'static, str>,
    /// Whose doing it was: the agent or other subject.
    pub agent_id: String,
    /// The plugin that it is about, if any.
    pub plugin_name: Option<String>,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Whatever else is to be known; never inspected text or secrets.
    pub metadata: Value,
    /// The decision that it is, if it is one.
    pub decision: Option<Box<Decision>>,
}

impl SecurityEvent {
    /// Something that happened, without details.
    #[must_use]
    pub fn new(
        event_type: impl Into<Cow<'static, str>>,
        agent_id: impl Into<String>,
        timestamp: Timestamp,
    ) -> Self {
        Self {
            event_type: event_type.into(),
            agent_id: agent_id.into(),
            plugin_name: None,
            timestamp,
            metadata: Value::Null,
            decision: None,
        }
    }

    /// The same with details.
    #[must_use]
    pub fn with_metadata(self, metadata: Value) -> Self {
        Self { metadata, ..self }
    }

    pub(crate) fn of_decision(decision: Decision) -> Self {
        let event = Self::new("decision", decision.subject.id.as_str(), decision.at);
        Self { decision: Some(Box::new(decision)), ..event }
    }
}
