//! The security guide, snippet by snippet: each as close to the letter as compiles, with what had to
//! be supplied, and tests of what the text around it promises.
//!
//! A snippet stands verbatim above the test that runs it. Chapters whose part does not exist yet
//! have no file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "guide/config.rs"]
mod config;
#[path = "guide/credentials.rs"]
mod credentials;
#[path = "guide/guard.rs"]
mod guard;
#[path = "guide/limits.rs"]
mod limits;
#[path = "guide/moderation.rs"]
mod moderation;
#[path = "guide/pii.rs"]
mod pii;
#[path = "guide/plugins.rs"]
mod plugins;
#[path = "guide/rbac.rs"]
mod rbac;
#[path = "guide/runtime.rs"]
mod runtime;
#[path = "guide/troubles.rs"]
mod troubles;

/// What a snippet's `?` needs around it.
type Snippet = Result<(), Box<dyn std::error::Error>>;
