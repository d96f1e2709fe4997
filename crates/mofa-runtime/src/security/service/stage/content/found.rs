//! What an engine says of one text: its verdict, and what it found where.

use crate::security::exchange::{PartView, Trust};
use crate::security::service::stage::Noted;
use crate::security::types::{
    InjectionCheck, InjectionSignal, Moderation, ModerationMatch, PiiDetection, Verdict,
};
use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

/// What an engine has to say of a text.
pub(super) struct Answer {
    pub(super) verdict: Verdict,
    pub(super) reason: Cow<'static, str>,
    pub(super) found: Found,
}

impl Answer {
    /// What finding `number` alone amounts to.
    pub(super) fn verdict_of(&self, number: usize) -> Verdict {
        match &self.found {
            Found::Harm(found) => found.get(number).map_or(Verdict::Allow, |it| it.verdict),
            Found::Values(_) | Found::Attack(_) => self.verdict,
        }
    }
}

/// What an engine found.
pub(in super::super) enum Found {
    Values(Vec<PiiDetection>),
    Harm(Vec<ModerationMatch>),
    Attack(Vec<InjectionSignal>),
}

impl Found {
    pub(in super::super) fn values(&self) -> &[PiiDetection] {
        if let Self::Values(found) = self { found } else { &[] }
    }

    /// Drops what names no place in `text`; whether there was nothing of the kind.
    pub(super) fn keep_within(&mut self, text: &str) -> bool {
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
    pub(super) fn none(&self) -> Self {
        match self {
            Self::Values(_) => Self::Values(Vec::new()),
            Self::Harm(_) => Self::Harm(Vec::new()),
            Self::Attack(_) => Self::Attack(Vec::new()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.noted().next().is_none()
    }

    /// Says where every finding stands in another text.
    pub(super) fn move_to(&mut self, place: impl Fn(&Range<usize>) -> Range<usize>) {
        match self {
            Self::Values(found) => found.iter_mut().for_each(|it| it.span = place(&it.span)),
            Self::Harm(found) => found.iter_mut().for_each(|it| it.span = place(&it.span)),
            Self::Attack(found) => found.iter_mut().for_each(|it| it.span = place(&it.span)),
        }
    }

    /// Adds what is found in the same text in another way; gives what is new of it. A value that
    /// overlaps a known one only makes that longer.
    pub(super) fn add(&mut self, more: Self) -> Self {
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

    pub(super) fn noted(&self) -> impl Iterator<Item = Noted<'_>> {
        let (values, harm, attack): (&[_], &[_], &[_]) = match self {
            Self::Values(found) => (found, &[], &[]),
            Self::Harm(found) => (&[], found, &[]),
            Self::Attack(found) => (&[], &[], found),
        };
        let values = values.iter().map(Noted::of_value);
        values.chain(harm.iter().map(Noted::of_harm)).chain(attack.iter().map(Noted::of_attack))
    }
}

pub(super) fn on_moderation(answer: Moderation) -> Option<Answer> {
    let Moderation { verdict, reason, matches } = answer;
    let is_clean = verdict == Verdict::Allow && matches.is_empty();
    (!is_clean).then(|| Answer { verdict, reason: reason.into(), found: Found::Harm(matches) })
}

pub(super) fn on_check(
    answer: InjectionCheck,
    part: &PartView<'_>,
    harshest: Verdict,
) -> Option<Answer> {
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
