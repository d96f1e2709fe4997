//! SARIF 2.1.0 (OASIS standard, 27 March 2020), which code review tools read.
//!
//! # Invariants
//! Columns and character offsets count UTF-16 code units, as `columnKind` says; code points stand
//! in the properties of each result. Relative paths are relative to `%SRCROOT%`, the folder that
//! the scan ran in, which is not named.

use super::Render;
use crate::scan::locate::Located;
use crate::scan::one_line;
use crate::scan::read::is_stdin;
use crate::scan::report::Summary;
use mofa_sdk::scan::{FindingKind, TextFinding};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Component, Path};

const HEAD: &str = r#"{"$schema":"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json","version":"2.1.0","runs":[{"columnKind":"utf16CodeUnits","originalUriBaseIds":{"%SRCROOT%":{"description":{"text":"The folder that the scan ran in."}}},"results":["#;

/// A log with one run.
#[derive(Default)]
pub(super) struct Sarif {
    has_results: bool,
    rules: Vec<Value>,
    indexes: HashMap<String, usize>,
}

impl Render for Sarif {
    fn begin(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(HEAD.as_bytes());
    }

    fn file(&mut self, out: &mut Vec<u8>, path: &Path, findings: &[Located]) {
        let artifact = artifact(path);
        for located in findings {
            let separator: &[u8] = if self.has_results { b",\n" } else { b"\n" };
            out.extend_from_slice(separator);
            self.has_results = true;
            let index = self.rule(&located.finding);
            one_line::push(out, &result(located, index, &artifact));
        }
    }

    fn end(&mut self, out: &mut Vec<u8>, summary: &Summary) {
        let tool = json!({"driver": {
            "name": "mofa",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": self.rules,
        }});
        out.extend_from_slice(b"\n],\"invocations\":");
        one_line::push(out, &json!([{"executionSuccessful": summary.is_complete()}]));
        out.extend_from_slice(b",\"tool\":");
        one_line::push(out, &tool);
        out.extend_from_slice(b"}]}\n");
    }
}

impl Sarif {
    /// The number of the finding's rule, which is described when it is first used.
    fn rule(&mut self, finding: &TextFinding) -> usize {
        if let Some(index) = self.indexes.get(finding.rule.as_ref()) {
            return *index;
        }
        let index = self.rules.len();
        self.indexes.insert(finding.rule.to_string(), index);
        self.rules.push(json!({
            "id": finding.rule,
            "shortDescription": {"text": finding.description},
            "defaultConfiguration": {"level": level(finding)},
            "properties": {"tags": ["security", finding.kind.as_str(), finding.category]},
        }));
        index
    }
}

fn level(finding: &TextFinding) -> &'static str {
    match finding.kind {
        FindingKind::Secret => "error",
        _ if finding.blocks => "error",
        FindingKind::Keyword => "note",
        _ => "warning",
    }
}

fn result(located: &Located, index: usize, artifact: &Value) -> Value {
    let Located { finding, start, end, value } = located;
    let mut region = json!({
        "startLine": start.line,
        "startColumn": start.utf16_column,
        "endLine": end.line,
        "endColumn": end.utf16_column,
        "charOffset": start.utf16_offset,
        "charLength": end.utf16_offset - start.utf16_offset,
        "byteOffset": finding.bytes.start,
        "byteLength": finding.bytes.len(),
    });
    if let (Some(value), Some(region)) = (value, region.as_object_mut()) {
        region.insert("snippet".to_owned(), json!({"text": value}));
    }
    json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": level(finding),
        "message": {"text": format!("{}: {}", finding.category, finding.description)},
        "rank": rounded(finding.confidence * 100.0),
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "properties": {
            "kind": finding.kind.as_str(),
            "category": finding.category,
            "confidence": rounded(finding.confidence),
            "start": finding.chars.start,
            "end": finding.chars.end,
        },
    })
}

/// `value` to three places: as an `f64` it would show digits that an `f32` does not have.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1000.0).round() / 1000.0
}

fn artifact(path: &Path) -> Value {
    if is_stdin(path) {
        return json!({"uri": "%3Cstdin%3E", "description": {"text": "Standard input."}});
    }
    let is_absolute = path.is_absolute();
    let uri = uri(path);
    if is_absolute {
        return json!({"uri": format!("file://{uri}")});
    }
    json!({"uri": uri, "uriBaseId": "%SRCROOT%"})
}

/// `path` as a URI reference (RFC 3986): every byte that is not unreserved is percent-encoded, so
/// that no piece of it can be read as a scheme, a query or a fragment.
fn uri(path: &Path) -> String {
    let mut uri = String::new();
    for component in path.components() {
        match component {
            Component::RootDir | Component::CurDir => continue,
            _ if path.is_absolute() || !uri.is_empty() => uri.push('/'),
            _ => {}
        }
        push_encoded(&mut uri, component.as_os_str().as_encoded_bytes());
    }
    uri
}

fn push_encoded(uri: &mut String, bytes: &[u8]) {
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &str) {
        assert_eq!(artifact(Path::new(path)).get("uri").unwrap(), expected);
    }

    #[test]
    fn paths_become_uri_references() {
        check("src/main.rs", "src/main.rs");
        check("./a b/ä#?.txt", "a%20b/%C3%A4%23%3F.txt");
        check("../x", "../x");
        check("/tmp/a:b", "file:///tmp/a%3Ab");
        check("http://x", "http%3A/x");
        check("-", "%3Cstdin%3E");
    }
}
