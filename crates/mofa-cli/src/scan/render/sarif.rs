//! SARIF 2.1.0 (OASIS standard, 27 March 2020), which code review tools read, within what GitHub's
//! code scanning accepts.
//!
//! # Invariants
//! Columns and character offsets count UTF-16 code units, as `columnKind` says; code points stand
//! in the properties of each result. Relative paths are relative to `%SRCROOT%`, the folder that
//! the scan ran in or the top of the repository, which is not named. What is in an archive is
//! placed at the archive's first line, because the archive is what a reader has; message and
//! properties say where in it.
//!
//! At most [`MAX_RESULTS`] results of together [`MAX_BYTES`] bytes are written, the gravest first
//! kept; how many are left out is said in the log itself and beside it.

mod kept;
mod uri;

use super::Render;
use crate::scan::locate::Located;
use crate::scan::one_line;
use crate::scan::origin::Origin;
use crate::scan::report::Summary;
use kept::Kept;
use mofa_sdk::scan::{FindingKind, TextFinding};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::env;
use std::fmt::Write;

/// How many results GitHub shows of a run (it refuses 25,000):
/// <https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit>.
const MAX_RESULTS: usize = 5000;

/// How large results are together, in bytes. GitHub takes 10 MB compressed, which this is far below.
const MAX_BYTES: usize = 25 << 20;

const HEAD: &str = r#"{"$schema":"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json","version":"2.1.0","runs":[{"columnKind":"utf16CodeUnits","originalUriBaseIds":{"%SRCROOT%":{"description":{"text":"The folder that the scan ran in, or the top of the repository."}}},"results":["#;

/// A log with one run.
pub(super) struct Sarif {
    /// GitHub keeps the results of each kind of run apart by this.
    id: &'static str,
    folder: uri::Folder,
    kept: Kept,
    rules: Vec<Rule>,
    indexes: HashMap<String, usize>,
}

/// A rule that has found something.
struct Rule {
    finding: TextFinding,
    /// The best confidence of its findings.
    confidence: f32,
}

impl Sarif {
    pub(super) fn new(is_git: bool) -> Self {
        Self {
            id: if is_git { "mofa/git/" } else { "mofa/files/" },
            folder: uri::Folder::new(env::current_dir().ok()),
            kept: Kept::new(MAX_RESULTS, MAX_BYTES),
            rules: Vec::new(),
            indexes: HashMap::new(),
        }
    }

    /// The number of the finding's rule.
    fn rule(&mut self, finding: &TextFinding) -> usize {
        let rules = &mut self.rules;
        let index = self.indexes.get(finding.rule.as_ref()).copied().unwrap_or_else(|| {
            self.indexes.insert(finding.rule.to_string(), rules.len());
            rules.push(Rule { finding: finding.clone(), confidence: 0.0 });
            rules.len() - 1
        });
        if let Some(rule) = rules.get_mut(index) {
            rule.confidence = rule.confidence.max(finding.confidence);
        }
        index
    }

    fn left_out_message(&self) -> Option<String> {
        (self.kept.left_out() > 0).then(|| {
            format!(
                "{} results are left out: a log holds at most {MAX_RESULTS} of {} MiB; the gravest \
                 were kept; scan less at once, or with `--format jsonl`",
                self.kept.left_out(),
                MAX_BYTES >> 20
            )
        })
    }
}

impl Render for Sarif {
    fn begin(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(HEAD.as_bytes());
    }

    fn file(&mut self, _: &mut Vec<u8>, origin: &Origin, findings: &[Located]) {
        let artifact = self.folder.artifact(origin.path());
        for located in findings {
            let index = self.rule(&located.finding);
            let mut bytes = Vec::new();
            one_line::push(&mut bytes, &result(origin, located, index, &artifact));
            self.kept.add(gravity(&located.finding), bytes);
        }
    }

    fn end(&mut self, out: &mut Vec<u8>, summary: &Summary) {
        for (number, result) in self.kept.in_order().into_iter().enumerate() {
            out.extend_from_slice(if number > 0 { b",\n" } else { b"\n" });
            out.extend_from_slice(result);
        }
        let rules: Vec<Value> = self.rules.iter().map(Rule::descriptor).collect();
        let tool = json!({"driver": {
            "name": "mofa",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": rules,
        }});
        let mut invocation = json!({"executionSuccessful": summary.is_complete()});
        if let (Some(message), Some(invocation)) =
            (self.left_out_message(), invocation.as_object_mut())
        {
            let notes = json!([{"level": "warning", "message": {"text": message}}]);
            invocation.insert("toolExecutionNotifications".to_owned(), notes);
        }
        out.extend_from_slice(b"\n],\"automationDetails\":");
        one_line::push(out, &json!({"id": self.id}));
        out.extend_from_slice(b",\"invocations\":");
        one_line::push(out, &json!([invocation]));
        out.extend_from_slice(b",\"tool\":");
        one_line::push(out, &tool);
        out.extend_from_slice(b"}]}\n");
    }

