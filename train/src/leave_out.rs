//! Leaves each source out in turn: trains without it, and judges its texts.

use crate::calibrate::{Calibration, Outcome, count};
use crate::fit::{Lesson, Model, Settings, fit};
use crate::guard::SEED;
use crate::near::Seen;
use crate::prepare::{Item, Prepared};
use crate::report::noisy_or;
use crate::source::{FOLDS, Use};

/// How one text was judged by a model that had not seen its source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged {
    pub(crate) attack: bool,
    pub(crate) logit: f64,
    pub(crate) rules: f64,
    /// Whether a near-duplicate of it was in the training, from another source.
    pub(crate) known: bool,
}

impl Judged {
    /// What the classifier and the rules say together.
    pub(crate) fn both(&self, calibration: &Calibration) -> f64 {
        noisy_or(calibration.probability(self.logit), self.rules)
    }
}

/// A source of n texts counts as n to this power.
const BALANCE: f64 = 0.6;

/// A text that shares so much of its sketch with one of the training is no news.
const KNOWN: f64 = 0.3;

/// The worst logit of a text and its readings.
pub(crate) fn logit(model: &Model, item: &Item) -> f64 {
    let plain = model.worst(&item.sample).1;
    let hidden = item.readings.iter().map(|sample| model.worst(sample).1);
    f64::from(hidden.fold(plain, f32::max))
}

/// What to learn from when `left_out` says so of a source, with the weights balanced.
pub(crate) fn lessons(
    prepared: &[Prepared],
    left_out: impl Fn(&Prepared) -> bool,
) -> Vec<Lesson<'_>> {
    let mut lessons = Vec::new();
    for corpus in prepared {
        if corpus.source.usage != Use::Learn || left_out(corpus) {
            continue;
        }
        for attack in [false, true] {
            let items = || corpus.items.iter().filter(|i| i.attack == attack && !i.repeated);
            let balance = count(items().count()).max(1.0).powf(BALANCE - 1.0);
            #[expect(clippy::cast_possible_truncation, reason = "a weight near 1")]
            let balance = balance as f32 * corpus.source.trust;
            lessons.extend(items().map(|item| Lesson {
                sample: &item.sample,
                attack,
                weight: balance * item.weight,
            }));
        }
    }
    for attack in [false, true] {
        let class = || lessons.iter().filter(|lesson| lesson.attack == attack);
        let total: f64 = class().map(|lesson| f64::from(lesson.weight)).sum();
        #[expect(clippy::cast_possible_truncation, reason = "a weight near 1")]
        let factor = (count(lessons.len()) / total) as f32 / 2.0;
        for lesson in lessons.iter_mut().filter(|lesson| lesson.attack == attack) {
            lesson.weight *= factor;
        }
    }
    lessons
}

/// Trains one model for each fold, two at a time.
pub(crate) fn models(prepared: &[Prepared], settings: Settings) -> Vec<Model> {
    let one = |fold: usize| {
        let lessons = lessons(prepared, |corpus| corpus.source.fold == fold);
        fit(&lessons, settings, SEED)
    };
    let half = FOLDS / 2;
    std::thread::scope(|scope| {
        let other = scope.spawn(|| (half..FOLDS).map(one).collect::<Vec<_>>());
        let mut models: Vec<Model> = (0..half).map(one).collect();
        models.extend(other.join().unwrap_or_default());
        models
    })
}

/// Judges every text by the model that left its source out.
pub(crate) fn judge(prepared: &[Prepared], models: &[Model]) -> Vec<Vec<Judged>> {
    let one = |corpus: &Prepared| -> Vec<Judged> {
        let Some(model) = models.get(corpus.source.fold) else { return Vec::new() };
        let mut seen = Seen::default();
        for other in prepared.iter().filter(|other| other.source.fold != corpus.source.fold) {
            if other.source.usage == Use::Learn {
                other
                    .items
                    .iter()
                    .filter(|item| item.attack)
                    .for_each(|item| seen.add(&item.sketch));
            }
        }
        let judged = corpus.items.iter().map(|item| Judged {
            attack: item.attack,
            logit: logit(model, item),
            rules: item.rules,
            known: item.attack && seen.has_like(&item.sketch, KNOWN),
        });
        judged.collect()
    };
    prepared.iter().map(one).collect()
}

/// What calibration learns from: every source counts the same within its class, and attacks are
/// so rare as `prior` says.
pub(crate) fn outcomes(
    prepared: &[Prepared],
    judged: &[Vec<Judged>],
    prior: f64,
    skip: Option<usize>,
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (corpus, texts) in prepared.iter().zip(judged) {
        if corpus.source.usage != Use::Learn || skip == Some(corpus.source.fold) {
            continue;
        }
        for attack in [false, true] {
            let class = || texts.iter().filter(|text| text.attack == attack);
            let total = count(class().count()).max(1.0);
            let weight = f64::from(corpus.source.trust.min(1.0)) / total;
            outcomes.extend(class().map(|text| Outcome { logit: text.logit, attack, weight }));
        }
    }
    for attack in [false, true] {
        let total: f64 = outcomes.iter().filter(|o| o.attack == attack).map(|o| o.weight).sum();
        let share = if attack { prior } else { 1.0 - prior };
        for outcome in outcomes.iter_mut().filter(|o| o.attack == attack) {
            outcome.weight *= share / total;
        }
    }
    outcomes
}
