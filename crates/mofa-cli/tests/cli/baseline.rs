//! What is known is left out, said and counted; a baseline gives no value away.

use crate::repository::{KEY, OTHER_KEY, commit, git, repository};
use crate::run::{Ended, Folder};
use serde_json::Value;

const WRITE: [&str; 4] = ["scan", "--write-baseline", "known.json", "in"];
const SCAN: [&str; 4] = ["scan", "--baseline", "known.json", "in"];

fn places(ended: &Ended) -> Vec<&str> {
    ended.stdout.lines().map(|line| line.split(": ").next().unwrap()).collect()
}

fn known(folder: &Folder) -> Value {
    serde_json::from_str(&folder.read("known.json")).unwrap()
}

#[test]
fn what_is_accepted_is_left_out_wherever_it_moves() {
    let folder = Folder::new().with("in/a", format!("key = {KEY}\nann@example.org\n"));
    let ended = folder.run(&WRITE).with_code(0);
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.contains("2 findings are accepted in `known.json`"), "{ended:?}");
    let ended = folder.run(&SCAN).with_code(0);
    assert!(ended.stderr.contains("2 findings accepted: 2 by the baseline, 0 by"), "{ended:?}");
    assert_eq!(ended.stdout, "");
    // Moved, twice, and a new one beside it.
    let text = format!("\n\n{KEY}\nnew = {OTHER_KEY}\n\tkey: {KEY}\nann@example.org");
    let folder = folder.with("in/a", text);
    let ended = folder.run(&SCAN).with_code(4);
    assert_eq!(places(&ended), ["in/a:4:7"]);
    assert!(ended.stderr.contains("3 findings accepted: 3 by the baseline"), "{ended:?}");
    // The same value in another file was not accepted.
    let folder = folder.with("in/a", KEY).with("in/b", KEY);
    assert_eq!(places(&folder.run(&SCAN).with_code(4)), ["in/b:1:1"]);
    // However the folder is named.
    let folder = folder.with("in/b", "");
    folder.run(&["scan", "--baseline", "known.json", "./in"]).with_code(0);
}

#[test]
fn an_entry_accepts_only_what_it_shows() {
    let folder = Folder::new().with("in/prod.env", KEY);
    folder.run(&WRITE).with_code(0);
    let written = folder.read("known.json");
    for (shown, instead) in [("in/prod.env", "docs/example.md"), ("api_key.", "email.")] {
        assert!(written.contains(shown), "{written}");
        let folder = Folder::new()
            .with("in/prod.env", KEY)
            .with("known.json", written.replace(shown, instead));
        assert_eq!(places(&folder.run(&SCAN).with_code(4)), ["in/prod.env:1:1"]);
    }
}

#[test]
fn a_password_that_can_be_tried_out_is_said() {
    let text = format!("password = hunter2\nkey = {KEY}\nhttps://bob:hunter2@example.com/\n");
    let folder = Folder::new().with("in/a", text);
    let ended = folder.run(&WRITE).with_code(0);
    assert!(ended.stderr.contains("warning: 2 of them may have values"), "{ended:?}");
}

#[test]
fn entries_that_stand_for_nothing_are_said() {
    let folder = Folder::new().with("in/a", KEY).with("in/b", "ann@example.org").with("in/c", KEY);
    folder.run(&WRITE).with_code(0);
    let folder = folder.with("in/a", "clean");
    std::fs::remove_file(folder.path().join("in/b")).unwrap();
    let ended = folder.run(&SCAN).with_code(0);
    assert!(ended.stderr.contains("2 entries of the baseline are stale:"), "{ended:?}");
    assert!(ended.stderr.contains("  in/a: api_key") && ended.stderr.contains("  in/b: email"));
    assert!(!ended.stderr.contains("  in/c"), "{ended:?}");
    // Of what is not looked at, nothing is said.
    let ended = folder.run(&["scan", "--baseline", "known.json", "in/c"]).with_code(0);
    assert!(ended.stderr.contains("1 entries of the baseline are stale:"), "{ended:?}");
    let ended = folder.run(&[&SCAN[..], &["--only", "pii"]].concat()).with_code(0);
    assert!(!ended.stderr.contains("stale"), "{ended:?}");
    let ended = folder.run(&[&SCAN[..], &["--format", "json"]].concat()).with_code(0);
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["summary"]["stale_in_baseline"], 2);
    assert_eq!(document["summary"]["accepted_by_baseline"], 1);
}

#[test]
fn a_baseline_holds_no_value_and_no_plain_hash_of_one() {
    use sha2::{Digest, Sha256};
    let values = [KEY, "ann@example.org", "123-45-6789"];
    let text = format!("{KEY}\nann@example.org\nssn 123-45-6789\n");
    let folder = Folder::new().with("in/a", &text).with("in/b", &text);
    let ended = folder.run(&WRITE).with_code(0);
    assert!(ended.stderr.contains("warning: 4 of them may have values that can be tried out"));
    let baseline = folder.read("known.json");
    for value in values {
        let digest: [u8; 32] = Sha256::digest(value).into();
        let first = u128::from_be_bytes(*digest.first_chunk().unwrap());
        let digest = format!("{first:032x}");
        assert!(!baseline.contains(value) && !baseline.contains(&digest));
    }
    let document = known(&folder);
    let entries = document["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 6);
    let mut names: Vec<_> = entries.iter().flat_map(|e| e.as_object().unwrap().keys()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names, ["fingerprint", "path", "rule"]);
    // One value in two files does not show as one, and two baselines have nothing in common.
    let mut prints: Vec<_> = entries.iter().map(|e| e["fingerprint"].as_str().unwrap()).collect();
    let other = Folder::new().with("in/a", &text).with("in/b", &text);
    other.run(&WRITE).with_code(0);
    let other = known(&other);
    prints.extend(
        other["entries"].as_array().unwrap().iter().map(|e| e["fingerprint"].as_str().unwrap()),
    );
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), 12);
}

