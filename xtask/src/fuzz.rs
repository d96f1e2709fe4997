//! Links the targets of `fuzz/` with libFuzzer and runs them; called by `cargo xtask fuzz`.
//!
//! # Invariants
//! - The compiler is the one that builds everything else: what libFuzzer needs to see where a run
//!   went is a pass of LLVM, which stable Rust can switch on.
//! - What was learnt is beside the build results; only inputs on which something did not hold are
//!   for the repository.
//!
//! # Failure
//! The first target on which something does not hold ends the run; the input is named.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::output;
use crate::process::{ProcessError, Program};
use crate::repository::Repository;

/// What makes LLVM note where a run went, for libFuzzer.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Coverflow-checks";

/// The longest input, in bytes: enough for any rule and what stands around it.
const MAX_LEN: usize = 16_384;

/// How long a single input may take, in seconds, before it counts as one that hangs.
const INPUT_LIMIT: u64 = 10;

/// How much longer than asked for a target may run: the last input, and the report.
const GRACE: Duration = Duration::from_mins(2);

/// Why the run did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FuzzError {
    #[error("there is no target `{0}`; `cargo xtask fuzz --list` lists them")]
    UnknownTarget(String),
    #[error("`{path}`: {source}")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("target `{target}`: {source}; the input is in `{}`", folder.display())]
    Found { target: String, folder: PathBuf, source: ProcessError },
}

/// The names of the targets: those that have a program of their own.
pub(crate) fn list(repository: &Repository) -> Result<Vec<String>, FuzzError> {
    let folder = repository.root().join("fuzz/targets");
    let wrong = |source| FuzzError::Folder { path: folder.clone(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort_unstable();
    Ok(names)
}

/// Runs `wanted`, or every target, for so many seconds each.
pub(crate) fn run(
    repository: &Repository,
    wanted: &[String],
    seconds: u64,
) -> Result<(), FuzzError> {
    let known = list(repository)?;
    if let Some(name) = wanted.iter().find(|name| !known.contains(name)) {
        return Err(FuzzError::UnknownTarget(name.clone()));
    }
    let targets = if wanted.is_empty() { &known } else { wanted };
    let built = build(repository)?;
    for target in targets {
        output::line(&format!("fuzz: {target} for {seconds} s"));
        run_one(repository, &built, target, seconds)?;
    }
    output::line(&format!("fuzz: {} targets, nothing found", targets.len()));
    Ok(())
}

/// Builds every target; says where the programs are.
fn build(repository: &Repository) -> Result<PathBuf, FuzzError> {
    // Apart from other results: the flags are others for every crate.
    let folder = repository.target().join("fuzz");
    let triple = Program::new("rustc", repository.root()).args("--print host-tuple").read()?;
    Program::new("cargo", repository.root())
        .args("build --release --locked -p mofa-fuzz --features libfuzzer --bins --target")
        .arg(triple.trim())
        .env("CARGO_TARGET_DIR", &folder)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("RUSTFLAGS", FLAGS)
        .run()?;
    Ok(folder.join(triple.trim()).join("release"))
}

fn run_one(
    repository: &Repository,
    built: &std::path::Path,
    target: &str,
    seconds: u64,
) -> Result<(), FuzzError> {
    let learnt = built.join("learnt").join(target);
    let found = built.join("found").join(target);
    for folder in [&learnt, &found] {
        let wrong = |source| FuzzError::Folder { path: folder.clone(), source };
        fs::create_dir_all(folder).map_err(wrong)?;
    }
    let kept = repository.root().join("fuzz/regressions").join(target);
    let ended = Program::new(built.join(format!("fuzz-{target}")), repository.root())
        .arg(&learnt)
        .arg(kept)
        .arg(format!("-artifact_prefix={}/", found.display()))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={MAX_LEN}"))
        .arg(format!("-timeout={INPUT_LIMIT}"))
        .args("-rss_limit_mb=2048 -print_final_stats=1 -verbosity=0")
        .run_within(Duration::from_secs(seconds) + GRACE);
    ended.map_err(|source| FuzzError::Found { target: target.to_owned(), folder: found, source })
}

#[cfg(test)]
mod tests {
    use super::{FuzzError, list, run};
    use crate::repository::Repository;

    /// Each target has a program, regressions, and is in the list that the tests run.
    #[test]
    fn every_target_is_known_everywhere() {
        let repository = Repository::find().unwrap();
        let read = |path: &str| std::fs::read_to_string(repository.root().join(path)).unwrap();
        let (library, manifest) = (read("fuzz/src/lib.rs"), read("fuzz/Cargo.toml"));
        let targets = list(&repository).unwrap();
        assert!(!targets.is_empty());
        for target in targets {
            assert!(library.contains(&format!("(\"{target}\", {target})")), "{target}");
            assert!(manifest.contains(&format!("name = \"fuzz-{target}\"")), "{target}");
            let kept = repository.root().join("fuzz/regressions").join(&target);
            assert!(kept.read_dir().unwrap().next().is_some(), "{target}");
        }
        let unknown = run(&repository, &["nothing".to_owned()], 1);
        assert!(matches!(unknown, Err(FuzzError::UnknownTarget(name)) if name == "nothing"));
    }
}
