//! Reads `cargo metadata` into crates and their direct dependencies; called by `layers` only.
//!
//! The format is Cargo's own, version 1:
//! <https://doc.rust-lang.org/cargo/commands/cargo-metadata.html>.
//!
//! # Failure
//! A missing field is a [`LayersError::Field`], never an empty graph.

use std::fmt;

use serde_json::Value;

use super::LayersError;

/// The crates of the workspace.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
}

/// One crate of the workspace.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: String,
    /// Its folder, relative to the top of the workspace.
    pub(super) folder: String,
    pub(super) edges: Vec<Edge>,
}

/// One direct dependency.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) name: String,
    pub(super) kind: Kind,
    features: Vec<String>,
}

impl Edge {
    /// Whether a feature whose name starts with `part` is asked for.
    pub(super) fn has_feature(&self, part: &str) -> bool {
        self.features.iter().any(|feature| feature.starts_with(part))
    }
}

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Build,
    Development,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "normal dependency",
            Self::Build => "build dependency",
            Self::Development => "development dependency",
        })
    }
}

impl Graph {
    /// Reads what `cargo metadata --format-version 1 --no-deps` printed.
    pub(super) fn parse(metadata: &str) -> Result<Self, LayersError> {
        let metadata: Value = serde_json::from_str(metadata)?;
        let root = text(&metadata, "workspace_root")?;
        let nodes = list(&metadata, "packages")?
            .iter()
            .map(|package| node(package, root))
            .collect::<Result<_, _>>()?;
        Ok(Self { nodes })
    }
}

fn node(package: &Value, root: &str) -> Result<Node, LayersError> {
    let manifest = text(package, "manifest_path")?;
    let folder = manifest.strip_prefix(root).unwrap_or(manifest).trim_start_matches('/');
    let edges = list(package, "dependencies")?.iter().map(edge).collect::<Result<Vec<_>, _>>()?;
    Ok(Node { name: text(package, "name")?.to_owned(), folder: folder.to_owned(), edges })
}

fn edge(dependency: &Value) -> Result<Edge, LayersError> {
    let kind = match dependency.get("kind").and_then(Value::as_str) {
        Some("dev") => Kind::Development,
        Some("build") => Kind::Build,
        _ => Kind::Normal,
    };
    let features =
        list(dependency, "features")?.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Ok(Edge { name: text(dependency, "name")?.to_owned(), kind, features })
}

fn text<'a>(value: &'a Value, field: &'static str) -> Result<&'a str, LayersError> {
    value.get(field).and_then(Value::as_str).ok_or(LayersError::Field(field))
}

fn list<'a>(value: &'a Value, field: &'static str) -> Result<&'a [Value], LayersError> {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).ok_or(LayersError::Field(field))
}
