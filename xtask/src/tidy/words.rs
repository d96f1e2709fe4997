//! Checks of words that do not belong: paths of one machine, numbers of a tracker, marks of
//! unfinished work; called by `tidy`.

use super::Report;
use super::tree::{File, Tree};

/// Folders of one machine; they are paths only where nothing that belongs to a longer path or
/// address stands before them.
const MACHINE_FOLDERS: [&str; 2] = [concat!("/", "work"), concat!("/", "root")];

/// Marks of work that was put off.
const MARKS: [&str; 3] = ["TODO", "FIXME", "XXX"];

/// Nothing may point at one machine's folders or at a tracker's numbers.
pub(super) fn foreign(tree: &Tree, report: &mut Report) {
    for (file, text) in tree.texts() {
        for (line, content) in (1..).zip(text.lines()) {
            for folder in MACHINE_FOLDERS {
                // Attack samples may well ask for root's files.
                let is_sample = file.is_data() && folder.ends_with("root");
                if !is_sample && names_folder(content, folder) {
                    report.refuse(file, line, format!("`{folder}` is a folder of one machine"));
                }
            }
            if !file.is_data() && numbers_issue(content) {
                report.refuse(file, line, "a number of a tracker: say what it is about");
            }
        }
    }
}

fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        let after = line.get(at + folder.len()..).and_then(|tail| tail.chars().next());
        let starts = before.is_none_or(|c| !(c.is_alphanumeric() || "_-./~}>*".contains(c)));
        let ends = after.is_none_or(|c| !(c.is_alphanumeric() || "_-.".contains(c)));
        starts && ends
    })
}

fn numbers_issue(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    line.match_indices("issue").any(|(at, word)| {
        let tail = line.get(at + word.len()..).unwrap_or_default();
        let number = tail.strip_prefix(' ').unwrap_or(tail).strip_prefix('#');
        number.is_some_and(|digits| digits.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// Work that was put off is finished or not begun: no marks in comments or pages.
pub(super) fn marks(tree: &Tree, report: &mut Report) {
    for file in tree.files.iter().filter(|file| !file.is_data()) {
        for (line, content) in prose(file) {
            for mark in MARKS.iter().filter(|mark| has_word(content, mark)) {
                report.refuse(file, line, format!("`{mark}` marks unfinished work"));
            }
        }
    }
}

/// The comments of Rust, and every line of anything else.
fn prose(file: &File) -> Vec<(usize, &str)> {
    match &file.rust {
        Some(source) => source.comments.iter().map(|(line, text)| (*line, text.as_str())).collect(),
        None => (1..).zip(file.text.as_deref().unwrap_or_default().lines()).collect(),
    }
}

/// Whether a word stands alone: `XXX-XX-XXXX` is a number with its digits hidden.
fn has_word(line: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|tail| tail.chars().next());
        !before.is_some_and(joins) && !after.is_some_and(joins)
    })
}
