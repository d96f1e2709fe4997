//! Takes personal data out of the parts of an exchange, and out of their ends where a value is
//! split over several of them.
//!
//! # Invariants
//! Whatever a detector found in a part is taken out of it: as a value of the part's own, or with
//! the split value that it overlaps.
//!
//! # Failure
//! A [`StageFailure`] if the redactor fails on something, which is left as it is; the rest is taken
//! out all the same.

use super::Report;
use super::content::Known;
use crate::caught::caught;
use crate::security::config::Stage;
use crate::security::decision::StageFailure;
use crate::security::exchange::{Exchange, Made, Stretch};
use crate::security::service::SecurityService;
use crate::security::service::guarded::Deadline;
use crate::security::traits::PiiRedactor;
use crate::security::types::PiiDetection;
use crate::security::vault::TokenScope;
use std::collections::BTreeMap;
use std::ops::Range;

/// A value that is split over parts.
pub(super) struct Value {
    /// Over all of `text`.
    detection: PiiDetection,
    text: String,
    stretches: Vec<Stretch>,
}

impl Value {
    /// The value `text`, which is `found` where it is put together.
    pub(super) fn new(found: &PiiDetection, text: &str, made: &Made) -> Self {
        let detection = PiiDetection { span: 0..text.len(), ..found.clone() };
        Self { detection, text: text.to_owned(), stretches: made.of.clone() }
    }
}

/// What becomes of one part.
#[derive(Default)]
struct Plan<'a> {
    /// What was found in it alone.
    own: &'a [PiiDetection],
    /// What is cut out of it as a piece of a split value, and what stands there then.
    cuts: Vec<(Range<usize>, String)>,
}

impl SecurityService {
    /// Puts the parts in which something is `known`, without it, into `report`. A split value is
    /// replaced where it begins.
    pub(super) async fn redact(
        &self,
        exchange: &Exchange<'_>,
        known: Known,
        report: &mut Report,
    ) -> Result<(), StageFailure> {
        let Some(redactor) = &self.engines.redactor else { return Ok(()) };
        let scope = self.token_scope(exchange);
        let redactor = Redactor { engine: &**redactor, scope: scope.as_ref() };
        let deadline = Deadline::after(self.config.stage_timeout());
        let mut plans: BTreeMap<usize, Plan<'_>> = BTreeMap::new();
        for (index, found) in &known.alone {
            plans.entry(*index).or_default().own = found.values();
        }
        for value in known.values {
            match redactor.apply(&value.text, &[value.detection]).await {
                Ok(mut text) => {
                    for stretch in value.stretches {
                        let plan = plans.entry(stretch.part).or_default();
                        plan.cuts.push((stretch.span, std::mem::take(&mut text)));
                    }
                }
                Err(failure) => self.admit_left(report, failure),
            }
            deadline.check()?;
        }
        for (index, plan) in plans {
            let Some(part) = exchange.part(index) else { continue };
            match plan.carry_out(part.text, redactor).await {
                Ok(text) => report.edits.push((index, text)),
                Err(failure) => self.admit_left(report, failure),
            }
            deadline.check()?;
        }
        Ok(())
    }

    /// Takes down that something was found and not taken out.
    pub(in crate::security::service) fn admit_left(
        &self,
        report: &mut Report,
        failure: StageFailure,
    ) {
        report.reason = "personal data or secrets could not all be taken out".into();
        self.admit(Stage::Pii, report, failure);
    }
}

/// A redactor, and the conversation whose texts it is given.
#[derive(Clone, Copy)]
pub(in crate::security::service) struct Redactor<'a> {
    pub(in crate::security::service) engine: &'a dyn PiiRedactor,
    pub(in crate::security::service) scope: Option<&'a TokenScope>,
}

impl Redactor<'_> {
    /// `text` without `detections`; a panic of the redactor goes no further than that.
    pub(in crate::security::service) async fn apply(
        &self,
        text: &str,
        detections: &[PiiDetection],
    ) -> Result<String, StageFailure> {
        let applied = caught(async {
            match self.scope {
                Some(scope) => self.engine.apply_in(scope, text, detections).await,
                None => self.engine.apply(text, detections).await,
            }
        });
        Ok(applied.await.map_err(|_| StageFailure::Panic)??)
    }
}

impl Plan<'_> {
    async fn carry_out(
        mut self,
        text: &str,
        redactor: Redactor<'_>,
    ) -> Result<String, StageFailure> {
        if self.cuts.is_empty() {
            return redactor.apply(text, self.own).await;
        }
        for (cut, _) in &mut self.cuts {
            // What overlaps a split value goes with it.
            let piece = cut.clone();
            for own in self.own.iter().filter(|own| overlap(&own.span, &piece)) {
                *cut = cut.start.min(own.span.start)..cut.end.max(own.span.end);
            }
        }
        self.cuts.sort_by_key(|(cut, _)| cut.start);
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (cut, replacement) in &self.cuts {
            out.push_str(&self.rest(text, at..cut.start, redactor).await?);
            out.push_str(replacement);
            at = at.max(cut.end);
        }
        out.push_str(&self.rest(text, at..text.len(), redactor).await?);
        Ok(out)
    }

    /// What stands between cuts, without what was found there.
    async fn rest(
        &self,
        text: &str,
        span: Range<usize>,
        redactor: Redactor<'_>,
    ) -> Result<String, StageFailure> {
        let rest = text.get(span.clone()).unwrap_or_default();
        let inside =
            self.own.iter().filter(|own| span.start <= own.span.start && own.span.end <= span.end);
        let moved = |own: &PiiDetection| PiiDetection {
            span: own.span.start - span.start..own.span.end - span.start,
            ..own.clone()
        };
        let own: Vec<_> = inside.map(moved).collect();
        if own.is_empty() { Ok(rest.to_owned()) } else { redactor.apply(rest, &own).await }
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}
