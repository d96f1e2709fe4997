//! What each stage asks its engine, and what its answer means. Called by
//! [`SecurityService::inspect`] and by inspected streams.
//!
//! # Invariants
//! A receipt says what was seen and found, whatever came of it, and holds no inspected text.
//!
//! # Failure
//! A [`StageFailure`] leaves what was found as it is; of the rest the fail mode says what it means.

mod content;
mod redact;

use super::SecurityService;
use super::guarded::guarded;
use crate::security::config::{Stage, StageMode};
use crate::security::decision::{Coverage, Finding, MAX_FINDINGS, StageFailure, StageReceipt};
use crate::security::error::SecurityError;
use crate::security::exchange::{Exchange, Stretch};
use crate::security::types::{
    AuthorizationResult, InjectionSignal, ModerationMatch, PiiDetection, Verdict,
};
use content::Known;
pub(super) use content::add_values;
pub(super) use redact::Redactor;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::time::{Duration, Instant};

/// What a stage found, and what the fail mode says of the rest.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) verdict: Verdict,
    pub(super) reason: Cow<'static, str>,
    pub(super) parts: usize,
    pub(super) bytes: usize,
    pub(super) found: usize,
    pub(super) findings: Vec<Finding>,
    /// Parts by index, and what takes their place.
    pub(super) edits: Vec<(usize, String)>,
    /// What first went wrong, and what the fail mode says of it.
    pub(super) failure: Option<(StageFailure, Verdict)>,
}

impl Report {
    /// Takes `verdict` and its reason over if it is harsher than what there is.
    pub(super) fn raise(&mut self, verdict: Verdict, reason: impl Into<Cow<'static, str>>) {
        if verdict > self.verdict {
            self.verdict = verdict;
            self.reason = reason.into();
        }
    }

    /// Whether nothing more is to be asked: whatever else there is, it ends in a block.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.failure, Some((_, Verdict::Block)))
    }

    pub(super) fn saw(&mut self, text: &str) {
        self.parts += 1;
        self.bytes += text.len();
    }
}

impl From<SecurityError> for StageFailure {
    fn from(error: SecurityError) -> Self {
        Self::Engine { reason: error.to_string() }
    }
}

impl StageReceipt {
    /// The receipt of a stage that did not run.
    pub(super) fn not_run(stage: Stage, mode: StageMode, coverage: Coverage) -> Self {
        Self {
            stage,
            mode,
            coverage,
            verdict: Verdict::Allow,
            reason: Cow::Borrowed(""),
            parts: 0,
            bytes: 0,
            found: 0,
            findings: Vec::new(),
            failure: None,
            took: Duration::ZERO,
            is_undecided: false,
        }
    }

    /// The verdict, if it holds.
    pub(super) fn enforced(&self) -> Verdict {
        if self.mode == StageMode::Enforce { self.verdict } else { Verdict::Allow }
    }
}

impl SecurityService {
    /// Turns what a stage found, and its failure, into a receipt and replacements.
    pub(super) fn settle(
        &self,
        stage: Stage,
        report: Report,
        started: Instant,
    ) -> (StageReceipt, Vec<(usize, String)>) {
        let mut receipt = StageReceipt::not_run(stage, self.config.mode(stage), Coverage::Full);
        receipt.took = started.elapsed();
        receipt.verdict = report.verdict;
        receipt.reason = report.reason;
        receipt.parts = report.parts;
        receipt.bytes = report.bytes;
        receipt.found = report.found;
        receipt.findings = report.findings;
        if let Some((failure, verdict)) = report.failure {
            receipt.is_undecided = verdict > receipt.verdict;
            if receipt.is_undecided || receipt.verdict == Verdict::Allow {
                receipt.reason = failure.to_string().into();
            } else if receipt.verdict == Verdict::Flag {
                receipt.reason = format!("{}; of the rest: {failure}", receipt.reason).into();
            }
            receipt.verdict = receipt.verdict.max(verdict);
            receipt.failure = Some(failure);
        }
        (receipt, report.edits)
    }

    /// Takes down what went wrong, if it is the first thing, and what that means.
    pub(super) fn admit(&self, stage: Stage, report: &mut Report, failure: StageFailure) {
        if report.failure.is_none() {
            let verdict = self.undecided_on(stage, &failure);
            report.failure = Some((failure, verdict));
        }
    }

    /// What it means that `stage` could not decide.
    pub(super) fn undecided_on(&self, stage: Stage, failure: &dyn fmt::Display) -> Verdict {
        self.undecided(stage.as_str(), self.config.mode(stage), failure)
    }

