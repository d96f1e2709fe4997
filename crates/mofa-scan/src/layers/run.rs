//! Decodes runs without white space: Base64 and Base32 (RFC 4648), hexadecimal, binary digits.

use super::Found;
use super::source::Source;
use crate::bytes::{byte_at, run_len};

/// Shorter runs are words.
const LEAST: usize = 8;
/// Fewer digits of Base32 hold less than six bytes.
const LEAST_BASE32: usize = 10;
/// Fewer binary digits are a number.
const LEAST_BINARY: usize = 40;
/// A line of a run that goes on in the next line has at least this many characters.
const LEAST_LINE: usize = 32;
/// Of a run that is no encoding as a whole the parts are tried, if it is not longer.
const MAX_SPLIT: usize = 512;

/// Adds a reading for every run that decodes to text.
pub(super) fn read(source: &Source<'_>, found: &mut Found<'_>) {
    let bytes = source.bytes();
    let mut at = source.body;
    while at < bytes.len() {
        at += run_len(bytes, at, usize::MAX, |b| !is_run(b));
        let line = run_len(bytes, at, usize::MAX, is_run);
        let word = bytes.get(at..at + line).unwrap_or_default();
        let cut = at == source.body && source.is_cut();
        if !(may_hold(word) || cut && may_hold_cut(word)) {
            at += line.max(1);
            continue;
        }
        let run = Run::at(bytes, at);
        if run.chars.len() >= LEAST && source.is_new(at, run.end) {
            let known = decode(source, &run, found) || (cut && phases(source, &run, found));
            if !known && run.chars.len() <= MAX_SPLIT {
                split(source, &run, found);
            }
        }
        at = run.end.max(at + 1);
    }
}

/// Marks of a run that are part of one alphabet and part words in other texts.
const fn is_joint(byte: u8) -> bool {
    matches!(byte, b'/' | b'-' | b'_' | b'+')
}

/// Whether a run, or a part of it, could be text in one of the encodings: of most words the first
/// bytes tell that they are not.
pub(super) fn may_hold(word: &[u8]) -> bool {
    begins_text(word)
        || word.iter().any(|b| is_joint(*b)) && word.split(|b| is_joint(*b)).any(begins_text)
}

/// The same of a run whose first group was cut: a group may begin at each of its first bytes.
fn may_hold_cut(word: &[u8]) -> bool {
    (1..LEAST).any(|skipped| word.get(skipped..).is_some_and(begins_text))
}

/// Where the run ends that a part of a text begins with, if the part begins inside a word and the
/// run could be text.
pub(super) fn cut_end(part: &[u8]) -> Option<usize> {
    let word = part.get(..run_len(part, 0, usize::MAX, is_run)).unwrap_or_default();
    may_hold_cut(word).then(|| lines_end(part, 0))
}

fn begins_text(word: &[u8]) -> bool {
    let Some(first) = word.first_chunk::<LEAST>() else { return false };
    let digits = match word {
        [b'0', b'x' | b'X', digits @ ..] => digits,
        _ => word,
    };
    let is_hex = digits.iter().take(LEAST).all(u8::is_ascii_hexdigit);
    let hex = || digits.len() < LEAST || shows_text(digits, 4, hexadecimal);
    let is_binary = || word.len() >= LEAST_BINARY && first.iter().all(|b| matches!(b, b'0' | b'1'));
    shows_text(word, 6, base64) || is_hex && (hex() || is_binary()) || begins_base32(*first, word)
}

/// Whether the first digits are those of Base32, in capitals or not, and make text.
fn begins_base32(first: [u8; LEAST], word: &[u8]) -> bool {
    let is_digit = |b: &u8| matches!(b, b'2'..=b'7');
    let is_base32 = first.iter().all(|b| b.is_ascii_uppercase() || is_digit(b))
        || first.iter().all(|b| b.is_ascii_lowercase() || is_digit(b));
    is_base32 && word.len() >= LEAST_BASE32 && shows_text(word, 5, base32)
}

/// How many times eight digits are read to tell whether a run is text.
const GROUPS: usize = 3;

