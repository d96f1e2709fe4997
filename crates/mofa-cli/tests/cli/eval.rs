//! What `mofa eval` measures, and how it ends.

mod baseline;

use crate::run::{Ended, Folder};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::io::Write;
use std::path::Path;

/// A key that is none, in two pieces so that this file has none either.
const KEY: &str = concat!("sk-", "q8RzT2mVx5Lw9KbN3cYd7HgP1fJs6AuE4oWi0XyQ");

/// The labelled files of this crate, and one with a secret, in `data`.
pub(crate) fn folder() -> Folder {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/eval");
    let files = ["pii/letters", "pii/single", "evasion/attacks", "prompt_injection/clean"];
    let folder = files.iter().fold(Folder::new(), |folder, name| {
        let text = std::fs::read(root.join(format!("{name}.jsonl"))).unwrap();
        folder.with(&format!("data/{name}.jsonl"), text)
    });
    let end = 6 + KEY.chars().count();
    let secrets = format!(
        "{{\"text\":\"ключ: {KEY}\",\"label\":1,\"secret\":{{\"start\":6,\"end\":{end}}}}}\n\
         {{\"text\":\"key: abc\",\"label\":1}}\n{{\"text\":\"no key\",\"label\":0}}\n\
         {{\"text\":\"{KEY} is another's\",\"label\":0}}\n"
    );
    folder.with("data/secrets/keys.jsonl", secrets)
}

fn eval(folder: &Folder, args: &[&str]) -> Ended {
    folder.run(&[&["eval", "--quiet"], args].concat())
}

fn document(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap()
}

/// What was measured of the file called `name`.
fn file(folder: &Folder, args: &[&str], name: &str) -> Value {
    let ended = eval(folder, &[&["--format", "json"], args].concat()).with_code(0);
    let mut document = document(&ended);
    let files = document.pointer_mut("/files").and_then(Value::as_array_mut).unwrap();
    let named = files.iter().position(|file| file.get("name").is_some_and(|one| one == name));
    files.swap_remove(named.unwrap())
}

/// Labelled, found, exact hits, overlapping hits of `label` (`label, group`).
#[track_caller]
fn check(file: &Value, label: &str, expected: [u64; 4]) {
    let (label, group) = label.split_once(", ").map_or((label, None), |(l, g)| (l, Some(g)));
    let entities = file.get("entities").and_then(Value::as_array).unwrap();
    let text = |one: &Value, field: &str| one.get(field).and_then(Value::as_str).map(str::to_owned);
    let is_it = |one: &&Value| {
        text(one, "label").as_deref() == Some(label) && text(one, "group").as_deref() == group
    };
    let entity = entities.iter().find(is_it).unwrap();
    let of = |pointer: &str| entity.pointer(pointer).and_then(Value::as_u64).unwrap();
    let found = [of("/spans"), of("/findings"), of("/exact/hits"), of("/overlap/hits")];
    assert_eq!(found, expected, "{entity}");
    for way in ["exact", "overlap"] {
        let sum = |a: &str, b: &str| of(&format!("/{way}/{a}")) + of(&format!("/{way}/{b}"));
        assert_eq!(sum("hits", "false_negatives"), expected[0]);
        assert_eq!(sum("hits", "false_positives"), expected[1]);
    }
}

#[test]
fn a_record_about_one_label_can_be_read_for_it_alone() {
    let line = r#"{"text":"44051401359","entity":"PL_PESEL","spans":[{"start":0,"end":11,"label":"PL_PESEL"}]}
{"text":"44051401358","entity":"PL_PESEL","spans":[]}
{"text":"44051401359","entity":"NO_SUCH_LABEL","spans":[{"start":0,"end":11,"label":"NO_SUCH_LABEL"}]}
"#;
    let folder = Folder::new().with("data/bare.jsonl", line);
    let measured = |args: &[&str]| file(&folder, &[args, &["data"]].concat(), "data/bare");
    check(&measured(&[]), "PL_PESEL", [1, 0, 0, 0]);
    check(&measured(&["--alone"]), "PL_PESEL", [1, 1, 1, 1]);
}

