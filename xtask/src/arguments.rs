//! Turns the words after `cargo xtask` into a command; called by `main` only.
//!
//! # Failure
//! An unknown word or a missing value is a [`UsageError`] that names it.

/// The help text of the whole program.
pub(crate) const USAGE: &str = "\
Usage: cargo xtask COMMAND

Commands:
  ci       run every check and test, in order; this is the test command
  layers   check that each crate depends only on crates below it
  tidy     check every file against the house style
  fuzz     try inputs on the scanners until something does not hold
  train    train the classifiers of mofa-scan, and measure them

`cargo xtask COMMAND --help` explains one command.";

const CI_USAGE: &str = "\
Usage: cargo xtask ci [--list] [--only STEP[,STEP]] [--skip STEP[,STEP]]

Runs every step in order and stops at the first that fails.

  --list   print the steps, and run none
  --only   run these steps only
  --skip   run all but these steps

Environment:
  CI=true            nothing may be left out: a missing `../shared` fails
  CARGO_TARGET_DIR   build results; otherwise ~/.cache/mofa/target
  MOFA_TOOLS         programs that the steps install; otherwise ~/.cache/mofa/tools";

const LAYERS_USAGE: &str = "\
Usage: cargo xtask layers

Checks `cargo metadata` against the table in xtask/src/layers/table.rs: which crate may use which,
and which third-party crate belongs where.";

const TIDY_USAGE: &str = "\
Usage: cargo xtask tidy [--verbose]

Checks every file that git tracks, and every new one that it does not ignore, against the house
style.

  --verbose   also name files over 300 code lines and functions over 40";

const FUZZ_USAGE: &str = "\
Usage: cargo xtask fuzz [TARGET …] [--seconds N] [--list]

Links each target (all, unless some are named) with libFuzzer and lets it look for inputs on which
something does not hold. Stops at the first, which is then a file to be kept under
fuzz/regressions/TARGET. What was learnt is kept beside the build results for the next time.

  --seconds   how long each target runs; 600 unless set
  --list      print the targets, and run none

Needs a C++ compiler (Debian: g++).";

const TRAIN_USAGE: &str = "\
Usage: cargo xtask train guard --data DIR [--evaluate]

Trains the classifier of the prompt guard on the data of DIR and on texts of its own, and writes the
model and docs/guard-model.md. Prints the table with each source left out.

  --data       the folder with prompt_injection, moderation, pii and evasion in it
  --evaluate   measure only: write nothing";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// No word was given.
    Nothing,
    /// Print this text.
    Help(&'static str),
    /// Run these steps.
    Ci(Selection),
    /// Print the steps.
    CiList,
    /// Check the arrows between crates.
    Layers,
    /// Check the files.
    Tidy {
        /// Also name what is over the aim but under the limit.
        verbose: bool,
    },
    /// Try inputs on these targets, or on all, for so many seconds each.
    Fuzz {
        /// The targets; empty means all.
        targets: Vec<String>,
        /// How long each runs.
        seconds: u64,
    },
    /// Print the targets.
    FuzzList,
    /// Train or measure, with these words for the training program.
    Train(Vec<String>),
}

/// Which steps of `ci` to run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Run these only; empty means all.
    pub(crate) only: Vec<String>,
    /// Do not run these.
    pub(crate) skip: Vec<String>,
}