/// Whether the first digits of a run, of `bits` bits each, make bytes that a text could begin with.
fn shows_text(digits: &[u8], bits: u32, value: fn(u8) -> u32) -> bool {
    let mut shown = [0; 6 * GROUPS];
    let mut len = 0;
    let (eights, _) = digits.as_chunks::<LEAST>();
    for eight in eights.iter().take(GROUPS) {
        let held = eight.iter().fold(0_u64, |held, b| held << bits | u64::from(value(*b)));
        // Eight digits make as many bytes as one has bits.
        let bytes = (held << (u64::BITS - 8 * bits)).to_be_bytes();
        let bytes = bytes.iter().take(bits as usize);
        shown.iter_mut().skip(len).zip(bytes).for_each(|(to, from)| *to = *from);
        len += bits as usize;
        if !may_be_shown(shown.get(..len).unwrap_or_default()) {
            return false;
        }
    }
    true
}

/// Whether the first bytes could begin a text: UTF-8 without control characters, or ASCII in
/// UTF-16.
fn may_be_shown(bytes: &[u8]) -> bool {
    let is_control = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x08) || *b == 0x7F;
    if bytes.get(1) == Some(&0) {
        return bytes.iter().skip(1).step_by(2).all(|b| *b == 0);
    }
    if bytes.iter().any(is_control) {
        return false;
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

pub(super) const fn is_run(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// How many blanks part the lines of a run, if it goes on behind a line that ends at `at`.
fn line_break(bytes: &[u8], line: usize, at: usize) -> Option<usize> {
    let blanks = run_len(bytes, at, 8, |b| matches!(b, b'\r' | b'\n' | b' ' | b'\t'));
    let broken = bytes.get(at..at + blanks).is_some_and(|blanks| blanks.contains(&b'\n'));
    (line >= LEAST_LINE && broken && is_run(byte_at(bytes, at + blanks))).then_some(blanks)
}

/// Where the run that begins at `start` ends, with all its lines.
pub(super) fn lines_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    loop {
        let line = run_len(bytes, at, usize::MAX, is_run);
        at += line;
        let Some(blanks) = line_break(bytes, line, at) else {
            return at + run_len(bytes, at, 6, |b| b == b'=');
        };
        at += blanks;
    }
}

/// The characters of a run and where they stand; line breaks between long lines are left out.
struct Run {
    start: usize,
    end: usize,
    chars: Vec<(usize, u8)>,
}

impl Run {
    fn at(bytes: &[u8], start: usize) -> Self {
        let mut at = start;
        let mut chars = Vec::new();
        loop {
            let line = run_len(bytes, at, usize::MAX, is_run);
            // Most runs are words: nothing is kept of them.
            if line < LEAST && chars.is_empty() {
                return Self { start, end: at + line, chars };
            }
            chars.extend((at..at + line).zip(bytes.iter().skip(at).copied()));
            at += line;
            let Some(blanks) = line_break(bytes, line, at) else { break };
            at += blanks;
        }
        let end = at + run_len(bytes, at, 6, |b| b == b'=');
        Self { start, end, chars }
    }

    fn part(&self, from: usize, to: usize) -> Option<Self> {
        let chars = self.chars.get(from..to)?.to_vec();
        let start = chars.first()?.0;
        let end = if to == self.chars.len() { self.end } else { chars.last()?.0 + 1 };
        Some(Self { start, end, chars })
    }
}

fn decode(source: &Source<'_>, run: &Run, found: &mut Found<'_>) -> bool {
    let known = found.readings.len();
    let digits = without_0x(&run.chars);
    let all = |chars: &[(usize, u8)], is: fn(&u8) -> bool| chars.iter().all(|(_, b)| is(b));
    if digits.len() >= LEAST_BINARY
        && digits.len().is_multiple_of(8)
        && all(digits, |b| matches!(b, b'0' | b'1'))
    {
        radix(source, run, digits, 1, hexadecimal, found);
    }
    if digits.len().is_multiple_of(2) && all(digits, u8::is_ascii_hexdigit) {
        radix(source, run, digits, 4, hexadecimal, found);
    }
    if all(&run.chars, |b| b.is_ascii_uppercase() || matches!(b, b'2'..=b'7'))
        || all(&run.chars, |b| b.is_ascii_lowercase() || matches!(b, b'2'..=b'7'))
    {
        // Eight small letters are a word, and five bytes no value.
        if run.chars.len() >= LEAST_BASE32 {
            radix(source, run, &run.chars, 5, base32, found);
        }
    }
    if run.chars.len() % 4 != 1 {
        radix(source, run, &run.chars, 6, base64, found);
    }
    found.readings.len() > known
}

/// A run whose first group was cut: every place where a group may begin.
fn phases(source: &Source<'_>, run: &Run, found: &mut Found<'_>) -> bool {
    let parts = (1..8).filter_map(|skipped| run.part(skipped, run.chars.len()));
    let known = found.readings.len();
    for part in parts {
        decode(source, &part, found);
    }
    found.readings.len() > known
}

/// The parts of a path, a query or a name with an encoding in it.
fn split(source: &Source<'_>, run: &Run, found: &mut Found<'_>) {
    let is_separator = |(_, b): &(usize, u8)| is_joint(*b);
    if !run.chars.iter().any(is_separator) {
        return;
    }
    let mut from = 0;
    for part in run.chars.split_inclusive(is_separator) {
        let to = from + part.len();
        let last = to - usize::from(to < run.chars.len());
        if last - from >= LEAST
            && let Some(part) = run.part(from, last)
        {
            decode(source, &part, found);
        }
        from = to;
    }
}

fn without_0x(chars: &[(usize, u8)]) -> &[(usize, u8)] {
    match chars {
        [(_, b'0'), (_, b'x' | b'X'), rest @ ..] => rest,
        _ => chars,
    }
}

/// Decodes digits of `bits` bits each, whose value `value` tells.
fn radix(
    source: &Source<'_>,
    run: &Run,
    chars: &[(usize, u8)],
    bits: u32,
    value: fn(u8) -> u32,
    found: &mut Found<'_>,
) {
    // Whole bytes end with a group.
    let group = match bits {
        5 => 8,
        6 => 4,
        bits => 8 / bits as usize,
    };
    let mut bytes = Vec::with_capacity(chars.len() * bits as usize / 8);
    let mut units = Vec::new();
    let mut held = 0_u32;
    let mut have = 0;
    for (i, (at, byte)) in chars.iter().enumerate() {
        if i % group == 0 {
            units.push((bytes.len(), *at));
        }
        held = held << bits | value(*byte);
        have += bits;
        if have >= 8 {
            have -= 8;
            let [.., low] = (held >> have).to_be_bytes();
            held &= (1 << have) - 1;
            // Most runs are no encoded text; their first bytes tell.
            if low < 0x20 && !matches!(low, b'\t' | b'\n' | b'\r' | 0) || low == 0x7F {
                return;
            }
            bytes.push(low);
            if bytes.len() == 4 && !may_be_text(&bytes) {
                return;
            }
        }
    }
    if let Some(shown) = readable(bytes) {
        found.add(source.run(run.start, run.end, &shown, &units, false));
    }
}

/// Whether the first four bytes could begin a text, in UTF-8 or UTF-16.
fn may_be_text(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    valid && (!bytes.contains(&0) || matches!(bytes, [_, 0, _, 0] | [0xFF, 0xFE, ..]))
}

fn hexadecimal(byte: u8) -> u32 {
    char::from(byte).to_digit(16).unwrap_or(0)
}

fn base32(byte: u8) -> u32 {
    u32::from(match byte {
        b'2'..=b'7' => byte - b'2' + 26,
        _ => (byte | 0x20).wrapping_sub(b'a'),
    })
}

fn base64(byte: u8) -> u32 {
    u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        _ => 63,
    })
}

/// Bytes as text, if that is what they are: UTF-8 without control characters, or ASCII in UTF-16.
/// The end may cut a character in two.
pub(super) fn readable(bytes: Vec<u8>) -> Option<String> {
    let wide = bytes.len() >= 8 && bytes.iter().skip(1).step_by(2).all(|byte| *byte == 0);
    let bytes = if wide { bytes.into_iter().step_by(2).collect() } else { bytes };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let (fault, mut bytes) = (error.utf8_error(), error.into_bytes());
            if fault.error_len().is_some() {
                return None;
            }
            bytes.truncate(fault.valid_up_to());
            String::from_utf8(bytes).ok()?
        }
    };
    let shown = text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{8}'));
    (shown && text.len() >= 3).then_some(text)
}
