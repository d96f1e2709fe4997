//! Checks that every relative link of a Markdown page leads somewhere; called by `tidy`.
//!
//! Links are `[text](target)`. A part after `#` must be a heading of the page it leads to, named
//! as GitHub names it. Code blocks and `inline code` hold no links.

use super::Report;
use super::tree::Tree;

/// Every relative link leads to a file or folder of the repository, and to a heading that is there.
pub(super) fn check(tree: &Tree, report: &mut Report) {
    for (file, text) in tree.texts().filter(|(file, _)| file.is("md") && !file.is_data()) {
        for (line, content) in outside_code(text) {
            for target in targets(&content).filter(|target| !is_address(target)) {
                if let Err(message) = follow(tree, &file.path, target) {
                    report.refuse(file, line, message);
                }
            }
        }
    }
}

fn follow(tree: &Tree, page: &str, target: &str) -> Result<(), String> {
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let found = if path.is_empty() { Some(page.to_owned()) } else { resolve(page, path) };
    let Some(found) = found else { return Err(format!("`{target}` leaves the repository")) };
    if !tree.has(&found) {
        return Err(format!("`{target}` leads nowhere"));
    }
    let text = tree.file(&found).and_then(|file| file.text.as_deref()).unwrap_or_default();
    if !heading.is_empty() && !headings(text).any(|name| name == heading) {
        return Err(format!("`{target}`: there is no such heading"));
    }
    Ok(())
}

/// The path that a link means, or `None` when it leads out of the repository.
fn resolve(page: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn is_address(target: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme))
}

/// The targets of `](target)`, without a title.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("](").filter_map(|(at, mark)| {
        let tail = line.get(at + mark.len()..)?;
        let (target, _) = tail.split_once(')')?;
        target.split_whitespace().next()
    })
}

/// The lines of a page outside code blocks, with inline code taken out.
fn outside_code(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut fenced = false;
    (1..).zip(text.lines()).filter_map(move |(line, content)| {
        if content.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        let prose = content.split('`').step_by(2).collect::<Vec<_>>().join(" ");
        (!fenced).then_some((line, prose))
    })
}

/// The headings of a page, as GitHub names them in addresses.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let mut fenced = false;
    text.lines().filter_map(move |line| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let title = line.trim_start_matches('#').strip_prefix(' ')?;
        (line.starts_with('#') && !fenced).then(|| slug(title))
    })
}

fn slug(title: &str) -> String {
    title
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}
