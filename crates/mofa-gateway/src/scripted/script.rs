//! What the model server says to what.

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// What a model server says: the first rule that fits, or else what it was told.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[must_use]
pub struct Script {
    rules: Vec<Rule>,
    chunk_chars: Option<usize>,
    models: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Rule {
    contains: String,
    #[serde(flatten)]
    reply: Reply,
}

/// One answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// One choice for each text; streamed, they take turns.
    Texts(Vec<String>),
    /// Calls of tools, each with its name and its arguments as JSON text.
    ToolCalls(Vec<(String, String)>),
    /// This document, with this status.
    Document {
        /// The HTTP status.
        status: u16,
        /// The document.
        body: Value,
    },
    /// These bytes, one piece after the other, with status 200.
    Raw {
        /// The media type.
        content_type: String,
        /// The pieces.
        pieces: Vec<String>,
        /// What happens after the last piece.
        #[serde(default)]
        ending: Ending,
    },
}

/// What happens after the last piece of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The answer is complete.
    #[default]
    Complete,
    /// The connection breaks.
    Cut,
    /// Nothing, for as long as the other side waits.
    Silence,
}

/// Why a text is no script.
#[derive(Debug, Error)]
#[error("this is no script: {reason}")]
pub struct ScriptError {
    /// What is wrong and where.
    pub reason: String,
}

impl Reply {
    /// One choice with `text`.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Texts(vec![text.into()])
    }

    /// An event stream in these pieces.
    pub fn events(pieces: impl IntoIterator<Item = impl Into<String>>, ending: Ending) -> Self {
        let pieces = pieces.into_iter().map(Into::into).collect();
        Self::Raw { content_type: "text/event-stream".to_owned(), pieces, ending }
    }
}

impl Script {
    /// Echoes everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a script from JSON: `{"chunk_chars": 3, "models": ["small"], "rules": [{"contains":
    /// "weather", "texts": ["Sunny."]}]}`; a rule has `texts`, `tool_calls`, `document` or `raw`.
    ///
    /// # Errors
    /// [`ScriptError`] naming what does not fit.
    pub fn from_json(text: &str) -> Result<Self, ScriptError> {
        serde_json::from_str(text).map_err(|error| ScriptError { reason: error.to_string() })
    }

    /// Says `reply` if the last thing that a user or a tool said contains `text`.
    pub fn with_rule(mut self, text: impl Into<String>, reply: Reply) -> Self {
        self.rules.push(Rule { contains: text.into(), reply });
        self
    }

    /// How many characters a streamed chunk has; 8 unless set.
    pub fn with_chunk_chars(self, chunk_chars: usize) -> Self {
        Self { chunk_chars: Some(chunk_chars), ..self }
    }

    /// Which models `/v1/models` names.
    pub fn with_models(self, models: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { models: models.into_iter().map(Into::into).collect(), ..self }
    }

    pub(super) fn reply(&self, said: &str) -> Reply {
        let rule = self.rules.iter().find(|rule| said.contains(&rule.contains));
        rule.map_or_else(|| Reply::text(said), |rule| rule.reply.clone())
    }

    pub(super) fn chunk_chars(&self) -> usize {
        self.chunk_chars.unwrap_or(8).max(1)
    }

    pub(super) fn models(&self) -> &[String] {
        &self.models
    }
}