#[test]
fn places_are_counted_label_by_label() {
    let folder = folder();
    let letters = file(&folder, &["data/pii"], "pii/letters");
    assert_eq!((letters["records"].as_u64(), letters["malformed"].as_u64()), (Some(6), Some(2)));
    // Two exact, one in angle brackets, one that nobody labelled, one that cannot be read.
    check(&letters, "EMAIL_ADDRESS", [4, 4, 2, 3]);
    check(&letters, "CREDIT_CARD", [1, 1, 1, 1]);
    check(&letters, "US_SSN", [1, 1, 1, 1]);
    assert_eq!(letters["entities"][2]["label"], "PERSON");
    assert_eq!(letters["entities"][2]["exact"], Value::Null, "not covered is no score");
    assert_eq!(letters["beside"][0]["rule"], "ip_address.v4", "nobody labels addresses there");
}

#[test]
fn a_record_about_one_label_says_nothing_of_others() {
    let folder = folder();
    let single = file(&folder, &["data/pii"], "pii/single");
    check(&single, "US_SSN", [1, 1, 1, 1]);
    check(&single, "EMAIL_ADDRESS", [2, 1, 1, 1]);
    check(&single, "EMAIL_ADDRESS, form=plain", [1, 1, 1, 1]);
    check(&single, "EMAIL_ADDRESS, form=hidden", [1, 0, 0, 0]);
    assert_eq!(single["beside"][0]["count"], 1, "the address beside the wrong number");
    let config = "[[security.pii.patterns]]\ncategory = \"badge\"\nrule = \"acme.badge\"\n\
                  regex = '\\b[A-Z]{2}-\\d{2}\\b'\n";
    let folder = folder.with("mofa.toml", config);
    for name in ["badge", "acme.badge", "acme.*"] {
        let map = format!("STAFF_ID={name}");
        let args = ["-c", "mofa.toml", "--map", &map, "data/pii"];
        check(&file(&folder, &args, "pii/single"), "STAFF_ID", [1, 1, 1, 1]);
    }
    eval(&folder, &["--map", "STAFF_ID=badge", "data/pii"]).with_code(2);
}

#[test]
fn texts_are_judged_by_the_engine_of_their_family() {
    let folder = folder();
    let verdict = |args: &[&str], name: &str, group: Option<&str>| {
        let file = file(&folder, args, name);
        let verdicts = file["verdicts"].as_array().unwrap().clone();
        let verdict = verdicts.into_iter().find(|one| one["group"].as_str() == group).unwrap();
        let of = |pointer: &str| verdict.pointer(pointer).unwrap().to_string();
        [of("/scores/recall"), of("/scores/precision"), of("/false_positive_rate")].join(" ")
    };
    assert_eq!(verdict(&["data"], "evasion/attacks", None), "0.5 1.0 0.0");
    assert_eq!(verdict(&["data"], "evasion/attacks", Some("transform=none")), "1.0 1.0 null");
    assert_eq!(verdict(&["data"], "evasion/attacks", Some("transform=reversed")), "0.0 null null");
    let sure = ["--min-confidence", "1", "data"];
    assert_eq!(verdict(&sure, "evasion/attacks", None), "0.0 null 0.0");
    assert_eq!(verdict(&["data"], "secrets/keys", None), "0.5 0.5 0.5");
    let other = ["--family", "pii", "data/evasion"];
    assert_eq!(verdict(&other, "evasion/attacks", None), "0.0 null 0.0");
    check(&file(&folder, &["data"], "secrets/keys"), "SECRET", [1, 1, 1, 1]);
}

#[test]
fn what_is_found_in_clean_text_is_counted_by_rule() {
    let folder = folder();
    let clean = file(&folder, &["data"], "prompt_injection/clean")["clean"].take();
    assert_eq!(clean["findings"], 3);
    let kinds = clean["kinds"].as_array().unwrap();
    let counts: Vec<_> =
        kinds.iter().map(|kind| (kind["rule"].as_str(), kind["count"].as_u64())).collect();
    assert_eq!(counts, [(Some("email.address"), Some(2)), (Some("ip_address.v4"), Some(1))]);
    let bytes = file(&folder, &["data"], "prompt_injection/clean")["bytes"].as_f64().unwrap();
    let rate = clean["per_mb"].as_f64().unwrap();
    assert!((rate * bytes / 3e6 - 1.0).abs() < 1e-6, "{rate} for {bytes} bytes");
    let only = file(&folder, &["--only", "IP_ADDRESS", "data"], "prompt_injection/clean");
    assert_eq!(only["clean"]["findings"], 1);
    let mixed = file(&folder, &["data"], "evasion/attacks");
    assert_eq!(mixed["clean"], Value::Null);
}

