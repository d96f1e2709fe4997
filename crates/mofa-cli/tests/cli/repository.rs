//! A real repository of git, in a folder of its own.

use crate::run::Folder;
use std::path::Path;
use std::process::{Command, Output};

/// A key that is none, in two pieces so that this file has none either.
pub(crate) const KEY: &str = concat!("sk-", "q8RzT2mVx5Lw9KbN3cYd7HgP1fJs6AuE4oWi0XyQ");

/// Another one.
pub(crate) const OTHER_KEY: &str = concat!("sk-", "Zt4WnB8vQe1RkYp6LsXc3MhJg9DuFa2TiOo7VbNm");

/// Runs git here and expects that it does what it is asked to.
#[track_caller]
pub(crate) fn git(folder: &Folder, args: &[&str]) -> String {
    let output = try_git(folder.path(), args);
    assert!(output.status.success(), "git {args:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// Runs git somewhere, as nobody in particular.
pub(crate) fn try_git(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.args([
        "-c",
        "user.name=N",
        "-c",
        "user.email=n@localhost",
        "-c",
        "commit.gpgsign=false",
    ]);
    command.args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"]);
    command.args(args).current_dir(folder).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", folder);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("TMPDIR", folder);
    command.env("GIT_AUTHOR_DATE", "2026-01-02T03:04:05+0100");
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    command.output().unwrap()
}

/// Commits everything that is in the folder.
#[track_caller]
pub(crate) fn commit(folder: &Folder, message: &str) -> String {
    git(folder, &["add", "--all", "--force"]);
    git(folder, &["commit", "--quiet", "--allow-empty", "--no-verify", "-m", message]);
    git(folder, &["rev-parse", "HEAD"])
}

/// A folder with a new repository in it.
pub(crate) fn repository() -> Folder {
    let folder = Folder::new();
    git(&folder, &["init", "--quiet"]);
    folder
}
