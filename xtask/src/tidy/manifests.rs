//! Checks of `Cargo.toml` files; called by `tidy`.

use super::Report;
use super::tree::{File, Tree};

/// The page that gives the reason for every dependency.
const REASONS: &str = "ARCHITECTURE.md";

/// The tables of dependencies in a manifest.
const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Every crate says in one sentence what it is.
pub(super) fn description(tree: &Tree, report: &mut Report) {
    for (file, text) in manifests(tree) {
        let manifest: toml::Table = match text.parse() {
            Ok(manifest) => manifest,
            Err(error) => {
                report.refuse(file, 1, format!("not TOML: {}", error.message()));
                continue;
            }
        };
        let Some(package) = manifest.get("package") else { continue };
        let described = package
            .get("description")
            .and_then(toml::Value::as_str)
            .is_some_and(|description| !description.trim().is_empty());
        if !described {
            report.refuse(file, 1, "the crate has no description");
        }
    }
}

/// Every third-party crate is declared once, for the workspace, and its reason is written down.
pub(super) fn dependencies(tree: &Tree, report: &mut Report) {
    let reasons = tree.file(REASONS).and_then(|file| file.text.as_deref()).unwrap_or_default();
    for (file, text) in manifests(tree) {
        // What is not TOML is the other check's complaint.
        let Ok(manifest) = text.parse::<toml::Table>() else { continue };
        let shared = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
        for (name, _) in third_party(shared) {
            if !reasons.contains(&format!("`{name}`")) {
                let line = line_of(text, name);
                report.refuse(file, line, format!("{REASONS} gives no reason for `{name}`"));
            }
        }
        for holder in holders(&manifest) {
            for (name, value) in third_party(Some(holder)) {
                if value.get("workspace").is_none() {
                    let message = format!("`{name}` is not taken from the workspace");
                    report.refuse(file, line_of(text, name), message);
                }
            }
        }
    }
}

fn manifests(tree: &Tree) -> impl Iterator<Item = (&File, &str)> {
    tree.texts().filter(|(file, _)| file.path.split('/').next_back() == Some("Cargo.toml"))
}

/// The tables of dependencies of a crate, those for some platforms only included.
fn holders(manifest: &toml::Table) -> Vec<&toml::Value> {
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let by_target = targets.into_iter().flat_map(toml::Table::values);
    let places = by_target.filter_map(toml::Value::as_table).chain(std::iter::once(manifest));
    places.flat_map(|place| KINDS.iter().filter_map(|kind| place.get(*kind))).collect()
}

/// The dependencies of a table that are not crates of this repository.
fn third_party(table: Option<&toml::Value>) -> impl Iterator<Item = (&String, &toml::Value)> {
    let entries = table.and_then(toml::Value::as_table).into_iter().flatten();
    entries.filter(|(_, value)| value.get("path").is_none())
}

/// Where a dependency is declared; the first line when that cannot be told.
fn line_of(text: &str, name: &str) -> usize {
    let declares = |line: &str| {
        let rest = line.trim_start().strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with([' ', '=', '.']))
    };
    (1..).zip(text.lines()).find(|(_, line)| declares(line)).map_or(1, |(line, _)| line)
}
