//! The record of what was decided, and the figures of how often and how fast.
//!
//! [`audit`] keeps every event as a line of a file; [`metrics`] counts them. Both implement traits
//! of `mofa-runtime` and are handed to a `SecurityService` when it is built.

pub mod audit;
#[cfg(test)]
mod engines;
pub mod metrics;

pub use audit::{AuditRecord, JsonlAuditLog, read_records};
pub use metrics::Metrics;
