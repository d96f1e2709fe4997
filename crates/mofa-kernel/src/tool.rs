//! What a tool is, how it describes itself to a model, and how it is called.

use crate::id::ToolName;
use crate::message::Content;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use thiserror::Error;

/// How a tool presents itself to a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolDescription {
    /// What it is called.
    pub name: ToolName,
    /// What it does, in words for a model.
    pub description: String,
    /// The shape of its arguments: a JSON Schema object (draft 2020-12).
    pub parameters: Value,
}

/// Something that acts on the world for an agent.
///
/// A tool is given to a runtime whole and never handed back: the runtime decides when it runs.
#[async_trait]
pub trait Tool: Send + Sync {
    /// How the tool presents itself. The same at every call.
    fn description(&self) -> &ToolDescription;

    /// Runs the tool.
    ///
    /// # Errors
    /// [`ToolError`] if the arguments do not fit or the tool failed.
    async fn run(&self, arguments: Value) -> Result<Content, ToolError>;
}

/// The wish to run a tool. `Debug` leaves the arguments out: they may be anybody's.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Which tool.
    pub name: ToolName,
    /// With what: fits the tool's `parameters`.
    pub arguments: Value,
}

impl fmt::Debug for ToolCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolCall").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Runs tools by name; what an agent holds instead of the tools themselves.
#[async_trait]
pub trait ToolCaller: Send + Sync {
    /// Runs the tool that `call` names, if it may run.
    ///
    /// # Errors
    /// [`ToolError`] if there is no such tool, it may not run now, or it failed.
    async fn call(&self, call: ToolCall) -> Result<Content, ToolError>;
}

/// Why a tool gave no result.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolError {
    /// No tool has this name.
    #[error("there is no tool `{name}`")]
    Unknown {
        /// The name that was called.
        name: ToolName,
    },
    /// The tool may not run with these arguments for this caller.
    #[error("tool `{name}` was not run: {reason} (record {record})")]
    Refused {
        /// The tool that was called.
        name: ToolName,
        /// Why it may not run.
        reason: String,
        /// The id of the record that says so.
        record: String,
    },
    /// The tool ran, and what it returned may not be seen.
    #[error("tool `{name}` ran, and its result is withheld: {reason} (record {record})")]
    Withheld {
        /// The tool that was called.
        name: ToolName,
        /// Why its result may not be seen.
        reason: String,
        /// The id of the record that says so.
        record: String,
    },
    /// The arguments are not what the tool takes.
    #[error("tool `{name}` cannot take these arguments: {reason}")]
    Arguments {
        /// The tool that was called.
        name: ToolName,
        /// What was found and what was expected.
        reason: String,
    },
    /// The tool ran and failed.
    #[error("tool `{name}` failed: {reason}")]
    Failed {
        /// The tool that was called.
        name: ToolName,
        /// The tool's own reason.
        reason: String,
    },
}
