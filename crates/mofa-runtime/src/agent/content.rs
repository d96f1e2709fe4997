//! Between what an agent says and what the pipeline inspects. Called by whatever gives an agent or
//! a tool something, or takes something from it.
//!
//! # Invariants
//! Content in which nothing was replaced comes back as it is, not read again.
//!
//! # Failure
//! [`RuntimeError::Content`] if JSON is too large or too deep to be inspected; it names no text.
//! [`RuntimeError::Refused`] if that cannot be recorded and the fail mode is closed.

use super::RuntimeError;
use crate::security::{Act, Direction, DocumentLimits, Exchange, Label, SecurityService, Subject};
use mofa_kernel::Content;

/// What records say of JSON that is too large or too deep.
pub(super) const UNREADABLE: &str = "invalid_json";

/// How deep the JSON of an event may be nested.
const MAX_DEPTH: usize = 128;

/// `content` taken apart; everything in it is what `label` says. What cannot be taken apart leaves
/// a record of that with `service`.
pub(super) async fn exchange(
    service: &SecurityService,
    subject: &Subject,
    act: &Act,
    direction: Direction,
    content: &Content,
    label: Label,
) -> Result<Exchange<'static>, RuntimeError> {
    let labelling = match content {
        Content::Text(text) => {
            Exchange::text(subject.clone(), act.clone(), direction, text.clone())
        }
        Content::Json(value) => {
            let limits = DocumentLimits { max_depth: MAX_DEPTH, ..DocumentLimits::default() };
            let raw = value.to_string();
            match Exchange::json_with(subject.clone(), act.clone(), direction, raw, limits) {
                Ok(labelling) => labelling,
                Err(error) => {
                    let _recorded = service.reject(subject, act, direction, UNREADABLE).await?;
                    return Err(RuntimeError::Content { reason: error.to_string() });
                }
            }
        }
    };
    Ok(labelling.labelled(label).into_parts())
}

/// `content` with what was replaced in `exchange`.
pub(super) fn replaced(
    content: Content,
    exchange: Exchange<'static>,
) -> Result<Content, RuntimeError> {
    if !exchange.is_edited() {
        return Ok(content);
    }
    let document = exchange.into_document().into_owned();
    match content {
        Content::Text(_) => Ok(Content::Text(document)),
        Content::Json(_) => {
            let unreadable = |error: serde_json::Error| RuntimeError::Content {
                reason: format!("it could not be read back ({:?})", error.classify()),
            };
            serde_json::from_str(&document).map(Content::Json).map_err(unreadable)
        }
    }
}
