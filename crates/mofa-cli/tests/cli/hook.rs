//! The hook, in real repositories: what it refuses, where it goes, what it leaves alone.

use crate::repository::{KEY, commit, git, repository, try_git};
use crate::run::Folder;
use std::path::Path;
use std::process::Output;

const HOOK: &str = ".git/hooks/pre-commit";
const KEPT: &str = ".git/hooks/pre-commit.before-mofa";
const FOREIGN: &str = "#!/bin/sh\n# speaks of # mofa-secrets-hook 1\necho foreign >> ran\n";

fn install(folder: &Folder, more: &[&str], code: i32) -> String {
    folder.run(&[&["secrets", "install-hook"], more].concat()).with_code(code).stderr
}

#[track_caller]
fn try_commit(folder: &Path, is_made: bool) -> String {
    let added = try_git(folder, &["add", "--all"]);
    assert!(added.status.success(), "{added:?}");
    let output: Output = try_git(folder, &["commit", "--quiet", "-m", "m"]);
    assert_eq!(output.status.success(), is_made, "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[cfg(unix)]
fn make_runnable(folder: &Folder, path: &str) {
    use std::os::unix::fs::PermissionsExt;
    let runnable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path().join(path), runnable).unwrap();
}

#[test]
fn a_commit_with_a_secret_is_refused_and_a_clean_one_is_made() {
    let folder = repository();
    let said = install(&folder, &[], 0);
    assert!(said.contains("installed `") && said.contains("pre-commit"), "{said}");
    let folder = folder.with("a.txt", format!("key = {KEY}\n"));
    let said = try_commit(folder.path(), false);
    assert!(said.contains("a.txt:1:7: secret api_key"), "{said}");
    assert!(said.contains("the commit is refused: the scan ended with exit code 4"), "{said}");
    assert!(!said.contains(KEY), "{said}");
    assert!(!try_git(folder.path(), &["rev-parse", "--verify", "HEAD"]).status.success());
    let folder = folder.with("a.txt", "clean\n");
    try_commit(folder.path(), true);
    // Not what is staged but what is in the working tree has the secret, and the other way round.
    let folder = folder.with("b.txt", "clean\n");
    git(&folder, &["add", "b.txt"]);
    let folder = folder.with("b.txt", KEY);
    git(&folder, &["commit", "--quiet", "-m", "staged is clean"]);
    git(&folder, &["add", "b.txt"]);
    let folder = folder.with("b.txt", "clean\n");
    assert!(!try_git(folder.path(), &["commit", "-m", "staged is not"]).status.success());
    // `git commit PATH` has an index of its own.
    git(&folder, &["reset", "--quiet"]);
    let folder = folder.with("a.txt", KEY);
    assert!(!try_git(folder.path(), &["commit", "-m", "m", "a.txt"]).status.success());
    assert!(!try_git(folder.path(), &["commit", "-a", "-m", "m"]).status.success());
    git(&folder, &["commit", "--quiet", "--no-verify", "-a", "-m", "m"]);
}

#[test]
fn a_baseline_and_a_mark_let_a_known_secret_pass() {
    let folder = repository().with("a.txt", format!("key = {KEY}\n"));
    install(&folder, &[], 0);
    try_commit(folder.path(), false);
    folder.run(&["scan", "--write-baseline", ".mofa-baseline.json", "."]).with_code(0);
    try_commit(folder.path(), true);
    let folder = folder.with("b.txt", format!("key = {KEY} # mofa:allow\n"));
    try_commit(folder.path(), true);
}

#[test]
fn it_works_in_a_folder_and_in_another_working_tree() {
    let folder = repository().with("in/clean", "clean\n");
    commit(&folder, "1");
    let said = install(&folder, &["--repo", "in"], 0);
    assert!(folder.path().join(HOOK).exists(), "{said}");
    let tree = Folder::new();
    let path = tree.path().join("tree");
    git(&folder, &["worktree", "add", "--quiet", path.to_str().unwrap()]);
    std::fs::write(path.join("a"), KEY).unwrap();
    let said = try_commit(&path, false);
    assert!(said.contains("exit code 4"), "{said}");
    std::fs::write(path.join("a"), "clean").unwrap();
    try_commit(&path, true);
    // Asked for there, it is put where all working trees look.
    folder.run(&["secrets", "uninstall-hook", "--repo", path.to_str().unwrap()]).with_code(0);
    assert!(!folder.path().join(HOOK).exists());
    install(&folder, &["--repo", path.to_str().unwrap()], 0);
    assert!(folder.path().join(HOOK).exists());
}

#[test]
fn the_configured_folder_of_hooks_is_used() {
    let folder = repository().with("in/clean", "clean\n");
    git(&folder, &["config", "core.hooksPath", "my hooks"]);
    let said = install(&folder, &["--repo", "in"], 0);
    assert!(said.contains("warning: `core.hooksPath` names this folder"), "{said}");
    assert!(!folder.path().join(HOOK).exists());
    assert!(folder.path().join("my hooks/pre-commit").exists());
    let folder = folder.with("a", KEY);
    assert!(try_commit(folder.path(), false).contains("exit code 4"));
    git(&folder, &["config", "core.hooksPath", "/dev/null"]);
    let said = install(&folder, &[], 1);
    assert!(said.contains("`/dev/null` is no folder"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_foreign_hook_is_left_alone_or_kept_and_run() {
    let folder = repository().with(HOOK, FOREIGN).with("a", "clean\n");
    make_runnable(&folder, HOOK);
    let said = install(&folder, &[], 1);
    assert!(said.contains("is there and is not a hook of this program"), "{said}");
    assert!(said.contains("`mofa scan --git --staged --only secret || exit $?`"), "{said}");
    assert_eq!(folder.read(HOOK), FOREIGN);
    let ended = folder.run(&["secrets", "uninstall-hook"]).with_code(0);
    assert!(ended.stderr.contains("there is no hook of this program"), "{ended:?}");
    assert_eq!(folder.read(HOOK), FOREIGN);
    let said = install(&folder, &["--force"], 0);
    assert!(said.contains("which was there"), "{said}");
    assert_eq!(folder.read(KEPT), FOREIGN);
    try_commit(folder.path(), true);
    assert_eq!(folder.read("ran"), "foreign\n");
    std::fs::remove_file(folder.path().join("ran")).unwrap();
    let folder = folder.with("a", KEY);
    try_commit(folder.path(), false);
    assert!(
        !folder.path().join("ran").exists(),
        "the other hook runs only where this one lets pass"
    );
    // Installed again it is renewed, and what is kept stays kept.
    let said = install(&folder, &[], 0);
    assert!(said.contains("in place of an older one"), "{said}");
    assert_eq!(folder.read(KEPT), FOREIGN);
    let ended = folder.run(&["secrets", "uninstall-hook"]).with_code(0);
    assert!(ended.stderr.contains("is again what it was before"), "{ended:?}");
    assert_eq!(folder.read(HOOK), FOREIGN);
    assert!(!folder.path().join(KEPT).exists());
}

#[cfg(unix)]
#[test]
fn a_hook_that_is_a_link_is_somebody_elses() {
    let folder = repository().with("tracked", "#!/bin/sh\n");
    std::fs::create_dir_all(folder.path().join(".git/hooks")).unwrap();
    std::os::unix::fs::symlink("../../tracked", folder.path().join(HOOK)).unwrap();
    install(&folder, &[], 1);
    install(&folder, &["--force"], 0);
    assert_eq!(folder.read("tracked"), "#!/bin/sh\n");
    // A second one cannot be kept.
    let folder = folder.with("other", "x");
    std::fs::rename(folder.path().join("other"), folder.path().join(HOOK)).unwrap();
    let said = install(&folder, &["--force"], 1);
    assert!(said.contains("a hook was kept in it"), "{said}");
    assert_eq!(folder.read(HOOK), "x");
}

#[test]
fn a_hook_without_the_program_refuses() {
    let folder = repository();
    install(&folder, &[], 0);
    let hook = folder.read(HOOK);
    let line = hook.lines().find(|line| line.starts_with("mofa='")).unwrap();
    let folder = folder.with("hook", hook.replace(line, "mofa='/nowhere/mofa'")).with("a", "clean");
    let content = folder.read("hook");
    std::fs::write(folder.path().join(HOOK), content).unwrap();
    let said = try_commit(folder.path(), false);
    assert!(said.contains("mofa is not installed any more"), "{said}");
}

#[test]
fn where_there_is_no_working_tree_there_is_no_hook() {
    let folder = Folder::new();
    install(&folder, &[], 1);
    git(&folder, &["init", "--quiet", "--bare", "bare"]);
    let said = install(&folder, &["--repo", "bare"], 1);
    assert!(said.contains("has no working tree"), "{said}");
}

#[test]
fn the_framework_is_told_to_run_what_the_hook_runs() {
    let folder = Folder::new();
    let config = folder.run(&["secrets", "pre-commit-config"]).with_code(0).stdout;
    let hooks = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.pre-commit-hooks.yaml");
    let hooks = std::fs::read_to_string(hooks).unwrap();
    for text in [&config, &hooks] {
        assert!(text.contains("id: mofa-secrets\n"), "{text}");
        let entry = text.lines().find_map(|line| line.trim().strip_prefix("entry: ")).unwrap();
        let mut words = entry.split(' ');
        assert_eq!(words.next(), Some("mofa"));
        let repository = repository().with("a", KEY);
        git(&repository, &["add", "a"]);
        repository.run(&words.collect::<Vec<_>>()).with_code(4);
    }
}
