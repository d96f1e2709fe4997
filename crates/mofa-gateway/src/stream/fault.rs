//! Why a stream ends before its end.

use crate::answer::ApiError;
use http::StatusCode;
use mofa_sdk::security::{Refusal, StreamEnd};

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
    /// It lasted too long.
    Overtime,
    /// More came than may.
    TooLarge {
        /// How many bytes may.
        limit: usize,
    },
    /// The model server's own key is in it.
    Credentials,
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

    /// What the caller is told; records repeat its code, unless the receipts say why.
    pub(super) fn to_error(&self) -> ApiError {
        match self {
            Self::Refused(refusal) => ApiError::refused(refusal),
            Self::Invalid => ApiError::upstream_invalid(),
            Self::Upstream(error) => error.clone(),
            Self::Cut => ApiError::upstream_interrupted(),
            Self::CallerGone => {
                ApiError::new(StatusCode::BAD_REQUEST, "caller_gone", "the caller does not read")
            }
            Self::Idle => ApiError::upstream_timeout(),
            Self::Overtime => ApiError::new(
                StatusCode::GATEWAY_TIMEOUT,
                "stream_timeout",
                "the stream lasted longer than it may",
            ),
            Self::TooLarge { limit } => ApiError::upstream_too_large(*limit),
            Self::Credentials => ApiError::credentials(StatusCode::OK),
            Self::Ending => ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "shutting_down",
                "the gateway is shutting down",
            ),
        }
    }
}
