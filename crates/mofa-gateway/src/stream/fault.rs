//! Why a stream ends before its end.

use crate::answer::ApiError;
use http::StatusCode;
use mofa_sdk::security::{DecisionId, Refusal, StreamEnd};

/// Why a stream ends before its end.
#[derive(Debug)]
pub(super) enum StreamFault {
    /// The pipeline refused.
    Refused(Refusal),
    /// What the model server sent is no stream of chunks.
    Invalid,
    /// Reading from the model server failed.
    Upstream(ApiError),
    /// The model server's answer ended in the middle.
    Cut,
    /// Nothing came for too long.
    Idle,
    /// The gateway ends.
    Ending,
    /// The caller does not read any more.
    CallerGone,
}

impl From<Refusal> for StreamFault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl StreamFault {
    /// Whether the stream was stopped for what is in it.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// How the record names it.
    pub(super) fn end(&self) -> StreamEnd {
        if self.is_refusal() { StreamEnd::Blocked } else { StreamEnd::Aborted }
    }

    /// Why it ended, as a stable word for the record; `None` if that is in the receipts.
    pub(super) fn why(&self) -> Option<String> {
        match self {
            Self::Refused(_) => None,
            Self::CallerGone => Some("caller_gone".to_owned()),
            other => Some(other.to_error().code().to_owned()),
        }
    }

    /// What the caller is told.
    pub(super) fn error(&self, decision: DecisionId) -> ApiError {
        self.to_error().with_decision(decision)
    }

    fn to_error(&self) -> ApiError {
        match self {
            Self::Refused(refusal) => ApiError::refused(refusal),
            Self::Invalid => ApiError::upstream_invalid(),
            Self::Upstream(error) => error.clone(),
            Self::Cut | Self::CallerGone => ApiError::new(
                StatusCode::BAD_GATEWAY,
                "upstream_interrupted",
                "the model server broke off its answer",
            ),
            Self::Idle => ApiError::upstream_timeout(),
            Self::Ending => ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "shutting_down",
                "the gateway is shutting down",
            ),
        }
    }
}
