//! Agents under governance: [`AgentBuilder`], [`AgentRuntime`].
//!
//! An application builds an agent once and hands it events; what the agent sees, what its tools
//! are asked and what it answers has all been through the
//! [`SecurityService`](crate::security::SecurityService).
//!
//! # Invariants
//! An agent without a service cannot be given an event: only [`LoadedAgent::with_security_service`]
//! makes an [`AgentRuntime`]. A tool is owned here and runs only with a permit for exactly the
//! arguments that were inspected. A blocked event reaches neither agent nor tool.
//!
//! # Failure
//! [`RuntimeError`]. An agent that panics gets no further event.
//!
//! # Example
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use mofa_kernel::{Agent, AgentContext, AgentError, Content, Event, SystemClock};
//! use mofa_runtime::security::{SecurityConfig, danger};
//! use mofa_runtime::{AgentBuilder, SecurityService};
//! use std::sync::Arc;
//!
//! struct Echo;
//!
//! #[async_trait::async_trait]
//! impl Agent for Echo {
//!     async fn handle(&mut self, event: Event, _: &AgentContext) -> Result<Content, AgentError> {
//!         Ok(event.content)
//!     }
//! }
//!
//! let service = SecurityService::builder(SecurityConfig::permissive()).build()?;
//! let mut runtime = AgentBuilder::new("agent-1", "My Agent")
//!     .with_agent(Echo)
//!     .await?
//!     .with_security_service(Arc::new(service));
//! let answer = runtime.handle_event(Event::chat("hello", &SystemClock)).await?;
//! assert_eq!(answer, Content::from("hello"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod build;
mod content;
mod run;
mod tools;

pub use build::{AgentBuilder, LoadedAgent};
pub use run::AgentRuntime;

use crate::caught::Panicked;
use crate::security::Refusal;
use mofa_kernel::{AgentError, AgentState, IdError, ToolName};
use std::time::Duration;
use thiserror::Error;

/// Why an event was not handled.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// A name is none.
    #[error(transparent)]
    Id(#[from] IdError),
    /// Two tools have one name.
    #[error("there are two tools `{name}`")]
    DuplicateTool {
        /// The name.
        name: ToolName,
    },
    /// The pipeline refused the event, or the agent's answer.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The agent failed.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The agent panicked; it gets no further event.
    #[error("the agent panicked while handling an event")]
    Panicked,
    /// The agent took too long.
    #[error("the agent took longer than {limit:?}")]
    TimeOut {
        /// How long it had.
        limit: Duration,
    },
    /// The agent is not ready for events.
    #[error("the agent is {state}, not ready")]
    NotReady {
        /// What it is.
        state: AgentState,
    },
    /// Content that cannot be inspected, or could not be read back.
    #[error("the content cannot be inspected: {reason}")]
    Content {
        /// What is wrong with it.
        reason: String,
    },
}

impl From<Panicked> for RuntimeError {
    fn from(_: Panicked) -> Self {
        Self::Panicked
    }
}

#[cfg(test)]
mod tests;
