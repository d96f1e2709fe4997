//! Each check against a sample that it must refuse and one that it must let pass, and all of them
//! against this repository. Samples that would offend here are put together from parts.

use super::tree::{File, MAX_BYTES, Tree};
use super::{CHECKS, Weight, check, run};
use crate::repository::Repository;

const CLEAN: &str = "//! Says what it does.\n";

/// The checks that complain of these files, in order, without remarks.
fn complaints(files: &[(&str, &str)]) -> Vec<(&'static str, String, usize)> {
    check(&Tree::of(files))
        .into_iter()
        .filter(|one| one.weight == Weight::Limit)
        .map(|one| (one.check, one.path, one.line))
        .collect()
}

#[track_caller]
fn refused(check: &'static str, line: usize, path: &str, text: &str) {
    assert_eq!(complaints(&[(path, text)]), [(check, path.to_owned(), line)], "{path}:\n{text}");
}

#[track_caller]
fn passes(path: &str, text: &str) {
    assert_eq!(complaints(&[(path, text)]), [], "{path}:\n{text}");
}

/// A Rust file with its module documentation, this code on line 2.
fn rust(code: &str) -> String {
    format!("{CLEAN}{code}\n")
}

#[test]
fn this_repository_is_tidy() {
    let report = run(&Repository::find().unwrap(), false);
    assert!(report.is_ok(), "{}", report.unwrap_err());
}

#[test]
fn white_space() {
    refused("white-space", 2, "a.md", "one\ntwo \n");
    refused("white-space", 1, "a.toml", "\ta = 1\n");
    refused("white-space", 1, "a.sh", "one\r\n");
    refused("white-space", 1, "a.md", "one");
    refused("white-space", 3, "a.md", "one\n\n");
    passes("a.md", "one\n\n  two\n");
    passes("a.md", "");
    passes("testdata/a.txt", "one \t\r\n");
}

#[test]
fn sizes() {
    let large = "a".repeat(usize::try_from(MAX_BYTES).unwrap() + 1);
    refused("file-size", 1, "testdata/a.bin", &large);
    refused("page-length", 201, "ARCHITECTURE.md", &"line\n".repeat(201));
    passes("ARCHITECTURE.md", &"line\n".repeat(200));
    passes("docs/a.md", &"line\n".repeat(201));
}

#[test]
fn binary_files_are_left_alone() {
    let file = File::new("a.rs", b"\0 no text \xff");
    assert!(file.text.is_none() && file.rust.is_none());
}

#[test]
fn foreign_words() {
    let folder = ["/wo", "rk/main"].concat();
    refused("foreign-words", 1, "a.md", &format!("see {folder}\n"));
    refused("foreign-words", 2, "a.rs", &rust(&format!("const A: &str = \"{folder}\";")));
    refused("foreign-words", 1, "testdata/a.txt", &format!("{folder}\n"));
    let home = ["/ro", "ot/.ssh"].concat();
    refused("foreign-words", 1, "a.py", &format!("open('{home}')\n"));
    passes("testdata/a.txt", &format!("cat {home}\n"));
    refused("foreign-words", 1, "a.md", &["Issue", " #12 says\n"].concat());
    passes("a.md", "issue 12 tokens, https://example.com/work/1, a/work, frame/works, .../root\n");
    passes("a.md", "owner/project#12\n");
}

#[test]
fn marks() {
    for mark in [["TO", "DO"], ["FIX", "ME"], ["XX", "X"]].map(|parts| parts.concat()) {
        refused("marks", 1, "a.md", &format!("{mark}: later\n"));
        refused("marks", 2, "a.rs", &rust(&format!("// {mark} later")));
        refused("marks", 2, "a.rs", &rust(&format!("/* ({mark}) */")));
        passes("a.rs", &rust(&format!("const A: &str = \"{mark}\";")));
        passes("testdata/a.toml", &format!("a = \"{mark}\"\n"));
    }
    passes("a.md", "XXX-XX-1234\n");
}

#[test]
fn links() {
    let page = |text: &str| complaints(&[("docs/a.md", text), ("b.md", "# One two\n")]);
    let refused = |text: &str| {
        assert_eq!(page(text), [("links", "docs/a.md".to_owned(), 1)], "{text}");
    };
    refused("[b](b.md)\n");
    refused("[b](../../b.md)\n");
    refused("![b](../c.png)\n");
    refused("[b](../b.md#three)\n");
    refused("[b](#three)\n");
    let passes = |text: &str| assert_eq!(page(text), [], "{text}");
    passes("[b](../b.md) [c](../b.md#one-two) [d](../docs) [e](https://example.com/x)\n");
    passes("`[b](c.md)`\n```\n[b](c.md)\n```\n");
    passes("[b](a.md \"title\") [me](#here)\n## Here\n");
}

