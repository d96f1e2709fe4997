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

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed={FOLDER}");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/pii/secret/hash.rs");
    let mut sources = Vec::new();
    for path in files()? {
        sources.push(fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?);
    }
    let rules = rules::read(&sources)?;
    let code = emit::code(&rules)?;
    // Cargo tells a build script where to write by the environment alone.
    #[expect(clippy::disallowed_methods, reason = "Cargo hands the folder over this way only")]
    let folder = env::var("OUT_DIR").map_err(|e| e.to_string())?;
    fs::write(Path::new(&folder).join("secrets.rs"), code).map_err(|e| e.to_string())
}

/// The rule files, in the order of their names.
fn files() -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(FOLDER).map_err(|e| format!("{FOLDER}: {e}"))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| e.to_string())?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
