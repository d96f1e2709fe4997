//! The command `guard`: reads, trains with each source left out, measures, and writes the model.

use std::path::{Path, PathBuf};

use mofa_scan::classify::Classifier;

use crate::arguments::Arguments;
use crate::calibrate::Calibration;
use crate::data::{self, Corpus, DataError, Example};
use crate::fit::{Model, Settings, fit};
use crate::leave_out::{self, Judged};
use crate::prepare::{self, Prepared};
use crate::report::{Hand, Report, Transformed};
use crate::source::{FOLDS, SOURCES};
use crate::synthetic::{self, GrammarError};
use crate::{card, quantise};

/// How the guard learns; chosen by the table with each source left out.
const SETTINGS: Settings =
    Settings { bits: 19, rounds: 4, alpha: 0.5, beta: 1.0, lasso: 0.05, ridge: 1.0 };

/// How many of a hundred texts are attacks where the guard stands: what a probability means
/// depends on it, and so does how sure the model has to be at 0.5.
pub(crate) const PRIOR: f64 = 0.09;

/// The threshold of all figures.
pub(crate) const THRESHOLD: f64 = 0.5;

const MODEL: &str = "crates/mofa-scan/models/guard.bin";
const CARD: &str = "docs/guard-model.md";
const HAND_WRITTEN: &str = "testdata/injection/benign";

/// Why the guard could not be trained.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GuardError {
    #[error(transparent)]
    Data(#[from] DataError),
    #[error("own texts: {0}")]
    Grammar(#[from] GrammarError),
    #[error("the new model cannot be read: {0}")]
    Model(#[from] mofa_scan::classify::ModelError),
    #[error("`{}`: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
}

/// Runs the command; the report is for people, in Markdown.
pub(crate) fn run(arguments: &Arguments) -> Result<String, GuardError> {
    let mut corpora = data::read(&arguments.data)?;
    corpora.extend(synthetic::corpora()?);
    let prepared = prepare_all(corpora);
    let models = leave_out::models(&prepared, SETTINGS);
    let judged = leave_out::judge(&prepared, &models);
    let calibrations: Vec<Calibration> = (0..FOLDS)
        .map(|fold| Calibration::fit(&leave_out::outcomes(&prepared, &judged, PRIOR, Some(fold))))
        .collect();
    let all = Calibration::fit(&leave_out::outcomes(&prepared, &judged, PRIOR, None));
    let model = fit(&leave_out::lessons(&prepared, |_| false), SETTINGS, SEED);
    let file = quantise::file(&model, SETTINGS.bits, all);
    let hand = hand_written(file.clone())?;
    let transformed = transformed(&arguments.data, &models, &calibrations)?;
    let report = Report::new(&prepared, &judged, &calibrations, transformed, hand);
    if !arguments.evaluate {
        write(MODEL, &file)?;
        write(CARD, card::text(&prepared, &report, file.len(), SETTINGS).as_bytes())?;
    }
    Ok(report.to_string())
}

/// Where the order of the texts begins.
pub(crate) const SEED: u64 = 7;

/// The checkout that this program was built from.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn write(path: &str, bytes: &[u8]) -> Result<(), GuardError> {
    let path = root().join(path);
    let wrong = |source| GuardError::Write { path: path.clone(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(wrong)?;
    }
    std::fs::write(&path, bytes).map_err(wrong)
}

/// Makes every source ready, half of them on another thread.
fn prepare_all(mut corpora: Vec<Corpus>) -> Vec<Prepared> {
    let second = corpora.split_off(corpora.len() / 2);
    let ready = |corpora: Vec<Corpus>| -> Vec<Prepared> {
        corpora.into_iter().map(|corpus| prepare::corpus(corpus, SETTINGS.bits)).collect()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| ready(second));
        let mut prepared = ready(corpora);
        prepared.extend(other.join().unwrap_or_default());
        prepared
    })
}

/// Judges the hand-written harmless sentences by the model as it is shipped.
fn hand_written(file: Vec<u8>) -> Result<Vec<Hand>, GuardError> {
    let classifier = Classifier::new(Box::leak(file.into_boxed_slice()))?;
    let mut hand = Vec::new();
    for (name, sentences) in data::folder(&root().join(HAND_WRITTEN))? {
        let scores = sentences.iter().map(|text| {
            let example = Example { text: text.clone(), attack: false, weight: 1.0 };
            let rules = prepare::item(&example, SETTINGS.bits).rules;
            (prepare::probability(&classifier, text), rules)
        });
        hand.push(Hand { name, scores: scores.collect() });
    }
    Ok(hand)
}

/// Judges attacks in other forms by the models that have not seen them in any.
fn transformed(
    folder: &Path,
    models: &[Model],
    calibrations: &[Calibration],
) -> Result<Vec<Transformed>, GuardError> {
    let judge = |text: &str, source: &str| {
        let source = SOURCES.iter().find(|known| known.name == source)?;
        let (model, calibration) = (models.get(source.fold)?, calibrations.get(source.fold)?);
        let example = Example { text: text.to_owned(), attack: true, weight: 1.0 };
        let item = prepare::item(&example, SETTINGS.bits);
        let logit = leave_out::logit(model, &item);
        let judged = Judged { attack: true, logit, rules: item.rules, known: false };
        Some(judged.both(calibration) >= THRESHOLD)
    };
    let records = data::evasions(folder)?.into_iter().filter_map(|record| {
        Some(Transformed {
            found: judge(&record.text, &record.original_source)?,
            plain: judge(&record.original_text, &record.original_source)?,
            name: record.transform,
        })
    });
    Ok(records.collect())
}
