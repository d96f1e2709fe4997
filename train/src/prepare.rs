//! Makes texts ready to learn from and to judge: features, other readings, what the rules say, and
//! which are nearly the same as another.

use mofa_scan::classify::Classifier;
use mofa_scan::injection::InjectionScanner;
use mofa_scan::layers;

use crate::data::{Corpus, Example};
use crate::near::Seen;
use crate::sample::{Sample, sketch};
use crate::source::Source;

/// Two texts of which the sketches share so much are one for learning.
const SAME: f64 = 0.5;

/// A text, ready.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) attack: bool,
    pub(crate) weight: f32,
    pub(crate) sample: Sample,
    /// What the text says once what hides it is undone.
    pub(crate) readings: Vec<Sample>,
    /// The score of the rules.
    pub(crate) rules: f64,
    pub(crate) sketch: Vec<u64>,
    /// Whether an earlier text of its source is nearly the same.
    pub(crate) repeated: bool,
}

/// A source, ready.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) source: Source,
    pub(crate) items: Vec<Item>,
    pub(crate) damaged: usize,
}

/// Makes `corpus` ready.
pub(crate) fn corpus(corpus: Corpus, bits: u32) -> Prepared {
    let mut seen = Seen::default();
    let items = corpus.examples.into_iter().map(|example| {
        let mut item = item(&example, bits);
        item.repeated = seen.has_like(&item.sketch, SAME);
        if !item.repeated {
            seen.add(&item.sketch);
        }
        item
    });
    Prepared { source: corpus.source, items: items.collect(), damaged: corpus.damaged }
}

/// Makes one text ready.
pub(crate) fn item(example: &Example, bits: u32) -> Item {
    let text = &example.text;
    let scanner = InjectionScanner::default();
    let mut rules = scanner.assess(text).score;
    let mut readings = Vec::new();
    layers::visit(text, 0, &mut |reading| {
        rules = rules.max(scanner.assess(reading.text()).score);
        readings.push(Sample::new(reading.text(), bits));
    });
    Item {
        attack: example.attack,
        weight: example.weight,
        sample: Sample::new(text, bits),
        readings,
        rules: f64::from(rules),
        sketch: sketch(text),
        repeated: false,
    }
}

/// What `classifier` says of a text and its readings.
pub(crate) fn probability(classifier: &Classifier, text: &str) -> f64 {
    let mut most = classifier.assess(text).probability;
    layers::visit(text, 0, &mut |reading| {
        most = most.max(classifier.assess(reading.text()).probability);
    });
    f64::from(most)
}
