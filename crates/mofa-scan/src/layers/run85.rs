//! Decodes words of Base85 (Adobe's and RFC 1924's digits) and lines of uuencode (POSIX).

use super::Found;
use super::run::readable;
use super::source::Source;
use super::zone::next_word;
use crate::bytes::byte_at;

/// Shorter words hold no value.
const LEAST: usize = 8;
/// How many groups of a word are tried before it is decoded.
const FIRST: usize = 10;
/// The most bytes that one line of uuencode holds.
const MAX_LINE: usize = 45;
/// The digits of RFC 1924.
const DIGITS: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/// What each byte is worth as a digit of RFC 1924; 85 where it is none.
static VALUES: [u8; 256] = values();

#[expect(clippy::indexing_slicing, reason = "runs when the crate is compiled")]
const fn values() -> [u8; 256] {
    let mut values = [85; 256];
    let mut digit = 0;
    while digit < 85 {
        values[DIGITS[digit as usize] as usize] = digit;
        digit += 1;
    }
    values
}

/// Whether a word could be text: its first digits tell.
pub(super) fn may_decode(word: &[u8]) -> bool {
    let frame = match word {
        [b'<', b'~', ..] => 2,
        [b'"' | b'\'' | b'(', ..] => 1,
        _ => 0,
    };
    begins_text(word) || frame > 0 && word.get(frame..).is_some_and(begins_text)
}

fn begins_text(word: &[u8]) -> bool {
    let group = |digit: &dyn Fn(u8) -> Option<u8>, group: &[u8]| {
        let value =
            group.iter().try_fold(0, |value, b| Some(value * 85 + u64::from(digit(*b)?)))?;
        Some(u32::try_from(value).ok()?.to_be_bytes())
    };
    let (groups, _) = word.as_chunks::<5>();
    let begins = |digit: &dyn Fn(u8) -> Option<u8>| {
        let mut bytes = [b' '; 4 * FIRST];
        let (fours, _) = bytes.as_chunks_mut::<4>();
        for (four, digits) in fours.iter_mut().zip(groups) {
            let Some(shown) = group(digit, digits) else { return false };
            if shown.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t')) {
                return false;
            }
            *four = shown;
        }
        let shown = bytes.get(..groups.len().min(FIRST) * 4).unwrap_or_default();
        match std::str::from_utf8(shown) {
            Ok(_) => true,
            Err(error) => error.error_len().is_none(),
        }
    };
    begins(&adobe) || begins(&rfc)
}

/// A digit of Adobe's.
fn adobe(byte: u8) -> Option<u8> {
    byte.checked_sub(b'!').filter(|digit| *digit < 85)
}

/// A digit of RFC 1924.
fn rfc(byte: u8) -> Option<u8> {
    VALUES.get(usize::from(byte)).copied().filter(|digit| *digit < 85)
}

/// Whether a line of uuencode may begin at `at`: its length and its first bytes tell.
pub(super) fn may_be_line(bytes: &[u8], at: usize) -> bool {
    let value = |byte: u8| u32::from(byte.wrapping_sub(0x20) & 63);
    let is_length = matches!(byte_at(bytes, at), 0x26..=0x4D);
    let bytes = bytes.get(at + 1..).and_then(<[u8]>::first_chunk::<8>);
    is_length
        && bytes.is_none_or(|eight| {
            let (groups, _) = eight.as_chunks::<4>();
            groups.iter().all(|group| {
                let bits = group.iter().fold(0, |bits, b| bits << 6 | value(*b));
                let [_, three @ ..] = bits.to_be_bytes();
                three.iter().all(|byte| matches!(byte, 0x20..=0x7E | 0x80.. | b'\n' | b'\t'))
            })
        })
}

/// Where the lines of uuencode end, of which the first begins at `at`; told by their lengths only.
pub(super) fn lines_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    loop {
        let len = usize::from(byte_at(bytes, at).wrapping_sub(0x20));
        let end = (at + 1 + len.min(MAX_LINE).div_ceil(3) * 4).min(bytes.len());
        if len != MAX_LINE || byte_at(bytes, end) != b'\n' || byte_at(bytes, end + 1) <= b' ' {
            return end;
        }
        at = end + 1;
    }
}

/// Adds a reading for every word or line that decodes to text.
pub(super) fn read(source: &Source<'_>, found: &mut Found<'_>) {
    let bytes = source.bytes();
    let mut at = source.body;
    while at < bytes.len() {
        let (start, end) = next_word(bytes, at);
        let line = lines(source, start, found);
        if line.is_none() && end - start >= LEAST && source.is_new(start, end) {
            word(source, start, end, found);
        }
        at = line.unwrap_or(end).max(at + 1);
    }
}

