//! Finds the repository and the data beside it; called by every command.
//!
//! # Failure
//! Outside a git checkout there is nothing to check: a [`RepositoryError`] says so.

use std::path::{Path, PathBuf};

use crate::environment;
use crate::process::{ProcessError, Program};

/// Why the repository could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RepositoryError {
    #[error("`{0}` has no parent folder: build xtask again from the checkout")]
    NoParent(PathBuf),
    #[error("git cannot list the files, run this inside a git checkout: {0}")]
    Git(#[from] ProcessError),
}

/// The checkout that xtask was built from.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    root: PathBuf,
}

impl Repository {
    /// The checkout that xtask was built from.
    pub(crate) fn find() -> Result<Self, RepositoryError> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().ok_or_else(|| RepositoryError::NoParent(here.to_owned()))?;
        Ok(Self { root: root.to_owned() })
    }

    /// Its top folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The evaluation data beside the checkout, which most users do not have.
    pub(crate) fn shared_data(&self) -> Option<PathBuf> {
        let data = self.root.parent()?.join("shared").join("data");
        data.is_dir().then_some(data)
    }

    /// Where builds go: the caller's choice, else a cache that outlives the checkout.
    pub(crate) fn target(&self) -> PathBuf {
        environment::cargo_target_dir()
            .map(|chosen| self.root.join(chosen))
            .or_else(|| cache("target"))
            .unwrap_or_else(|| self.root.join("target"))
    }

    /// Where programs that a step needs are installed.
    pub(crate) fn tools(&self) -> PathBuf {
        environment::mofa_tools()
            .map(|chosen| self.root.join(chosen))
            .or_else(|| cache("tools"))
            .unwrap_or_else(|| self.root.join("target").join("tools"))
    }

    /// Every file that git tracks, and every new one that it does not ignore, relative to the top.
    pub(crate) fn files(&self) -> Result<Vec<String>, RepositoryError> {
        let listing = Program::new("git", &self.root)
            .args("ls-files -z --cached --others --exclude-standard")
            .read()?;
        let mut files: Vec<String> =
            listing.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
        files.sort_unstable();
        files.dedup();
        Ok(files)
    }
}

/// A folder under `~/.cache/mofa`, when it can be written.
fn cache(name: &str) -> Option<PathBuf> {
    let folder = environment::home()?.join(".cache").join("mofa").join(name);
    std::fs::create_dir_all(&folder).ok()?;
    std::fs::write(folder.join(".writable"), "").ok()?;
    Some(folder)
}
