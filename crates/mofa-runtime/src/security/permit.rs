//! The leave to act, and its absence.
//!
//! # Invariants
//! Only [`SecurityService::inspect`](super::SecurityService::inspect) makes a [`Permit`] (and
//! [`danger`](super::danger), which says so). It cannot be copied: one permit, one act.
//!
//! # Failure
//! [`PermitError`] where a permit does not cover what is attempted; a [`Refusal`] is an answer.

use crate::security::config::Stage;
use crate::security::decision::DecisionId;
use crate::security::exchange::{Act, Direction};
use crate::security::types::{Subject, Verdict};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// The leave to do one thing once. What acts takes it by value.
#[derive(Debug)]
#[must_use = "a permit that nothing takes permits nothing"]
pub struct Permit {
    decision: DecisionId,
    subject: Arc<Subject>,
    act: Act,
    verdict: Verdict,
    direction: Direction,
    covers: Covers,
}

/// Documents up to this long, in bytes, are kept to compare with; of others the digest is.
const MAX_KEPT: usize = 64 << 10;

/// Which documents a permit is for.
pub(crate) enum Covers {
    /// None in particular: what acts must not ask.
    Unnamed,
    /// This one: comparing short texts costs far less than hashing them.
    Text(Box<str>),
    /// The long one with this SHA-256.
    Digest([u8; 32]),
    /// Any: nobody inspected one.
    Any,
}

impl Covers {
    /// Exactly `document`.
    pub(crate) fn exactly(document: &str) -> Self {
        if document.len() <= MAX_KEPT {
            Self::Text(document.into())
        } else {
            Self::Digest(Sha256::digest(document).into())
        }
    }

    fn has(&self, document: &str) -> bool {
        match self {
            Self::Unnamed => false,
            Self::Text(text) => **text == *document,
            Self::Digest(digest) => *digest == <[u8; 32]>::from(Sha256::digest(document)),
            Self::Any => true,
        }
    }
}

/// Inspected text is in no log.
impl fmt::Debug for Covers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unnamed => "Unnamed",
            Self::Text(_) | Self::Digest(_) => "Document",
            Self::Any => "Any",
        })
    }
}

impl Permit {
    pub(crate) fn new(
        decision: DecisionId,
        (subject, act): (Arc<Subject>, Act),
        verdict: Verdict,
        direction: Direction,
        covers: Covers,
    ) -> Self {
        Self { decision, subject, act, verdict, direction, covers }
    }

    /// The decision that gave it; leads to its record.
    #[must_use]
    pub fn decision(&self) -> DecisionId {
        self.decision
    }

    /// Who may.
    #[must_use]
    pub fn subject(&self) -> &Arc<Subject> {
        &self.subject
    }

    /// What may be done.
    #[must_use]
    pub fn act(&self) -> &Act {
        &self.act
    }

    /// [`Verdict::Allow`], or [`Verdict::Flag`] if somebody should know.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Makes sure that this permit is for `action` on `resource`; what acts asks first.
    ///
    /// # Errors
    /// [`PermitError::Act`] if it is for something else, [`PermitError::Direction`] if it is the
    /// leave to let an answer go: on the way out nobody asks whether the subject may.
    pub fn require(&self, action: &str, resource: &str) -> Result<(), PermitError> {
        if self.direction == Direction::Output {
            return Err(PermitError::Direction);
        }
        if self.act.action == action && self.act.resource == resource {
            return Ok(());
        }
        Err(PermitError::Act {
            permitted: self.act.to_string(),
            attempted: format!("{action}:{resource}"),
        })
    }

    /// Makes sure that this permit is for exactly `document`.
    ///
    /// # Errors
    /// [`PermitError::Document`] if it is for another one, or for none in particular.
    pub fn require_document(&self, document: &str) -> Result<(), PermitError> {
        if self.covers.has(document) { Ok(()) } else { Err(PermitError::Document) }
    }
}

/// Why a permit does not cover what was attempted.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PermitError {
    /// It is for another act.
    #[error("the permit is for `{permitted}`, not for `{attempted}`")]
    Act {
        /// What it is for.
        permitted: String,
        /// What was attempted.
        attempted: String,
    },
    /// It is for an answer that was inspected.
    #[error("the permit is to let an answer go, not to act")]
    Direction,
    /// It is for another document.
    #[error("the permit is not for this document: inspect what you are about to send")]
    Document,
}

/// The answer that nothing may happen.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
#[error("{cause}: {reason} (record {decision})")]
#[non_exhaustive]
pub struct Refusal {
    /// The decision that refused; leads to its record.
    pub decision: DecisionId,
    /// What refused.
    pub cause: RefusalCause,
    /// Why, in words for a person; never with inspected text.
    pub reason: String,
}

/// What refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalCause {
    /// A stage of the pipeline decided so.
    Stage(Stage),
    /// A stage could not decide, and the fail mode is closed.
    Undecided(Stage),
    /// There is content that no stage can read, and the fail mode is closed.
    Uninspectable,
    /// The record could not be stored, and the fail mode is closed.
    Audit,
    /// Text that would have to be inspected is held back no longer: it is more than may be held.
    TooLong,
}

impl RefusalCause {
    /// A stable word for error bodies, records and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stage(stage) => stage.as_str(),
            Self::Undecided(_) => "undecided",
            Self::Uninspectable => "uninspectable",
            Self::Audit => "audit",
            Self::TooLong => "too_long",
        }
    }
}

impl fmt::Display for RefusalCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stage(Stage::Rbac) => f.write_str("permission denied"),
            Self::Stage(stage) => write!(f, "blocked by {stage}"),
            Self::Undecided(stage) => write!(f, "blocked because {stage} could not decide"),
            Self::Uninspectable => {
                f.write_str("refused because it holds content that cannot be inspected")
            }
            Self::Audit => f.write_str("refused because the decision could not be recorded"),
            Self::TooLong => f.write_str("refused because it is too long to be inspected"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_document_is_covered_however_long_it_is() {
        for len in [0, 1, MAX_KEPT - 1, MAX_KEPT, MAX_KEPT + 1] {
            let document = "a".repeat(len);
            let covers = Covers::exactly(&document);
            assert!(covers.has(&document), "{len}");
            assert!(!covers.has(&format!("{document}a")), "{len}");
            let other = document.replacen('a', "b", 1);
            assert_eq!(covers.has(&other), len == 0, "{len}");
        }
        assert!(!Covers::Unnamed.has("") && Covers::Any.has("a"));
    }

    #[test]
    fn a_permit_prints_no_document() {
        assert_eq!(format!("{:?}", Covers::exactly("hunter2")), "Document");
    }
}
