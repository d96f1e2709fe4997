//! Makes weights of a byte out of floats.
//!
//! # Invariants
//! The largest weights in a thousand features are cut, so that the small ones, of which a logit is
//! the sum, keep their shape. Half of a step is the most that a weight in between moves.

use crate::calibrate::Calibration;
use crate::fit::Model;
use mofa_scan::classify::model::{Parameters, write};

/// The share of the weights that is cut, of those that are not 0.
const CUT: f64 = 0.0005;

/// The file of `model`.
pub(crate) fn file(model: &Model, bits: u32, calibration: Calibration) -> Vec<u8> {
    let scale = step(&model.weights);
    #[expect(clippy::cast_possible_truncation, reason = "clamped to a byte just before")]
    let byte = |weight: &f32| (weight / scale).round().clamp(-127.0, 127.0) as i8;
    let weights: Vec<i8> = model.weights.iter().map(byte).collect();
    #[expect(clippy::cast_possible_truncation, reason = "fewer digits are enough")]
    let parameters = Parameters {
        bits,
        scale,
        bias: model.bias,
        slope: calibration.slope as f32,
        offset: calibration.offset as f32,
    };
    write(&parameters, &weights)
}

/// What a weight of 1 is worth.
fn step(weights: &[f32]) -> f32 {
    let mut sizes: Vec<f32> = weights.iter().map(|w| w.abs()).filter(|w| *w > 0.0).collect();
    sizes.sort_by(f32::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of weights"
    )]
    let last = (crate::calibrate::count(sizes.len()) * (1.0 - CUT)) as usize;
    let largest = sizes.get(last.min(sizes.len().saturating_sub(1))).copied().unwrap_or(1.0);
    largest / 127.0
}

#[cfg(test)]
mod tests {
    use mofa_scan::classify::Classifier;

    use super::{file, step};
    use crate::calibrate::Calibration;
    use crate::fit::Model;

    #[test]
    fn what_is_written_is_read_by_the_classifier() {
        let model = Model { weights: vec![0.5; 16], bias: -1.0 };
        let bytes = file(&model, 4, Calibration { slope: 2.0, offset: -0.5 });
        let classifier = Classifier::new(Box::leak(bytes.into_boxed_slice())).unwrap();
        // One word of one letter: a word and a run of characters.
        let logit = classifier.assess("a").logit;
        assert!((logit - (-1.0 + 0.5 * 2.0_f32.sqrt())).abs() < 1e-4, "{logit}");
        assert!((classifier.parameters().slope - 2.0).abs() < f32::EPSILON);
    }

    #[test]
    fn few_large_weights_do_not_coarsen_the_rest() {
        let mut weights = vec![0.1; 10_000];
        weights[7] = 1_000.0;
        assert!((step(&weights) - 0.1 / 127.0).abs() < 1e-6);
    }
}
