//! Histories: what is found, where it is said to come from, and that nothing of a repository runs.

use crate::repository::{KEY, OTHER_KEY, commit, git, repository, try_git};
use crate::run::{Ended, Folder};
use serde_json::Value;
use std::fs;

const SCAN: [&str; 6] = ["scan", "--git", "--only", "secret", "--format", "json"];

#[track_caller]
fn findings(ended: &Ended) -> Vec<(String, u64, String)> {
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    let text = |found: &Value, name: &str| found[name].as_str().unwrap_or_default().to_owned();
    let findings = document.get("findings").and_then(Value::as_array).unwrap();
    findings
        .iter()
        .map(|found| (text(found, "path"), found["line"].as_u64().unwrap(), text(found, "commit")))
        .collect()
}

#[track_caller]
fn scan(folder: &Folder, more: &[&str], code: i32) -> Vec<(String, u64, String)> {
    findings(&folder.run(&[&SCAN, more].concat()).with_code(code))
}

#[test]
fn a_secret_stands_at_the_commit_that_brought_it_in() {
    let folder = repository().with("a.txt", "clean\n");
    commit(&folder, "1");
    let folder = folder.with("a.txt", format!("clean\nkey = {KEY}\n"));
    let second = commit(&folder, "2");
    // Later versions have it on another line, and then no more.
    let folder = folder.with("a.txt", format!("more\nclean\nkey = {KEY}\n"));
    commit(&folder, "3");
    let folder = folder.with("a.txt", "clean again\n");
    commit(&folder, "4");
    assert_eq!(scan(&folder, &[], 4), [("a.txt".to_owned(), 2, second.clone())]);
    let ended = folder.run_with(&["scan", "--git", "--only", "secret"], KEY).with_code(4);
    assert!(!ended.stderr.contains("standard input"), "{ended:?}");
    let expected = format!("in {} of 2026-01-02T03:04:05+01:00\n", second.get(..12).unwrap());
    assert!(ended.stdout.starts_with("a.txt:2:7: secret ") && ended.stdout.ends_with(&expected));
    folder.run(&["scan", "--only", "secret", "."]).with_code(0);
}

#[test]
fn every_reference_counts() {
    let folder = repository().with("clean", "clean\n");
    let first = commit(&folder, "1");
    git(&folder, &["checkout", "--quiet", "-b", "side"]);
    let folder = folder.with("side.txt", format!("{KEY}\n"));
    let side = commit(&folder, "2");
    git(&folder, &["checkout", "--quiet", "--detach", "main"]);
    git(&folder, &["update-ref", "refs/odd/ref", &side]);
    git(&folder, &["branch", "-D", "side"]);
    assert_eq!(scan(&folder, &[], 4), [("side.txt".to_owned(), 1, side)]);
    git(&folder, &["update-ref", "-d", "refs/odd/ref"]);
    assert_eq!(scan(&folder, &[], 0), []);
    // A tag may name a blob, or a tree, that no commit has.
    let folder = folder.with("loose", format!("\n{KEY}\n"));
    let blob = git(&folder, &["hash-object", "-w", "loose"]);
    git(&folder, &["tag", "-a", "blob", "-m", "m", &blob]);
    assert_eq!(scan(&folder, &[], 4), [(blob, 2, String::new())]);
    git(&folder, &["tag", "-d", "blob"]);
    git(&folder, &["add", "loose"]);
    let tree = git(&folder, &["write-tree"]);
    git(&folder, &["update-ref", "refs/tags/tree", &tree]);
    assert_eq!(scan(&folder, &[], 4), [("loose".to_owned(), 2, String::new())]);
    git(&folder, &["tag", "-d", "tree"]);
    assert_eq!(git(&folder, &["rev-parse", "HEAD"]), first);
}

#[test]
fn what_only_a_merge_has_is_found() {
    let folder = repository().with("a", "1\n");
    commit(&folder, "1");
    git(&folder, &["checkout", "--quiet", "-b", "side"]);
    let folder = folder.with("b", "2\n");
    commit(&folder, "2");
    git(&folder, &["checkout", "--quiet", "main"]);
    let folder = folder.with("c", "3\n");
    commit(&folder, "3");
    git(&folder, &["merge", "--quiet", "--no-commit", "side"]);
    let folder = folder.with("a", format!("1\n{KEY}\n"));
    let merge = commit(&folder, "merge");
    assert_eq!(scan(&folder, &[], 4), [("a".to_owned(), 2, merge)]);
}