/// A command line that was not understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UsageError {
    #[error("unknown command `{0}`")]
    UnknownCommand(String),
    #[error("`{command}` has no option `{option}`")]
    UnknownOption { command: &'static str, option: String },
    #[error("`{0}` needs the names of steps, parted by commas")]
    MissingSteps(&'static str),
    #[error("`--seconds` needs a number from 1 to 86400")]
    Seconds,
}

/// Reads the words after `cargo xtask`.
pub(crate) fn parse(words: Vec<String>) -> Result<Command, UsageError> {
    let mut words = words.into_iter();
    let Some(command) = words.next() else { return Ok(Command::Nothing) };
    match command.as_str() {
        "ci" => parse_ci(words),
        "layers" => parse_layers(words),
        "tidy" => parse_tidy(words),
        "fuzz" => parse_fuzz(words),
        "train" => Ok(parse_train(words.collect())),
        "help" | "--help" | "-h" => Ok(Command::Help(USAGE)),
        _ => Err(UsageError::UnknownCommand(command)),
    }
}

fn parse_ci(mut words: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut selection = Selection::default();
    while let Some(word) = words.next() {
        let (option, joined) = match word.split_once('=') {
            Some((option, value)) => (option, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        match option {
            "--help" | "-h" => return Ok(Command::Help(CI_USAGE)),
            "--list" => return Ok(Command::CiList),
            "--only" => selection.only.extend(steps("--only", joined.or_else(|| words.next()))?),
            "--skip" => selection.skip.extend(steps("--skip", joined.or_else(|| words.next()))?),
            _ => return Err(UsageError::UnknownOption { command: "ci", option: word }),
        }
    }
    Ok(Command::Ci(selection))
}

fn steps(option: &'static str, value: Option<String>) -> Result<Vec<String>, UsageError> {
    let names: Vec<String> = value
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    if names.is_empty() || names.iter().any(|name| name.starts_with('-')) {
        return Err(UsageError::MissingSteps(option));
    }
    Ok(names)
}

fn parse_layers(mut words: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    match words.next().as_deref() {
        None => Ok(Command::Layers),
        Some("--help" | "-h") => Ok(Command::Help(LAYERS_USAGE)),
        Some(option) => {
            Err(UsageError::UnknownOption { command: "layers", option: option.to_owned() })
        }
    }
}

fn parse_tidy(words: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut verbose = false;
    for word in words {
        match word.as_str() {
            "--help" | "-h" => return Ok(Command::Help(TIDY_USAGE)),
            "--verbose" | "-v" => verbose = true,
            _ => return Err(UsageError::UnknownOption { command: "tidy", option: word }),
        }
    }
    Ok(Command::Tidy { verbose })
}

fn parse_fuzz(mut words: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let (mut targets, mut seconds) = (Vec::new(), 600);
    while let Some(word) = words.next() {
        let (option, joined) = match word.split_once('=') {
            Some((option, value)) => (option, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        match option {
            "--help" | "-h" => return Ok(Command::Help(FUZZ_USAGE)),
            "--list" => return Ok(Command::FuzzList),
            "--seconds" => {
                let given = joined.or_else(|| words.next()).and_then(|value| value.parse().ok());
                seconds = given.filter(|n| (1..=86_400).contains(n)).ok_or(UsageError::Seconds)?;
            }
            _ if option.starts_with('-') => {
                return Err(UsageError::UnknownOption { command: "fuzz", option: word });
            }
            _ => targets.push(word),
        }
    }
    Ok(Command::Fuzz { targets, seconds })
}

/// The training program reads its own words.
fn parse_train(words: Vec<String>) -> Command {
    let help = |word: &String| word == "--help" || word == "-h";
    if words.is_empty() || words.iter().any(help) {
        return Command::Help(TRAIN_USAGE);
    }
    Command::Train(words)
}

#[cfg(test)]
mod tests {
    use super::{CI_USAGE, Command, Selection, TRAIN_USAGE, UsageError, parse};

    fn check(line: &str, expect: &Result<Command, UsageError>) {
        let words = line.split_whitespace().map(str::to_owned).collect();
        assert_eq!(parse(words), *expect, "{line}");
    }

    #[test]
    fn commands_and_options_are_read() {
        check("", &Ok(Command::Nothing));
        check("layers", &Ok(Command::Layers));
        check("tidy --verbose", &Ok(Command::Tidy { verbose: true }));
        check("ci", &Ok(Command::Ci(Selection::default())));
        check("ci --list", &Ok(Command::CiList));
        check("fuzz", &Ok(Command::Fuzz { targets: vec![], seconds: 600 }));
        let fuzz = Command::Fuzz { targets: vec!["scan".into(), "stream".into()], seconds: 5 };
        check("fuzz scan --seconds 5 stream", &Ok(fuzz));
        check("fuzz --list", &Ok(Command::FuzzList));
        check("fuzz --seconds=0", &Err(UsageError::Seconds));
        check("fuzz --seconds", &Err(UsageError::Seconds));
        check("train", &Ok(Command::Help(TRAIN_USAGE)));
        let words = ["guard", "--data", "x", "--evaluate"].map(str::to_owned).to_vec();
        check("train guard --data x --evaluate", &Ok(Command::Train(words)));
        check("ci --only fmt --help", &Ok(Command::Help(CI_USAGE)));
        let selection =
            Selection { only: vec!["fmt".into(), "tidy".into()], skip: vec!["deny".into()] };
        check("ci --only fmt,tidy --skip=deny", &Ok(Command::Ci(selection)));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        check("build", &Err(UsageError::UnknownCommand("build".into())));
        check("ci --only", &Err(UsageError::MissingSteps("--only")));
        check("ci --skip --only", &Err(UsageError::MissingSteps("--skip")));
        let option = "--fix".to_owned();
        check("tidy --fix", &Err(UsageError::UnknownOption { command: "tidy", option }));
        let option = "x".to_owned();
        check("layers x", &Err(UsageError::UnknownOption { command: "layers", option }));
    }
}
