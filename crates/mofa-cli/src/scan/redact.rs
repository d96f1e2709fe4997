//! `--redact`: gives texts on without the personal data and secrets in them.
//!
//! # Invariants
//! No input is changed and no file is replaced: several inputs go into a folder of their own,
//! under their own paths. What cannot be redacted is not written. Bytes that are not taken out stay
//! as they are, however the text is encoded.

use super::origin::shown;
use super::read::{Content, Skip, is_stdin, read};
use super::{ScanArgs, parallel, walk};
use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output::{self, escaped};
use mofa_sdk::scan::TextScanner;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use tokio::runtime::{Builder, Runtime};

pub(super) fn run(
    args: &ScanArgs,
    scanner: &TextScanner,
    inputs: &[PathBuf],
) -> Result<Outcome, CliError> {
    let redactor = Redactor::new(scanner, args.max_file_size)?;
    match (&args.output, inputs) {
        (Some(folder), inputs) => into_folder(args, &redactor, inputs, folder),
        (None, [input]) if is_stdin(input) || !input.is_dir() => {
            output::write_now(&redactor.redact(input)?)?;
            Ok(Outcome::Success)
        }
        _ => Err(CliError::Argument {
            argument: "--redact".to_owned(),
            expected: "one file or `-`; several go into a folder: add `--output FOLDER`".to_owned(),
        }),
    }
}

/// Redacts whole inputs.
struct Redactor<'a> {
    scanner: &'a TextScanner,
    limit: u64,
    /// Redacting is a future that never waits; this is what finishes it.
    runtime: Runtime,
}

impl<'a> Redactor<'a> {
    fn new(scanner: &'a TextScanner, limit: u64) -> Result<Self, CliError> {
        let runtime = Builder::new_current_thread().build().map_err(CliError::System)?;
        Ok(Self { scanner, limit, runtime })
    }

    fn redact(&self, path: &Path) -> Result<Vec<u8>, CliError> {
        let named = || shown(path).to_owned();
        match read(path, self.limit, false)
            .map_err(|source| CliError::Read { path: named(), source })?
        {
            Content::Text(decoded) => {
                let found = self.scanner.replacements(decoded.text());
                Ok(decoded.redacted(&self.runtime.block_on(found)?))
            }
            Content::Archive(..) => Err(CliError::NotText { path: named(), found: Skip::Binary }),
            Content::Skipped(skip) => Err(CliError::NotText { path: named(), found: skip }),
        }
    }
}

fn into_folder(
    args: &ScanArgs,
    redactor: &Redactor<'_>,
    inputs: &[PathBuf],
    folder: &Path,
) -> Result<Outcome, CliError> {
    let work = |walked: walk::Walked| -> Result<Done, String> {
        let path = walked.map_err(|error| error.to_string())?;
        let target = folder.join(below(&path)?);
        match redactor.redact(&path) {
            Ok(bytes) => write(&target, &bytes).map(|()| Done::Written),
            Err(CliError::NotText { found: Skip::Binary, .. }) => Ok(Done::Binary),
            Err(error) => Err(error),
        }
        .map_err(|error| error.to_string())
    };
    let (mut written, mut binary, mut failed) = (0_usize, 0_usize, 0_usize);
    // The list is complete before anything is written: the folder may lie in one of the inputs.
    let left_out = walk::LeftOut::default();
    let files: Vec<_> = walk::files(inputs, args.no_ignore, &left_out).collect();
    parallel::in_order(files.into_iter(), args.jobs(), work, |done| -> Result<(), CliError> {
        match done {
            Ok(Done::Written) => written += 1,
            Ok(Done::Binary) => binary += 1,
            Err(reason) => {
                failed += 1;
                output::note(format_args!("error: {}", escaped(&reason)));
            }
        }
        Ok(())
    })?;
    if !args.quiet {
        let folder = folder.display();
        output::note(format_args!(
            "{written} written into `{folder}`; {binary} binary skipped; {failed} failed"
        ));
        walk::say_left_out(left_out.ignored.get(), left_out.irregular.get());
    }
    Ok(if failed == 0 { Outcome::Success } else { Outcome::Failure })
}

/// What became of one file.
enum Done {
    Written,
    Binary,
}

/// Where `path` goes below the folder.
fn below(path: &Path) -> Result<PathBuf, String> {
    if is_stdin(path) {
        return Ok(PathBuf::from("stdin.txt"));
    }
    let mut below = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => below.push(name),
            Component::ParentDir => {
                let path = path.display();
                return Err(format!("`{path}` has `..` in it: name it from a folder above"));
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    Ok(below)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let wrong = |source| CliError::Write { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(wrong)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(wrong)?;
    file.write_all(bytes).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_stay_below_the_folder() {
        let below = |path: &str| below(Path::new(path));
        assert_eq!(below("./a/b"), Ok("a/b".into()));
        assert_eq!(below("/etc/passwd"), Ok("etc/passwd".into()));
        assert!(below("../a").is_err() && below("a/../../b").is_err());
    }
}
