//! Asks the engine of a content stage about every text of an exchange, and about what is read
//! over the ends of its parts.
//!
//! # Invariants
//! Every part is asked about by itself, with all of it. What an engine says of a joined text
//! counts only as far as no part alone says it: where it reaches over a joint, or where a text as
//! a whole is suspicious of which no part alone is.
//!
//! # Failure
//! A [`StageFailure`] of one text is one of the stage. What was found in other texts counts all the
//! same, and unless the failure blocks they are still asked about.

mod found;
mod seams;

pub(super) use found::Found;
pub(in crate::security::service) use found::add_values;

use super::Report;
use super::redact::Value;
use crate::caught::caught;
use crate::security::config::{PiiAction, Stage};
use crate::security::decision::StageFailure;
use crate::security::exchange::{Exchange, PartView, Stretch};
use crate::security::service::SecurityService;
use crate::security::service::guarded::Deadline;
use crate::security::types::{PiiDetection, Verdict};
use found::{Answer, on_check, on_moderation};
use seams::Seams;
use std::collections::BTreeMap;

/// What was found, and where.
#[derive(Default)]
pub(super) struct Known {
    /// In each part alone, in their order.
    pub(super) alone: Vec<(usize, Found)>,
    /// Split over parts.
    pub(super) values: Vec<Value>,
}

impl SecurityService {
    /// What the content stage `stage` says of `exchange`, in `report`; what it found where, in
    /// `known`. Both keep what they have if this is broken off.
    pub(super) async fn judge(
        &self,
        stage: Stage,
        exchange: &Exchange<'_>,
        known: &mut Known,
        report: &mut Report,
    ) -> Result<(), StageFailure> {
        let deadline = Deadline::after(self.config.stage_timeout());
        for (index, part) in exchange.parts().enumerate() {
            report.saw(part.text);
            let judged = self.on_part(stage, exchange, (index, &part), known, report).await;
            if let Err(failure) = judged {
                self.admit(stage, report, failure);
            }
            if report.is_over() {
                return Ok(());
            }
            deadline.check()?;
        }
        let Known { alone, values } = known;
        let mut seams = Seams { exchange, alone, over: BTreeMap::new(), values };
        for run in exchange.runs(stage != Stage::Pii) {
            for joined in run.texts(exchange) {
                let judged = self.on_joined(stage, &mut seams, (&run, &joined), report).await;
                if let Err(failure) = judged {
                    self.admit(stage, report, failure);
                }
                if report.is_over() {
                    return Ok(());
                }
                deadline.check()?;
            }
        }
        Ok(())
    }

    /// Takes over what is found in one part.
    async fn on_part(
        &self,
        stage: Stage,
        exchange: &Exchange<'_>,
        (index, part): (usize, &PartView<'_>),
        known: &mut Known,
        report: &mut Report,
    ) -> Result<(), StageFailure> {
        let Some(mut answer) = self.ask(stage, exchange, part).await? else { return Ok(()) };
        let is_sound = answer.found.keep_within(part.text);
        if exchange.is_reading(index) {
            self.on_reading(exchange, index, answer, known, report);
            return if is_sound { Ok(()) } else { Err(StageFailure::Span) };
        }
        for noted in answer.found.noted() {
            let value = part.text.get(noted.span.clone()).unwrap_or_default();
            let place = Stretch { part: index, span: noted.span.clone() };
            self.note(report, exchange, &place, &noted, value);
        }
        report.raise(answer.verdict, answer.reason);
        known.alone.push((index, answer.found));
        if is_sound { Ok(()) } else { Err(StageFailure::Span) }
    }

    /// Takes over what is found in a part as it reads with its escapes undone, and was not found in
    /// it as it is: it stands in the part itself, and is taken out there.
    fn on_reading(
        &self,
        exchange: &Exchange<'_>,
        index: usize,
        mut answer: Answer,
        known: &mut Known,
        report: &mut Report,
    ) {
        let Some(base) = index.checked_sub(1) else { return };
        let Some(part) = exchange.part(base) else { return };
        answer.found.move_to(|span| {
            let origin = exchange.origin(index, span);
            origin.map_or(0..0, |origin| origin.span)
        });
        answer.found.keep_within(part.text);
        let last = known.alone.pop_if(|(part, _)| *part == base);
        let (is_known, is_bare) = (last.is_some(), answer.found.is_empty());
        let mut own = last.map_or_else(|| answer.found.none(), |(_, own)| own);
        let new = own.add(answer.found);
        if is_known || is_bare || !new.is_empty() {
            known.alone.push((base, own));
        }
        // Nothing is said of it that was not said before.
        if new.is_empty() && !(is_bare && answer.verdict > Verdict::Allow) {
            return;
        }
        if matches!(new, Found::Values(_)) {
            (answer.verdict, answer.reason) = {
                let (verdict, reason) = self.on_value(part.editable);
                (verdict, reason.into())
            };
        }
        for noted in new.noted() {
            let value = part.text.get(noted.span.clone()).unwrap_or_default();
            let place = Stretch { part: base, span: noted.span.clone() };
            self.note(report, exchange, &place, &noted, value);
        }
        report.raise(answer.verdict, answer.reason);
    }

    /// What the engine of `stage` says of `part`; its panic goes no further than that.
    async fn ask(
        &self,
        stage: Stage,
        exchange: &Exchange<'_>,
        part: &PartView<'_>,
    ) -> Result<Option<Answer>, StageFailure> {
        caught(self.ask_engine(stage, exchange, part)).await.map_err(|_| StageFailure::Panic)?
    }

    /// What the engine of `stage` says of `part`; `None` if there is nothing to say.
    async fn ask_engine(
        &self,
        stage: Stage,
        exchange: &Exchange<'_>,
        part: &PartView<'_>,
    ) -> Result<Option<Answer>, StageFailure> {
        let engines = &self.engines;
        match stage {
            Stage::Rbac => Ok(None),
            Stage::Pii => {
                let Some(detector) = &engines.detector else { return Ok(None) };
                let tenant = &exchange.subject().tenant;
                Ok(self.on_values(part, detector.detect_for(tenant, part).await?))
            }
            Stage::Moderation => {
                let Some(moderator) = &engines.moderator else { return Ok(None) };
                let tenant = &exchange.subject().tenant;
                Ok(on_moderation(moderator.moderate_for(tenant, part.text).await?))
            }
            Stage::Guard => {
                let Some(guard) = &engines.guard else { return Ok(None) };
                let harshest = self.config.guard_verdict(exchange.direction());
                Ok(on_check(guard.check_part(part).await?, part, harshest))
            }
        }
    }

    fn on_values(&self, part: &PartView<'_>, found: Vec<PiiDetection>) -> Option<Answer> {
        if found.is_empty() {
            return None;
        }
        let (verdict, reason) = self.on_value(part.editable);
        Some(Answer { verdict, reason: reason.into(), found: Found::Values(found) })
    }

    /// What is to happen with personal data that can be replaced or cannot.
    fn on_value(&self, is_editable: bool) -> (Verdict, &'static str) {
        if self.config.pii_action() == PiiAction::Block {
            (Verdict::Block, "it holds personal data or secrets")
        } else if is_editable {
            (Verdict::Flag, "personal data or secrets were taken out")
        } else {
            (Verdict::Block, "it holds personal data or secrets where nothing can be replaced")
        }
    }
}
