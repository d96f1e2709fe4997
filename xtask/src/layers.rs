//! Decides whether each crate depends only on what stands below it; called by `cargo xtask layers`,
//! by the test command and by `cargo test -p xtask`.
//!
//! # Invariants
//! - Normal and build dependencies follow the arrows of [`table`] only.
//! - Development dependencies may also reach what those arrows reach, and `mofa-testkit`.
//! - A crate that the table does not know is a violation: a new crate is placed on purpose.
//!
//! # Failure
//! Every violation is listed at once, naming both crates and the rule.

mod graph;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::process::{ProcessError, Program};
use crate::repository::Repository;

use self::graph::{Graph, Kind, Node};
use self::table::{CRATES, CrateRule, EXAMPLES, EXAMPLES_MAY_USE, TESTKIT, THIRD_PARTY};

/// Why the arrows could not be checked, or did not hold.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LayersError {
    #[error(transparent)]
    Metadata(#[from] ProcessError),
    #[error("`cargo metadata` printed something unexpected: {0}")]
    Json(#[from] serde_json::Error),
    #[error("`cargo metadata` names no field `{0}`")]
    Field(&'static str),
    #[error("{} arrow(s) between crates are not allowed:\n{}", .0.len(), .0.join("\n"))]
    Violations(Vec<String>),
}

/// Checks the repository; the text says what was looked at.
pub(crate) fn run(repository: &Repository) -> Result<String, LayersError> {
    let metadata = Program::new("cargo", repository.root())
        .args("metadata --format-version 1 --no-deps --locked")
        .read()?;
    let graph = Graph::parse(&metadata)?;
    let violations = check(&graph);
    if violations.is_empty() {
        let arrows: usize = graph.nodes.iter().map(|node| node.edges.len()).sum();
        return Ok(format!(
            "layers: {} crates, {arrows} dependencies, all allowed",
            graph.nodes.len()
        ));
    }
    Err(LayersError::Violations(violations))
}

/// Every violation in the graph, one line each.
fn check(graph: &Graph) -> Vec<String> {
    let members: BTreeSet<&str> = graph.nodes.iter().map(|node| node.name.as_str()).collect();
    let mut violations = Vec::new();
    for node in &graph.nodes {
        match place(node) {
            Some(place) => {
                check_arrows(node, &place, &members, &mut violations);
                check_third_party(node, &place, &mut violations);
            }
            None => violations.push(format!(
                "`{}` is not in the table of crates: give it a layer in xtask/src/layers/table.rs",
                node.name
            )),
        }
    }
    violations
}

/// What a crate is allowed.
struct Place {
    layer: Option<u8>,
    may_use: &'static [&'static str],
}

fn place(node: &Node) -> Option<Place> {
    if node.folder.starts_with(EXAMPLES) {
        return Some(Place { layer: None, may_use: EXAMPLES_MAY_USE });
    }
    rule(&node.name).map(|rule| Place { layer: rule.layer, may_use: rule.may_use })
}

fn rule(name: &str) -> Option<&'static CrateRule> {
    CRATES.iter().find(|rule| rule.name == name)
}

fn check_arrows(
    node: &Node,
    place: &Place,
    members: &BTreeSet<&str>,
    violations: &mut Vec<String>,
) {
    let in_tests = reachable(place.may_use);
    for edge in &node.edges {
        let ours = members.contains(edge.name.as_str()) || rule(&edge.name).is_some();
        if !ours || place.may_use.contains(&edge.name.as_str()) {
            continue;
        }
        if edge.kind == Kind::Development
            && (edge.name == TESTKIT || in_tests.contains(edge.name.as_str()))
        {
            continue;
        }
        let why = reason(place, &edge.name);
        violations
            .push(format!("`{}` must not use `{}` ({}): {why}", node.name, edge.name, edge.kind));
    }
}

/// Why this arrow is missing from the table.
fn reason(place: &Place, target: &str) -> String {
    let target_layer = rule(target).and_then(|rule| rule.layer);
    match (place.layer, target_layer) {
        _ if target == TESTKIT => "the test kit is a development dependency only".to_owned(),
        (Some(2), Some(2)) => "crates of layer 2 never see each other".to_owned(),
        (Some(own), Some(other)) if other >= own => {
            format!("layer {own} stands below or beside layer {other}")
        }
        _ => format!("it may use {}", listed(place.may_use)),
    }
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() {
        return "no crate of the workspace".to_owned();
    }
    format!("only {}", names.join(", "))
}

/// All crates that the arrows lead to, over any number of steps.
fn reachable(may_use: &[&'static str]) -> BTreeSet<&'static str> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&'static str> = may_use.to_vec();
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            open.extend(rule(name).map_or(&[][..], |rule| rule.may_use));
        }
    }
    seen
}

/// Crates that are shipped keep third-party code where the table says; tools may use anything.
fn check_third_party(node: &Node, place: &Place, violations: &mut Vec<String>) {
    if place.layer.is_none() {
        return;
    }
    for edge in node.edges.iter().filter(|edge| edge.kind != Kind::Development) {
        for rule in THIRD_PARTY {
            let named = rule.names.contains(&edge.name.as_str());
            let by_feature = rule.feature.is_none_or(|part| edge.has_feature(part));
            if named && by_feature && !rule.place.allows(&node.name) {
                violations.push(format!(
                    "`{}` must not use `{}` ({}): {}",
                    node.name, edge.name, edge.kind, rule.why
                ));
            }
        }
    }
}
