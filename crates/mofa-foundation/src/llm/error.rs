//! Why a model could not be called, or gave no answer.
//!
//! # Invariants
//! No message holds a key, a prompt or an answer. Of a provider's error body only its code is
//! kept: cut, on one line, and with the key taken out should the provider repeat it.

use http::StatusCode;
use mofa_runtime::Secret;
use mofa_runtime::security::PermitError;
use std::fmt;
use std::time::Duration;
use thiserror::Error;

/// How many characters of a provider's code are kept.
const CODE_CHARS: usize = 200;

/// Why a model could not be called, or gave no answer.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LlmError {
    /// A setting is missing or malformed; its value is not shown.
    #[error("`{variable}` {problem}")]
    Configuration {
        /// The environment variable or setting.
        variable: String,
        /// What is wrong with it, and what is expected.
        problem: &'static str,
    },
    /// The request cannot be said in the provider's wire format.
    #[error("`{field}` of the request {problem}")]
    Request {
        /// The field.
        field: &'static str,
        /// What is wrong with it, and what is expected.
        problem: &'static str,
    },
    /// The permit is for something else; nothing was sent.
    #[error(transparent)]
    Permit(#[from] PermitError),
    /// No connection came about.
    #[error("cannot connect to `{provider}`: {reason}")]
    Connect {
        /// The provider's name.
        provider: String,
        /// The operating system's or the TLS stack's reason.
        reason: String,
    },
    /// Something took longer than it may.
    #[error("`{provider}` took longer than {limit:?} {phase}")]
    TimeOut {
        /// The provider's name.
        provider: String,
        /// What took too long.
        phase: Phase,
        /// How long it may take.
        limit: Duration,
    },
    /// The provider refused, or failed.
    #[error("`{provider}` answered {status}{}", Code(code.as_deref()))]
    Status {
        /// The provider's name.
        provider: String,
        /// The HTTP status.
        status: StatusCode,
        /// The provider's own word for it, for instance `rate_limit_exceeded`.
        code: Option<String>,
        /// How long the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// The provider reported an error in the middle of its answer.
    #[error("`{provider}` broke off its answer{}", Code(code.as_deref()))]
    Aborted {
        /// The provider's name.
        provider: String,
        /// The provider's own word for it, for instance `overloaded_error`.
        code: Option<String>,
    },
    /// The connection ended before the answer was complete.
    #[error("the connection to `{provider}` ended before the answer was complete")]
    Interrupted {
        /// The provider's name.
        provider: String,
    },
    /// The answer, or one event of it, is longer than it may be.
    #[error("the answer of `{provider}` is longer than {limit} bytes")]
    TooLarge {
        /// The provider's name.
        provider: String,
        /// How long it may be, in bytes.
        limit: usize,
    },
    /// The answer is not what the wire format says.
    #[error("the answer of `{provider}` {problem}")]
    Protocol {
        /// The provider's name.
        provider: String,
        /// What was found or missing.
        problem: &'static str,
    },
}

/// What a provider may take too long for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// The TCP connection.
    Connect,
    /// From the request to the head of the answer, a new connection included.
    Headers,
    /// From one piece of the answer to the next.
    Idle,
    /// The whole call, all its attempts included.
    Total,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "to accept a connection",
            Self::Headers => "to begin its answer",
            Self::Idle => "to go on with its answer",
            Self::Total => "to answer",
        })
    }
}

/// A provider's code in brackets, if there is one.
struct Code<'a>(Option<&'a str>);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |code| write!(f, " (`{code}`)"))
    }
}

/// What is kept of a provider's `code`: without `key`, on one line, and cut.
pub(super) fn scrubbed(code: &str, key: Option<&Secret>) -> String {
    let shown = match key.map(Secret::expose).filter(|key| !key.is_empty()) {
        Some(key) => code.replace(key, "[redacted]"),
        None => code.to_owned(),
    };
    shown.chars().map(|c| if c.is_control() { ' ' } else { c }).take(CODE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::{CODE_CHARS, scrubbed};
    use mofa_runtime::Secret;

    #[test]
    fn a_code_is_short_on_one_line_and_without_the_key() {
        let key = Secret::new("sk-1");
        assert_eq!(scrubbed("bad\nkey sk-1!", Some(&key)), "bad key [redacted]!");
        assert_eq!(scrubbed("sk-1sk-1", Some(&key)), "[redacted][redacted]");
        // The key must not survive by being cut in two at the limit.
        let late = format!("{}sk-1", "é".repeat(CODE_CHARS - 2));
        assert_eq!(scrubbed(&late, Some(&key)), format!("{}[r", "é".repeat(CODE_CHARS - 2)));
        assert_eq!(scrubbed("plain", None), "plain");
    }
}