#[test]
fn ranges_and_dates_take_some_commits() {
    let folder = repository().with("a", format!("{KEY}\n"));
    let first = commit(&folder, "1");
    let folder = folder.with("a", format!("{KEY}\n{OTHER_KEY}\n"));
    let second = commit(&folder, "2");
    // What was there before the range is not of the range, though it is in the same file.
    let of_range = [("a".to_owned(), 2, second.clone())];
    assert_eq!(scan(&folder, &["--range", "HEAD~1..HEAD"], 4), of_range);
    assert_eq!(scan(&folder, &["--range", "HEAD..HEAD"], 0), []);
    assert_eq!(scan(&folder, &["--since", "2 weeks"], 4).len(), 2);
    assert_eq!(scan(&folder, &["--since", "2099-01-01"], 0), []);
    assert_eq!(scan(&folder, &[], 4), [("a".to_owned(), 1, first), ("a".to_owned(), 2, second)]);
    for wrong in [["--range", "--all"], ["--range", "a..--all"], ["--since", "soon"]] {
        folder.run(&[&SCAN, &wrong[..]].concat()).with_code(2);
    }
    let ended = folder.run(&[&SCAN, &["--range", "nowhere..HEAD"][..]].concat()).with_code(1);
    assert!(ended.stderr.contains("rev-list") && ended.stderr.contains("nowhere"), "{ended:?}");
    folder.run(&["scan", "--staged"]).with_code(2);
    folder.run(&["scan", "--git", ".", "a"]).with_code(2);
}

#[test]
fn only_what_is_staged_is_looked_at() {
    let folder = repository().with("old", format!("{KEY}\n"));
    assert_eq!(scan(&folder, &["--staged"], 0), [], "nothing is staged, and there is no commit");
    git(&folder, &["add", "old"]);
    assert_eq!(scan(&folder, &["--staged"], 4), [("old".to_owned(), 1, String::new())]);
    commit(&folder, "1");
    assert_eq!(scan(&folder, &["--staged"], 0), []);
    // Another line of a file with a known secret is changed; and one is in the working tree only.
    let folder = folder.with("old", format!("new line\n{KEY}\n")).with("tree", OTHER_KEY);
    git(&folder, &["add", "old"]);
    assert_eq!(scan(&folder, &["--staged"], 0), []);
    let folder = folder.with("old", format!("new line\n{KEY}\n{KEY}\n{OTHER_KEY}\n"));
    assert_eq!(scan(&folder, &["--staged"], 0), [], "the index has the version before");
    git(&folder, &["add", "old"]);
    let lines: Vec<u64> = scan(&folder, &["--staged"], 4).iter().map(|found| found.1).collect();
    assert_eq!(lines, [3, 4]);
}

#[test]
fn a_repository_is_named_or_is_the_one_here() {
    let folder = repository().with("in/a", format!("{KEY}\n"));
    commit(&folder, "1");
    let outside = Folder::new();
    let path = folder.path().to_str().unwrap();
    let args = ["scan", "--git", path, "--only", "secret", "--format", "json"];
    assert_eq!(findings(&outside.run(&args).with_code(4)).len(), 1);
    // What the environment says of another repository does not hold for one that is named.
    folder.run(&["scan", "--git", "--only", "secret", "."]).with_code(4);
    folder.run(&["scan", "--git", "--only", "secret", "in", "."]).with_code(2);
    let other = repository();
    let mut command = outside.command(&args);
    let output = command.env("GIT_DIR", other.path().join(".git")).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let ended = outside.run(&["scan", "--git"]).with_code(1);
    assert!(ended.stderr.contains("not a git repository"), "{ended:?}");
    outside.run(&["scan", "--git", "nowhere"]).with_code(1);
    let mut command = folder.command(&SCAN);
    let output = command.env("PATH", "/nowhere").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("`git` is not installed"), "{stderr}");
}

#[test]
fn a_repository_without_commits_has_nothing() {
    let ended = repository().run(&["scan", "--git"]).with_code(0);
    assert!(ended.stderr.contains("0 scanned"), "{ended:?}");
}

#[cfg(unix)]
#[test]
fn strange_names_are_shown_and_move_no_cursor() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = repository();
    let names: [&[u8]; 5] = [b"a\nb", b"\x1b[31mred", b"\xff\xfe", b"-rf", b":(top)x"];
    for name in names {
        fs::write(folder.path().join(OsStr::from_bytes(name)), KEY).unwrap();
    }
    // One content is looked at once, so each file is another.
    for (number, name) in names.iter().enumerate() {
        fs::write(folder.path().join(OsStr::from_bytes(name)), format!("{number} {KEY}")).unwrap();
    }
    commit(&folder, "1");
    for format in ["text", "json", "jsonl", "sarif"] {
        let args = ["scan", "--git", "--only", "secret", "--format", format];
        let ended = folder.run(&args).with_code(4);
        assert!(!ended.stdout.contains('\u{1b}'), "{format}");
        assert!(ended.stderr.contains("5 findings in 5"), "{format}: {ended:?}");
    }
    let text = folder.run(&["scan", "--git", "--only", "secret"]).stdout;
    assert_eq!(text.lines().count(), 5);
    assert!(text.contains("a\\nb:1:") && text.contains("\\u{1b}[31mred:1:"), "{text}");
}

