//! Says which conversation a request belongs to: values that are taken out of it are kept for that
//! one, and come back in its answers alone.
//!
//! A caller names it in the header `x-mofa-conversation`. If it does not, requests of one subject
//! that begin with the same message of a user are one conversation: chats send all that was said
//! again, so that what a chat begins with stays the same, and nothing has to be remembered for it.
//!
//! # Failure
//! A name that is none, or two of them, are a 400.

use crate::answer::ApiError;
use http::{HeaderMap, StatusCode};
use mofa_sdk::security::{ConversationId, Subject};

/// Names the conversation.
const CONVERSATION: &str = "x-mofa-conversation";

/// The conversation that `headers` name, if they do.
pub(crate) fn named(headers: &HeaderMap) -> Result<Option<ConversationId>, ApiError> {
    let mut values = headers.get_all(CONVERSATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let name = value.to_str().ok().filter(|_| values.next().is_none());
    let named = name.and_then(|name| ConversationId::new(name).ok());
    named.map(Some).ok_or_else(|| {
        let message = "`x-mofa-conversation` must be one name of 1 to 128 of `A-Z`, `a-z`, \
                       `0-9`, `.`, `_`, `:` and `-`";
        ApiError::new(StatusCode::BAD_REQUEST, "invalid_conversation", message)
    })
}

/// The conversation of `subject` that begins with `opening`.
pub(crate) fn derived(subject: &Subject, opening: &str) -> ConversationId {
    ConversationId::derived(&["chat", subject.id.as_str(), opening])
}
