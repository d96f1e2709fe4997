//! Writes findings in the format that was asked for, file by file.

mod json;
mod sarif;
mod text;

use super::Format;
use super::locate::Located;
use super::origin::Origin;
use super::report::Summary;

/// A format. Findings are written as they come, or in bounded number at the end, so that memory does
/// not grow with them.
pub(super) trait Render {
    /// Writes what stands before all findings.
    fn begin(&mut self, out: &mut Vec<u8>);
    /// Writes the findings of one file.
    fn file(&mut self, out: &mut Vec<u8>, origin: &Origin, findings: &[Located]);
    /// Writes what stands after all findings.
    fn end(&mut self, out: &mut Vec<u8>, summary: &Summary);
    /// Says what the format had no room for.
    fn left_out(&self) -> Option<String> {
        None
    }
}

/// The format's writer, for findings in files or in commits.
pub(super) fn renderer(format: Format, is_git: bool) -> Box<dyn Render> {
    match format {
        Format::Text => Box::new(text::Text),
        Format::Json => Box::new(json::Json::default()),
        Format::Jsonl => Box::new(json::JsonLines),
        Format::Sarif => Box::new(sarif::Sarif::new(is_git)),
    }
}
