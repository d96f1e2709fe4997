//! One JSON document, or a line of JSON for each finding.

use super::Render;
use crate::scan::locate::Located;
use crate::scan::one_line;
use crate::scan::origin::Origin;
use crate::scan::report::Summary;
use serde::Serialize;

/// The version of both formats.
const VERSION: u32 = 1;

/// One document: `{"findings":[…],"summary":{"version":1,…}}`.
#[derive(Default)]
pub(super) struct Json {
    has_findings: bool,
}

/// Lines of `{"type":"finding",…}` and at the end one of `{"type":"summary",…}`.
pub(super) struct JsonLines;

#[derive(Serialize)]
struct FindingLine<'a> {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    tag: Option<&'static str>,
    path: String,
    /// Where it is in the archive at the beginning of `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_date: Option<&'a str>,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    kind: &'static str,
    category: &'a str,
    rule: &'a str,
    confidence: f32,
    start: usize,
    end: usize,
    byte_start: usize,
    byte_end: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
}

#[derive(Serialize)]
struct SummaryLine {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    tag: Option<&'static str>,
    version: u32,
    scanned: usize,
    with_findings: usize,
    findings: usize,
    skipped_binary: usize,
    skipped_too_large: usize,
    unreadable: usize,
    left_out_by_ignore_files: usize,
    left_out_irregular: usize,
    accepted_by_baseline: usize,
    accepted_inline: usize,
    stale_in_baseline: usize,
}

impl<'a> FindingLine<'a> {
    fn new(tag: Option<&'static str>, origin: &'a Origin, located: &'a Located) -> Self {
        let Located { finding, start, end, value, .. } = located;
        let commit = origin.commit();
        Self {
            tag,
            path: origin.name(),
            member: origin.member_name(),
            commit: commit.map(|commit| commit.id.as_str()),
            author_date: commit.map(|commit| commit.date.as_str()),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            kind: finding.kind.as_str(),
            category: &finding.category,
            rule: &finding.rule,
            confidence: finding.confidence,
            start: finding.chars.start,
            end: finding.chars.end,
            byte_start: finding.bytes.start,
            byte_end: finding.bytes.end,
            value: value.as_deref(),
        }
    }
}

impl SummaryLine {
    fn new(tag: Option<&'static str>, summary: &Summary) -> Self {
        Self {
            tag,
            version: VERSION,
            scanned: summary.scanned,
            with_findings: summary.with_findings,
            findings: summary.findings,
            skipped_binary: summary.binary,
            skipped_too_large: summary.too_large,
            unreadable: summary.unreadable,
            left_out_by_ignore_files: summary.left_out,
            left_out_irregular: summary.irregular,
            accepted_by_baseline: summary.accepted_by_baseline,
            accepted_inline: summary.accepted_inline,
            stale_in_baseline: summary.stale,
        }
    }
}

impl Render for Json {
    fn begin(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"findings\":[");
    }

    fn file(&mut self, out: &mut Vec<u8>, origin: &Origin, findings: &[Located]) {
        for located in findings {
            let separator: &[u8] = if self.has_findings { b",\n" } else { b"\n" };
            out.extend_from_slice(separator);
            self.has_findings = true;
            one_line::push(out, &FindingLine::new(None, origin, located));
        }
    }

    fn end(&mut self, out: &mut Vec<u8>, summary: &Summary) {
        out.extend_from_slice(b"\n],\"summary\":");
        one_line::push(out, &SummaryLine::new(None, summary));
        out.extend_from_slice(b"}\n");
    }
}

impl Render for JsonLines {
    fn begin(&mut self, _: &mut Vec<u8>) {}

    fn file(&mut self, out: &mut Vec<u8>, origin: &Origin, findings: &[Located]) {
        for located in findings {
            one_line::push(out, &FindingLine::new(Some("finding"), origin, located));
            out.push(b'\n');
        }
    }

    fn end(&mut self, out: &mut Vec<u8>, summary: &Summary) {
        one_line::push(out, &SummaryLine::new(Some("summary"), summary));
        out.push(b'\n');
    }
}
