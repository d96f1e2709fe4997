//! Compiles the rules for secrets, `rules/secrets/*.toml`, into static tables; Cargo runs it
//! before the crate is built.
//!
//! # Failure
//!
//! A rule that is no rule stops the build with its name and the reason: unknown keys, no texts,
//! an empty match, a pattern that is not deterministic, or one that nothing fixed gives away.

mod anchor;
mod emit;
#[path = "../src/pii/secret/hash.rs"]
mod hash;
mod pattern;
mod rules;

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Where the rules lie.
const FOLDER: &str = "rules/secrets";
/// Where the code lies that finds what the built-in rules look for.
const ENGINE: &str = "src/pii";

fn main() -> Result<(), String> {
    for path in [FOLDER, ENGINE, "build"] {
        #[expect(clippy::print_stdout, reason = "how a build script talks to Cargo")]
        {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let written = read(FOLDER, "toml")?;
    let rules = rules::read(&written)?;
    let mut all = written;
    all.extend(read(ENGINE, "rs")?);
    let code = emit::code(&rules, &all)?;
    // Cargo tells a build script where to write by the environment alone.
    #[expect(clippy::disallowed_methods, reason = "Cargo hands the folder over this way only")]
    let folder = env::var("OUT_DIR").map_err(|e| e.to_string())?;
    fs::write(Path::new(&folder).join("secrets.rs"), code).map_err(|e| e.to_string())
}

/// The files of a folder and those below it with an ending, in the order of their paths.
fn read(folder: &str, ending: &str) -> Result<Vec<String>, String> {
    let mut paths = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        for entry in entries {
            let path = entry.map_err(|e| e.to_string())?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let text =
        |path: &PathBuf| fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()));
    paths.iter().map(text).collect()
}
