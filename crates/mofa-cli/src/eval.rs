//! `mofa eval`: measures on labelled data how well the scanner finds what is there, and how often
//! it finds what is not.
//!
//! # Invariants
//! Text is printed only with `--show-text`. The scanner runs in one thread, so that its throughput
//! is that of one processor.
//!
//! # Failure
//! A line that is no record is named, counted and passed over; a file that cannot be measured is
//! named, and the others are measured.

mod alone;
mod baseline;
mod family;
mod files;
mod labels;
mod lines;
mod listing;
mod measure;
mod outline;
mod record;
mod report;
mod score;
mod spans;
mod text;

pub(crate) use baseline::BaselineError;

use crate::args::TextOrJson;
use crate::detection::{self, DetectionArgs};
use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output::{self, Results};
use crate::progress::Progress;
use alone::Alone;
use clap::Args;
use family::Family;
use labels::Labels;
use listing::ListKind;
use measure::Measurer;
use mofa_sdk::scan::TextScanner;
use outline::{FileError, Outline};
use report::{Document, FileReport, Unreadable, VERSION};
use std::path::{Path, PathBuf};

const AFTER_HELP: &str = "\
What is measured:
  One JSON object a line, with `text` and any of
    spans    [{\"start\":0,\"end\":6,\"label\":\"EMAIL_ADDRESS\",\"value\":\"a@b.io\"}]: everything that is
             labelled in the text; with `entity`, everything of that one label
    secret   {\"start\":4,\"end\":24}: where a secret is
    label    1 or 0: whether the text is, or holds, what the file is about
  `start` and `end` count Unicode code points, and `end` is not included. Where no record holds
  anything, every finding is a false positive, and they are counted by rule and per MB (1,000,000
  bytes). Other fields are passed over, but for `id` and those of --by.

What the shares are:
  P, R, F1  precision, recall and their harmonic mean: by place with the same begin and end
            (exact) or with a code point in common (overlap), one finding for one label; by text
            where `label` says it. `-` is a share of nothing.
  MB/s      of scanning alone, in one thread, for everything that is looked for

Which findings a label means:
  The names of Presidio and of Faker are known; another label is the category or rule of that
  name; --map names others. A label that nothing means is not covered, and is listed as such.

What the verdict on a text is, by --family or folder:
  pii         any personal data                            folder pii
  secret      any secret                                   folder secrets, or a field `secret`
  injection   what the prompt guard says of the text       folders prompt_injection, evasion
  moderation  any listed phrase; lists come with --config  folder moderation

Exit codes:
  0  measured; lines that are no records are counted
  1  a file could not be measured
  2  wrong arguments, configuration or baseline
  4  something is worse than in the baseline; this wins over 1

Examples:
  mofa eval data/pii data/secrets
  mofa eval --format json data > old.json
  mofa eval --baseline old.json --tolerance 0.005 data
  mofa eval --only US_SSN --list false-negatives --show-text data/pii
  mofa eval --map STAFF_ID=acme.badge -c mofa.toml badges.jsonl";

/// What to measure, and how to say it.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct EvalArgs {
    /// Labelled files, compressed with gzip or not; in folders, what ends in .jsonl or .jsonl.gz.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
    /// Say what moved against this result of --format json.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// How much worse than the baseline is no worse: of a share the difference, of findings per MB
    /// the part of what there was.
    #[arg(long, value_name = "X", default_value_t = 0.0, requires = "baseline", value_parser = tolerance)]
    tolerance: f64,
    /// Measure only these labels, kinds, categories and rules.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// What `label` 1 means in all files.
    #[arg(long, value_enum)]
    family: Option<Family>,
    /// What a label means: kinds, categories and rules, `*` for anything. May be repeated.
    #[arg(long, value_name = "LABEL=NAME,..")]
    map: Vec<String>,
    /// Also measure apart the records that have the same in a field; the first of these that a
    /// record has counts.
    #[arg(long, value_name = "FIELD", value_delimiter = ',', default_value = "transform,form")]
    by: Vec<String>,
    /// Name the records that were not judged as they are labelled.
    #[arg(long, value_enum)]
    list: Option<ListKind>,
    /// With --list: at most this many of each file.
    #[arg(long, value_name = "N", default_value_t = 20, requires = "list")]
    list_max: usize,
    /// With --list: what stands there too; otherwise only where it is.
    #[arg(long, requires = "list")]
    show_text: bool,
    /// Look in a record about one label (`entity`) for that label alone: its rules and countries,
    /// however unsure.
    #[arg(long)]
    alone: bool,
    #[command(flatten)]
    detection: DetectionArgs,
    /// Print no progress and no lines that are no records; they are counted all the same.
    #[arg(short, long)]
    quiet: bool,
}

impl EvalArgs {
    /// Findings that are less sure are not counted.
    fn min_confidence(&self) -> f32 {
        self.detection.min_confidence().unwrap_or_default()
    }
}

fn tolerance(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| "expected a number from 0 on".to_owned())
}

pub(crate) fn run(args: &EvalArgs) -> Result<Outcome, CliError> {
    let scanner = scanner(args)?;
    let labels = Labels::new(&scanner, &args.map)?;
    // First of all: whoever has waited for the result wants it compared.
    let before = args.baseline.as_deref().map(|path| Ok((path, baseline::read(path)?)));
    let before = before.transpose().map_err(|error: BaselineError| error)?;
    let settings = args.alone.then(|| args.detection.settings()).transpose()?;
    let alone = settings.map(|settings| Alone::new(settings, &scanner));
    let measurer = Measurer { args, scanner: &scanner, labels: &labels, alone };
    let (files, unreadable) = measure_all(args, &measurer);
    let compare = |(path, before): (&Path, Document)| {
        baseline::compare(path, &before, &files, args.tolerance)
    };
    let comparison = before.map(compare).transpose()?;
    say_unknown(args, &labels, &files);
    let document = Document {
        version: VERSION,
        mofa: env!("CARGO_PKG_VERSION").to_owned(),
        min_confidence: args.min_confidence(),
        files,
        unreadable,
        baseline: comparison,
    };
    print(args, &document)?;
    let is_worse = document.baseline.as_ref().is_some_and(baseline::Comparison::is_worse);
    Ok(match (is_worse, document.unreadable.is_empty()) {
        (true, _) => Outcome::Findings,
        (false, true) => Outcome::Success,
        (false, false) => Outcome::Failure,
    })
}

/// The scanner that is asked for. What `--only` or `--map` means is looked for although it is off.
fn scanner(args: &EvalArgs) -> Result<TextScanner, CliError> {
    let scanner = args.detection.scanner()?;
    let known = Labels::known(&scanner, &args.map)?;
    let off: Vec<String> = scanner.categories_off().map(str::to_owned).collect();
    let asked = off.into_iter().filter(|category| known.is_asked(category, &args.only));
    let scanner = scanner.with_categories(&asked.collect::<Vec<_>>())?;
    // What is not measured need not be looked for.
    let is_asked = |kind: &str, family: Family| {
        let means = |name: &String| {
            name == kind || name == family.as_str() || known.meaning(name).fits([kind; 3])
        };
        args.only.is_empty() || args.only.iter().any(means)
    };
    let others = [("keyword", Family::Moderation), ("injection", Family::Injection)];
    let others = others.into_iter().filter(|(kind, family)| is_asked(kind, *family));
    let kinds = ["pii", "secret"].into_iter().chain(others.map(|(kind, _)| kind));
    detection::only(scanner, &kinds.map(str::to_owned).collect::<Vec<_>>())
}

fn measure_all(args: &EvalArgs, measurer: &Measurer<'_>) -> (Vec<FileReport>, Vec<Unreadable>) {
    let progress = Progress::of_records(args.quiet);
    let (mut files, mut unreadable) = (Vec::new(), Vec::new());
    for listed in files::list(&args.paths) {
        let measured = listed
            .and_then(|path| measure(measurer, &path, &progress).map_err(|error| (path, error)));
        match measured {
            Ok(report) => files.push(report),
            Err((path, error)) => {
                progress.aside(|| {
                    output::note(format_args!("error: `{}`: {error}", path.display()));
                });
                let path = path.to_string_lossy().into_owned();
                unreadable.push(Unreadable { path, error: error.to_string() });
            }
        }
    }
    (files, unreadable)
}

fn measure(
    measurer: &Measurer<'_>,
    path: &Path,
    progress: &Progress,
) -> Result<FileReport, FileError> {
    progress.file(&text::printable(&files::name(path)));
    let outline = Outline::read(path, measurer.args)?;
    if !measurer.args.quiet {
        let more = outline.malformed.saturating_sub(outline.named.len());
        progress.aside(|| {
            for (line, malformed) in &outline.named {
                output::note(format_args!("{}:{line}: {malformed}", path.display()));
            }
            if more > 0 {
                output::note(format_args!("{}: {more} more lines are no records", path.display()));
            }
        });
    }
    measurer.measure(path, &outline, progress)
}

/// Names of `--only` that neither the scanner nor the data has: a slip of the pen measures nothing.
fn say_unknown(args: &EvalArgs, labels: &Labels, files: &[FileReport]) {
    for name in &args.only {
        let is_there = files.iter().flat_map(|file| &file.entities).any(|entity| {
            name.eq_ignore_ascii_case(&entity.label) || entity.covered_by.contains(name)
        });
        let is_family = name == Family::Moderation.as_str();
        if !is_there && !is_family && !labels.knows_name(name) && !labels.meaning(name).is_covered()
        {
            output::warn(format_args!("`--only {}` names nothing", text::printable(name)));
        }
    }
}

fn print(args: &EvalArgs, document: &Document) -> Result<(), CliError> {
    match args.format {
        TextOrJson::Text => output::write_now(text::write(document).as_bytes()),
        TextOrJson::Json => {
            let mut results = Results::new();
            results.json(document)?;
            results.flush()
        }
    }
}
