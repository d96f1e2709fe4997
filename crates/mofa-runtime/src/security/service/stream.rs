//! Inspects text that comes in pieces and lets it go as early as is safe.
//!
//! # Invariants
//! What the engines find in the pieces is what they would find in the whole: the end of the text
//! is held back for as long as something in it may still be going on, at most [`MAX_HELD_BACK`]
//! bytes a channel; a value that is longer ends the stream. Where a suspicious text is only
//! flagged, nothing is held back for the guard. Moderation and guard judge what is left after
//! redaction, as they do for whole texts, with the last 512 bytes before it: what stands farther
//! apart is judged apart. Memory is bounded by that and by the largest piece.
//!
//! # Failure
//! The first [`Refusal`] ends the stream; nothing is let go after it. A future that is dropped loses
//! nothing: what it was to look at is looked at by the next one, and counted once more.

mod channel;
mod json;
mod stage;

use super::SecurityService;
use super::restore::{RestoreTail, Restoring};
use super::stage::Report;
use crate::security::config::{Stage, StageMode};
use crate::security::decision::{
    Coverage, Decision, DecisionId, MAX_FINDINGS, StageReceipt, StreamEnd,
};
use crate::security::event::SecurityEvent;
use crate::security::exchange::{Act, Direction, Exchange};
use crate::security::permit::{Permit, Refusal, RefusalCause};
use crate::security::types::{Subject, Verdict};
use crate::security::vault::ConversationId;
use channel::Channel;
use mofa_kernel::{Provenance, Timestamp};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// The most bytes that are held back of one channel. A value that is longer ends the stream.
pub const MAX_HELD_BACK: usize = 4_096;

/// The stages that look at content.
const CONTENT_STAGES: [Stage; 3] = [Stage::Pii, Stage::Moderation, Stage::Guard];

/// The inspection of one streamed answer, which may have several channels of text.
///
/// Only [`finish`](Self::finish) leaves a record: a stream that breaks off has to be finished too,
/// as [`StreamEnd::Aborted`].
#[must_use = "a stream that is not finished leaves no record"]
pub struct StreamInspection {
    service: Arc<SecurityService>,
    id: DecisionId,
    at: Timestamp,
    started: Instant,
    subject: Arc<Subject>,
    act: Act,
    provenance: Provenance,
    conversation: Option<ConversationId>,
    restoring: Option<Restoring>,
    channels: Vec<Channel>,
    receipts: Vec<StageReceipt>,
    parts: usize,
    bytes: usize,
    refusal: Option<Refusal>,
    why: Option<Cow<'static, str>>,
}

impl SecurityService {
    /// Begins to inspect the answer, from `provenance`, to what `permit` was given for.
    pub fn inspect_stream(
        self: &Arc<Self>,
        permit: &Permit,
        provenance: Provenance,
    ) -> StreamInspection {
        let at = self.clock.now();
        let receipts = Stage::ALL.map(|stage| {
            let mode = self.config.mode(stage);
            let coverage = match (mode, stage) {
                (StageMode::Off, _) => Coverage::Off,
                (_, Stage::Rbac) => Coverage::NotOnOutput,
                _ => Coverage::Full,
            };
            StageReceipt::not_run(stage, mode, coverage)
        });
        StreamInspection {
            service: Arc::clone(self),
            id: DecisionId::new(at),
            at,
            started: Instant::now(),
            subject: permit.subject().clone(),
            act: permit.act().clone(),
            provenance,
            conversation: None,
            restoring: None,
            channels: Vec::new(),
            receipts: receipts.into(),
            parts: 0,
            bytes: 0,
            refusal: None,
            why: None,
        }
    }
}

