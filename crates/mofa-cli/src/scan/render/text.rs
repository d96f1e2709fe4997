//! A line for each finding: `path:line:column: kind category rule (confidence)`, and the commit.

use super::Render;
use crate::output::escaped;
use crate::scan::locate::Located;
use crate::scan::origin::Origin;
use crate::scan::report::Summary;
use std::io::Write;

/// The longest value that is shown, in characters.
const MAX_VALUE: usize = 120;

pub(super) struct Text;

impl Render for Text {
    fn begin(&mut self, _: &mut Vec<u8>) {}

    fn file(&mut self, out: &mut Vec<u8>, origin: &Origin, findings: &[Located]) {
        let path = escaped(&origin.name());
        for Located { finding, start, value, .. } in findings {
            let _ = write!(
                out,
                "{path}:{}:{}: {} {} {} ({:.2})",
                start.line,
                start.column,
                finding.kind.as_str(),
                finding.category,
                finding.rule,
                finding.confidence
            );
            if let Some(commit) = origin.commit() {
                let _ = write!(out, " in {} of {}", commit.short(), commit.date);
            }
            if let Some(value) = value {
                let cut: String = value.chars().take(MAX_VALUE).collect();
                let more = if cut.len() < value.len() { "…" } else { "" };
                let _ = write!(out, ": {}{more}", escaped(&cut));
            }
            out.push(b'\n');
        }
    }

    fn end(&mut self, _: &mut Vec<u8>, _: &Summary) {}
}
