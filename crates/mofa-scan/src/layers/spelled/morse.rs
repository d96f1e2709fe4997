//! Decodes Morse code: signs with blanks between them, `/` between words.
//!
//! A dot or a dash alone is a letter, or a full stop or hyphen that was not encoded: between digits
//! and before a common top-level domain it is the latter, and one reading takes each for it.

use super::LEAST;
use super::address::is_common_domain;
use crate::layers::Found;
use crate::layers::lexicon;
use crate::layers::source::Source;
use crate::layers::zone::next_word;

/// Adds the readings of every row of signs.
pub(super) fn read(source: &Source<'_>, found: &mut Found<'_>) {
    let bytes = source.bytes();
    let signs = bytes.iter().filter(|byte| matches!(byte, b'.' | b'-')).count();
    if signs < LEAST {
        return;
    }
    let mut row: Vec<Sign> = Vec::new();
    let mut at = source.body;
    while at < bytes.len() {
        let (start, end) = next_word(bytes, at);
        match Sign::of(bytes.get(start..end).unwrap_or_default(), start, end) {
            Some(sign) => row.push(sign),
            None => finish(source, &mut row, found),
        }
        at = end.max(at + 1);
    }
    finish(source, &mut row, found);
}

#[derive(Debug, Clone, Copy)]
struct Sign {
    start: usize,
    end: usize,
    shown: u8,
    /// What it is if it was not encoded.
    raw: u8,
}

impl Sign {
    fn of(word: &[u8], start: usize, end: usize) -> Option<Self> {
        let shown = match word {
            [b'/' | b'|'] => b' ',
            _ => match (lexicon::morse(word), word) {
                (Some(shown), _) => shown,
                (None, [single]) if single.is_ascii_graphic() => *single,
                _ => return None,
            },
        };
        let raw = match word {
            [single @ (b'.' | b'-')] => *single,
            _ => shown,
        };
        Some(Self { start, end, shown, raw })
    }

    const fn is_code(&self) -> bool {
        self.end - self.start > 1 || self.shown != self.raw
    }
}

fn finish(source: &Source<'_>, row: &mut Vec<Sign>, found: &mut Found<'_>) {
    let signs = std::mem::take(row);
    let codes = signs.iter().filter(|sign| sign.is_code()).count();
    let (Some(first), Some(last)) = (signs.first(), signs.last()) else { return };
    if signs.len() < LEAST || codes * 2 < signs.len() || !source.is_new(first.start, last.end) {
        return;
    }
    let units: Vec<_> = signs.iter().enumerate().map(|(i, sign)| (i, sign.start)).collect();
    let lower = letters(&signs);
    let raw = signs.iter().map(|sign| char::from(sign.raw)).collect();
    let upper = lower.to_ascii_uppercase();
    for shown in [lower, upper, raw] {
        found.add(source.run(first.start, last.end, &shown, &units, true));
    }
}

fn letters(signs: &[Sign]) -> String {
    let digit = |sign: Option<&Sign>| sign.is_some_and(|sign| sign.shown.is_ascii_digit());
    let mut shown: Vec<u8> = Vec::with_capacity(signs.len());
    for (i, sign) in signs.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|before| signs.get(before));
        let number = digit(before) && digit(signs.get(i + 1));
        shown.push(if number { sign.raw } else { sign.shown });
    }
    // The last full stop of a domain.
    let at = signs.iter().position(|sign| sign.shown == b'@').unwrap_or(signs.len());
    for (i, sign) in signs.iter().enumerate().skip(at).filter(|(_, sign)| sign.raw == b'.') {
        let rest = shown.get(i + 1..).unwrap_or_default();
        let label = rest.iter().take_while(|b| b.is_ascii_lowercase()).count();
        if is_common_domain(rest.get(..label).unwrap_or_default())
            && let Some(slot) = shown.get_mut(i)
        {
            *slot = sign.raw;
        }
    }
    shown.into_iter().map(char::from).collect()
}