#[test]
fn labels_and_findings_can_be_narrowed() {
    let folder = folder();
    for name in ["US_SSN", "us_ssn", "ssn"] {
        let letters = file(&folder, &["--only", name, "data/pii"], "pii/letters");
        check(&letters, "US_SSN", [1, 1, 1, 1]);
        assert_eq!(letters["entities"].as_array().unwrap().len(), 1);
    }
    let sure = file(&folder, &["--min-confidence", "0.99", "data/pii"], "pii/letters");
    check(&sure, "EMAIL_ADDRESS", [4, 0, 0, 0]);
    let ended = folder.run(&["eval", "--only", "US_SNN", "data/pii"]).with_code(0);
    assert!(ended.stderr.contains("`--only US_SNN` names nothing"), "{}", ended.stderr);
    for wrong in ["-0.1", "1.1", "NaN", "x"] {
        eval(&folder, &[&format!("--min-confidence={wrong}"), "data"]).with_code(2);
    }
}

#[test]
fn compressed_files_are_measured_alike() {
    let folder = folder();
    let path = "data/pii/letters.jsonl";
    let plain = file(&folder, &[path], "pii/letters");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(folder.read(path).as_bytes()).unwrap();
    let compressed = encoder.finish().unwrap();
    let cut = compressed[..compressed.len() / 2].to_vec();
    let folder = folder.with("gz/pii/letters.jsonl.gz", compressed).with("cut/a.jsonl.gz", cut);
    let again = file(&folder, &["gz"], "pii/letters");
    for field in ["name", "records", "malformed", "bytes", "entities", "beside"] {
        assert_eq!(plain[field], again[field]);
    }
    let ended = eval(&folder, &["--format", "json", "cut", "gz"]).with_code(1);
    assert!(ended.stderr.contains("`cut/a.jsonl.gz`: it cannot be read after line"), "{ended:?}");
    let document = document(&ended);
    assert_eq!(document["unreadable"][0]["path"], "cut/a.jsonl.gz");
    assert_eq!(document["files"].as_array().unwrap().len(), 1, "the other file is measured");
}

#[test]
fn what_cannot_be_measured_is_said() {
    let folder = folder()
        .with("odd/labels.jsonl", "{\"text\":\"x\",\"label\":1}")
        .with("odd/none.jsonl", "x\n\n")
        .with("odd/empty.jsonl", "")
        .with("bare/README.md", "");
    let ended = folder.run(&["eval", "odd", "bare", "nowhere"]).with_code(1);
    for expected in [
        "`odd/labels.jsonl`: what `label` means in it is not known; name it with `--family`",
        "`odd/none.jsonl`: it has no record (2 other lines)",
        "`odd/empty.jsonl`: it has no record (0 other lines)",
        "`bare`: no file in it ends in `.jsonl` or `.jsonl.gz`",
        "`nowhere`: it cannot be read: ",
    ] {
        assert!(ended.stderr.contains(expected), "{expected}: {}", ended.stderr);
    }
    folder.run(&["eval", "--family", "secret", "odd/labels.jsonl"]).with_code(0);
    folder.run(&["eval"]).with_code(2);
}

#[test]
#[cfg(unix)]
fn a_stream_that_cannot_be_read_twice_is_refused() {
    let folder = folder();
    let input = folder.read("data/pii/letters.jsonl");
    let ended = folder.run_with(&["eval", "/dev/stdin"], input).with_code(1);
    assert!(ended.stderr.contains("it had 6 records and then 0"), "{}", ended.stderr);
}

#[test]
fn the_records_of_the_manual_are_records() {
    let page = include_str!("../../../../docs/eval.md");
    let block = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = Folder::new().with("manual/a.jsonl", block);
    let ended = folder.run(&["eval", "--format", "json", "manual"]).with_code(0);
    assert_eq!(ended.stderr, "", "every line is one");
    let document = document(&ended);
    let file = &document["files"][0];
    assert_eq!(file["records"], block.lines().count());
    check(file, "EMAIL_ADDRESS", [1, 1, 1, 1]);
    check(file, "US_SSN", [1, 1, 1, 1]);
}