#[test]
fn writing_again_changes_only_what_changed() {
    let folder = Folder::new().with("in/a", KEY).with("in/b", OTHER_KEY);
    folder.run(&WRITE).with_code(0);
    let first = folder.read("known.json");
    folder.run(&WRITE).with_code(0);
    assert_eq!(folder.read("known.json"), first);
    let folder = folder.with("in/b", "clean");
    folder.run(&WRITE).with_code(0);
    let second = folder.read("known.json");
    assert!(second.lines().all(|line| first.contains(line.trim_end_matches(','))), "{second}");
    assert_eq!(second.lines().count() + 1, first.lines().count());
}

#[test]
fn a_file_that_is_no_baseline_is_refused() {
    let folder = Folder::new().with("in/a", KEY);
    folder.run(&SCAN).with_code(2);
    let key = "0".repeat(64);
    for wrong in [
        "",
        "{}",
        "[]",
        "{\"version\":1,\"salt\":\"\",\"entries\":[]}",
        &format!("{{\"version\":2,\"salt\":\"{key}\",\"entries\":[]}}"),
        &format!("{{\"version\":1,\"salt\":\"{key}\",\"entries\":[],\"more\":1}}"),
        &format!("{{\"version\":1,\"salt\":\"{key}\",\"entries\":[{{\"path\":\"in/a\"}}]}}"),
    ] {
        let folder = Folder::new().with("in/a", KEY).with("known.json", wrong);
        let ended = folder.run(&SCAN).with_code(2);
        assert!(ended.stderr.contains("the baseline `known.json` cannot be used"), "{ended:?}");
        folder.run(&WRITE).with_code(2);
        assert_eq!(folder.read("known.json"), wrong, "what is something else is not overwritten");
    }
    let empty = format!("{{\"version\":1,\"salt\":\"{key}\",\"entries\":[]}}");
    let folder = folder.with("known.json", empty);
    folder.run(&SCAN).with_code(4);
}

#[test]
fn a_marked_line_is_accepted_and_said() {
    let text = format!("a = {KEY} # mofa:allow, a sample\nb = {OTHER_KEY}\n# mofa:allow\n");
    let folder = Folder::new().with("in/a", text);
    let ended = folder.run(&["scan", "in"]).with_code(4);
    assert_eq!(places(&ended), ["in/a:2:5"]);
    assert!(ended.stderr.contains("1 findings accepted: 0 by the baseline, 1 by `mofa:allow`"));
    let ended = folder.run(&["scan", "--no-inline-allow", "in"]).with_code(4);
    assert_eq!(places(&ended), ["in/a:1:5", "in/a:2:5"]);
    // What is marked need not be in a baseline as well.
    folder.run(&WRITE).with_code(0);
    assert_eq!(known(&folder)["entries"].as_array().unwrap().len(), 1);
    let ended = folder.run(&[&SCAN[..], &["--no-inline-allow"]].concat()).with_code(4);
    assert_eq!(places(&ended), ["in/a:1:5"]);
}

#[test]
fn a_baseline_of_files_holds_for_commits_and_archives_too() {
    let folder = repository().with("a", format!("{KEY}\n"));
    let gz = crate::archives::gzip(format!("{OTHER_KEY}\n").as_bytes());
    let folder = folder.with("b.gz", gz);
    commit(&folder, "1");
    let scan = ["scan", "--archives", "--only", "secret"];
    folder.run(&[&scan[..], &["--git"]].concat()).with_code(4);
    folder.run(&[&scan[..], &["--write-baseline", "known.json", "."]].concat()).with_code(0);
    assert_eq!(known(&folder)["entries"].as_array().unwrap().len(), 2);
    let known = ["--baseline", "known.json"];
    folder.run(&[&scan[..], &known, &["."]].concat()).with_code(0);
    folder.run(&[&scan[..], &known, &["--git"]].concat()).with_code(0);
    // What is in archives that are not opened is not looked at, and so not stale.
    for part in ["--git", "."] {
        let ended = folder.run(&["scan", "--baseline", "known.json", part]).with_code(0);
        assert!(!ended.stderr.contains("stale"), "{part}: {ended:?}");
    }
    git(&folder, &["add", "."]);
    let ended = folder.run(&[&scan[..], &known, &["--git", "--staged"]].concat()).with_code(0);
    assert!(!ended.stderr.contains("stale"), "{ended:?}");
}

#[test]
fn a_copy_in_a_history_is_a_file_of_its_own() {
    let folder = repository().with("a", format!("key = {KEY}\n"));
    commit(&folder, "1");
    folder_scan(&folder, "--write-baseline", 0);
    folder_scan(&folder, "--baseline", 0);
    let folder = folder.with("b", format!("key = {KEY}\n"));
    let copied = commit(&folder, "2");
    let folder = folder.with("b", format!("more\nkey = {KEY}\n"));
    commit(&folder, "3");
    let ended = folder_scan(&folder, "--baseline", 4);
    assert_eq!(places(&ended), ["b:1:7"]);
    assert!(ended.stdout.contains(copied.get(..12).unwrap()), "{ended:?}");
    folder_scan(&folder, "--write-baseline", 0);
    folder_scan(&folder, "--baseline", 0);
    // Without one, each content is looked at once.
    let ended = folder.run(&["scan", "--git", "--only", "secret"]).with_code(4);
    assert_eq!(places(&ended), ["a:1:7"]);
}

#[track_caller]
fn folder_scan(folder: &Folder, how: &str, code: i32) -> Ended {
    folder.run(&["scan", "--git", "--only", "secret", how, "known.json"]).with_code(code)
}
