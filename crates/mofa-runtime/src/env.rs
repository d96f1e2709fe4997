//! The one place that reads the environment, so that what is read can be listed. Called by
//! configurations and by what wants a key.
//!
//! # Invariants
//! `clippy.toml` bans `std::env::var` everywhere else. Nothing is kept: who reads twice may get two
//! values.

/// The variable `name`; `None` if it is not set, empty, or not UTF-8.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that may read it")]
pub fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
