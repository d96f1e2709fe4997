//! A line for each finding: `path:line:column: kind category rule (confidence)`.

use super::Render;
use crate::scan::locate::Located;
use crate::scan::report::{Summary, shown};
use std::io::Write;
use std::path::Path;

/// The longest value that is shown, in characters.
const MAX_VALUE: usize = 120;

pub(super) struct Text;

impl Render for Text {
    fn begin(&mut self, _: &mut Vec<u8>) {}

    fn file(&mut self, out: &mut Vec<u8>, path: &Path, findings: &[Located]) {
        let path = shown(path).display().to_string();
        for Located { finding, start, value, .. } in findings {
            let _ = write!(
                out,
                "{}:{}:{}: {} {} {} ({:.2})",
                escaped(&path),
                start.line,
                start.column,
                finding.kind.as_str(),
                finding.category,
                finding.rule,
                finding.confidence
            );
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

/// `text` without control characters: they could move the cursor or colour the terminal.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out
}
