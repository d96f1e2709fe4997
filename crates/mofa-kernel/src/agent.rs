//! What an agent is, what it is given, and the states it lives through.
//!
//! Implemented by applications; driven by `mofa-runtime`, which calls `initialize` once, `handle`
//! for each event that may reach the agent, and `shutdown` once.

use crate::clock::Clock;
use crate::event::Event;
use crate::id::AgentId;
use crate::message::Content;
use crate::tool::{ToolCall, ToolCaller, ToolError};
use async_trait::async_trait;
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// Handles events.
#[async_trait]
pub trait Agent: Send {
    /// Makes ready; called once, before any event.
    ///
    /// # Errors
    /// [`AgentError`] if the agent cannot run; it then gets no event.
    async fn initialize(&mut self, context: &AgentContext) -> Result<(), AgentError> {
        let _ = context;
        Ok(())
    }

    /// Handles one event and says what comes of it.
    ///
    /// # Errors
    /// [`AgentError`] if the event could not be handled; the agent stays alive.
    async fn handle(&mut self, event: Event, context: &AgentContext)
    -> Result<Content, AgentError>;

    /// Lets go of everything; called once, after the last event.
    ///
    /// # Errors
    /// [`AgentError`] if something could not be let go.
    async fn shutdown(&mut self, context: &AgentContext) -> Result<(), AgentError> {
        let _ = context;
        Ok(())
    }
}

/// What an agent is given to work with.
#[derive(Clone)]
pub struct AgentContext {
    id: AgentId,
    clock: Arc<dyn Clock>,
    tools: Arc<dyn ToolCaller>,
}

impl AgentContext {
    /// A context for the agent `id`.
    #[must_use]
    pub fn new(id: AgentId, clock: Arc<dyn Clock>, tools: Arc<dyn ToolCaller>) -> Self {
        Self { id, clock, tools }
    }

    /// The agent's own id.
    #[must_use]
    pub fn id(&self) -> &AgentId {
        &self.id
    }

    /// The time.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Asks for a tool to be run. Whether it runs is not the agent's to say.
    ///
    /// # Errors
    /// [`ToolError`] if there is no such tool, it may not run now, or it failed.
    pub async fn call_tool(&self, call: ToolCall) -> Result<Content, ToolError> {
        self.tools.call(call).await
    }
}

impl fmt::Debug for AgentContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentContext").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Where an agent is in its life. It only ever moves to the right, or to `Failed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgentState {
    /// Made, not yet initialised.
    Created,
    /// Initialised; events may come.
    Ready,
    /// Shut down; no event reaches it any more.
    Stopped,
    /// Could not initialise or shut down, or panicked; no event reaches it any more.
    Failed,
}

impl AgentState {
    /// Whether an agent in this state may go over to `next`.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Created, Self::Ready | Self::Failed)
                | (Self::Ready, Self::Stopped | Self::Failed)
        )
    }
}

impl fmt::Display for AgentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "created",
            Self::Ready => "ready",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        })
    }
}

/// Why an agent could not do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AgentError {
    /// The agent's own reason.
    #[error("the agent failed: {reason}")]
    Failed {
        /// What went wrong, in the agent's words.
        reason: String,
    },
    /// A tool that the agent needed was not to be had.
    #[error(transparent)]
    Tool(#[from] ToolError),
}

#[cfg(test)]
mod tests {
    use super::AgentState::{self, Created, Failed, Ready, Stopped};

    #[test]
    fn a_life_only_moves_on() {
        let legal = [(Created, Ready), (Created, Failed), (Ready, Stopped), (Ready, Failed)];
        let all: [AgentState; 4] = [Created, Ready, Stopped, Failed];
        for from in all {
            for to in all {
                assert_eq!(from.may_become(to), legal.contains(&(from, to)), "{from} to {to}");
            }
        }
    }
}
