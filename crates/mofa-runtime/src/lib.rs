//! Runs agents, and owns every security trait, the pipeline and its decisions.
//!
//! [`security`] holds the pipeline.

pub mod env;
mod secret;
pub mod security;

pub use secret::Secret;
pub use security::SecurityService;
