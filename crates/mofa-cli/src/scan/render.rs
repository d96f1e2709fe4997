//! Writes findings in the format that was asked for, file by file.

mod json;
mod sarif;
mod text;

use super::Format;
use super::locate::Located;
use super::report::Summary;
use std::path::Path;

/// A format. Findings are written as they come, so that memory does not grow with them.
pub(super) trait Render {
    /// Writes what stands before all findings.
    fn begin(&mut self, out: &mut Vec<u8>);
    /// Writes the findings of one file.
    fn file(&mut self, out: &mut Vec<u8>, path: &Path, findings: &[Located]);
    /// Writes what stands after all findings.
    fn end(&mut self, out: &mut Vec<u8>, summary: &Summary);
}

pub(super) fn renderer(format: Format) -> Box<dyn Render> {
    match format {
        Format::Text => Box::new(text::Text),
        Format::Json => Box::new(json::Json::default()),
        Format::Jsonl => Box::new(json::JsonLines),
        Format::Sarif => Box::new(sarif::Sarif::default()),
    }
}