#[test]
fn lines_that_are_no_records_are_named_up_to_a_point() {
    let lines = "{\"text\":\"x\",\"spans\":[]}\n".to_owned() + &"{\"text\":7}\n".repeat(9);
    let folder = Folder::new().with("in/a.jsonl", lines);
    let ended = folder.run(&["eval", "in"]).with_code(0);
    let first = "mofa: in/a.jsonl:2: `text` is another number, expected a text";
    assert!(ended.stderr.starts_with(first), "{}", ended.stderr);
    assert!(ended.stderr.ends_with("in/a.jsonl: 4 more lines are no records\n"), "{ended:?}");
    assert!(ended.stdout.contains("1 records") && ended.stdout.contains("9 lines are no records"));
    assert_eq!(folder.run(&["eval", "--quiet", "in"]).with_code(0).stderr, "");
}

#[test]
fn records_are_listed_and_text_only_where_it_is_asked_for() {
    let folder = folder();
    let list = |args: &[&str]| {
        let listed = file(&folder, args, "pii/letters")["listed"].take();
        let one = |one: &Value| {
            let of = |name: &str| one[name].as_u64().unwrap();
            let error = one["error"].as_str().unwrap().to_owned();
            (of("line"), of("start"), of("end"), error)
        };
        listed.as_array().unwrap().iter().map(one).collect::<Vec<_>>()
    };
    let only = ["--only", "EMAIL_ADDRESS", "data/pii"];
    let negatives = ["--list", "false-negatives"];
    let expected = [(5, 9, 26, "other_span".to_owned()), (7, 15, 40, "missed".to_owned())];
    assert_eq!(list(&[&negatives[..], &only].concat()), expected);
    assert_eq!(list(&[&negatives[..], &["--list-max", "1"], &only].concat()), expected[..1]);
    let positives = ["--list", "false-positives"];
    let expected = [(5, 10, 25, "other_span".to_owned()), (6, 18, 34, "false_positive".to_owned())];
    assert_eq!(list(&[&positives[..], &only].concat()), expected);
    for format in ["text", "json"] {
        for kind in [negatives, positives] {
            let args = [&kind[..], &["--format", format, "data"]].concat();
            let printed = eval(&folder, &args).with_code(0).stdout;
            assert!(!printed.contains("example"), "{printed}");
            let shown = eval(&folder, &[&["--show-text"], args.as_slice()].concat()).with_code(0);
            assert!(shown.stdout.contains("example"), "{shown:?}");
        }
    }
    eval(&folder, &["--show-text", "data"]).with_code(2);
}

#[test]
fn judged_texts_and_clean_ones_are_listed() {
    let folder = folder();
    let list = |kind: &str, name: &str| {
        let listed = file(&folder, &["--list", kind, "data"], name)["listed"].take();
        let one = |one: &Value| {
            (one["line"].as_u64().unwrap(), one["rules"][0].as_str().map(str::to_owned))
        };
        listed.as_array().into_iter().flatten().map(one).collect::<Vec<_>>()
    };
    let rule = |name: &str| Some(name.to_owned());
    assert_eq!(list("false-negatives", "evasion/attacks"), [(2, None)]);
    assert_eq!(list("false-positives", "evasion/attacks"), []);
    assert_eq!(list("false-negatives", "secrets/keys"), [(2, None)]);
    assert_eq!(list("false-positives", "secrets/keys"), [(4, rule("api_key.openai"))]);
    let clean = list("false-positives", "prompt_injection/clean");
    assert_eq!(
        clean,
        [(2, rule("email.address")), (2, rule("email.address")), (2, rule("ip_address.v4"))]
    );
}

#[test]
fn a_control_character_does_not_reach_the_terminal() {
    let line = "{\"text\":\"a@b.io\",\"id\":\"\\u001b[2J\",\"spans\":[{\"start\":0,\"end\":1,\"label\":\
                \"\\u001b[2J\"}]}\n{\"text\":\"\\u001b[2J a@b.io\",\"spans\":[{\"start\":0,\"end\":1,\
                \"label\":\"email\"}]}";
    let folder = Folder::new().with("in/a.jsonl", line);
    for kind in ["false-negatives", "false-positives"] {
        let ended = folder.run(&["eval", "--list", kind, "--show-text", "in"]).with_code(0);
        assert!(ended.stdout.contains("[2J") && !ended.stdout.contains('\u{1b}'), "{ended:?}");
    }
}
