//! Reads addresses with words for their marks: "john at example dot com", `john [at] example.com`.

use crate::bytes::{byte_at, byte_before, run_len, run_len_back};
use crate::layers::Found;
use crate::layers::lexicon::is_named;
use crate::layers::source::Source;
use crate::layers::zone::is_blank;

/// RFC 5321, 4.5.3.1.
const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 255;
/// The most marks in one address.
const MAX_MARKS: usize = 8;

/// Top-level domains that most addresses have: a word after "dot" alone proves nothing.
const DOMAINS: [&str; 62] = [
    "com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "io", "co", "ai", "app", "dev",
    "me", "tv", "us", "uk", "ca", "au", "nz", "ie", "de", "at", "ch", "fr", "be", "nl", "lu", "it",
    "es", "pt", "pl", "cz", "sk", "hu", "ro", "bg", "gr", "tr", "ru", "ua", "se", "no", "dk", "fi",
    "is", "ee", "lv", "lt", "eu", "cn", "jp", "kr", "in", "sg", "hk", "tw", "br", "mx", "ar", "za",
];

/// Whether `label` is a common top-level domain.
pub(super) fn is_common_domain(label: &[u8]) -> bool {
    DOMAINS
        .iter()
        .chain(&["test", "example"])
        .any(|known| known.as_bytes().eq_ignore_ascii_case(label))
}

/// A mark of an address, written in another way.
#[derive(Debug, Clone, Copy)]
struct Mark {
    start: usize,
    end: usize,
    shown: u8,
    /// Whether it is only a word, as in any sentence.
    word: bool,
}

const WORDS: [(&str, u8); 7] = [
    ("at", b'@'),
    ("dot", b'.'),
    ("point", b'.'),
    ("underscore", b'_'),
    ("dash", b'-'),
    ("hyphen", b'-'),
    ("plus", b'+'),
];

/// Adds a reading for every address that is written with such marks.
pub(super) fn read(source: &Source<'_>, found: &mut Found<'_>) {
    let marks = marks(source.bytes(), source.body);
    for (i, mark) in marks.iter().enumerate().filter(|(_, mark)| mark.shown == b'@') {
        let head = marks.get(..i).unwrap_or_default();
        let tail = marks.get(i + 1..).unwrap_or_default();
        address(source, head, *mark, tail, found);
    }
}

fn marks(bytes: &[u8], body: usize) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut at = body;
    while at < bytes.len() {
        let len = run_len(bytes, at, usize::MAX, |b| b.is_ascii_alphabetic());
        let mark = if len == 0 { sign(bytes, at) } else { word(bytes, at, at + len, body) };
        marks.extend(mark);
        at = mark.map_or(at + len.max(1), |mark| mark.end.max(at + 1));
    }
    marks
}

/// `@` or `.` with blanks around.
fn sign(bytes: &[u8], at: usize) -> Option<Mark> {
    let shown = byte_at(bytes, at);
    let (before, after) = blanks(bytes, at, at + 1);
    let apart = if shown == b'@' { before + after > 0 } else { shown == b'.' && before > 0 };
    apart.then_some(Mark { start: at - before, end: at + 1 + after, shown, word: false })
}

/// `(at)`, ` at `, `_dot_`.
fn word(bytes: &[u8], start: usize, end: usize, body: usize) -> Option<Mark> {
    let word = bytes.get(start..end)?;
    if !matches!(word.first()? | 0x20, b'a' | b'd' | b'p' | b'u' | b'h') {
        return None;
    }
    let (_, shown) = WORDS.iter().find(|(known, _)| is_named(word, known))?;
    let (before, after) = blanks(bytes, start, end);
    let frame = (byte_before(bytes, start, before + 1), byte_at(bytes, end + after));
    let framed = matches!(
        frame,
        (b'(', b')') | (b'[', b']') | (b'{', b'}') | (b'<', b'>') | (b'_', b'_') | (b'-', b'-')
    );
    if framed && start - before > body {
        let (start, end) = (start - before - 1, end + after + 1);
        let (before, after) = blanks(bytes, start, end);
        return Some(Mark { start: start - before, end: end + after, shown: *shown, word: false });
    }
    let apart = before > 0 && after > 0;
    apart.then_some(Mark { start: start - before, end: end + after, shown: *shown, word: true })
}

/// How many blanks stand before and after.
fn blanks(bytes: &[u8], start: usize, end: usize) -> (usize, usize) {
    (run_len_back(bytes, start, 3, is_blank), run_len(bytes, end, 3, is_blank))
}

const fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+')
}

const fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')
}

fn address(source: &Source<'_>, head: &[Mark], at: Mark, tail: &[Mark], found: &mut Found<'_>) {
    let bytes = source.bytes();
    let local = |end: usize| end - run_len_back(bytes, end, MAX_LOCAL, is_local);
    let mut start = local(at.start).max(source.body);
    let mut used = Vec::new();
    for mark in head.iter().rev().take(MAX_MARKS) {
        if mark.end != start || mark.shown == b'@' || local(mark.start) == mark.start {
            break;
        }
        used.push(*mark);
        start = local(mark.start).max(source.body);
    }
    used.reverse();
    used.push(at);
    let mut end = at.end + run_len(bytes, at.end, MAX_DOMAIN, is_domain);
    let mut last = at.end;
    for mark in tail.iter().take(MAX_MARKS) {
        let next = mark.end + run_len(bytes, mark.end, MAX_DOMAIN, is_domain);
        if mark.start != end || !matches!(mark.shown, b'.' | b'-') || next == mark.end {
            break;
        }
        used.push(*mark);
        (last, end) = (mark.end, next);
    }
    end -= bytes
        .get(last..end)
        .map_or(0, |rest| rest.iter().rev().take_while(|b| **b == b'.').count());
    if start < at.start && is_credible(bytes, &used, at, last, end) && source.is_new(start, end) {
        add(source, &used, start, end, found);
    }
}

/// Whether this is an address, not a sentence with an "at" in it.
fn is_credible(bytes: &[u8], used: &[Mark], at: Mark, last: usize, end: usize) -> bool {
    let rest = bytes.get(last..end).unwrap_or_default();
    let label = rest.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let dotted = used.iter().any(|mark| mark.start > at.start && mark.shown == b'.');
    let inner = rest.contains(&b'.');
    if at.word {
        return dotted && is_common_domain(label);
    }
    let loose = used.iter().any(|mark| mark.word);
    (dotted || inner) && (!loose || is_common_domain(label))
}

fn add(source: &Source<'_>, used: &[Mark], start: usize, end: usize, found: &mut Found<'_>) {
    let (mut draft, body) = source.draft_at(start, end - start);
    let mut copied = start;
    for mark in used {
        source.copy(&mut draft, copied, mark.start);
        source.put(
            &mut draft,
            char::from(mark.shown).encode_utf8(&mut [0; 4]),
            mark.start,
            mark.end,
        );
        copied = mark.end;
    }
    source.copy(&mut draft, copied, end);
    found.add(source.finish(draft, body, true));
}
