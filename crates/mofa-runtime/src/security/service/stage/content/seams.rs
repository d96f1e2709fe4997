//! What an engine says of a text that is read over the ends of parts, as far as no part alone says
//! it.

use super::found::{Answer, Found};
use crate::security::config::Stage;
use crate::security::decision::StageFailure;
use crate::security::exchange::{Exchange, Joined, Made, Run, Stretch};
use crate::security::service::SecurityService;
use crate::security::service::stage::redact::Value;
use crate::security::service::stage::{Noted, Report};
use crate::security::types::{PiiDetection, Verdict};
use std::collections::BTreeMap;

/// What is known of an exchange once its parts have been judged.
pub(super) struct Seams<'a> {
    pub(super) exchange: &'a Exchange<'a>,
    /// What was found in each part alone, in their order.
    pub(super) alone: &'a [(usize, Found)],
    /// What was found over their ends: where, by part, and under which rule.
    pub(super) over: BTreeMap<usize, Vec<(Stretch, String)>>,
    pub(super) values: &'a mut Vec<Value>,
}

impl SecurityService {
    /// Takes over what is found over the ends of parts.
    pub(super) async fn on_joined(
        &self,
        stage: Stage,
        seams: &mut Seams<'_>,
        (run, joined): (&Run, &Joined<'_>),
        report: &mut Report,
    ) -> Result<(), StageFailure> {
        let Some(view) = joined.view(seams.exchange) else { return Ok(()) };
        let answer = self.ask(stage, seams.exchange, &view).await?;
        let Some(mut answer) = answer else { return Ok(()) };
        let is_sound = answer.found.keep_within(&joined.text);
        self.weigh(seams, report, (run, joined), answer);
        if is_sound { Ok(()) } else { Err(StageFailure::Span) }
    }

    /// Takes over the values that stand over a joint.
    fn weigh_values(
        &self,
        seams: &mut Seams<'_>,
        report: &mut Report,
        joined: &Joined<'_>,
        values: &[PiiDetection],
    ) {
        for found in values {
            let value = joined.text.get(found.span.clone()).unwrap_or_default();
            let made = joined.made(&found.span);
            let is_grown = joined.is_tight && seams.has_whole(found, &made);
            let Some(first) = made.of.first().filter(|_| made.of.len() > 1 && !is_grown) else {
                continue;
            };
            if seams.is_taken(&made, None) {
                continue;
            }
            let noted = Noted::of_value(found);
            let (verdict, reason) = self.on_joined_value(seams.exchange, &made);
            report.raise(verdict, reason);
            self.note(report, seams.exchange, first, &noted, value);
            seams.take(&made, noted.rule);
            seams.values.push(Value::new(found, value, &made));
        }
    }

    /// Takes over what `answer` says of a joined text beyond what its parts say alone.
    fn weigh(
        &self,
        seams: &mut Seams<'_>,
        report: &mut Report,
        (run, joined): (&Run, &Joined<'_>),
        answer: Answer,
    ) {
        if let Found::Values(values) = &answer.found {
            return self.weigh_values(seams, report, joined, values);
        }
        let is_attack = matches!(answer.found, Found::Attack(_));
        let is_together = is_attack && !seams.is_known(run);
        let mut verdict = if is_together { answer.verdict } else { Verdict::Allow };
        for (number, noted) in answer.found.noted().enumerate() {
            let value = joined.text.get(noted.span.clone()).unwrap_or_default();
            let made = joined.made(noted.span);
            let Some(first) = made.of.first().filter(|_| made.of.len() > 1 || is_together) else {
                continue;
            };
            verdict = verdict.max(answer.verdict_of(number));
            if !seams.is_taken(&made, Some(noted.rule)) {
                self.note(report, seams.exchange, first, &noted, value);
                seams.take(&made, noted.rule);
            }
        }
        report.raise(verdict, answer.reason);
    }

    fn on_joined_value(&self, exchange: &Exchange<'_>, made: &Made) -> (Verdict, &'static str) {
        if made.is_cut {
            return (
                Verdict::Block,
                "a value that is split over parts is too long to be taken out",
            );
        }
        let is_editable = |it: &Stretch| exchange.part(it.part).is_some_and(|part| part.editable);
        self.on_value(made.of.iter().all(is_editable))
    }
}

impl Seams<'_> {
    fn alone(&self, part: usize) -> Option<&Found> {
        let at = self.alone.binary_search_by_key(&part, |(part, _)| *part).ok()?;
        self.alone.get(at).map(|(_, found)| found)
    }

    /// Whether something was found in a part of `run` alone.
    fn is_known(&self, run: &Run) -> bool {
        run.parts().any(|part| self.alone(part).is_some())
    }

    /// Whether a part alone holds a value of the same kind there: it is whole, and only seems to
    /// go on because nothing stands between it and the next word.
    fn has_whole(&self, found: &PiiDetection, made: &Made) -> bool {
        made.of.iter().any(|stretch| {
            let own = self.alone(stretch.part).map_or(&[][..], Found::values);
            own.iter().any(|own| own.category == found.category && stretch.overlaps(&own.span))
        })
    }

    /// Whether something that overlaps was found before, over the ends of parts too: under `rule`,
    /// or under any.
    fn is_taken(&self, made: &Made, rule: Option<&str>) -> bool {
        made.of.iter().any(|stretch| {
            self.over.get(&stretch.part).is_some_and(|taken| {
                taken.iter().any(|(other, by)| {
                    other.overlaps(&stretch.span) && rule.is_none_or(|rule| rule == by)
                })
            })
        })
    }

    fn take(&mut self, made: &Made, rule: &str) {
        for stretch in &made.of {
            let taken = self.over.entry(stretch.part).or_default();
            taken.push((stretch.clone(), rule.to_owned()));
        }
    }
}
