//! How closely is looked, and for whose numbers, on the command line and in a configuration.

use crate::run::Folder;
use serde_json::{Value, json};

const TEXT: &str = "tel 030 1234567\ncodice fiscale RSSMRA85T10A562S\nam9obkBleGFtcGxlLmNvbQ==\n\
                    Dear Mrs Ada Lovelace,\n";

fn folder() -> Folder {
    Folder::new().with("in.txt", TEXT)
}

/// The categories that `mofa scan` finds with `args`.
#[track_caller]
fn check(folder: &Folder, args: &[&str], expected: &[&str]) {
    let args: Vec<_> =
        ["scan", "--format", "json"].iter().chain(args).chain(&["in.txt"]).copied().collect();
    let ended = folder.run(&args).with_code(if expected.is_empty() { 0 } else { 4 });
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    let found = found.get("findings").and_then(Value::as_array).unwrap().iter();
    let found: Vec<_> =
        found.map(|found| found.get("category").unwrap().as_str().unwrap()).collect();
    assert_eq!(found, expected, "{args:?}");
}

#[test]
fn flags_choose_what_is_found() {
    let folder = folder();
    check(&folder, &[], &["phone", "tax_id"]);
    check(&folder, &["--min-confidence", "0.7"], &["tax_id"]);
    check(&folder, &["--min-confidence", "0.7", "--layers"], &["tax_id", "email"]);
    check(&folder, &["--countries", "DE", "--layers=true"], &["phone", "email"]);
    check(&folder, &["--countries", "it, de", "--min-confidence", "0.6"], &["phone", "tax_id"]);
    check(&folder, &["--countries", "all", "--only", "phone"], &["phone"]);
    check(&folder, &["--only", "person_name"], &["person_name"]);
    check(&folder, &["--only", "person_name,pii"], &["phone", "tax_id", "person_name"]);
    check(&folder, &["--only", "secret"], &[]);
}

#[test]
fn flags_go_before_the_configuration() {
    let config = "[security.pii]\nlayers = true\ncountries = [\"de\"]\nmin_confidence = 0.7\n";
    let folder = folder().with("mofa.toml", config);
    let with = |args: &[&'static str]| [&["-c", "mofa.toml"], args].concat();
    check(&folder, &with(&[]), &["phone", "email"]);
    check(&folder, &with(&["--layers=false"]), &["phone"]);
    check(&folder, &with(&["--countries", "es"]), &["email"]);
    check(&folder, &with(&["--min-confidence", "0.99"]), &[]);
    check(&folder, &with(&["--only", "person_name", "--min-confidence", "0.5"]), &["person_name"]);
}

#[test]
fn what_does_not_fit_is_a_wrong_argument() {
    for (flag, value, expected) in [
        ("--countries", "de,uk", "'uk' for '--countries <CODE>': expected the code of a country"),
        ("--min-confidence", "1.5", "expected a number from 0 to 1"),
        ("--min-confidence", "NaN", "expected a number from 0 to 1"),
    ] {
        for command in ["scan", "eval"] {
            let ended = folder().run(&[command, flag, value, "in.txt"]).with_code(2);
            assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        }
    }
}

#[test]
fn a_measurement_looks_for_what_it_is_asked_for() {
    let record = json!({"text": "Dear Mrs Ada Lovelace,", "spans": [
        {"start": 9, "end": 21, "label": "PERSON"}]});
    let hidden = json!({"text": "to am9obkBleGFtcGxlLmNvbQ== now", "spans": [
        {"start": 3, "end": 27, "label": "EMAIL"}]});
    let folder = Folder::new().with("data/x.jsonl", format!("{record}\n{hidden}\n"));
    let found = |args: &[&str], label: &str| {
        let args = [&["eval", "--format", "json", "--quiet", "data"], args].concat();
        let report: Value = serde_json::from_str(&folder.run(&args).with_code(0).stdout).unwrap();
        let entities = report["files"][0]["entities"].as_array().unwrap().iter();
        let mut entity = entities.filter(|entity| entity["label"] == label);
        entity.next().map(|entity| entity["findings"].as_u64().unwrap())
    };
    assert_eq!(found(&[], "PERSON"), Some(0), "off");
    assert_eq!(found(&["--only", "PERSON"], "PERSON"), Some(1));
    assert_eq!(found(&["--only", "person_name"], "PERSON"), Some(1));
    assert_eq!(found(&["--map", "PERSON=person_name"], "PERSON"), Some(1));
    assert_eq!(found(&[], "EMAIL"), Some(0));
    assert_eq!(found(&["--layers"], "EMAIL"), Some(1));
    assert_eq!(found(&["--layers", "--min-confidence", "0.99"], "EMAIL"), Some(0));
}

#[test]
fn what_is_on_is_said() {
    let config = "[security.pii]\nlayers = true\ncountries = [\"DE\", \"fr\"]\nmin_confidence = \
                  0.25\n[security.pii.allowed]\nvalues = [\"a@b.io\"]\n\
                  [tenants.acme.pii]\ncountries = \"all\"\nlayers = false\n";
    let folder = Folder::new().with("mofa.toml", config);
    let ended = folder.run(&["check", "--format", "json"]).with_code(0);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let detection = &report["detection"];
    assert_eq!(detection["off"], json!(["person_name", "postal_address"]));
    assert!(detection["categories"].as_array().unwrap().contains(&json!("iban")));
    assert_eq!(detection["countries"], json!(["de", "fr"]));
    assert_eq!((&detection["layers"], &detection["min_confidence"]), (&json!(true), &json!(0.25)));
    assert_eq!((&detection["own_rules"], &detection["allowed"]), (&json!(0), &json!(1)));
    let acme = json!({"tenant": "acme", "countries": ["all"], "layers": false,
        "min_confidence": 0.25, "own_rules": 0, "allowed": 1});
    assert_eq!(detection["tenants"], json!([acme]));
    let text = folder.run(&["check"]).with_code(0).stdout;
    for line in [
        "not for person_name, postal_address",
        "ids and phone numbers of de, fr; layers on; at least 0.25 sure; 0 rules of your own, 1 \
         exceptions",
        "acme: ids and phone numbers of all countries; layers off; at least 0.25 sure",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let plain = Folder::new().with("mofa.toml", "");
    let text = plain.run(&["check"]).with_code(0).stdout;
    assert!(text.contains("ids of all countries, no national phone numbers; layers off"), "{text}");
}
