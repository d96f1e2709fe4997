//! The demonstration runs, checks itself and leaves its log.

use crate::run::Folder;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Command;

#[test]
fn every_outcome_is_as_it_should_be() {
    let folder = Folder::new();
    let ended = folder.run(&["demo", "--format", "json"]).with_code(0);
    let shown: Value = serde_json::from_str(&ended.stdout).unwrap();
    let cases = shown["cases"].as_array().unwrap();
    assert!(cases.len() >= 15);
    for case in cases {
        assert_eq!(case["problems"], Value::Array(Vec::new()), "{case}");
    }
    let statuses: Vec<_> = cases.iter().filter_map(|case| case["status"].as_u64()).collect();
    assert!([200, 401, 403].iter().all(|status| statuses.contains(status)));
    let audit = shown["audit"].as_str().unwrap();
    assert!(Path::new(audit).starts_with(folder.path()));
    let log = std::fs::read_to_string(audit).unwrap();
    assert!(!log.contains("jane.doe") && !log.contains("bluebird"));
}

#[test]
fn people_get_a_table_and_may_go_on() {
    let folder = Folder::new();
    let mut child = folder.command(&["demo", "--keep"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut shown = String::new();
    while !shown.contains("/metrics\n") {
        assert!(stdout.read_line(&mut shown).unwrap() > 0, "it should go on: {shown}");
    }
    for part in ["15 of 15 outcomes", "audit.jsonl", "moderation would block (1)", "curl -s "] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(!shown.contains("WRONG"));
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