#[test]
fn nothing_of_a_hostile_repository_is_run() {
    let folder =
        repository().with("a.txt", "clean\n").with(".gitattributes", "* diff=x filter=x\n");
    commit(&folder, "1");
    let ran = folder.path().join("ran");
    let run = format!("echo x >> '{}'; cat", ran.display());
    let settings = [
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.editor",
        "core.alternateRefsCommand",
        "diff.external",
        "diff.x.command",
        "diff.x.textconv",
        "filter.x.clean",
        "filter.x.smudge",
        "filter.x.process",
        "gpg.program",
        "gpg.ssh.program",
        "pager.rev-list",
        "pager.diff-tree",
        "interactive.diffFilter",
        "uploadpack.packObjectsHook",
        "alias.rev-list",
        "alias.diff-tree",
    ];
    let text = format!("a.txt: {KEY}\n");
    let folder = folder.with("a.txt", text);
    git(&folder, &["add", "a.txt"]);
    git(&folder, &["commit", "--quiet", "-m", "2"]);
    git(&folder, &["config", "log.showSignature", "true"]);
    git(&folder, &["config", "core.hooksPath", "hooks"]);
    for setting in settings {
        git(&folder, &["config", setting, &run]);
    }
    assert!(ran.metadata().is_err(), "it was not run before");
    assert_eq!(scan(&folder, &[], 4).len(), 1);
    scan(&folder, &["--staged"], 0);
    scan(&folder, &["--range", "HEAD~1..HEAD"], 4);
    assert!(ran.metadata().is_err(), "ran: {}", folder.read("ran"));
    // The trap is one: git runs it when it is not told otherwise.
    try_git(folder.path(), &["status"]);
    assert!(ran.metadata().is_ok());
}

#[test]
fn nothing_is_fetched() {
    let folder = repository().with("a", "lost\n").with("b", format!("{KEY}\n"));
    commit(&folder, "1");
    let lost = git(&folder, &["rev-parse", "HEAD:a"]);
    let ran = folder.path().join("ran");
    let url = format!("ext::sh -c echo%S>>{}", ran.display());
    for (name, value) in [
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", url.as_str()),
        ("protocol.ext.allow", "always"),
    ] {
        git(&folder, &["config", name, value]);
    }
    fs::remove_file(object(&folder, &lost)).unwrap();
    let ended = folder.run(&SCAN).with_code(4);
    assert!(ended.stderr.contains("1 unreadable"), "{ended:?}");
    assert!(ran.metadata().is_err(), "{ended:?}");
    // The trap is one: git asks where it is told to.
    try_git(folder.path(), &["cat-file", "-p", &lost]);
    assert!(ran.metadata().is_ok());
}

#[test]
fn what_is_replaced_is_read_as_it_is() {
    let folder = repository().with("a", format!("{KEY}\n"));
    commit(&folder, "1");
    let secret = git(&folder, &["rev-parse", "HEAD:a"]);
    let folder = folder.with("b", "clean\n");
    let clean = git(&folder, &["hash-object", "-w", "b"]);
    git(&folder, &["replace", &secret, &clean]);
    assert_eq!(scan(&folder, &[], 4).len(), 1);
}

/// Where a loose object is.
fn object(folder: &Folder, id: &str) -> std::path::PathBuf {
    let (first, rest) = id.split_at(2);
    folder.path().join(".git/objects").join(first).join(rest)
}

#[test]
fn a_damaged_repository_is_no_clean_one() {
    let folder = repository().with("a", "1\n").with("b", format!("{KEY}\n"));
    commit(&folder, "1");
    let lost = git(&folder, &["rev-parse", "HEAD:a"]);
    fs::remove_file(object(&folder, &lost)).unwrap();
    let ended = folder.run(&SCAN).with_code(4);
    assert!(ended.stderr.contains("is not in the repository"), "{ended:?}");
    assert!(ended.stderr.contains("1 unreadable"), "{ended:?}");
    let tree = git(&folder, &["rev-parse", "HEAD^{tree}"]);
    fs::remove_file(object(&folder, &tree)).unwrap();
    let ended = folder.run(&SCAN).with_code(1);
    assert!(ended.stderr.contains("error: `git diff-tree` ended with"), "{ended:?}");
}

