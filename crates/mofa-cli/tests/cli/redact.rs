//! Texts are given on without what should not be in them, and inputs stay as they are.

use crate::run::Folder;
use std::path::PathBuf;

#[test]
fn one_input_goes_to_standard_output() {
    let folder = Folder::new().with("mail", "to a@b.io\r\n\r\n").with("binary", b"\0");
    assert_eq!(folder.run(&["scan", "--redact", "mail"]).with_code(0).stdout, "to [EMAIL]\r\n\r\n");
    assert_eq!(folder.run_with(&["scan", "--redact"], "a@b.io").with_code(0).stdout, "[EMAIL]");
    let args = ["scan", "--redact", "--only", "phone", "-"];
    assert_eq!(folder.run_with(&args, "a@b.io").with_code(0).stdout, "a@b.io");
    for wrong in ["binary", "nowhere"] {
        assert_eq!(folder.run(&["scan", "--redact", wrong]).with_code(1).stdout, "");
    }
    assert_eq!(folder.read("mail"), "to a@b.io\r\n\r\n");
}

#[test]
fn several_inputs_go_into_a_folder() {
    let folder = Folder::new()
        .with("in/a.txt", "a@b.io")
        .with("in/deep/b.txt", "clean")
        .with("in/binary", b"\0")
        .with("c.txt", "c@d.io");
    folder.run(&["scan", "--redact", "in", "c.txt"]).with_code(2);
    let args = ["scan", "--redact", "in", "c.txt", "--output", "out"];
    folder.run(&args).with_code(0);
    let expected = ["c.txt", "in/a.txt", "in/deep/b.txt"].map(PathBuf::from);
    assert_eq!(folder.files("out"), expected);
    assert_eq!(folder.read("out/in/a.txt"), "[EMAIL]");
    assert_eq!(folder.read("out/in/deep/b.txt"), "clean");
    assert_eq!(folder.read("in/a.txt"), "a@b.io");
    let again = folder.run(&args).with_code(1);
    assert!(again.stderr.contains("cannot be written"), "nothing is replaced: {}", again.stderr);
}

#[test]
fn every_other_byte_stays_whatever_the_encoding() {
    let utf16 = |text: &str| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let folder = Folder::new()
        .with("in/latin1", b"caf\xe9 a@b.io \xff\r\n")
        .with("in/utf16", utf16("漢 a@b.io\r\n"));
    folder.run(&["scan", "--redact", "in", "--output", "out"]).with_code(0);
    let read = |path: &str| std::fs::read(folder.path().join(path)).unwrap();
    assert_eq!(read("out/in/latin1"), b"caf\xe9 [EMAIL] \xff\r\n");
    assert_eq!(read("out/in/utf16"), utf16("漢 [EMAIL]\r\n"));
}

#[test]
fn the_strategy_of_the_configuration_holds() {
    let text = "[security.pii]\nstrategy = \"mask\"\nstrategies = { ssn = \"remove\" }\n";
    let folder = Folder::new().with("mofa.toml", text);
    let args = ["scan", "--redact", "-c", "mofa.toml", "-"];
    let ended = folder.run_with(&args, "a@b.io, 536-90-4399.").with_code(0);
    assert_eq!(ended.stdout, "[REDACTED], .");
}

#[test]
fn json_stays_json() {
    let folder = Folder::new();
    let redacted = |text: &str| {
        let ended = folder.run_with(&["scan", "--redact", "-"], text).with_code(0);
        serde_json::from_str::<serde_json::Value>(&ended.stdout).unwrap().to_string()
    };
    assert_eq!(
        redacted(r#"{"card":4111111111111111,"n":[1, 4111111111111111.0]}"#),
        r#"{"card":"[CREDIT_CARD]","n":[1,"[CREDIT_CARD]"]}"#
    );
    assert_eq!(
        redacted(r#"{"a":"Hi\nann@example.com\t4111111111111111\u201d"}"#),
        serde_json::json!({"a": "Hi\n[EMAIL]\t[CREDIT_CARD]\u{201d}"}).to_string()
    );
    let lines = "4111111111111111\n{\"card\":4111111111111111}\n";
    let ended = folder.run_with(&["scan", "--redact", "-"], lines).with_code(0);
    assert_eq!(ended.stdout, "[CREDIT_CARD]\n{\"card\":\"[CREDIT_CARD]\"}\n");
}