impl fmt::Debug for StreamInspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("StreamInspection");
        debug.field("id", &self.id).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl StreamInspection {
    /// Says which conversation the stream belongs to, if any, and begins to give its subject the
    /// values again that it may see.
    pub fn in_conversation(mut self, conversation: Option<ConversationId>) -> Self {
        let of = |conversation: &ConversationId| {
            Restoring::begin(&self.service, &self.subject, conversation.clone())
        };
        self.restoring = conversation.as_ref().and_then(of);
        self.conversation = conversation;
        self
    }

    /// `text`, which was let go, as the subject may see it. What may be the beginning of a
    /// placeholder at its end stays in `tail` until the next piece, at most
    /// [`Placeholder::MAX_LEN`](crate::security::Placeholder::MAX_LEN) bytes.
    pub async fn restore(&mut self, tail: &mut RestoreTail, text: String) -> String {
        match &mut self.restoring {
            Some(restoring) => restoring.piece(&self.service, tail, text).await,
            None => text,
        }
    }

    /// Puts the values that the subject may see into what was inspected as
    /// [`whole`](Self::whole).
    pub async fn restore_whole(&mut self, exchange: &mut Exchange<'_>) {
        if let Some(restoring) = &mut self.restoring {
            restoring.exchange(&self.service, exchange).await;
        }
    }

    /// The decision that the stream will be recorded under.
    #[must_use]
    pub fn decision(&self) -> DecisionId {
        self.id
    }

    /// Adds `piece` to the channel `name` and gives what of the channel may go now. The piece is
    /// added even if the future is dropped before it is done: push what comes after it, not the
    /// same again.
    ///
    /// # Errors
    /// [`Refusal`] if a stage blocks it, now or before.
    pub async fn push(&mut self, name: &str, piece: &str) -> Result<String, Refusal> {
        self.still_open()?;
        self.bytes += piece.len();
        let known = self.channels.iter().position(|channel| channel.name == name);
        let index = known.unwrap_or_else(|| {
            self.channels.push(Channel::new(name));
            self.parts += 1;
            self.channels.len() - 1
        });
        if let Some(channel) = self.channels.get_mut(index) {
            channel.text.push_str(piece);
        }
        self.advance(index, false).await
    }

    /// Ends the channel `name` and gives what was held back of it. If the future is dropped before
    /// it is done, the channel goes on: end it again.
    ///
    /// # Errors
    /// [`Refusal`] if a stage blocks it, now or before.
    pub async fn end(&mut self, name: &str) -> Result<String, Refusal> {
        match self.channels.iter().position(|channel| channel.name == name) {
            Some(index) => {
                let rest = self.advance(index, true).await;
                self.channels.remove(index);
                rest
            }
            None => Ok(String::new()),
        }
    }

    /// Inspects something that came whole, on the content stages, as part of this stream.
    ///
    /// # Errors
    /// [`Refusal`] if a stage blocks it, now or before.
    pub async fn whole(&mut self, exchange: &mut Exchange<'_>) -> Result<(), Refusal> {
        self.still_open()?;
        for part in exchange.parts() {
            self.parts += 1;
            self.bytes += part.text.len();
        }
        let service = Arc::clone(&self.service);
        for stage in CONTENT_STAGES {
            let receipt = service.run(stage, exchange).await;
            self.add(receipt)?;
        }
        Ok(())
    }

    /// Notes why the stream breaks off: a stable word that stands in the record as `error`, never
    /// anything of the stream.
    pub fn breaks_off(&mut self, why: impl Into<Cow<'static, str>>) {
        self.why = Some(why.into());
    }

    /// Stores the record of the whole stream. Nothing that ends the stream may be sent before.
    ///
    /// # Errors
    /// [`Refusal`] if it could not be recorded and the fail mode is closed.
    pub async fn finish(self, end: StreamEnd) -> Result<DecisionId, Refusal> {
        let Self { service, id, receipts, refusal, why, restoring, .. } = self;
        let end = if refusal.is_some() { StreamEnd::Blocked } else { end };
        let found = receipts.iter().map(StageReceipt::enforced).max().unwrap_or_default();
        let verdict = if refusal.is_some() { Verdict::Block } else { found };
        let decision = Decision {
            id,
            at: self.at,
            subject: self.subject,
            act: self.act,
            direction: Direction::Output,
            verdict,
            stages: receipts,
            parts: self.parts,
            bytes: self.bytes,
            skipped: Vec::new(),
            policy: Arc::clone(&service.policy),
            policy_revision: service.policy_revision(),
            stream: Some(end),
            took: self.started.elapsed(),
        };
        let mut event = SecurityEvent::of_decision(decision);
        let mut metadata = restoring.map(Restoring::into_metadata).unwrap_or_default();
        if let Some(why) = why {
            metadata.insert("error".to_owned(), json!(why));
        }
        if !metadata.is_empty() {
            event = event.with_metadata(Value::Object(metadata));
        }
        let stored = service.store(event).await;
        let cause = RefusalCause::Audit;
        stored.map(|()| id).map_err(|reason| Refusal { decision: id, cause, reason })
    }

    /// Ends the stream for a reason that no stage knows: `cause`, for instance that there is more
    /// than may be held back. Nothing is let go after it, and the record says why.
    pub fn refuse(&mut self, cause: RefusalCause, reason: &str) -> Refusal {
        if let Some(earlier) = &self.refusal {
            return earlier.clone();
        }
        for receipt in self.receipts.iter_mut().filter(|receipt| receipt.stage != Stage::Rbac) {
            if receipt.mode == StageMode::Enforce && receipt.verdict < Verdict::Block {
                receipt.verdict = Verdict::Block;
                receipt.reason = reason.to_owned().into();
            }
        }
        let refusal = Refusal { decision: self.id, cause, reason: reason.to_owned() };
        self.refusal = Some(refusal.clone());
        refusal
    }

    fn still_open(&self) -> Result<(), Refusal> {
        self.refusal.clone().map_or(Ok(()), Err)
    }

    /// Looks at what a channel has and lets go what can be. Until that is decided the channel stays
    /// as it is, whatever becomes of this future.
    async fn advance(&mut self, index: usize, is_end: bool) -> Result<String, Refusal> {
        self.still_open()?;
        let service = Arc::clone(&self.service);
        let Some(channel) = self.channels.get(index) else { return Ok(String::new()) };
        let mut cut = if is_end { channel.text.len() } else { service.safe_cut(channel) };
        let mut redacted = None;
        if cut > channel.released {
            let started = Instant::now();
            let report = self.pii(channel, &mut cut, &mut redacted).await;
            self.add(service.settle(Stage::Pii, report, started).0)?;
        }
        let Some(channel) = self.channels.get(index) else { return Ok(String::new()) };
        let released = redacted.unwrap_or_else(|| channel.new_up_to(cut).to_owned());
        if !released.is_empty() {
            let text = format!("{}{released}", channel.clean);
            self.judge(index, &text).await?;
        }
        if let Some(channel) = self.channels.get_mut(index) {
            channel.let_go(cut, &released);
        }
        Ok(released)
    }

    /// Asks what comes after redaction about `text`, the end of what went of a channel and what is
    /// to go next.
    async fn judge(&mut self, index: usize, text: &str) -> Result<(), Refusal> {
        let service = Arc::clone(&self.service);
        for stage in [Stage::Moderation, Stage::Guard] {
            let Some(channel) = self.channels.get(index) else { return Ok(()) };
            let window = channel.after_redaction(text);
            let started = Instant::now();
            let mut report = Report::default();
            let judged = match stage {
                Stage::Moderation => self.moderation(&window, &mut report).await,
                _ => self.guard(&window, &mut report).await,
            };
            if let Err(failure) = judged {
                service.admit(stage, &mut report, failure);
            }
            self.add(service.settle(stage, report, started).0)?;
        }
        Ok(())
    }

    /// Adds what a stage did just now to what it did before; remembers a block.
    fn add(&mut self, new: StageReceipt) -> Result<(), Refusal> {
        let Some(all) = self.receipts.iter_mut().find(|receipt| receipt.stage == new.stage) else {
            return Ok(());
        };
        if !matches!(all.coverage, Coverage::Full | Coverage::Partial) {
            return Ok(());
        }
        if new.coverage == Coverage::Partial {
            all.coverage = Coverage::Partial;
        }
        all.parts = self.parts;
        all.bytes += new.bytes;
        all.found += new.found;
        all.took += new.took;
        let room = MAX_FINDINGS.saturating_sub(all.findings.len());
        all.findings.extend(new.findings.into_iter().take(room));
        if new.verdict > all.verdict {
            all.verdict = new.verdict;
            all.reason = new.reason;
            all.is_undecided = new.is_undecided;
        }
        if all.failure.is_none() {
            all.failure = new.failure;
        }
        if all.enforced() < Verdict::Block {
            return Ok(());
        }
        let (cause, reason) = (all.cause(), all.reason.clone().into_owned());
        let refusal = Refusal { decision: self.id, cause, reason };
        self.refusal = Some(refusal.clone());
        Err(refusal)
    }
}
