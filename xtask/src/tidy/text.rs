//! Checks of any file's size, white space and length; called by `tidy`.

use super::Report;
use super::tree::{MAX_BYTES, Tree};

/// The page that must stay readable in one go, and its limit in lines.
const LIMITED_PAGE: (&str, usize) = ("ARCHITECTURE.md", 200);

/// Large files do not belong in the repository.
pub(super) fn file_size(tree: &Tree, report: &mut Report) {
    for file in tree.files.iter().filter(|file| file.bytes > MAX_BYTES) {
        let message = format!("{} bytes, the limit is {MAX_BYTES}", file.bytes);
        report.refuse(file, 1, message);
    }
}

/// No blanks at the end of a line, no tab, no carriage return, one line feed at the end.
pub(super) fn white_space(tree: &Tree, report: &mut Report) {
    for (file, text) in tree.texts().filter(|(file, _)| !file.is_data()) {
        for (line, content) in (1..).zip(text.split('\n')) {
            if content.contains('\r') {
                report.refuse(file, line, "a carriage return: lines end in a line feed alone");
            } else if content.ends_with([' ', '\t']) {
                report.refuse(file, line, "blanks at the end of the line");
            } else if content.contains('\t') {
                report.refuse(file, line, "a tab: indent with spaces");
            }
        }
        let lines = text.split('\n').count();
        if !text.is_empty() && !text.ends_with('\n') {
            report.refuse(file, lines, "no line feed at the end of the file");
        } else if text.ends_with("\n\n") {
            report.refuse(file, lines, "empty lines at the end of the file");
        }
    }
}

/// The page that everybody reads stays short.
pub(super) fn page_length(tree: &Tree, report: &mut Report) {
    let (path, limit) = LIMITED_PAGE;
    let Some(file) = tree.file(path) else { return };
    let lines = file.text.as_deref().unwrap_or_default().lines().count();
    if lines > limit {
        report.refuse(file, limit + 1, format!("{lines} lines, the limit is {limit}"));
    }
}
