//! `mofa eval` on labelled data of others, which is not part of the project: it is looked for in
//! `../shared/data`, beside the checkout, or in `data` of the folder that `MOFA_SHARED` names.
//!
//! What it says is compared with a plain count of the same files. Without the data the tests say so
//! and pass; with `CI=true` they fail then.

use crate::run::Folder;
use flate2::read::GzDecoder;
use mofa_sdk::scan::TextScanner;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

#[expect(clippy::disallowed_methods, reason = "switches for whoever runs the tests")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The folder of the data; `None`, with a line that says so, if it is not there.
#[expect(clippy::print_stdout, reason = "what is left out is said")]
fn data() -> Option<PathBuf> {
    let named = variable("MOFA_SHARED").map(|shared| Path::new(&shared).join("data"));
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = named.unwrap_or_else(beside);
    if folder.is_dir() {
        return Some(folder);
    }
    let is_ci = variable("CI").is_some_and(|value| value == "true");
    assert!(!is_ci, "{} is missing, and with CI=true nothing is left out", folder.display());
    println!("left out: there is no {}", folder.display());
    None
}

/// What a file holds, counted without the program.
#[derive(Default)]
struct Count {
    records: u64,
    malformed: u64,
    positives: u64,
    bytes: u64,
    spans: BTreeMap<String, u64>,
    /// Addresses that the scanner finds where they are labelled.
    addresses: u64,
}

fn count(path: &Path) -> Count {
    let scanner = TextScanner::new();
    let mut count = Count::default();
    for line in BufReader::new(GzDecoder::new(File::open(path).unwrap())).split(b'\n') {
        let Ok(record) = serde_json::from_slice::<Value>(&line.unwrap()) else {
            count.malformed += 1;
            continue;
        };
        let field = |name: &str| record.get(name);
        let text = field("text").and_then(Value::as_str).unwrap();
        count.records += 1;
        count.positives += u64::from(field("label").is_some_and(|label| label == 1));
        count.bytes += text.len() as u64;
        for span in field("spans").and_then(Value::as_array).into_iter().flatten() {
            let label = span.get("label").and_then(Value::as_str).unwrap().to_owned();
            if label == "EMAIL_ADDRESS" {
                let labelled = [number(span, "/start"), number(span, "/end")];
                let report = scanner.scan(text).unwrap();
                let is_it = report.findings.iter().any(|found| {
                    let found_at = [found.chars.start as u64, found.chars.end as u64];
                    found.category == "email" && found_at == labelled
                });
                count.addresses += u64::from(is_it);
            }
            *count.spans.entry(label).or_default() += 1;
        }
    }
    count
}

/// What was measured on `names`, folders and files of the data, file by file; nothing was refused.
fn measured(data: &Path, names: &[&str]) -> Vec<Value> {
    let folders: Vec<String> = names
        .iter()
        .map(|name| data.join(name).canonicalize().unwrap().display().to_string())
        .collect();
    let mut args = vec!["eval", "--format", "json"];
    args.extend(folders.iter().map(String::as_str));
    let ended = Folder::new().run(&args).with_code(0);
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document.get("unreadable"), Some(&Value::Array(Vec::new())));
    document.get("files").and_then(Value::as_array).unwrap().clone()
}

fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap()
}

#[test]
fn places_are_counted_as_a_plain_count_says() {
    let Some(data) = data() else { return };
    let files = measured(&data, &["pii"]);
    assert!(!files.is_empty());
    let mut addresses = 0;
    for file in files {
        let count = count(Path::new(file["path"].as_str().unwrap()));
        assert_eq!(number(&file, "/records"), count.records);
        assert_eq!(number(&file, "/malformed"), count.malformed);
        assert_eq!(number(&file, "/bytes"), count.bytes);
        let entities = file["entities"].as_array().unwrap();
        let whole = entities.iter().filter(|entity| entity["group"].is_null());
        let mut labelled = 0;
        for entity in whole.clone() {
            let label = entity["label"].as_str().unwrap();
            let spans = number(entity, "/spans");
            assert_eq!(spans, count.spans.get(label).copied().unwrap_or_default(), "{label}");
            labelled += spans;
            if entity["exact"].is_null() {
                continue;
            }
            assert!(number(entity, "/exact/hits") <= number(entity, "/overlap/hits"), "{entity}");
            if label == "EMAIL_ADDRESS" {
                assert_eq!(number(entity, "/exact/hits"), count.addresses, "{entity}");
                addresses += count.addresses;
            }
        }
        assert_eq!(labelled, count.spans.values().sum::<u64>(), "no label is dropped");
    }
    assert!(addresses > 0, "some file labels addresses");
}

#[test]
fn two_runs_measure_the_same() {
    let Some(data) = data() else { return };
    let path = data.join("pii").canonicalize().unwrap().display().to_string();
    let args = ["eval", "--format", "json", &path];
    let folder = Folder::new();
    let old = folder.run(&args).with_code(0).stdout;
    let folder = folder.with("old.json", old);
    let again = folder.run(&[&args[..], &["--baseline", "old.json"]].concat()).with_code(0);
    let document: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(document["baseline"]["moved"], Value::Array(Vec::new()));
    assert!(number(&document, "/baseline/compared") > 0);
}

#[test]
fn texts_are_counted_as_a_plain_count_says() {
    let Some(data) = data() else { return };
    let moderation = ["hatecheck", "surge_toxicity", "xstest"];
    let moderation = moderation.map(|name| format!("moderation/{name}.jsonl.gz"));
    let folders = ["secrets", "prompt_injection", "evasion"];
    let names: Vec<&str> =
        folders.into_iter().chain(moderation.iter().map(String::as_str)).collect();
    let files = measured(&data, &names);
    let mut clean = 0;
    for file in files {
        let count = count(Path::new(file["path"].as_str().unwrap()));
        assert_eq!(number(&file, "/records"), count.records);
        assert_eq!(number(&file, "/malformed"), count.malformed);
        clean += u64::from(!file["clean"].is_null());
        if number(&file, "/unlabelled") == count.records {
            continue;
        }
        assert_eq!(file["clean"].is_null(), count.positives > 0, "{}", file["name"]);
        assert_eq!(number(&file, "/verdicts/0/positives"), count.positives, "{}", file["name"]);
        let texts = number(&file, "/verdicts/0/positives") + number(&file, "/verdicts/0/negatives");
        assert_eq!(texts, count.records);
    }
    assert!(clean > 0, "some files have no attack");
}
