//! What a plugin is: code that is loaded into a runtime, text in, text out.
//!
//! # Example
//! ```
//! use mofa_kernel::{AgentPlugin, PluginResult};
//!
//! struct Shout;
//!
//! #[async_trait::async_trait]
//! impl AgentPlugin for Shout {
//!     async fn execute(&mut self, input: String) -> PluginResult<String> {
//!         if input.len() > 1024 {
//!             return Err("Input too large".into());
//!         }
//!         Ok(input.to_uppercase())
//!     }
//! }
//! ```

use crate::clock::Clock;
use crate::id::PluginId;
use async_trait::async_trait;
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// What a plugin's methods return.
pub type PluginResult<T> = Result<T, PluginError>;

/// Why a plugin gave no result.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PluginError {
    /// The plugin's own reason.
    #[error("the plugin failed: {reason}")]
    Failed {
        /// What went wrong, in the plugin's words.
        reason: String,
    },
}

impl From<&str> for PluginError {
    fn from(reason: &str) -> Self {
        Self::Failed { reason: reason.to_owned() }
    }
}

impl From<String> for PluginError {
    fn from(reason: String) -> Self {
        Self::Failed { reason }
    }
}

/// Code that is loaded into a runtime.
#[async_trait]
pub trait AgentPlugin: Send {
    /// Makes ready; called once, before the first input.
    ///
    /// # Errors
    /// [`PluginError`] if the plugin cannot run; it then gets no input.
    async fn initialize(&mut self, context: &PluginContext) -> PluginResult<()> {
        let _ = context;
        Ok(())
    }

    /// Turns one input into one output.
    ///
    /// # Errors
    /// [`PluginError`] if it cannot; the plugin stays loaded.
    async fn execute(&mut self, input: String) -> PluginResult<String>;

    /// Lets go of everything; called once, after the last input.
    ///
    /// # Errors
    /// [`PluginError`] if something could not be let go.
    async fn shutdown(&mut self) -> PluginResult<()> {
        Ok(())
    }
}

/// What a plugin is given to work with.
#[derive(Clone)]
pub struct PluginContext {
    id: PluginId,
    clock: Arc<dyn Clock>,
}

impl PluginContext {
    /// A context for the plugin `id`.
    #[must_use]
    pub fn new(id: PluginId, clock: Arc<dyn Clock>) -> Self {
        Self { id, clock }
    }

    /// The plugin's own id.
    #[must_use]
    pub fn id(&self) -> &PluginId {
        &self.id
    }

    /// The time.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }
}

impl fmt::Debug for PluginContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginContext").field("id", &self.id).finish_non_exhaustive()
    }
}