/// A word, and without the marks around it.
fn word(source: &Source<'_>, start: usize, end: usize, found: &mut Found<'_>) {
    let word = source.bytes().get(start..end).unwrap_or_default();
    if !may_decode(word) {
        return;
    }
    let head = usize::from(matches!(word, [b'"' | b'\'' | b'(', ..]));
    let frame = if word.starts_with(b"<~") { 2 } else { head };
    let inner = word.get(frame..).unwrap_or_default();
    let tail =
        inner.iter().rev().take_while(|b| matches!(b, b'"' | b'\'' | b')' | b'.' | b',')).count();
    let inner_end = end - if inner.ends_with(b"~>") { 2 } else { tail };
    let known = decode(source, start, end, found);
    if !known && (frame > 0 || inner_end < end) {
        decode(source, start + frame, inner_end.max(start + frame), found);
    }
}

fn decode(source: &Source<'_>, start: usize, end: usize, found: &mut Found<'_>) -> bool {
    let word = source.bytes().get(start..end).unwrap_or_default();
    let mut known = false;
    for shown in [base85(word, adobe), base85(word, rfc)].into_iter().flatten() {
        let units: Vec<_> = (0..).step_by(4).zip((start..end).step_by(5)).collect();
        found.add(source.run(start, end, &shown, &units, false));
        known = true;
    }
    known
}

fn base85(word: &[u8], digit: impl Fn(u8) -> Option<u8>) -> Option<String> {
    if word.len() < LEAST || word.len() % 5 == 1 {
        return None;
    }
    let mut bytes = Vec::new();
    for group in word.chunks(5) {
        let digits = group.iter().map(|byte| digit(*byte));
        let filled = digits.chain(std::iter::repeat(Some(84))).take(5);
        let mut value = 0_u64;
        for digit in filled {
            value = value * 85 + u64::from(digit?);
        }
        let four = u32::try_from(value).ok()?.to_be_bytes();
        let four = four.get(..group.len() - 1)?;
        if four.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t')) {
            return None;
        }
        bytes.extend(four);
    }
    readable(bytes)
}

/// The lines of uuencode from `start` on; returns where they end.
fn lines(source: &Source<'_>, start: usize, found: &mut Found<'_>) -> Option<usize> {
    let bytes = source.bytes();
    let (mut at, mut end) = (start, start);
    let mut shown = Vec::new();
    let mut units = Vec::new();
    while let Some((line, after)) = line(bytes, at) {
        units.push((shown.len(), at));
        shown.extend(line);
        end = after;
        let full = shown.len() % MAX_LINE == 0;
        if !full || bytes.get(after) != Some(&b'\n') {
            break;
        }
        at = after + 1;
    }
    let shown = readable(shown).filter(|_| source.is_new(start, end))?;
    let end = crate::bytes::floor_boundary(source.text, end);
    (shown.len() >= 6).then(|| {
        found.add(source.run(start, end, &shown, &units, false));
        end
    })
}

/// One line: its length as a character, then four characters for three bytes.
fn line(bytes: &[u8], at: usize) -> Option<(Vec<u8>, usize)> {
    let value = |byte: u8| byte.checked_sub(0x20).filter(|v| *v <= 64).map(|v| u32::from(v & 63));
    let len = value(*bytes.get(at)?)? as usize;
    if !(6..=MAX_LINE).contains(&len) {
        return None;
    }
    let end = at + 1 + len.div_ceil(3) * 4;
    let mut shown = Vec::new();
    // The last blanks of a line may be missing.
    let digits = bytes.get(at + 1..end.min(bytes.len()))?;
    for (i, group) in digits.chunks(4).enumerate() {
        let filled = group.iter().copied().chain(std::iter::repeat(b' ')).take(4);
        let mut bits = 0;
        for byte in filled {
            bits = bits << 6 | value(byte)?;
        }
        let [_, three @ ..] = bits.to_be_bytes();
        let three = three.get(..(len - i * 3).min(3))?;
        if three.iter().any(|byte| !matches!(byte, 0x20..=0x7E | 0x80.. | b'\n' | b'\t')) {
            return None;
        }
        shown.extend(three);
    }
    (shown.len() == len).then_some((shown, end.min(bytes.len())))
}
