//! `mofa scan`: says what is in files, takes it out, or answers line by line.

mod accept;
mod archive;
mod batch;
mod decode;
mod examine;
mod git;
mod lines;
mod locate;
mod one_line;
mod origin;
mod parallel;
mod read;
mod redact;
mod render;
mod report;
mod walk;

pub(crate) use accept::BaselineError;
pub(crate) use read::Skip;

use crate::detection::{self, DetectionArgs};
use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output;
use clap::{Args, ValueEnum, value_parser};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

/// The most threads that scan; each holds inputs in memory.
const MAX_JOBS: i64 = 256;

const AFTER_HELP: &str = "\
What is looked for:
  kinds       pii, secret, keyword, injection
  categories  email, phone, credit_card, ssn, ip_address, iban, national_id, api_key and more (docs/
              detection.md), and those of --config; person_name and postal_address are guesses, and
              off unless --only or the configuration names them
  Without --config: every other built-in rule, no listed phrases, guard threshold 0.5.
  An injection is reported where the whole file reaches the threshold.

Which files are read:
  Folders are searched with their hidden files, without .git, and without what .gitignore and
  .ignore name (--no-ignore reads these too); links in them are not followed, pipes and devices
  not read. Files named here are always read; a pipe or device is refused, but for `-`. What is
  left out is counted on standard error.
  UTF-8 and UTF-16 are read; a byte that is neither is read as Windows-1252. Binary files (in the
  first 8 KiB, a NUL byte that UTF-16 does not have, or over 30 % control characters) are skipped
  and counted on standard error; one that is named here is named there. A redacted copy of a
  folder leaves them out, and keeps every byte of others that it does not take out.

A repository (--git):
  Every version of every file that a branch, a tag or another reference reaches, each content once;
  a finding stands at the commit that brought it in, with the date of its author. --range and
  --since take some of the commits, --staged what the next commit will have. Nothing of the
  repository is run. Commit messages are not read.

Archives (--archives):
  zip (also .jar, .docx, .xlsx, .whl), tar, gzip and tar.gz, told by content, are opened in memory
  and their contents named `archive.zip!inner/path`. An archive that is damaged, encrypted, or
  past a limit (depth, size, 200 times its size, 100000 entries) is named and counted as unreadable.

What is known (--baseline, mofa:allow):
  --write-baseline FILE accepts all that is found now; --baseline FILE leaves it out from then on,
  wherever it moves in its file, and names entries that stand for nothing any more. A line with
  `mofa:allow` in it accepts its findings. What is accepted is counted on standard error.

