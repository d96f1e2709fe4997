//! Logistic regression on windows, by follow-the-regularised-leader (`McMahan` and others, 2013).
//!
//! A text is an attack if any of its windows is one: after the first round only the window that
//! the model finds worst teaches it, and another at random, so that every part of a benign text
//! stays quiet and an attack is learnt where it is.
//!
//! # Invariants
//! One thread, a fixed seed: the same texts in the same order give the same weights to the bit.

use mofa_scan::classify::model::root;
use mofa_scan::classify::window::windows;

use crate::random::Random;
use crate::sample::Sample;

/// The share of a lesson that a window at random gives, beside the worst.
const RANDOM_OF_ATTACK: f32 = 0.15;
const RANDOM_OF_BENIGN: f32 = 0.3;

/// A text that is known already this well teaches nothing more.
const KNOWN: f32 = 1e-4;

/// How many blocks of a long text the first round reads together.
const FIRST: usize = 16;

/// One text to learn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lesson<'a> {
    pub(crate) sample: &'a Sample,
    pub(crate) attack: bool,
    pub(crate) weight: f32,
}

/// How to learn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) bits: u32,
    pub(crate) rounds: usize,
    /// The step, and how soon it shrinks.
    pub(crate) alpha: f32,
    pub(crate) beta: f32,
    pub(crate) lasso: f32,
    pub(crate) ridge: f32,
}

/// A linear model before it is quantised.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) weights: Vec<f32>,
    pub(crate) bias: f32,
}

impl Model {
    /// The sum of the weights of `buckets`.
    pub(crate) fn sum(&self, buckets: &[u32]) -> f32 {
        buckets.iter().filter_map(|bucket| self.weights.get(*bucket as usize)).sum()
    }

    fn logit(&self, sum: f32, count: usize) -> f32 {
        self.bias + sum / scale(count)
    }

    /// The worst window of `sample`: its blocks and its logit.
    pub(crate) fn worst(&self, sample: &Sample) -> (std::ops::Range<usize>, f32) {
        let blocks = sample.block_count();
        let mut sums = Vec::with_capacity(blocks + 1);
        let (mut sum, mut count) = (0.0_f32, 0_usize);
        sums.push((sum, count));
        for block in 0..blocks {
            let part = sample.window(block..block + 1);
            sum += self.sum(part);
            count += part.len();
            sums.push((sum, count));
        }
        let at = |block: usize| sums.get(block).copied().unwrap_or((0.0, 0));
        let mut best = (0..blocks, f32::NEG_INFINITY);
        for window in windows(blocks) {
            let ((low, fewer), (high, more)) = (at(window.start), at(window.end));
            let logit = self.logit(high - low, more - fewer);
            if logit > best.1 {
                best = (window, logit);
            }
        }
        best
    }
}

