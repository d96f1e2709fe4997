//! The arrows against made-up metadata, and against this repository.

use super::graph::Graph;
use super::{LayersError, check, run};
use crate::repository::Repository;

/// A workspace from `crate -> dependency dependency`, one crate a line. A dependency is written
/// `name`, `dev:name` or `build:name`, each with `+feature` after it when it asks for one.
fn workspace(lines: &[&str]) -> Graph {
    let packages: Vec<_> = lines
        .iter()
        .map(|line| {
            let (name, uses) = line.split_once("->").unwrap_or((line, ""));
            let name = name.trim();
            let folder = if name.contains("example") { "examples" } else { "crates" };
            serde_json::json!({
                "name": name,
                "manifest_path": format!("/repo/{folder}/{name}/Cargo.toml"),
                "dependencies": uses.split_whitespace().map(dependency).collect::<Vec<_>>(),
            })
        })
        .collect();
    let metadata = serde_json::json!({ "workspace_root": "/repo", "packages": packages });
    Graph::parse(&metadata.to_string()).unwrap()
}

fn dependency(written: &str) -> serde_json::Value {
    let (kind, rest) = match written.split_once(':') {
        Some((kind, rest)) => (Some(kind), rest),
        None => (None, written),
    };
    let (name, feature) = rest.split_once('+').unwrap_or((rest, ""));
    let features: Vec<&str> =
        Some(feature).filter(|feature| !feature.is_empty()).into_iter().collect();
    serde_json::json!({ "name": name, "kind": kind, "features": features })
}

#[track_caller]
fn allowed(line: &str) {
    assert_eq!(check(&workspace(&[line])), Vec::<String>::new(), "{line}");
}

/// Exactly one violation, naming both crates and the rule.
#[track_caller]
fn refused(line: &str, target: &str, why: &str) {
    let violations = check(&workspace(&[line]));
    let name = line.split_whitespace().next().unwrap();
    let [violation] = violations.as_slice() else { panic!("{line}: {violations:?}") };
    for part in [format!("`{name}`"), format!("`{target}`"), why.to_owned()] {
        assert!(violation.contains(&part), "`{violation}` does not say `{part}`");
    }
}

#[test]
fn arrows_of_the_table_are_allowed() {
    allowed("mofa-runtime -> mofa-kernel tokio serde");
    allowed("mofa-foundation -> mofa-runtime mofa-kernel mofa-scan hyper-rustls hyper+client");
    allowed("mofa-sdk -> mofa-kernel mofa-scan mofa-store mofa-net mofa-plugins");
    allowed("mofa-cli -> mofa-sdk mofa-gateway clap clap_complete");
    allowed("mofa-gateway -> mofa-sdk axum hyper-util+server");
    allowed("mofa-bench -> mofa-foundation mofa-testkit clap axum");
    allowed("an-example -> mofa-foundation mofa-runtime tokio");
}

#[test]
fn arrows_upwards_and_sideways_are_refused() {
    refused(
        "mofa-kernel -> mofa-runtime",
        "mofa-runtime",
        "layer 0 stands below or beside layer 1",
    );
    refused("mofa-scan -> mofa-kernel", "mofa-kernel", "layer 0 stands below or beside layer 0");
    refused(
        "mofa-monitoring -> mofa-foundation",
        "mofa-foundation",
        "layer 2 never see each other",
    );
    refused("mofa-monitoring -> mofa-scan", "mofa-scan", "only mofa-runtime, mofa-kernel");
    refused("mofa-gateway -> mofa-runtime", "mofa-runtime", "only mofa-sdk");
    refused("xtask -> mofa-kernel", "mofa-kernel", "no crate of the workspace");
    refused("an-example -> mofa-gateway", "mofa-gateway", "it may use only mofa-kernel");
    refused("mofa-runtime -> build:mofa-scan", "mofa-scan", "build dependency");
    refused("mofa-sdk -> mofa-testkit", "mofa-testkit", "development dependency only");
}

#[test]
fn development_dependencies_reach_what_the_arrows_reach_and_the_test_kit() {
    allowed("mofa-gateway -> mofa-sdk dev:mofa-kernel dev:mofa-foundation dev:mofa-testkit");
    allowed("mofa-kernel -> dev:tokio dev:tempfile");
    refused("mofa-runtime -> dev:mofa-foundation", "mofa-foundation", "layer 1 stands below");
    refused("mofa-net -> dev:mofa-store", "mofa-store", "layer 2 never see each other");
}

#[test]
fn third_party_crates_stay_in_their_place() {
    refused("mofa-sdk -> axum", "axum", "axum belongs in mofa-gateway");
    refused("mofa-foundation -> rhai", "rhai", "sandboxes belong in mofa-plugins");
    refused("mofa-gateway -> clap", "clap", "command lines belong in mofa-cli");
    refused("mofa-foundation -> rustls", "rustls", "TLS belongs in mofa-net");
    refused("mofa-gateway -> hyper-rustls", "hyper-rustls", "HTTP clients belong");
    refused("mofa-gateway -> hyper-util+client-legacy", "hyper-util", "HTTP clients belong");
    refused("mofa-scan -> tokio", "tokio", "no asynchronous runtime");
    refused("mofa-kernel -> walkdir", "walkdir", "layer 0 does no I/O");
}

#[test]
fn a_crate_without_a_place_is_refused() {
    let violations = check(&workspace(&["mofa-kernel", "mofa-extra -> mofa-kernel"]));
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert!(violations[0].contains("`mofa-extra` is not in the table"), "{violations:?}");
    let violations = check(&workspace(&["mofa-runtime -> extra", "extra"]));
    assert!(violations.iter().any(|line| line.contains("`mofa-runtime` must not use `extra`")));
}

#[test]
fn metadata_without_its_fields_is_an_error() {
    assert!(matches!(Graph::parse("{}"), Err(LayersError::Field("workspace_root"))));
    let packages_missing = r#"{"workspace_root": "/repo"}"#;
    assert!(matches!(Graph::parse(packages_missing), Err(LayersError::Field("packages"))));
    assert!(matches!(Graph::parse("no json"), Err(LayersError::Json(_))));
}

#[test]
fn this_repository_keeps_its_layers() {
    let report = run(&Repository::find().unwrap());
    assert!(report.is_ok(), "{}", report.unwrap_err());
}
