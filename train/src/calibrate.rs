//! Turns logits into probabilities (Platt 1999) and measures how well (expected calibration
//! error, ten bins).

/// One text that the model has not learnt from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) logit: f64,
    pub(crate) attack: bool,
    pub(crate) weight: f64,
}

/// `probability = 1 / (1 + exp(-(slope * logit + offset)))`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calibration {
    pub(crate) slope: f64,
    pub(crate) offset: f64,
}

impl Calibration {
    /// Fits both numbers by Newton's method.
    pub(crate) fn fit(outcomes: &[Outcome]) -> Self {
        let (mut slope, mut offset) = (1.0_f64, 0.0_f64);
        for _ in 0..100 {
            let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
            for outcome in outcomes {
                let x = outcome.logit;
                let p = sigmoid(slope * x + offset);
                let error = outcome.weight * (p - f64::from(u8::from(outcome.attack)));
                let bend = outcome.weight * p * (1.0 - p);
                g0 += error * x;
                g1 += error;
                h00 += bend * x * x;
                h01 += bend * x;
                h11 += bend;
            }
            let determinant = h00 * h11 - h01 * h01;
            let (d0, d1) =
                ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant);
            let damp = (1.0 / (d0.abs() + d1.abs()).max(1.0)).min(1.0);
            slope -= damp * d0;
            offset -= damp * d1;
            if d0.abs() + d1.abs() < 1e-9 {
                break;
            }
        }
        Self { slope, offset }
    }

    pub(crate) fn probability(&self, logit: f64) -> f64 {
        sigmoid(self.slope * logit + self.offset)
    }
}

pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The mean distance between what was said and what was so, over ten bins of equal width.
pub(crate) fn expected_error(said: &[(f64, bool, f64)]) -> f64 {
    let mut bins = [(0.0, 0.0, 0.0); 10];
    for (probability, attack, weight) in said {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 9")]
        let bin = ((probability * 10.0) as usize).min(9);
        if let Some(bin) = bins.get_mut(bin) {
            bin.0 += weight * probability;
            bin.1 += weight * f64::from(u8::from(*attack));
            bin.2 += weight;
        }
    }
    let total: f64 = bins.iter().map(|bin| bin.2).sum();
    bins.iter().map(|bin| (bin.0 - bin.1).abs()).sum::<f64>() / total.max(f64::MIN_POSITIVE)
}

/// The share of pairs of an attack and a benign text in which the attack has the higher value.
pub(crate) fn auroc(attacks: &[f64], benign: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = attacks.iter().map(|value| (*value, true)).collect();
    all.extend(benign.iter().map(|value| (*value, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut won) = (0.0, 0.0);
    for same in all.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let attacks = count(same.iter().filter(|(_, attack)| *attack).count());
        let others = count(same.len()) - attacks;
        won += attacks * (below + others / 2.0);
        below += others;
    }
    won / (count(attacks.len()) * count(benign.len())).max(1.0)
}

/// A count as a number to divide by.
#[expect(clippy::cast_precision_loss, reason = "no count here reaches 2^52")]
pub(crate) const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::{Calibration, Outcome, auroc, expected_error};

    #[test]
    fn a_calibration_finds_the_shares_that_it_was_shown() {
        let outcome = |logit, attack, weight| Outcome { logit, attack, weight };
        let shown = [
            outcome(-1.0, false, 9.0),
            outcome(-1.0, true, 1.0),
            outcome(2.0, true, 8.0),
            outcome(2.0, false, 2.0),
        ];
        let calibration = Calibration::fit(&shown);
        assert!((calibration.probability(-1.0) - 0.1).abs() < 1e-6);
        assert!((calibration.probability(2.0) - 0.8).abs() < 1e-6);
    }

    #[test]
    fn the_measures_are_those_of_small_examples() {
        assert!((auroc(&[0.9, 0.5], &[0.5, 0.1]) - 0.875).abs() < 1e-9);
        let said = [(0.25, true, 1.0), (0.25, false, 1.0), (0.95, true, 2.0)];
        assert!((expected_error(&said) - (0.5 + 0.1) / 4.0).abs() < 1e-9);
    }
}
