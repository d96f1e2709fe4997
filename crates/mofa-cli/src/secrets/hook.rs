//! Puts the hook into a repository and takes it out again: [`Hook`].
//!
//! # Invariants
//! A hook that somebody else wrote is never changed or lost: without `force` nothing is done, with it
//! the hook is renamed and put back later. A file is replaced whole, and a link is replaced, not what
//! it points to.

use super::script::{ANY_MARK, BEFORE};
use crate::git::{Git, GitError, path_of};
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use thiserror::Error;

/// How much of a hook is read to see whose it is, in bytes.
const HEAD: u64 = 4096;

/// Why a hook cannot be installed or taken away.
#[derive(Debug, Error)]
pub(crate) enum HookError {
    /// The repository cannot be read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There are no commits to be made there.
    #[error("`{}` has no working tree", .0.display())]
    Bare(PathBuf),
    /// There can be no hooks there.
    #[error("`{}` is no folder: `core.hooksPath` switches hooks off", .0.display())]
    Off(PathBuf),
    /// Somebody else's hook is there.
    #[error("`{}` is there and is not a hook of this program", .0.display())]
    Foreign(PathBuf),
    /// Somebody else's hook is there, and another one was kept already.
    #[error("`{}` is there already: a hook was kept in it", .0.display())]
    Kept(PathBuf),
    /// The path of this program cannot be written into a script.
    #[error("`{}` cannot be written into a script: it is not UTF-8", .0.display())]
    Program(PathBuf),
    /// The system refused.
    #[error("`{}` cannot be changed: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl HookError {
    /// What to do next.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Foreign(_) => Some(
                "add the line `mofa scan --git --staged --only secret || exit $?` to it, or run this \
                 with `--force`, which keeps it and runs it after the new one",
            ),
            Self::Kept(_) => Some("move one of the two away, or join them by hand"),
            _ => None,
        }
    }
}

/// What was done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Installed {
    New,
    /// An older one of ours was replaced.
    Again,
    /// What was there is kept here.
    Before(PathBuf),
}

/// What was done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Removed {
    Gone,
    /// What was there before is there again.
    PutBack,
    /// There was none of ours.
    Nothing,
}

/// Whose a hook is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Nobody,
    Us,
    Other,
}

/// The place of the pre-commit hook of a repository.
#[derive(Debug)]
pub(super) struct Hook {
    path: PathBuf,
    is_shared: bool,
}

impl Hook {
    /// In the repository that `folder` is in.
    pub(super) fn of(folder: &Path) -> Result<Self, HookError> {
        let git = Git::new(Some(folder));
        let inside = git.answer("rev-parse", &["--is-inside-work-tree"])?;
        if inside != b"true" {
            return Err(HookError::Bare(folder.to_owned()));
        }
        let top = path_of(git.answer("rev-parse", &["--show-toplevel"])?);
        let git = Git::new(Some(&top));
        let hooks = top.join(path_of(git.hooks()?));
        if hooks.exists() && !hooks.is_dir() {
            return Err(HookError::Off(hooks));
        }
        let own = path_of(git.answer("rev-parse", &["--git-common-dir"])?);
        let is_shared = !hooks.starts_with(top.join(own));
        Ok(Self { path: hooks.join("pre-commit"), is_shared })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is not in the repository's own folder of hooks.
    pub(super) const fn is_shared(&self) -> bool {
        self.is_shared
    }

    pub(super) fn install(&self, script: &str, force: bool) -> Result<Installed, HookError> {
        let installed = match self.owner()? {
            Owner::Nobody => Installed::New,
            Owner::Us => Installed::Again,
            Owner::Other if !force => return Err(HookError::Foreign(self.path.clone())),
            Owner::Other => Installed::Before(self.keep()?),
        };
        let written = self.write(script);
        if let (Err(_), Installed::Before(kept)) = (&written, &installed) {
            // What was there must not be gone for a hook that is not there either.
            let _ = fs::rename(kept, &self.path);
        }
        written.map(|()| installed)
    }

    pub(super) fn uninstall(&self) -> Result<Removed, HookError> {
        if self.owner()? != Owner::Us {
            return Ok(Removed::Nothing);
        }
        let kept = self.kept();
        if kept.symlink_metadata().is_ok() {
            fs::rename(&kept, &self.path).map_err(self.wrong())?;
            return Ok(Removed::PutBack);
        }
        fs::remove_file(&self.path).map_err(self.wrong())?;
        Ok(Removed::Gone)
    }

    fn owner(&self) -> Result<Owner, HookError> {
        let is_file = match self.path.symlink_metadata() {
            Ok(metadata) => metadata.is_file(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Owner::Nobody),
            Err(error) => return Err(self.wrong()(error)),
        };
        if !is_file {
            return Ok(Owner::Other);
        }
        let mut head = Vec::new();
        let file = File::open(&self.path).map_err(self.wrong())?;
        file.take(HEAD).read_to_end(&mut head).map_err(self.wrong())?;
        let head = String::from_utf8_lossy(&head);
        // Ours has it as its second line; another one may speak of it anywhere.
        let is_ours = head.lines().nth(1).is_some_and(|line| line.starts_with(ANY_MARK));
        Ok(if is_ours { Owner::Us } else { Owner::Other })
    }

    fn kept(&self) -> PathBuf {
        self.path.with_file_name(BEFORE)
    }

    fn keep(&self) -> Result<PathBuf, HookError> {
        let kept = self.kept();
        if kept.symlink_metadata().is_ok() {
            return Err(HookError::Kept(kept));
        }
        fs::rename(&self.path, &kept).map_err(self.wrong())?;
        Ok(kept)
    }

    fn write(&self, script: &str) -> Result<(), HookError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(self.wrong())?;
        let mut file = NamedTempFile::new_in(folder).map_err(self.wrong())?;
        file.write_all(script.as_bytes()).map_err(self.wrong())?;
        file.as_file().set_permissions(runnable(file.as_file())?).map_err(self.wrong())?;
        file.persist(&self.path).map_err(|error| self.wrong()(error.error))?;
        Ok(())
    }

    fn wrong(&self) -> impl Fn(io::Error) -> HookError {
        let path = self.path.clone();
        move |source| HookError::File { path: path.clone(), source }
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it asks the system")]
fn runnable(_: &File) -> Result<Permissions, HookError> {
    use std::os::unix::fs::PermissionsExt;
    Ok(Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn runnable(file: &File) -> Result<Permissions, HookError> {
    let metadata = file.metadata();
    metadata.map(|m| m.permissions()).map_err(|source| HookError::File { path: "".into(), source })
}
