//! Checking a configuration costs as much again for as much again: what it allocates is counted,
//! so that nothing depends on the machine.

#![expect(clippy::unwrap_used, reason = "tests may fail by panicking")]

use mofa_sdk::config::Config;
use std::fmt::Write;

/// What checking `text` allocates, in bytes.
#[track_caller]
fn cost(text: &str) -> u64 {
    let counted = allocation_counter::measure(|| {
        Config::parse(text, "mofa.toml", &|_| None).unwrap();
    });
    counted.bytes_total
}

/// Four times as much of `text` costs at most six times as much.
#[track_caller]
fn check(least: usize, text: impl Fn(usize) -> String) {
    let (few, many) = (cost(&text(least)), cost(&text(4 * least)));
    assert!(many < few * 6, "{few} bytes for {least}, {many} bytes for four times as many");
}

#[test]
fn each_pattern_is_compiled_once() {
    check(8, |count| {
        (0..count).fold(String::new(), |mut text, number| {
            let _ = write!(
                text,
                "[[security.pii.patterns]]\ncategory = \"c{number}\"\nrule = \"r{number}\"\n\
                 regex = 'x{number}-[0-9]{{4}}'\n"
            );
            text
        })
    });
}

#[test]
fn a_category_is_looked_up_and_not_compiled() {
    check(8, |count| {
        let names = (0..count).map(|number| format!("\"c{number}\"")).collect::<Vec<_>>();
        let head = format!("[security.pii]\ncategories = [{}]\n", names.join(", "));
        (0..count).fold(head, |mut text, number| {
            let _ = write!(
                text,
                "[[security.pii.patterns]]\ncategory = \"c{number}\"\nrule = \"r{number}\"\n\
                 regex = 'x{number}-[0-9]{{4}}'\n"
            );
            text
        })
    });
}
