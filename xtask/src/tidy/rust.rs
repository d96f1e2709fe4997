//! Checks of Rust files: layout, names, length, unfinished work; called by `tidy`.

mod functions;

use super::Report;
use super::lexer::{Source, Token};
use super::tree::{File, Tree};

use self::functions::functions;

/// Lines of code of a file: the aim, and the limit for product code and for tests.
const FILE_LINES: (usize, usize, usize) = (300, 600, 900);

/// Lines of code of a function: the aim and the limit.
const FUNCTION_LINES: (usize, usize) = (40, 80);

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 4] = ["utils", "util", "helpers", "helper"];

/// Endings that say nothing about what a type does.
const EMPTY_ENDINGS: [&str; 2] = ["Manager", "Impl"];

/// A module `foo` is `foo.rs`, never `foo/mod.rs`.
pub(super) fn module_file(tree: &Tree, report: &mut Report) {
    for (file, _) in tree.rust() {
        if file.path.split('/').next_back() == Some("mod.rs") {
            report.refuse(file, 1, "name the file after the module, beside its folder");
        }
    }
}

/// Every file begins with what it decides or does.
pub(super) fn module_doc(tree: &Tree, report: &mut Report) {
    for (file, _) in tree.rust() {
        if !file.text.as_deref().unwrap_or_default().starts_with("//! ") {
            report.refuse(file, 1, "the first line is no module documentation (`//! …`)");
        }
    }
}

/// Files, modules and types are named after what they are.
pub(super) fn names(tree: &Tree, report: &mut Report) {
    for (file, source) in tree.rust() {
        for part in file.path.split('/').map(|part| part.trim_end_matches(".rs")) {
            if EMPTY_NAMES.contains(&part) {
                report.refuse(file, 1, format!("`{part}` says nothing about what is inside"));
            }
        }
        for (keyword, name) in pairs(&source.tokens) {
            let is_type = ["struct", "enum", "trait", "type", "union"].contains(&&*keyword.text);
            let is_module = keyword.text == "mod";
            let is_empty_type =
                is_type && EMPTY_ENDINGS.iter().any(|ending| name.text.ends_with(ending));
            if is_empty_type || is_module && EMPTY_NAMES.contains(&&*name.text) {
                report.refuse(file, name.line, format!("`{}` does not say what it is", name.text));
            }
        }
    }
}

/// Nothing unfinished, nothing switched off, nothing left over from debugging.
pub(super) fn unfinished(tree: &Tree, report: &mut Report) {
    for (file, source) in tree.rust() {
        for (name, sign) in pairs(&source.tokens) {
            if sign.text == "!" && ["todo", "unimplemented", "dbg"].contains(&&*name.text) {
                report.refuse(file, name.line, format!("`{}!` is left in", name.text));
            }
        }
        for attribute in attributes(&source.tokens) {
            if switches_off(&attribute) {
                report.refuse(file, first_line(&attribute), "a test is switched off");
            }
        }
        for (line, comment) in &source.comments {
            let fence = comment.split_once("```").map_or("", |(_, info)| info);
            if fence.split(',').any(|word| word.trim() == "ignore") {
                report.refuse(file, *line, "an example of the documentation is switched off");
            }
        }
    }
}

/// `#[ignore]`, also where a configuration decides.
fn switches_off(attribute: &[Token]) -> bool {
    let mut words = attribute.iter().map(|token| token.text.as_str()).filter(|word| *word != "#");
    match words.next() {
        Some("ignore") => true,
        Some("cfg_attr") => words.any(|word| word == "ignore"),
        _ => false,
    }
}

/// Every exception to a lint says why.
pub(super) fn reasons(tree: &Tree, report: &mut Report) {
    for (file, source) in tree.rust() {
        for attribute in attributes(&source.tokens) {
            let excepts = pairs(&attribute)
                .any(|(name, sign)| sign.text == "(" && ["allow", "expect"].contains(&&*name.text));
            let explains =
                pairs(&attribute).any(|(name, sign)| name.text == "reason" && sign.text == "=");
            if excepts && !explains {
                report.refuse(file, first_line(&attribute), "the exception gives no `reason`");
            }
        }
    }
}

/// Files and functions stay short enough to be read.
pub(super) fn length(tree: &Tree, report: &mut Report) {
    for (file, source) in tree.rust() {
        file_length(file, source, report);
        for function in functions(&source.tokens) {
            let lines = source.code_lines_within(function.first_line, function.last_line);
            let message = format!("`{}` has {lines} lines of code", function.name);
            let (aim, limit) = FUNCTION_LINES;
            if lines > limit {
                let message = format!("{message}, the limit is {limit}");
                report.refuse(file, function.first_line, message);
            } else if lines > aim {
                let message = format!("{message}, the aim is {aim}");
                report.remark(file, function.first_line, message);
            }
        }
    }
}

fn file_length(file: &File, source: &Source, report: &mut Report) {
    let (aim, product, tests) = FILE_LINES;
    let limit = if file.is_test() { tests } else { product };
    let lines = source.code_lines();
    if lines > limit {
        report.refuse(file, 1, format!("{lines} lines of code, the limit is {limit}"));
    } else if lines > aim {
        report.remark(file, 1, format!("{lines} lines of code, the aim is {aim}"));
    }
}

/// Each token with the one after it.
fn pairs(tokens: &[Token]) -> impl Iterator<Item = (&Token, &Token)> {
    tokens.iter().zip(tokens.iter().skip(1))
}

/// The tokens of each `#[…]` and `#![…]`.
fn attributes(tokens: &[Token]) -> Vec<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = tokens.iter().peekable();
    while let Some(token) = rest.next() {
        if token.text != "#" {
            continue;
        }
        rest.next_if(|next| next.text == "!");
        if rest.next_if(|next| next.text == "[").is_none() {
            continue;
        }
        let mut depth = 1_usize;
        let mut attribute = vec![token.clone()];
        for inner in rest.by_ref() {
            match inner.text.as_str() {
                "[" => depth += 1,
                "]" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            attribute.push(inner.clone());
        }
        found.push(attribute);
    }
    found
}

fn first_line(tokens: &[Token]) -> usize {
    tokens.first().map_or(1, |token| token.line)
}
