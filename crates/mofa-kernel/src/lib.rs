//! What an agent, a tool, an event, a message and a plugin are; ids and the clock.
//!
//! Every other crate speaks in these words. Nothing here decides, stores or sends: there is no
//! security vocabulary and no input or output in this crate.
//!
//! # Example
//! ```
//! use mofa_kernel::{Agent, AgentContext, AgentError, Content, Event};
//!
//! struct Echo;
//!
//! #[async_trait::async_trait]
//! impl Agent for Echo {
//!     async fn handle(&mut self, event: Event, _: &AgentContext) -> Result<Content, AgentError> {
//!         Ok(event.content)
//!     }
//! }
//! ```

mod agent;
mod clock;
mod event;
mod id;
mod message;
mod plugin;
mod tool;

pub use agent::{Agent, AgentContext, AgentError, AgentState};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use event::Event;
pub use id::{
    AgentId, EventId, EventKind, IdError, MAX_ID_LEN, MessageId, PluginId, ToolName, check_name,
    random_uuid,
};
pub use message::{Content, Message, Provenance};
pub use plugin::{AgentPlugin, PluginContext, PluginError, PluginResult};
pub use tool::{Tool, ToolCall, ToolCaller, ToolDescription, ToolError};
