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

use super::redact::Value;
use super::{Noted, Report};
use crate::caught::caught;
use crate::security::config::{PiiAction, Stage};
use crate::security::decision::StageFailure;
use crate::security::exchange::{Exchange, Joined, Made, PartView, Run, Stretch, Trust};
use crate::security::service::SecurityService;
use crate::security::service::guarded::Deadline;
use crate::security::types::{
    InjectionCheck, InjectionSignal, Moderation, ModerationMatch, PiiDetection, Verdict,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

/// What an engine has to say of a text.
struct Answer {
    verdict: Verdict,
    reason: Cow<'static, str>,
    found: Found,
}

impl Answer {
    /// What finding `number` alone amounts to.
    fn verdict_of(&self, number: usize) -> Verdict {
        match &self.found {
            Found::Harm(found) => found.get(number).map_or(Verdict::Allow, |it| it.verdict),
            Found::Values(_) | Found::Attack(_) => self.verdict,
        }
    }
}

/// What an engine found.
pub(super) enum Found {
    Values(Vec<PiiDetection>),
    Harm(Vec<ModerationMatch>),
    Attack(Vec<InjectionSignal>),
}

impl Found {
    pub(super) fn values(&self) -> &[PiiDetection] {
        if let Self::Values(found) = self { found } else { &[] }
    }

    /// Drops what names no place in `text`; whether there was nothing of the kind.
    fn keep_within(&mut self, text: &str) -> bool {
        fn keep<T>(found: &mut Vec<T>, text: &str, span: impl Fn(&T) -> &Range<usize>) -> bool {
            let all = found.len();
            found.retain(|it| text.get(span(it).clone()).is_some());
            found.len() == all
        }
        match self {
            Self::Values(found) => keep(found, text, |it| &it.span),
            Self::Harm(found) => keep(found, text, |it| &it.span),
            Self::Attack(found) => keep(found, text, |it| &it.span),
        }
    }

    /// Nothing of the same kind.
    fn none(&self) -> Self {
        match self {
            Self::Values(_) => Self::Values(Vec::new()),
            Self::Harm(_) => Self::Harm(Vec::new()),
            Self::Attack(_) => Self::Attack(Vec::new()),
        }
    }

    fn is_empty(&self) -> bool {
        self.noted().next().is_none()
    }

    /// Says where every finding stands in another text.
    fn move_to(&mut self, place: impl Fn(&Range<usize>) -> Range<usize>) {
        match self {
            Self::Values(found) => found.iter_mut().for_each(|it| it.span = place(&it.span)),
            Self::Harm(found) => found.iter_mut().for_each(|it| it.span = place(&it.span)),
            Self::Attack(found) => found.iter_mut().for_each(|it| it.span = place(&it.span)),
        }
    }

    /// Adds what is found in the same text in another way; gives what is new of it. A value that
    /// overlaps a known one only makes that longer.
    fn add(&mut self, more: Self) -> Self {
        match (self, more) {
            (Self::Values(known), Self::Values(more)) => Self::Values(add_values(known, more)),
            (Self::Harm(known), Self::Harm(mut more)) => {
                let seen: HashSet<_> = known.iter().map(|it| (&it.rule, &it.span)).collect();
                more.retain(|it| !seen.contains(&(&it.rule, &it.span)));
                known.extend(more.iter().cloned());
                Self::Harm(more)
            }
            (Self::Attack(known), Self::Attack(mut more)) => {
                let seen: HashSet<_> = known.iter().map(|it| (&it.rule, &it.span)).collect();
                more.retain(|it| !seen.contains(&(&it.rule, &it.span)));
                known.extend(more.iter().cloned());
                Self::Attack(more)
            }
            (_, more) => more.none(),
        }
    }

    fn noted(&self) -> impl Iterator<Item = Noted<'_>> {
        let (values, harm, attack): (&[_], &[_], &[_]) = match self {
            Self::Values(found) => (found, &[], &[]),
            Self::Harm(found) => (&[], found, &[]),
            Self::Attack(found) => (&[], &[], found),
        };
        let values = values.iter().map(Noted::of_value);
        values.chain(harm.iter().map(Noted::of_harm)).chain(attack.iter().map(Noted::of_attack))
    }
}

