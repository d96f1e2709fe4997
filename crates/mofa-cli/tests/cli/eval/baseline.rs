//! What moved against another run, and how that ends.

use super::{document, eval, folder};

#[test]
fn what_got_worse_fails() {
    let folder = folder();
    let old = eval(&folder, &["--format", "json", "data"]).with_code(0).stdout;
    let folder = folder.with("old.json", old);
    let same = eval(&folder, &["--baseline", "old.json", "data"]).with_code(0);
    assert!(same.stdout.contains("\nagainst old.json: 0 of "), "{}", same.stdout);
    let part = eval(&folder, &["--baseline", "old.json", "data/pii"]).with_code(0);
    assert!(!part.stdout.contains("; 0 gone"), "{}", part.stdout);
    // Email addresses are sure to 0.95, so none is counted now.
    let worse = ["--baseline", "old.json", "--min-confidence", "0.99", "--format", "json", "data"];
    let ended = eval(&folder, &worse).with_code(4);
    let comparison = document(&ended)["baseline"].take();
    let moved = comparison["moved"].as_array().unwrap();
    let recall = moved.iter().find(|moved| {
        moved["file"] == "pii/letters"
            && moved["entity"] == "EMAIL_ADDRESS"
            && moved["measure"] == "exact recall"
    });
    let recall = recall.unwrap();
    assert_eq!((recall["before"].as_f64(), recall["now"].as_f64()), (Some(0.5), Some(0.0)));
    assert_eq!(recall["is_worse"], true);
    assert_eq!(eval(&folder, &[&worse[..], &["nowhere"]].concat()).code, Some(4), "4 wins over 1");
    eval(&folder, &[&["--tolerance", "1"], &worse[..]].concat()).with_code(0);
    let better = folder.with("data/pii/single.jsonl", "{\"text\":\"x\",\"spans\":[]}");
    let ended = eval(&better, &["--baseline", "old.json", "data"]).with_code(0);
    assert!(ended.stdout.contains(" gone, "), "{}", ended.stdout);
}

#[test]
fn a_baseline_must_be_one() {
    let folder = folder()
        .with("other.json", "{}")
        .with("copy/pii/letters.jsonl", "{\"text\":\"\",\"label\":0}");
    let old = eval(&folder, &["--format", "json", "data"]).with_code(0).stdout;
    let folder = folder.with("old.json", old);
    for baseline in ["other.json", "nowhere.json"] {
        let ended = eval(&folder, &["--baseline", baseline, "data"]).with_code(2);
        assert!(ended.stderr.contains(&format!("the baseline `{baseline}` ")), "{ended:?}");
    }
    let twice = eval(&folder, &["--baseline", "old.json", "data", "copy"]).with_code(2);
    assert!(twice.stderr.contains("two files are called `pii/letters`"), "{twice:?}");
    eval(&folder, &["--tolerance", "0.1", "data"]).with_code(2);
    for wrong in ["-1", "NaN", "inf"] {
        let tolerance = format!("--tolerance={wrong}");
        eval(&folder, &["--baseline", "old.json", &tolerance, "data"]).with_code(2);
    }
}
