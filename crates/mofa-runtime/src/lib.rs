//! Runs agents, and owns every security trait, the pipeline and its decisions.
//!
//! [`security`] holds the pipeline.

pub mod env;
pub mod security;

pub use security::SecurityService;
