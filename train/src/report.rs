//! The figures, as tables in Markdown; printed by the command and copied into the card.

use std::collections::BTreeMap;
use std::fmt;

use crate::calibrate::{Calibration, auroc, count, expected_error};
use crate::guard::{PRIOR, THRESHOLD};
use crate::leave_out::{Judged, outcomes};
use crate::prepare::Prepared;
use crate::source::{FOLDS, Use};

/// A hand-written file: for each sentence what the classifier and the rules say.
#[derive(Debug)]
pub(crate) struct Hand {
    pub(crate) name: String,
    pub(crate) scores: Vec<(f64, f64)>,
}

/// An attack in another form.
#[derive(Debug)]
pub(crate) struct Transformed {
    pub(crate) name: String,
    /// Whether it was found.
    pub(crate) found: bool,
    /// Whether it is found in its plain form.
    pub(crate) plain: bool,
}

/// A goal above it is about attacks found, below it about benign texts flagged.
const HALF: f64 = 0.5;

/// One row of the table with each source left out.
#[derive(Debug)]
struct Row {
    name: &'static str,
    attack: bool,
    texts: usize,
    classifier: f64,
    rules: f64,
    both: f64,
    /// As `both`, without what has a near-duplicate in the training.
    unknown: Option<f64>,
    area: f64,
    goal: Option<f64>,
}

/// All figures.
#[derive(Debug)]
pub(crate) struct Report {
    rows: Vec<Row>,
    error: f64,
    pooled: f64,
    transformed: Vec<Transformed>,
    hand: Vec<Hand>,
}

impl Report {
    /// Works out the figures.
    pub(crate) fn new(
        prepared: &[Prepared],
        judged: &[Vec<Judged>],
        calibrations: &[Calibration],
        transformed: Vec<Transformed>,
        hand: Vec<Hand>,
    ) -> Self {
        let measured = || {
            let pairs = prepared.iter().zip(judged);
            pairs.filter_map(|(corpus, texts)| {
                Some((corpus, texts, calibrations.get(corpus.source.fold)?))
            })
        };
        let class = |wanted: bool| -> Vec<f64> {
            let learnt = measured().filter(|(corpus, ..)| corpus.source.usage == Use::Learn);
            let all = learnt.flat_map(|(_, texts, calibration)| {
                let class = texts.iter().filter(move |text| text.attack == wanted);
                class.map(|text| text.both(calibration))
            });
            all.collect()
        };
        let (attacks, benign) = (class(true), class(false));
        let mut rows = Vec::new();
        for (corpus, texts, calibration) in measured() {
            for attack in [false, true] {
                let texts: Vec<&Judged> = texts.iter().filter(|t| t.attack == attack).collect();
                if !texts.is_empty() {
                    let others = if attack { &benign } else { &attacks };
                    rows.push(Row::new(corpus, attack, &texts, calibration, others));
                }
            }
        }
        let flagged = benign.iter().filter(|p| **p >= THRESHOLD).count();
        Self {
            rows,
            error: calibration_error(prepared, judged, calibrations),
            pooled: count(flagged) / count(benign.len()),
            transformed,
            hand,
        }
    }
}

/// The error of the calibrated probabilities on folds that the calibration has not seen.
fn calibration_error(
    prepared: &[Prepared],
    judged: &[Vec<Judged>],
    calibrations: &[Calibration],
) -> f64 {
    let mut said = Vec::new();
    for (fold, calibration) in calibrations.iter().enumerate().take(FOLDS) {
        // Everything weighs as in calibration; what belongs to other folds is taken away.
        let only: Vec<Vec<Judged>> = prepared
            .iter()
            .zip(judged)
            .map(
                |(corpus, texts)| {
                    if corpus.source.fold == fold { texts.clone() } else { Vec::new() }
                },
            )
            .collect();
        let outcomes = outcomes(prepared, &only, PRIOR, None);
        said.extend(outcomes.iter().map(|outcome| {
            (calibration.probability(outcome.logit), outcome.attack, outcome.weight)
        }));
    }
    expected_error(&said)
}

impl Row {
    fn new(
        corpus: &Prepared,
        attack: bool,
        texts: &[&Judged],
        calibration: &Calibration,
        others: &[f64],
    ) -> Self {
        let both: Vec<f64> = texts.iter().map(|text| text.both(calibration)).collect();
        let unknown: Vec<f64> =
            texts.iter().filter(|text| !text.known).map(|text| text.both(calibration)).collect();
        let share = |values: &[f64]| {
            count(values.iter().filter(|p| **p >= THRESHOLD).count()) / count(values.len().max(1))
        };
        let of = |value: &dyn Fn(&Judged) -> f64| {
            share(&texts.iter().map(|text| value(text)).collect::<Vec<_>>())
        };
        Self {
            name: corpus.source.name,
            attack,
            texts: texts.len(),
            classifier: of(&|text| calibration.probability(text.logit)),
            rules: of(&|text| text.rules),
            both: share(&both),
            unknown: (attack && unknown.len() < texts.len()).then(|| share(&unknown)),
            area: if attack { auroc(&both, others) } else { auroc(others, &both) },
            goal: corpus.source.goal.filter(|goal| attack == (*goal > HALF)),
        }
    }