#[test]
fn large_blobs_and_submodules_are_not_read() {
    let folder = repository().with("large", "x".repeat(5000)).with("small", format!("{KEY}\n"));
    commit(&folder, "1");
    let id = git(&folder, &["rev-parse", "HEAD"]);
    let entry = format!("160000,{id},sub");
    git(&folder, &["update-index", "--add", "--cacheinfo", &entry]);
    git(&folder, &["commit", "--quiet", "-m", "2"]);
    let ended = folder.run(&[&SCAN, &["--max-file-size", "2K"][..]].concat()).with_code(4);
    assert!(ended.stderr.contains("`large` is not scanned: it is larger"), "{ended:?}");
    assert!(ended.stderr.contains("1 scanned, 1 findings in 1"), "{ended:?}");
}

#[test]
fn many_versions_are_scanned_in_one_order_by_any_number_of_threads() {
    let mut folder = repository();
    for number in 0..30 {
        folder = folder.with("log", format!("{number}\n{KEY}\n{}\n", "x\n".repeat(number)));
        folder = folder.with(&format!("{}/{number}", number % 3), format!("{number} {KEY}\n"));
        commit(&folder, "c");
    }
    let one = scan(&folder, &["--jobs", "1"], 4);
    assert_eq!(one.len(), 31, "the log has it once, each of the others too");
    assert_eq!(scan(&folder, &["--jobs", "4"], 4), one);
}

#[test]
fn archives_in_commits_are_opened_too() {
    let folder = repository().with("a.gz", crate::archives::gzip(format!("{KEY}\n").as_bytes()));
    commit(&folder, "1");
    assert_eq!(scan(&folder, &[], 0), []);
    let found = scan(&folder, &["--archives"], 4);
    assert_eq!((found[0].0.as_str(), found[0].1), ("a.gz!a", 1));
}

#[test]
fn ids_of_either_length_are_read() {
    let folder = Folder::new().with("a", format!("{KEY}\n"));
    git(&folder, &["init", "--quiet", "--object-format=sha256"]);
    assert_eq!(scan(&folder, &["--staged"], 0), []);
    let id = commit(&folder, "1");
    assert_eq!(id.len(), 64);
    assert_eq!(scan(&folder, &[], 4), [("a".to_owned(), 1, id)]);
}

/// Runs a scan with a git that ends early in `command`, by `how`.
#[cfg(unix)]
#[track_caller]
fn check_interrupted(command: &str, how: &str, expected: &str) {
    use std::os::unix::fs::PermissionsExt;
    let folder = repository();
    let folder =
        (0..50).fold(folder, |folder, n| folder.with(&n.to_string(), format!("{n} {KEY}")));
    commit(&folder, "1");
    let bin = Folder::new();
    let script = format!(
        "#!/bin/sh\nPATH=\"$OLD_PATH\"\nfor word in \"$@\"; do\n  if [ \"$word\" = {command} ]; then\n    \
         {how}\n  fi\ndone\nexec git \"$@\"\n"
    );
    let bin = bin.with("git", script);
    let program = bin.path().join("git");
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut run = folder.command(&SCAN);
    #[expect(clippy::disallowed_methods, reason = "the real git is wherever it is")]
    let path = std::env::var("PATH").unwrap();
    let output = run.env("OLD_PATH", &path).env("PATH", format!("{}:{path}", bin.path().display()));
    let output = output.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(expected), "{stderr}");
    assert!(!stderr.contains("internal error") && !stderr.contains('\u{1b}'), "{stderr}");
}

#[cfg(unix)]
#[test]
fn a_git_that_ends_early_is_said() {
    check_interrupted(
        "rev-list",
        "echo 'no \\033[31mlist' >&2; exit 3",
        "`git rev-list` ended with exit status: 3: no ",
    );
    check_interrupted("rev-list", "kill -9 $$", "`git rev-list` ended with signal: 9");
    check_interrupted(
        "diff-tree",
        "cat > /dev/null; exit 4",
        "`git diff-tree` ended with exit status: 4",
    );
    check_interrupted(
        "diff-tree",
        "printf ':000000 100644'; exit 0",
        "`git diff-tree` cannot be run or read",
    );
    check_interrupted(
        "diff-tree",
        "while echo nonsense; do :; done",
        "`git diff-tree` cannot be run or read",
    );
    check_interrupted(
        "cat-file",
        "read line; printf '%s blob 100\\nshort' \"$line\"; exit 5",
        "`git cat-file` ended with exit status: 5",
    );
    check_interrupted("cat-file", "kill -9 $$", "50 unreadable");
    check_interrupted(
        "cat-file",
        "read line; echo \"$line blob 99999999999999999999\"; exit 0",
        "50 unreadable",
    );
}
