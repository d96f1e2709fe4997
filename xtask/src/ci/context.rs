//! What every step is given: where things are, and cargo ready to run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::environment;
use crate::process::Program;
use crate::repository::{Repository, RepositoryError};

/// Where things are.
#[derive(Debug)]
pub(super) struct Context {
    repository: Repository,
    target: PathBuf,
    tools: PathBuf,
}

impl Context {
    /// Reads the environment once.
    pub(super) fn new() -> Result<Self, RepositoryError> {
        let repository = Repository::find()?;
        let target = repository.target();
        let tools = repository.tools();
        Ok(Self { repository, target, tools })
    }

    /// The checkout.
    pub(super) fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The top folder of the checkout.
    pub(super) fn root(&self) -> &Path {
        self.repository.root()
    }

    /// Where builds go.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// Where programs that a step needs are installed.
    pub(super) fn tools(&self) -> &Path {
        &self.tools
    }

    /// `cargo` with these arguments, at the top of the checkout.
    pub(super) fn cargo(&self, line: &str) -> Program {
        self.cargo_in(self.root(), line)
    }

    /// `cargo` with these arguments, in a folder.
    pub(super) fn cargo_in(&self, folder: &Path, line: &str) -> Program {
        Program::new("cargo", folder)
            .args(line)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("PATH", self.search_path())
    }

    /// Programs of our own first, so that `cargo nextest` and `cargo deny` are found there.
    fn search_path(&self) -> OsString {
        let before = environment::search_path();
        let folders = std::iter::once(self.tools.join("bin")).chain(std::env::split_paths(&before));
        std::env::join_paths(folders).unwrap_or(before)
    }
}