    fn left_out(&self) -> Option<String> {
        self.left_out_message()
    }
}

impl Rule {
    fn descriptor(&self) -> Value {
        let Self { finding, confidence } = self;
        let (what, advice) = (&finding.description, advice(finding.kind));
        json!({
            "id": finding.rule,
            "shortDescription": {"text": finding.description},
            "fullDescription": {"text": format!("{}: {what}.", finding.category)},
            "help": {
                "text": format!("{what}. {advice}"),
                "markdown": format!("**{}** (`{}`). {advice}", what, finding.rule),
            },
            "defaultConfiguration": {"level": level(finding)},
            "properties": {
                "tags": ["security", finding.kind.as_str(), finding.category],
                "precision": precision(*confidence),
                "security-severity": severity(finding),
            },
        })
    }
}

/// What to do about a finding.
const fn advice(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Secret => {
            "Revoke it where it was issued, then take it out; in a history it stays readable. A known \
             one can be accepted with a baseline or with `mofa:allow` on its line."
        }
        FindingKind::Pii => {
            "Take it out or replace it (`mofa scan --redact`). A known one can be accepted with a \
             baseline or with `mofa:allow` on its line."
        }
        FindingKind::Keyword => "The phrase is listed in the configuration.",
        FindingKind::Injection => {
            "The text tries to instruct a model. Do not give it to one as trusted."
        }
    }
}

fn level(finding: &TextFinding) -> &'static str {
    match gravity(finding) {
        2 => "error",
        1 => "warning",
        _ => "note",
    }
}

/// How grave a finding is, from 0 to 2.
fn gravity(finding: &TextFinding) -> usize {
    match finding.kind {
        FindingKind::Secret => 2,
        _ if finding.blocks => 2,
        FindingKind::Keyword => 0,
        _ => 1,
    }
}

/// GitHub's scale: over 9 critical, from 7 high, from 4 medium, below low.
const fn severity(finding: &TextFinding) -> &'static str {
    match finding.kind {
        FindingKind::Secret => "8.0",
        FindingKind::Injection => "7.0",
        FindingKind::Pii => "5.0",
        FindingKind::Keyword => "2.0",
    }
}

fn precision(confidence: f32) -> &'static str {
    match confidence {
        sure if sure >= 0.9 => "very-high",
        sure if sure >= 0.7 => "high",
        sure if sure >= 0.4 => "medium",
        _ => "low",
    }
}

fn result(origin: &Origin, located: &Located, index: usize, artifact: &Value) -> Value {
    let finding = &located.finding;
    let mut message = format!("{}: {}", finding.category, finding.description);
    let mut properties = json!({
        "kind": finding.kind.as_str(),
        "category": finding.category,
        "confidence": rounded(finding.confidence),
        "start": finding.chars.start,
        "end": finding.chars.end,
    });
    let mut add = |name: &str, value: Value| {
        if let Some(properties) = properties.as_object_mut() {
            properties.insert(name.to_owned(), value);
        }
    };
    let mut place = json!({
        "physicalLocation": {"artifactLocation": artifact, "region": region(origin, located)},
    });
    if let Some(member) = origin.member_name() {
        let _ = write!(message, " (in `{member}`, line {})", located.start.line);
        add("member", json!(member));
        add("memberLine", json!(located.start.line));
        add("memberColumn", json!(located.start.utf16_column));
        if let Some(place) = place.as_object_mut() {
            let logical = json!([{"fullyQualifiedName": origin.name(), "kind": "resource"}]);
            place.insert("logicalLocations".to_owned(), logical);
        }
    }
    if let Some(commit) = origin.commit() {
        let _ = write!(message, " (in commit {} of {})", commit.short(), commit.date);
        add("commit", json!(commit.id));
        add("authorDate", json!(commit.date));
    }
    json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": level(finding),
        "message": {"text": message},
        "rank": rounded(finding.confidence * 100.0),
        "locations": [place],
        "partialFingerprints": {"primaryLocationLineHash": located.line_hash},
        "properties": properties,
    })
}

fn region(origin: &Origin, located: &Located) -> Value {
    let Located { finding, start, end, value, .. } = located;
    let mut region = if origin.member_name().is_some() {
        json!({"startLine": 1})
    } else {
        json!({
            "startLine": start.line,
            "startColumn": start.utf16_column,
            "endLine": end.line,
            "endColumn": end.utf16_column,
            "charOffset": start.utf16_offset,
            "charLength": end.utf16_offset - start.utf16_offset,
            "byteOffset": finding.bytes.start,
            "byteLength": finding.bytes.len(),
        })
    };
    if let (Some(value), Some(region)) = (value, region.as_object_mut()) {
        region.insert("snippet".to_owned(), json!({"text": value}));
    }
    region
}

/// `value` to three places: as an `f64` it would show digits that an `f32` does not have.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1000.0).round() / 1000.0
}
