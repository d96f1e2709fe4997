//! What is said, and by whom: [`Content`], [`Provenance`] and a [`Message`] between agents.

use crate::id::{AgentId, MessageId, ToolName};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// Who produced a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Provenance {
    /// The operator of the deployment: system prompts, configuration.
    System,
    /// The author of the application: developer messages, tool descriptions.
    Developer,
    /// The person or program that asks.
    User,
    /// The result of a tool.
    Tool(ToolName),
    /// A document that was looked up.
    Retrieved,
    /// A language model.
    Model,
    /// Another agent.
    Agent(AgentId),
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Developer => f.write_str("developer"),
            Self::User => f.write_str("user"),
            Self::Tool(name) => write!(f, "tool:{name}"),
            Self::Retrieved => f.write_str("retrieved"),
            Self::Model => f.write_str("model"),
            Self::Agent(id) => write!(f, "agent:{id}"),
        }
    }
}

/// What an event or a message carries: plain text, or a JSON value. `Debug` says how much it is
/// and not what: it may be anybody's.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Content {
    /// Plain text.
    Text(String),
    /// A JSON value; every string and key in it is text that can be read.
    Json(Value),
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Json(value) => write!(f, "Json({} bytes)", value.to_string().len()),
        }
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Value> for Content {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

/// A message from one agent to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// This message.
    pub id: MessageId,
    /// Who sent it.
    pub from: AgentId,
    /// Who is to have it.
    pub to: AgentId,
    /// What it says.
    pub content: Content,
}

#[cfg(test)]
mod tests {
    use super::Content;
    use serde_json::json;

    #[test]
    fn what_is_said_is_not_printed() {
        assert_eq!(format!("{:?}", Content::from("secret")), "Text(6 bytes)");
        assert_eq!(format!("{:?}", Content::from(json!({"a": "secret"}))), "Json(14 bytes)");
    }
}