    /// Content that no engine can read leaves a content stage undecided about it.
    pub(super) fn admit_gaps(&self, opaque: u32, receipt: &mut StageReceipt) {
        if opaque == 0 || receipt.stage == Stage::Rbac {
            return;
        }
        receipt.coverage = Coverage::Partial;
        if receipt.verdict == Verdict::Block || receipt.failure.is_some() {
            return;
        }
        let failure = StageFailure::Uninspectable { count: opaque };
        if self.undecided_on(receipt.stage, &failure) == Verdict::Block {
            receipt.verdict = Verdict::Block;
            receipt.reason = failure.to_string().into();
            receipt.is_undecided = true;
        }
        receipt.failure = Some(failure);
    }

    /// What `stage` says of `exchange`. Asking and taking out have a time limit each.
    pub(super) async fn evaluate(&self, stage: Stage, exchange: &Exchange<'_>) -> Report {
        let limit = self.config.stage_timeout();
        let mut report = Report::default();
        if stage == Stage::Rbac {
            let outcome = guarded(limit, self.authorize(exchange, &mut report)).await;
            if let Err(failure) = outcome.and_then(|outcome| outcome) {
                self.admit(stage, &mut report, failure);
            }
            return report;
        }
        let mut known = Known::default();
        let outcome = guarded(limit, self.judge(stage, exchange, &mut known, &mut report)).await;
        if let Err(failure) = outcome.and_then(|outcome| outcome) {
            self.admit(stage, &mut report, failure);
        }
        if stage == Stage::Pii && report.verdict == Verdict::Flag && !report.is_over() {
            let outcome = guarded(limit, self.redact(exchange, known, &mut report)).await;
            if let Err(failure) = outcome.and_then(|outcome| outcome) {
                self.admit_left(&mut report, failure);
            }
        }
        report
    }

    async fn authorize(
        &self,
        exchange: &Exchange<'_>,
        report: &mut Report,
    ) -> Result<(), StageFailure> {
        if let Some(authorizer) = &self.engines.authorizer {
            let act = exchange.act();
            let result =
                authorizer.authorize(exchange.subject(), &act.action, &act.resource).await?;
            if let AuthorizationResult::Denied(reason) = result {
                report.found = 1;
                report.raise(Verdict::Block, format!("`{act}` is not permitted: {reason}"));
            }
        }
        Ok(())
    }

    /// Adds a finding of `value` at `place`; its text only as a keyed hash.
    fn note(
        &self,
        report: &mut Report,
        exchange: &Exchange<'_>,
        place: &Stretch,
        noted: &Noted<'_>,
        value: &str,
    ) {
        report.found += 1;
        let part = exchange.part(place.part).filter(|_| report.findings.len() < MAX_FINDINGS);
        if let Some(part) = part {
            let pointer = exchange.pointer(place.part);
            let provenance = part.provenance.to_string();
            let noted = Noted { span: &place.span, ..*noted };
            report.findings.push(self.finding(&noted, value, pointer, provenance, 0));
        }
    }

    /// A finding of `value`, which stands `offset` bytes after where the span counts from.
    pub(super) fn finding(
        &self,
        noted: &Noted<'_>,
        value: &str,
        pointer: String,
        provenance: String,
        offset: usize,
    ) -> Finding {
        Finding {
            category: noted.category.to_owned().into(),
            rule: noted.rule.to_owned().into(),
            pointer,
            provenance,
            span: noted.span.start + offset..noted.span.end + offset,
            score: noted.score,
            value_hash: self.value_hash(noted.category, value),
        }
    }
}

/// What an engine says of one thing that it found.
pub(super) struct Noted<'a> {
    pub(super) category: &'a str,
    pub(super) rule: &'a str,
    pub(super) span: &'a Range<usize>,
    pub(super) score: f32,
}

impl<'a> Noted<'a> {
    pub(super) fn of_value(found: &'a PiiDetection) -> Self {
        let (category, rule) = (found.category.as_str(), &*found.rule);
        Self { category, rule, span: &found.span, score: found.confidence }
    }

    pub(super) fn of_harm(found: &'a ModerationMatch) -> Self {
        let (category, rule) = (&*found.category, &*found.rule);
        Self { category, rule, span: &found.span, score: found.score }
    }

    pub(super) fn of_attack(found: &'a InjectionSignal) -> Self {
        let (category, rule) = (&*found.family, &*found.rule);
        Self { category, rule, span: &found.span, score: found.weight }
    }
}
