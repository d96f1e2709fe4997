//! Every environment variable that the repository checks read, in one place.

#![expect(clippy::disallowed_methods, reason = "the checks use no crate of the product")]

use std::ffi::OsString;
use std::path::PathBuf;

/// Whether this is a run whose result decides: then nothing may be left out.
pub(crate) fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// The folder for build results that the caller chose.
pub(crate) fn cargo_target_dir() -> Option<PathBuf> {
    path("CARGO_TARGET_DIR")
}

/// The folder for programs that the caller chose.
pub(crate) fn mofa_tools() -> Option<PathBuf> {
    path("MOFA_TOOLS")
}

/// The user's home folder.
pub(crate) fn home() -> Option<PathBuf> {
    path("HOME")
}

/// Cargo's own folder: registry, advisory database.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    path("CARGO_HOME").or_else(|| home().map(|home| home.join(".cargo")))
}

/// Where programs are searched.
pub(crate) fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// Whether the caller is root, as `id -u` would say, read from the process's own entry in `/proc`.
pub(crate) fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        status
            .lines()
            .filter_map(|line| line.strip_prefix("Uid:"))
            .any(|ids| ids.split_whitespace().nth(1) == Some("0"))
    })
}

/// Variables that `cargo run` sets for us and that must not reach the cargo we start: build
/// scripts that watch them would run again and again.
pub(crate) fn set_by_cargo_run() -> Vec<OsString> {
    const PREFIXES: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
    std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| {
            let name = name.to_string_lossy();
            PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        })
        .collect()
}

fn path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
