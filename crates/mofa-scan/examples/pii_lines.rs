//! Reads texts, one JSON string a line, and prints what is found in each: one JSON list a line.
//!
//! `cargo run --example pii_lines -- [LEAST CONFIDENCE] [COUNTRIES] [CATEGORIES]`, each list
//! separated by commas, so that a script can measure the rules on labelled data.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::io::{self, BufRead};

use mofa_scan::pii::PiiScanner;
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let mut builder = PiiScanner::builder();
    if let Some(least) = args.next() {
        builder = builder.with_min_confidence(least.parse()?);
    }
    if let Some(countries) = args.next() {
        builder = builder.with_countries(countries.split(','));
    }
    if let Some(categories) = args.next() {
        builder = builder.only(categories.split(','));
    }
    let scanner = builder.build()?;
    let mut findings = Vec::new();
    for line in io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        findings.clear();
        scanner.scan(&text, &mut findings);
        let found = findings.iter().map(|found| {
            let value = text.get(found.start..found.end);
            json!([scanner.rule(found.rule).id, value, found.confidence])
        });
        println!("{}", found.collect::<serde_json::Value>());
    }
    Ok(())
}