/// By what the sum over so many features is divided.
pub(crate) fn scale(count: usize) -> f32 {
    root(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The state of the learner for one weight.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    z: f32,
    n: f32,
}

struct Learner {
    settings: Settings,
    model: Model,
    states: Vec<State>,
    bias: State,
}

impl Learner {
    fn new(settings: Settings) -> Self {
        let size = 1_usize << settings.bits;
        let model = Model { weights: vec![0.0; size], bias: 0.0 };
        Self { settings, model, states: vec![State::default(); size], bias: State::default() }
    }

    fn learn(&mut self, buckets: &[u32], attack: bool, weight: f32) {
        let scale = scale(buckets.len());
        let logit = self.model.bias + self.model.sum(buckets) / scale;
        let probability = 1.0 / (1.0 + (-logit).exp());
        let error = weight * (probability - if attack { 1.0 } else { 0.0 });
        if error.abs() < KNOWN * weight {
            return;
        }
        let gradient = error / scale;
        for bucket in buckets {
            let at = *bucket as usize;
            if let (Some(state), Some(weight)) =
                (self.states.get_mut(at), self.model.weights.get_mut(at))
            {
                step(&self.settings, state, weight, gradient);
            }
        }
        let free = Settings { lasso: 0.0, ridge: 0.0, ..self.settings };
        step(&free, &mut self.bias, &mut self.model.bias, error);
    }
}

fn step(settings: &Settings, state: &mut State, weight: &mut f32, gradient: f32) {
    let squares = state.n + gradient * gradient;
    let sigma = (squares.sqrt() - state.n.sqrt()) / settings.alpha;
    state.z += gradient - sigma * *weight;
    state.n = squares;
    let beyond = state.z.abs() - settings.lasso;
    *weight = if beyond <= 0.0 {
        0.0
    } else {
        -state.z.signum() * beyond
            / ((settings.beta + squares.sqrt()) / settings.alpha + settings.ridge)
    };
}

/// Learns from `lessons`.
pub(crate) fn fit(lessons: &[Lesson<'_>], settings: Settings, seed: u64) -> Model {
    let mut learner = Learner::new(settings);
    let mut random = Random::new(seed);
    let mut order: Vec<usize> = (0..lessons.len()).collect();
    for round in 0..settings.rounds {
        random.shuffle(&mut order);
        for lesson in order.iter().filter_map(|index| lessons.get(*index)) {
            teach(&mut learner, *lesson, round, &mut random);
        }
    }
    learner.model
}

fn teach(learner: &mut Learner, lesson: Lesson<'_>, round: usize, random: &mut Random) {
    let sample = lesson.sample;
    let count = windows(sample.block_count()).count();
    let any = windows(sample.block_count()).nth(random.below(count)).unwrap_or_default();
    if count == 1 {
        learner.learn(sample.window(any), lesson.attack, lesson.weight);
    } else if round == 0 {
        let all = 0..sample.block_count().min(FIRST);
        learner.learn(sample.window(all), lesson.attack, 0.5 * lesson.weight);
        learner.learn(sample.window(any), lesson.attack, 0.5 * lesson.weight);
    } else {
        let (worst, _) = learner.model.worst(sample);
        let other = if lesson.attack { RANDOM_OF_ATTACK } else { RANDOM_OF_BENIGN };
        learner.learn(sample.window(worst), lesson.attack, (1.0 - other) * lesson.weight);
        learner.learn(sample.window(any), lesson.attack, other * lesson.weight);
    }
}

#[cfg(test)]
mod tests {
    use super::{Lesson, Settings, fit};
    use crate::sample::Sample;

    const SETTINGS: Settings =
        Settings { bits: 12, rounds: 6, alpha: 0.5, beta: 1.0, lasso: 0.01, ridge: 1.0 };

    #[test]
    fn an_attack_in_a_long_text_is_learnt_where_it_is() {
        let filler = "the committee met on tuesday to talk about the library ".repeat(60);
        let texts: Vec<(String, bool)> = (0..40)
            .map(|n| {
                let word = if n % 2 == 0 { "xyzzy plugh xyzzy plugh" } else { "tea and some cake" };
                let (head, tail) = filler.split_at(n * 50);
                (format!("{head} {word} {tail}"), n % 2 == 0)
            })
            .collect();
        let samples: Vec<_> = texts
            .iter()
            .map(|(text, attack)| (Sample::new(text, SETTINGS.bits), *attack))
            .collect();
        let lessons: Vec<_> = samples
            .iter()
            .map(|(sample, attack)| Lesson { sample, attack: *attack, weight: 1.0 })
            .collect();
        let model = fit(&lessons, SETTINGS, 7);
        for (sample, attack) in &samples {
            assert_eq!(model.worst(sample).1 > 0.0, *attack);
        }
        let attack = model.worst(&Sample::new("xyzzy plugh", SETTINGS.bits)).1;
        assert!(attack > model.worst(&Sample::new("the committee met", SETTINGS.bits)).1);
        assert_eq!(model.weights, fit(&lessons, SETTINGS, 7).weights);
    }
}