/// What was found, and where.
#[derive(Default)]
pub(super) struct Known {
    /// In each part alone, in their order.
    pub(super) alone: Vec<(usize, Found)>,
    /// Split over parts.
    pub(super) values: Vec<Value>,
}

/// What is known of an exchange once its parts have been judged.
struct Seams<'a> {
    exchange: &'a Exchange<'a>,
    /// What was found in each part alone, in their order.
    alone: &'a [(usize, Found)],
    /// What was found over their ends: where, by part, and under which rule.
    over: BTreeMap<usize, Vec<(Stretch, String)>>,
    values: &'a mut Vec<Value>,
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

    /// Takes over what is found over the ends of parts.
    async fn on_joined(
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

/// Adds values to those known of one text, which stay sorted and apart; gives those that are new.
pub(in crate::security::service) fn add_values(
    known: &mut Vec<PiiDetection>,
    more: Vec<PiiDetection>,
) -> Vec<PiiDetection> {
    // No more work than sorting: a text may hold a hundred thousand values.
    known.sort_by_key(|it| it.span.start);
    let is_new = |value: &PiiDetection| {
        let at = known.partition_point(|it| it.span.end <= value.span.start);
        known.get(at).is_none_or(|it| it.span.start >= value.span.end)
    };
    let new = more.iter().filter(|value| is_new(value)).cloned().collect();
    known.extend(more);
    known.sort_by_key(|it| (it.span.start, std::cmp::Reverse(it.span.end)));
    known.dedup_by(|next, last| {
        let is_one = overlap(&next.span, &last.span);
        if is_one {
            last.span.end = last.span.end.max(next.span.end);
        }
        is_one
    });
    new
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

fn on_moderation(answer: Moderation) -> Option<Answer> {
    let Moderation { verdict, reason, matches } = answer;
    let is_clean = verdict == Verdict::Allow && matches.is_empty();
    (!is_clean).then(|| Answer { verdict, reason: reason.into(), found: Found::Harm(matches) })
}

fn on_check(answer: InjectionCheck, part: &PartView<'_>, harshest: Verdict) -> Option<Answer> {
    let InjectionCheck { is_suspicious, confidence, signals } = answer;
    if !is_suspicious {
        return None;
    }
    let verdict = match part.trust {
        Trust::Trusted => harshest.min(Verdict::Flag),
        Trust::Untrusted => harshest,
    };
    let why = signals.first().map_or("", |signal| &signal.reason);
    let reason = format!("prompt injection, {confidence:.2} sure: {why}");
    Some(Answer { verdict, reason: reason.into(), found: Found::Attack(signals) })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::security::types::PiiCategory;

    fn value(span: Range<usize>) -> PiiDetection {
        PiiDetection { category: PiiCategory::EMAIL, span, rule: "r".into(), confidence: 1.0 }
    }

    #[test]
    fn two_readings_of_a_text_make_one_list() {
        let mut known = vec![value(20..25), value(0..5)];
        let new = add_values(&mut known, vec![value(3..9), value(10..12), value(19..30)]);
        let spans = |of: &[PiiDetection]| of.iter().map(|it| it.span.clone()).collect::<Vec<_>>();
        assert_eq!(new, [value(10..12)]);
        assert_eq!(spans(&known), [0..9, 10..12, 19..30]);
    }

    #[test]
    fn as_many_values_as_a_body_may_hold_are_no_trouble() {
        let values =
            |from: usize| (0..400_000).map(move |n| value(n * 10 + from..n * 10 + from + 4));
        let mut known: Vec<_> = values(0).collect();
        let new = add_values(&mut known, values(5).collect());
        assert_eq!((new.len(), known.len()), (400_000, 800_000));
        assert!(add_values(&mut known, values(0).collect()).is_empty());
    }
}