    /// Whether what was asked for is reached.
    fn verdict(&self) -> String {
        self.goal.map_or_else(String::new, |goal| {
            let (sign, met) =
                if self.attack { ("≥", self.both >= goal) } else { ("≤", self.both <= goal) };
            format!("{sign} {goal:.2} {}", if met { "met" } else { "missed" })
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| file | texts | classifier | rules | both | unlike the training | AUROC | goal |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        for (attack, what) in [(false, "flagged, of benign"), (true, "found, of attacks")] {
            writeln!(f, "| **{what}** | | | | | | | |")?;
            for row in self.rows.iter().filter(|row| row.attack == attack) {
                let unknown = row.unknown.map_or_else(String::new, |share| format!("{share:.3}"));
                writeln!(
                    f,
                    "| {} | {} | {:.3} | {:.3} | {:.3} | {unknown} | {:.3} | {} |",
                    row.name,
                    row.texts,
                    row.classifier,
                    row.rules,
                    row.both,
                    row.area,
                    row.verdict()
                )?;
            }
        }
        writeln!(f, "\nFlagged of all benign texts together: {:.4}.", self.pooled)?;
        writeln!(f, "Expected calibration error of the classifier: {:.4}.", self.error)?;
        self.write_hand(f)?;
        self.write_transformed(f)
    }
}

impl Report {
    fn write_hand(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n| hand-written file | texts | classifier | rules | both |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        for file in &self.hand {
            let share = |value: &dyn Fn(&(f64, f64)) -> f64| {
                let flagged = file.scores.iter().filter(|pair| value(pair) >= THRESHOLD).count();
                count(flagged) / count(file.scores.len().max(1))
            };
            writeln!(
                f,
                "| {} | {} | {:.3} | {:.3} | {:.3} |",
                file.name,
                file.scores.len(),
                share(&|pair| pair.0),
                share(&|pair| pair.1),
                share(&|pair| noisy_or(pair.0, pair.1)),
            )?;
        }
        Ok(())
    }

    fn write_transformed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
        for record in &self.transformed {
            let row = rows.entry(&record.name).or_default();
            row.0 += 1;
            row.1 += usize::from(record.found);
            row.2 += usize::from(record.plain);
        }
        writeln!(f, "\n| transformation | texts | found | found in plain form |")?;
        writeln!(f, "|---|---|---|---|")?;
        for (name, (texts, found, plain)) in rows {
            let share = |part| count(part) / count(texts);
            writeln!(f, "| {name} | {texts} | {:.2} | {:.2} |", share(found), share(plain))?;
        }
        Ok(())
    }
}

/// Two reasons to believe in an attack, taken as independent.
pub(crate) fn noisy_or(one: f64, other: f64) -> f64 {
    1.0 - (1.0 - one) * (1.0 - other)
}

#[cfg(test)]
mod tests {
    use super::{Hand, Report, Row, Transformed, noisy_or};

    #[test]
    fn the_tables_say_what_was_counted() {
        let row = |attack, both, goal| Row {
            name: "file",
            attack,
            texts: 4,
            classifier: 0.25,
            rules: 0.0,
            both,
            unknown: attack.then_some(0.125),
            area: 0.75,
            goal,
        };
        let report = Report {
            rows: vec![row(false, 0.25, Some(0.01)), row(true, 0.5, Some(0.5))],
            error: 0.02,
            pooled: 0.25,
            transformed: vec![
                Transformed { name: "flip".to_owned(), found: true, plain: true },
                Transformed { name: "flip".to_owned(), found: false, plain: true },
            ],
            hand: vec![Hand { name: "a.txt".to_owned(), scores: vec![(0.3, 0.3), (0.1, 0.1)] }],
        };
        let text = report.to_string();
        for line in [
            "| file | 4 | 0.250 | 0.000 | 0.250 |  | 0.750 | ≤ 0.01 missed |",
            "| file | 4 | 0.250 | 0.000 | 0.500 | 0.125 | 0.750 | ≥ 0.50 met |",
            "| a.txt | 2 | 0.000 | 0.000 | 0.500 |",
            "| flip | 2 | 0.50 | 1.00 |",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!((noisy_or(0.3, 0.3) - 0.51).abs() < 1e-9);
    }
}
