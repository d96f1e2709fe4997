//! What was decided, and the receipt for what was looked at: [`Decision`].
//!
//! # Invariants
//! A decision never holds inspected text: a finding is a category, a place, a rule and a keyed
//! hash. Its size is bounded: at most [`MAX_FINDINGS`] findings a stage are listed, all are
//! counted.
//!
//! # Failure
//! A stage that could not decide about something has a [`StageFailure`]; what the fail mode says of
//! that makes its verdict harsher, never milder.

use crate::security::config::{Stage, StageMode};
use crate::security::exchange::{Act, Direction};
use crate::security::permit::{Refusal, RefusalCause};
use crate::security::types::{Subject, Verdict};
use mofa_kernel::{Timestamp, random_uuid};
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use uuid::Uuid;

/// How many findings a stage lists; the others are only counted.
pub const MAX_FINDINGS: usize = 32;

/// One decision; leads to its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DecisionId(Uuid);

impl DecisionId {
    pub(crate) fn new(at: Timestamp) -> Self {
        Self(random_uuid(at))
    }
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

/// What was decided about one exchange in one direction, and on what grounds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Decision {
    /// This decision.
    pub id: DecisionId,
    /// When it began.
    pub at: Timestamp,
    /// Who wanted something.
    pub subject: Arc<Subject>,
    /// What it wanted.
    pub act: Act,
    /// Which way the text travelled.
    pub direction: Direction,
    /// What is to happen.
    pub verdict: Verdict,
    /// The coverage receipt: one entry a stage, in their order.
    pub stages: Vec<StageReceipt>,
    /// How many parts the exchange had.
    pub parts: usize,
    /// How many bytes of text were in them.
    pub bytes: usize,
    /// What of the document is no part, with the reason.
    pub skipped: Vec<SkippedParts>,
    /// Identifies the configuration and the rules of all engines as they were built.
    pub policy: Arc<str>,
    /// Counts the changes of rules since then.
    pub policy_revision: u64,
    /// How the stream ended that this decision covers; `None` for a whole exchange.
    pub stream: Option<StreamEnd>,
    /// How long it took.
    pub took: Duration,
}

impl Decision {
    /// The refusal that the decision amounts to; `None` if it does not block.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        let blocks = |receipt: &&StageReceipt| {
            receipt.mode == StageMode::Enforce && receipt.verdict == Verdict::Block
        };
        let receipt = self.stages.iter().find(blocks)?;
        let (cause, reason) = (receipt.cause(), receipt.reason.clone().into_owned());
        Some(Refusal { decision: self.id, cause, reason })
    }
}

/// How an inspected stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StreamEnd {
    /// It was inspected to its end.
    Complete,
    /// A stage blocked it on the way.
    Blocked,
    /// One of its two ends went away.
    Aborted,
}

impl StreamEnd {
    /// `complete`, `blocked` or `aborted`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Blocked => "blocked",
            Self::Aborted => "aborted",
        }
    }
}

/// Parts of a document that no stage saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedParts {
    /// Why, as a stable word.
    pub reason: &'static str,
    /// How many.
    pub count: u32,
}

/// What one stage did.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StageReceipt {
    /// Which stage.
    pub stage: Stage,
    /// Whether it was to run and to hold.
    pub mode: StageMode,
    /// Whether it ran.
    pub coverage: Coverage,
    /// What it says; holds only in [`StageMode::Enforce`].
    pub verdict: Verdict,
    /// Why, in words for a person.
    pub reason: Cow<'static, str>,
    /// How many parts it saw.
    pub parts: usize,
    /// How many bytes of text it saw.
    pub bytes: usize,
    /// How much it found.
    pub found: usize,
    /// The first [`MAX_FINDINGS`] of what it found.
    pub findings: Vec<Finding>,
    /// Why it could not decide about all of it, if so; the verdict is then the harsher of what it
    /// found in the rest and of what the fail mode says.
    pub failure: Option<StageFailure>,
    /// How long it took.
    pub took: Duration,
    /// Whether the verdict is harsher than what was found, because of the failure.
    pub(crate) is_undecided: bool,
}

impl StageReceipt {
    /// What refuses, if the receipt blocks.
    pub(crate) fn cause(&self) -> RefusalCause {
        match self.failure {
            _ if !self.is_undecided => RefusalCause::Stage(self.stage),
            Some(StageFailure::Uninspectable { .. }) => RefusalCause::Uninspectable,
            _ => RefusalCause::Undecided(self.stage),
        }
    }
}

/// Whether a stage ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Coverage {
    /// On every part.
    Full,
    /// On every part, but the document holds encoded content that is none.
    Partial,
    /// It is switched off.
    Off,
    /// An earlier stage had blocked.
    AfterBlock,
    /// It has no say on the way out.
    NotOnOutput,
    /// There was nothing that it could read.
    Unread,
}

impl Coverage {
    /// `full`, `partial`, `off`, `after_block`, `not_on_output` or `unread`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::Off => "off",
            Self::AfterBlock => "after_block",
            Self::NotOnOutput => "not_on_output",
            Self::Unread => "unread",
        }
    }
}

/// Something that a stage found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of thing it is.
    pub category: Cow<'static, str>,
    /// The rule that found it.
    pub rule: Cow<'static, str>,
    /// In which part: a JSON pointer without any text of the document's author.
    pub pointer: String,
    /// Who produced the part.
    pub provenance: String,
    /// Which bytes of the part.
    pub span: Range<usize>,
    /// How sure the rule is, 0 to 1.
    pub score: f32,
    /// The value under the service's hash key: the same value has the same hash.
    pub value_hash: String,
}

/// Why a stage could not decide.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum StageFailure {
    /// The engine said so.
    #[error("the engine failed: {reason}")]
    Engine {
        /// The engine's reason.
        reason: String,
    },
    /// The engine panicked.
    #[error("the engine panicked")]
    Panic,
    /// The engine took too long.
    #[error("the engine took longer than {limit:?}")]
    TimeOut {
        /// How long it had.
        limit: Duration,
    },
    /// There is content that no engine can read.
    #[error("{count} values are encoded content that cannot be inspected")]
    Uninspectable {
        /// How many values.
        count: u32,
    },
    /// The engine named a span that the text does not have.
    #[error("the engine named a span outside the text")]
    Span,
}
