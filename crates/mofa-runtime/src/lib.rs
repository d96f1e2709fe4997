//! Runs agents, and owns every security trait, the pipeline and its decisions.
//!
//! [`AgentBuilder`] puts an agent under the pipeline that [`security`] holds.

mod agent;
mod caught;
pub mod env;
mod secret;
pub mod security;

pub use agent::{AgentBuilder, AgentRuntime, LoadedAgent, RuntimeError};
pub use secret::Secret;
pub use security::SecurityService;