#[test]
fn descriptions() {
    refused("description", 1, "a/Cargo.toml", "[package]\nname = \"a\"\n");
    refused("description", 1, "a/Cargo.toml", "[package]\ndescription = \" \"\n");
    refused("description", 1, "Cargo.toml", "not toml\n");
    passes("a/Cargo.toml", "[package]\ndescription = \"What it is\"\n");
    passes("Cargo.toml", "[workspace]\n");
}

#[test]
fn dependencies() {
    let workspace = "[workspace.dependencies]\na = { path = \"a\" }\nb-c = \"1\"\n";
    refused("dependencies", 3, "Cargo.toml", workspace);
    let page = |text: &str| complaints(&[("Cargo.toml", workspace), ("ARCHITECTURE.md", text)]);
    assert_eq!(page("| `b-c` | because |\n"), []);
    assert_eq!(page("| `b` | because |\n").len(), 1);
    for table in ["dependencies", "dev-dependencies", "target.'cfg(unix)'.dependencies"] {
        let with = |value: &str| format!("[{table}]\nb-c{value}\n");
        refused("dependencies", 2, "a/Cargo.toml", &with(" = \"1\""));
        passes("a/Cargo.toml", &with(".workspace = true"));
        passes("a/Cargo.toml", &with(" = { workspace = true, features = [\"d\"] }"));
    }
}

#[test]
fn module_files_and_documentation() {
    refused("module-file", 1, "a/mod.rs", CLEAN);
    refused("module-doc", 1, "a.rs", "\n//! Late.\n");
    refused("module-doc", 1, "a.rs", "// No documentation.\n");
    passes("a/model.rs", CLEAN);
}

#[test]
fn names() {
    refused("names", 1, "a/utils.rs", CLEAN);
    refused("names", 1, "helpers/a.rs", CLEAN);
    refused("names", 2, "a.rs", &rust("mod utils {}"));
    refused("names", 2, "a.rs", &rust("pub struct PoolManager;"));
    refused("names", 2, "a.rs", &rust("pub trait PoolManager {}"));
    refused("names", 2, "a.rs", &rust("type PoolImpl = ();"));
    passes("a.rs", &rust("// struct PoolManager\nconst A: &str = \"struct AImpl\";"));
    passes("a.rs", &rust("use other::PoolManager; struct Implied; let helpers = 1;"));
}

#[test]
fn unfinished() {
    refused("unfinished", 2, "a.rs", &rust("fn a() { todo!() }"));
    refused("unfinished", 2, "a.rs", &rust("fn a() { unimplemented !() }"));
    refused("unfinished", 2, "a.rs", &rust("fn a() { dbg!(1); }"));
    refused("unfinished", 2, "a.rs", &rust("#[ignore] fn a() {}"));
    refused("unfinished", 2, "a.rs", &rust("#[ignore = \"slow\"] fn a() {}"));
    refused("unfinished", 2, "a.rs", &rust("#[cfg_attr(unix, ignore)] fn a() {}"));
    refused("unfinished", 2, "a.rs", &rust("/// ```rust,ignore\n/// a\n/// ```\nfn a() {}"));
    passes("a.rs", &rust("// todo!()\nconst A: &str = \"dbg!(#[ignore])\";"));
    passes("a.rs", &rust("use ignore::Walk; #[serde(ignore)] struct A;"));
}

#[test]
fn reasons() {
    refused("reasons", 2, "a.rs", &rust("#[allow(dead_code)]\nfn a() {}"));
    refused("reasons", 2, "a.rs", &rust("#![expect(\n    unused,\n)]"));
    refused("reasons", 2, "a.rs", &rust("#[cfg_attr(test, allow(unused))] fn a() {}"));
    passes(
        "a.rs",
        &rust("#[expect(unused, reason = \"shown [here]\")] fn a() { b.expect(\"\"); }"),
    );
    passes("a.rs", &rust("const A: &str = \"#[allow(unused)]\"; // #[allow(unused)]"));
}

#[test]
fn length_of_functions() {
    let function = |lines: usize| rust(&format!("fn a() {{\n{}}}", "    b();\n".repeat(lines - 2)));
    refused("length", 2, "a.rs", &function(81));
    passes("a.rs", &function(80));
    passes("a.rs", &rust(&format!("fn a() {{\n{}}}", "    // b\n\n".repeat(100))));
}

#[test]
fn length_of_files() {
    let file = |lines: usize| format!("{CLEAN}{}", "a!();\n".repeat(lines));
    refused("length", 1, "a.rs", &file(601));
    passes("a.rs", &file(600));
    refused("length", 1, "a/tests/b.rs", &file(901));
    passes("a/tests/b.rs", &file(900));
    let remarks = check(&Tree::of(&[("a.rs", &file(301))]));
    assert_eq!(remarks.iter().map(|one| one.weight).collect::<Vec<_>>(), [Weight::Aim]);
}

#[test]
fn every_check_has_a_name_of_its_own() {
    let mut names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), CHECKS.len());
}
