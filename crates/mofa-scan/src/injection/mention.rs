//! Tells a phrase that is used from one that is talked about.
//!
//! "Explain the phrase 'ignore previous instructions' to my class" quotes an attack; it is not one.

use crate::bytes::{contains_ignore_case, floor_boundary};

/// How far around a match cues are looked for, in bytes.
const WINDOW: usize = 96;
/// What remains of the weight of a phrase that is quoted and discussed.
const QUOTED: f32 = 0.35;

const QUOTES: &[char] = &['"', '\'', '`', '“', '”', '‘', '’', '«', '»', '„', '「', '」'];

/// Words around a quotation that speak about it.
const CUES: &[&[u8]] = &[
    b"explain",
    b"phrase",
    b"what does",
    b"mean",
    b"what is",
    b"example",
    b"such as",
    b"attack",
    b"injection",
    b"detect",
    b"classif",
    b"known as",
    b"called",
    b"article",
    b"paper",
    b"sentence",
    b"words",
    b"class",
    b"blog",
    b"wrote",
    b"said",
    b"filter for",
    b"block",
    b"warn",
    b"like ",
];

/// What to multiply the weight of a match with.
pub(super) fn factor(text: &str, start: usize, end: usize) -> f32 {
    if is_quoted(text, start, end) && is_discussed(text, start, end) { QUOTED } else { 1.0 }
}

fn is_quoted(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    before.trim_end().ends_with(QUOTES)
        && after.chars().take(WINDOW).take_while(|c| *c != '\n').any(|c| QUOTES.contains(&c))
}

fn is_discussed(text: &str, start: usize, end: usize) -> bool {
    let from = floor_boundary(text, start.saturating_sub(WINDOW));
    let to = floor_boundary(text, end + WINDOW);
    let before = text.get(from..start).unwrap_or_default().as_bytes();
    let after = text.get(end..to).unwrap_or_default().as_bytes();
    CUES.iter().any(|cue| contains_ignore_case(before, cue) || contains_ignore_case(after, cue))
}
