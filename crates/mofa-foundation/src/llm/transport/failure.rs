//! What a failed call comes down to.

use crate::llm::error::{LlmError, Phase};
use hyper_util::client::legacy::Error;
use serde_json::Value;
use std::error::Error as StdError;
use std::io;
use std::iter::successors;
use std::time::Duration;

/// The typed error behind a client's error. What was sent is in none of their messages.
pub(super) fn of(error: &Error, provider: &str, connect: Duration) -> LlmError {
    let provider = provider.to_owned();
    if error.is_connect() {
        let timed_out = causes(error).any(|cause| {
            let cause = cause.downcast_ref::<io::Error>();
            cause.is_some_and(|cause| cause.kind() == io::ErrorKind::TimedOut)
        });
        if timed_out {
            return LlmError::TimeOut { provider, phase: Phase::Connect, limit: connect };
        }
        let reason = causes(error).last().map_or_else(|| error.to_string(), ToString::to_string);
        return LlmError::Connect { provider, reason };
    }
    let is_parse = causes(error)
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(hyper::Error::is_parse);
    if is_parse {
        return LlmError::Protocol { provider, problem: "is no HTTP" };
    }
    LlmError::Interrupted { provider }
}

fn causes(error: &Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    successors(error.source(), |cause: &&(dyn StdError + 'static)| (*cause).source())
}

/// The word for an error in a provider's body: OpenAI's `error.code` or `error.type`, Anthropic's
/// `error.type`, Gemini's `error.status`.
pub(in crate::llm) fn error_code(body: &Value) -> Option<&str> {
    let error = body.get("error")?;
    ["code", "status", "type"].iter().find_map(|field| error.get(field)?.as_str())
}