Lines in, lines out (--jsonl):
  in   {\"id\":7,\"text\":\"Write to ann@example.org\"}
  out  {\"id\":7,\"verdict\":\"flag\",\"guard\":{\"score\":0.0,\"suspicious\":false},
        \"moderation\":{\"verdict\":\"allow\",\"categories\":{}},\"findings\":[{\"kind\":\"pii\",
        \"category\":\"email\",\"start\":9,\"end\":24,\"byte_start\":9,\"byte_end\":24, ...}]}
  Each line in is one line out, in order; `start` and `end` count Unicode code points, and `end`
  is not included. `id` may be any JSON value. A line that does not fit, an empty one included,
  gives {\"id\":..., \"line\":N, \"error\":\"...\"}, and the run goes on.

Exit codes:
  0  nothing found; with --redact or --jsonl: done (see --exit-code)
  1  something could not be read, was too large, or could not be written
  2  wrong arguments, configuration or baseline
  4  findings; this wins over 1

Examples:
  mofa scan src docs
  git diff --cached | mofa scan -
  mofa scan --git --only secret
  mofa scan --git --range main..HEAD --format sarif > findings.sarif
  mofa scan --archives --write-baseline .mofa-baseline.json .
  mofa scan --only secret --format sarif . > findings.sarif
  mofa scan --countries de,fr --layers --only pii letters
  mofa scan --redact letter.txt > letter.redacted.txt
  mofa scan --redact letters --output redacted
  mofa scan --jsonl < prompts.jsonl > verdicts.jsonl";

/// What to scan, for what, and how to say it.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ScanArgs {
    /// Files and folders; `-` is standard input. If none is named: standard input where it is a
    /// file or a pipe or with --jsonl, else the current folder.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Scan what the commits of a repository brought in; of the one here if none is named.
    #[arg(long, value_name = "REPO", num_args = 0..=1, conflicts_with_all = ["jsonl", "redact", "no_ignore"])]
    #[expect(clippy::option_option, reason = "not asked for, asked for here, or somewhere else")]
    git: Option<Option<PathBuf>>,
    /// With --git: only what is staged for the next commit.
    #[arg(long, requires = "git", conflicts_with_all = ["since", "range"])]
    staged: bool,
    /// With --git: only commits since this date (`2026-01-31`) or so long ago (`2 weeks`).
    #[arg(long, value_name = "DATE", requires = "git", value_parser = git::parse_since)]
    since: Option<String>,
    /// With --git: only these commits.
    #[arg(long, value_name = "A..B", requires = "git", value_parser = git::parse_range)]
    range: Option<String>,
    /// Open archives too.
    #[arg(long, conflicts_with_all = ["jsonl", "redact"])]
    archives: bool,
    /// With --archives: how many archives deep, 1 to 16.
    #[arg(long, value_name = "N", requires = "archives", default_value_t = 5,
        value_parser = value_parser!(u8).range(1..=16))]
    archive_depth: u8,
    /// With --archives: everything in an archive may expand to so many bytes in all.
    #[arg(long, value_name = "SIZE", requires = "archives", default_value = "1G",
        value_parser = read::parse_size)]
    max_archive_size: u64,
    /// Leave out the findings that this file accepts.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["jsonl", "redact"])]
    baseline: Option<PathBuf>,
    /// Accept everything that is found, in this file, instead of printing it. No value is in it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["jsonl", "redact", "baseline"])]
    write_baseline: Option<PathBuf>,
    /// Ignore `mofa:allow` on lines.
    #[arg(long, conflicts_with_all = ["jsonl", "redact"])]
    no_inline_allow: bool,
    /// How to print findings.
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with_all = ["jsonl", "redact"])]
    format: Format,
    /// Answer lines of JSON with lines of JSON.
    #[arg(long, conflicts_with_all = ["redact", "show_values", "no_ignore"])]
    jsonl: bool,
    /// With --jsonl: end with 4 if anything was found.
    #[arg(long, requires = "jsonl")]
    exit_code: bool,
    /// Print the text without the personal data and secrets in it. Inputs are never changed.
    #[arg(long, conflicts_with = "show_values")]
    redact: bool,
    /// With --redact: write into this folder, under the paths of the inputs; no file there is
    /// replaced.
    #[arg(long, value_name = "FOLDER", requires = "redact")]
    output: Option<PathBuf>,
    /// Look only for these kinds and categories.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    #[command(flatten)]
    detection: DetectionArgs,
    /// Print no findings, no summary and no progress; only errors and the exit code.
    #[arg(short, long)]
    quiet: bool,
    /// Print what was found too; otherwise only where it is.
    #[arg(long)]
    show_values: bool,
    /// How many threads scan, 1 to 256; as many as there are processors if not given.
    #[arg(short, long, value_name = "N", value_parser = value_parser!(u16).range(1..=MAX_JOBS))]
    jobs: Option<u16>,
    /// Files larger than this are not read: bytes, or with K, M or G.
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = read::parse_size)]
    max_file_size: u64,
    /// Also read what .gitignore and .ignore name.
    #[arg(long)]
    no_ignore: bool,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each finding.
    Text,
    /// One document.
    Json,
    /// A line of JSON for each finding, and one for the summary.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
}

pub(crate) fn run(args: &ScanArgs) -> Result<Outcome, CliError> {
    let scanner = detection::only(args.detection.scanner()?, &args.only)?;
    if args.jsonl {
        return batch::run(args, &scanner);
    }
    let inputs = if args.git.is_some() { Vec::new() } else { inputs(&args.paths) };
    if args.redact {
        redact::run(args, &scanner, &inputs)
    } else {
        report::run(args, &scanner, &inputs)
    }
}

impl ScanArgs {
    /// The repository that `--git` names, before it or behind it; `None` for the one here.
    fn repository(&self) -> Result<Option<&Path>, CliError> {
        let named = self.git.as_ref().and_then(Option::as_deref);
        match (named, self.paths.as_slice()) {
            (named, []) => Ok(named),
            (None, [path]) => Ok(Some(path)),
            _ => Err(CliError::Argument {
                argument: "--git".to_owned(),
                expected: "one repository; files in it cannot be named".to_owned(),
            }),
        }
    }

    fn jobs(&self) -> usize {
        let available = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let most = usize::try_from(MAX_JOBS).unwrap_or(1);
        self.jobs.map_or_else(available, usize::from).min(most)
    }
}

/// The named inputs, sorted, each once; see `--help` for what it is where none is named.
fn inputs(paths: &[PathBuf]) -> Vec<PathBuf> {
    if !paths.is_empty() {
        let mut inputs = paths.to_vec();
        inputs.sort();
        inputs.dedup();
        return inputs;
    }
    if read::is_stdin_given() {
        output::note(format_args!("no PATH: scanning standard input"));
        return vec![PathBuf::from(read::STDIN)];
    }
    vec![Path::new(".").to_owned()]
}
