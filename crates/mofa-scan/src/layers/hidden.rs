//! Decodes runs of characters that show nothing and carry bytes: tags, variation selectors, and
//! two invisible operators for 0 and 1.

use super::Found;
use super::anchors::Kind;
use super::run::readable;
use super::source::Source;

/// Shorter runs are flags, emoji styles or noise.
const LEAST: usize = 4;

/// What an invisible character carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carried {
    /// A character of ASCII (U+E0020 to U+E007E).
    Tag(u8),
    /// A byte, as U+FE00 and so on and U+E0100 and so on number them.
    Selector(u8),
    /// A binary digit (U+2062, U+2064).
    Bit(u8),
    /// A space between binary digits (U+200B).
    Space,
}

#[expect(clippy::cast_possible_truncation, reason = "the ranges have at most 256 characters")]
fn carried(c: char) -> Option<Carried> {
    let at = c as u32;
    match c {
        '\u{E0020}'..='\u{E007E}' => Some(Carried::Tag((at - 0xE0000) as u8)),
        '\u{FE00}'..='\u{FE0F}' => Some(Carried::Selector((at - 0xFE00) as u8)),
        '\u{E0100}'..='\u{E01EF}' => Some(Carried::Selector((at - 0xE0100) as u8 + 16)),
        '\u{2062}' => Some(Carried::Bit(0)),
        '\u{2064}' => Some(Carried::Bit(1)),
        '\u{200B}' => Some(Carried::Space),
        _ => None,
    }
}

/// Whether a character carries something.
pub(super) fn carries(c: char) -> bool {
    carried(c).is_some()
}

/// Adds a reading for every run that carries text.
pub(super) fn read(source: &Source<'_>, found: &mut Found<'_>) {
    if !source.holds(Kind::Hidden) {
        return;
    }
    let mut run: Vec<Carried> = Vec::new();
    let mut first = source.body;
    let body = source.part(source.body, source.text.len());
    for (offset, c) in body.char_indices() {
        let at = source.body + offset;
        match carried(c) {
            Some(one) => {
                if run.is_empty() {
                    first = at;
                }
                run.push(one);
            }
            None => end(source, &mut run, first, at, found),
        }
    }
    end(source, &mut run, first, source.text.len(), found);
}

fn end(
    source: &Source<'_>,
    run: &mut Vec<Carried>,
    first: usize,
    at: usize,
    found: &mut Found<'_>,
) {
    if run.len() >= LEAST && source.is_new(first, at) {
        for shown in [tags(run), selectors(run, 0), selectors(run, 16)].into_iter().flatten() {
            found.add(source.run(first, at, &shown, &[], false));
        }
        for width in [8, 7, 6] {
            // Of a run that was cut the first character may be.
            let most = if source.is_cut() && first == source.body { width } else { 1 };
            for skipped in 0..most {
                if let Some(shown) = bits(run.get(skipped..).unwrap_or_default(), width) {
                    found.add(source.run(first, at, &shown, &[], false));
                }
            }
        }
    }
    run.clear();
}

fn tags(run: &[Carried]) -> Option<String> {
    let bytes = run.iter().filter_map(|one| match one {
        Carried::Tag(byte) => Some(*byte),
        _ => None,
    });
    readable(bytes.collect())
}

/// The bytes of selectors; some count those above U+E0100 from 0, which is 16 less.
fn selectors(run: &[Carried], less: u8) -> Option<String> {
    let bytes = run.iter().filter_map(|one| match one {
        Carried::Selector(byte) => byte.checked_sub(less),
        _ => None,
    });
    readable(bytes.collect())
}

/// Digits in groups of `width`; a space stands between words.
fn bits(run: &[Carried], width: usize) -> Option<String> {
    let mut bytes = Vec::new();
    if !run.iter().any(|one| matches!(one, Carried::Bit(_))) {
        return None;
    }
    let mut words = run.split(|one| *one == Carried::Space).peekable();
    while let Some(word) = words.next() {
        let digits: Vec<u8> = word
            .iter()
            .filter_map(|one| match one {
                Carried::Bit(bit) => Some(*bit),
                _ => None,
            })
            .collect();
        // The end of the run may have been cut.
        if !digits.len().is_multiple_of(width) && words.peek().is_some() {
            return None;
        }
        bytes.extend(
            digits.chunks_exact(width).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | bit)),
        );
        bytes.push(b' ');
    }
    bytes.pop();
    readable(bytes)
}
