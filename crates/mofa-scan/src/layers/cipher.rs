//! Undoes ciphers that keep a value's shape: ROT13, Caesar's, Atbash, writing backwards, leetspeak.
//!
//! Ordinary text has other readings under each of them, so that only words that could be an
//! address, a key or a number are read, and the readings are guesses.

mod number;

use super::source::Source;
use super::zone::next_word;
use super::{Believed, Found};
use crate::bytes::is_word;

/// How long a word that could be a key is, in bytes.
const KEY: std::ops::RangeInclusive<usize> = 14..=256;
/// No key or IBAN is shorter, in bytes, and none has a comma or a quote in it.
const LEAST_PART: usize = 12;
/// Where the prefix of a key ends, at the latest.
const PREFIX: usize = 12;
/// Fewer digits are no number that is searched backwards.
const LEAST_DIGITS: usize = 9;

/// Adds the readings of every word that could be a value.
pub(super) fn read(source: &Source<'_>, found: &mut Found<'_>) {
    let bytes = source.bytes();
    let mut at = source.body;
    let mut digits: Vec<(usize, usize)> = Vec::new();
    let mut shown = Vec::new();
    while at < bytes.len() {
        let (start, end) = next_word(bytes, at);
        let word = bytes.get(start..end).unwrap_or_default();
        let number = word.iter().any(u8::is_ascii_digit)
            && word.iter().all(|b| b.is_ascii_digit() || b.is_ascii_punctuation());
        if number {
            digits.push((start, end));
        } else {
            numbers(source, &digits, &mut shown, found);
            digits.clear();
            let is_shown = || {
                let place = source.place(start..end);
                place.is_some_and(|(start, end)| found.believed.is_in_sight(start, end))
            };
            if word.is_ascii() && is_value(word) && !is_shown() {
                letters(source, start, end, found);
            }
        }
        at = end.max(at + 1);
    }
    numbers(source, &digits, &mut shown, found);
}

/// Whether a word could be an address or a key.
pub(super) fn is_value(word: &[u8]) -> bool {
    let address = word.contains(&b'@') && word.len() <= 320;
    let is_key =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'"' | b'\'' | b',');
    let key = KEY.contains(&word.len())
        && word.iter().all(is_key)
        && word.iter().any(u8::is_ascii_digit)
        && word.iter().any(u8::is_ascii_alphabetic);
    address || key
}

/// Whether one of the ciphers shows something of a word that is believed.
pub(super) fn may_show(word: &[u8], believed: Believed<'_>) -> bool {
    // Most words are told by what no cipher changes.
    let is_long = || word.contains(&b'@') || parts(word).next().is_some();
    if is_long() {
        word.is_ascii() && CIPHERS.iter().any(|cipher| cipher.may_show(word, believed))
    } else {
        word.is_ascii() && shows_backwards(word, believed)
    }
}

/// Ciphers of a word, in the order in which their readings are given.
const CIPHERS: [Cipher; 5] =
    [Cipher::Turned(13), Cipher::Turned(23), Cipher::Mirrored, Cipher::Backwards, Cipher::Leet];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cipher {
    /// Every letter was moved on by so many places.
    Turned(u8),
    Mirrored,
    Backwards,
    Leet,
}

fn letters(source: &Source<'_>, start: usize, end: usize, found: &mut Found<'_>) {
    let word = source.part(start, end);
    for cipher in CIPHERS {
        if !cipher.may_show(word.as_bytes(), found.believed) {
            continue;
        }
        let shown: String = match cipher {
            Cipher::Turned(by) => word.bytes().map(|byte| char::from(turn(byte, by))).collect(),
            Cipher::Mirrored => word.bytes().map(mirror).map(char::from).collect(),
            Cipher::Backwards => word.bytes().rev().map(char::from).collect(),
            Cipher::Leet => Leet::of(word.as_bytes()).text(word),
        };
        if shown != word {
            found.add(source.run(start, end, &shown, &[], true));
        }
    }
}

impl Cipher {
    /// Whether what the cipher shows of a word could be an address, a key, an IBAN or a number.
    fn may_show(self, word: &[u8], believed: Believed<'_>) -> bool {
        is_address(word, self == Self::Backwards)
            || match self {
                Self::Turned(by) => begins(word, word.len(), believed, |_, byte| turn(byte, by)),
                Self::Mirrored => begins(word, word.len(), believed, |_, byte| mirror(byte)),
                Self::Backwards => begins_backwards(word, believed),
                Self::Leet => {
                    let leet = Leet::of(word);
                    // The rest is as it was.
                    begins(word, leet.to, believed, |at, byte| leet.letter(at, byte))
                }
            }
    }
}

/// The parts of a word that are long enough for a key or an IBAN, and where they begin.
fn parts(word: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut next = 0;
    let parts = word.split(|byte| matches!(byte, b',' | b'"' | b'\''));
    let placed = parts.map(move |part| {
        let at = next;
        next += part.len() + 1;
        (at, part)
    });
    placed.filter(|(_, part)| part.len() >= LEAST_PART)
}

/// Whether a word that is changed by `shown`, letters to letters, shows a value before `until`.
fn begins(
    word: &[u8],
    until: usize,
    believed: Believed<'_>,
    shown: impl Fn(usize, u8) -> u8,
) -> bool {
    parts(word).any(|(first, part)| {
        let last = (part.len() - LEAST_PART).min(until.saturating_sub(first + 1));
        let mut before = 0;
        let fours = part.array_windows::<4>().enumerate().take(last + 1);
        first < until
            && fours.map(|(at, four)| (first + at, *four)).any(|(at, [a, b, c, d])| {
                let is_begin = is_word(a) && !is_word(before);
                before = a;
                is_begin && {
                    (believed.begins)([
                        shown(at, a),
                        shown(at + 1, b),
                        shown(at + 2, c),
                        shown(at + 3, d),
                    ])
                }
            })
    })
}

/// Whether a word that is written backwards shows a value.
fn begins_backwards(word: &[u8], believed: Believed<'_>) -> bool {
    let begins = parts(word).any(|(_, part)| {
        let mut behind = 0;
        let ends = part.get(LEAST_PART - 4..).unwrap_or_default();
        ends.array_windows::<4>().rev().any(|[a, b, c, d]| {
            let is_begin = is_word(*d) && !is_word(behind);
            behind = *d;
            is_begin && (believed.begins)([*d, *c, *b, *a])
        })
    });
    begins || shows_backwards(word, believed)
}

/// Whether a word has the marks of an address: an `@`, and a full stop in the domain.
fn is_address(word: &[u8], backwards: bool) -> bool {
    let is_at = |byte: &u8| *byte == b'@';
    let domain = if backwards {
        word.iter().rposition(is_at).and_then(|at| word.get(..at))
    } else {
        word.iter().position(is_at).and_then(|at| word.get(at..))
    };
    domain.is_some_and(|domain| domain.contains(&b'.'))
}

/// Whether a word that is written backwards shows a number.
fn shows_backwards(word: &[u8], believed: Believed<'_>) -> bool {
    // A number has blanks, hyphens and full stops between its groups, and nothing else.
    let groups = word.split(|b| !b.is_ascii_digit() && !matches!(b, b' ' | b'-' | b'.'));
    let digits = |part: &[u8]| part.iter().filter(|b| b.is_ascii_digit()).count();
    if !groups.into_iter().any(|part| part.len() >= LEAST_DIGITS && digits(part) >= LEAST_DIGITS) {
        return false;
    }
    let mut shown = [0; *KEY.end()];
    let Some(shown) = shown.get_mut(..word.len()) else { return true };
    shown.iter_mut().zip(word.iter().rev()).for_each(|(to, from)| *to = *from);
    number::shows(shown, believed)
}

/// A letter moved on by `by` places.
const fn turn(byte: u8, by: u8) -> u8 {
    match byte {
        b'a'..=b'z' => (byte - b'a' + by) % 26 + b'a',
        b'A'..=b'Z' => (byte - b'A' + by) % 26 + b'A',
        _ => byte,
    }
}

/// Atbash: the alphabet backwards.
const fn mirror(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => b'z' - (byte - b'a'),
        b'A'..=b'Z' => b'Z' - (byte - b'A'),
        _ => byte,
    }
}

/// Leetspeak, undone where letters must be: the domain of an address, the prefix of a key.
struct Leet {
    from: usize,
    to: usize,
    /// Whether the letters are capitals.
    capital: bool,
}

impl Leet {
    fn of(word: &[u8]) -> Self {
        let is_mark = |byte: &u8| matches!(byte, b'-' | b'_' | b'.');
        let at = word.iter().position(|byte| *byte == b'@');
        let (from, to) = if let Some(at) = at {
            (at, word.len())
        } else {
            let mut marks = word.iter().take(PREFIX).enumerate().filter(|(_, byte)| is_mark(byte));
            (0, marks.next_back().map_or(4, |(last, _)| last))
        };
        let capital = at.is_none()
            && !word.iter().take(4).any(u8::is_ascii_lowercase)
            && word.iter().take(4).any(u8::is_ascii_uppercase);
        Self { from, to, capital }
    }

    /// What the byte at `at` stands for.
    fn letter(&self, at: usize, byte: u8) -> u8 {
        if !(self.from..self.to).contains(&at) {
            return byte;
        }
        let letter = match byte {
            b'0' => b'o',
            b'1' => b'i',
            b'3' => b'e',
            b'4' => b'a',
            b'5' => b's',
            b'7' => b't',
            _ => return byte,
        };
        if self.capital { letter.to_ascii_uppercase() } else { letter }
    }

    fn text(&self, word: &str) -> String {
        word.bytes().enumerate().map(|(at, byte)| char::from(self.letter(at, byte))).collect()
    }
}

/// A row of words of digits: backwards, and with its words or the digits in them turned round.
fn numbers(
    source: &Source<'_>,
    words: &[(usize, usize)],
    shown: &mut Vec<u8>,
    found: &mut Found<'_>,
) {
    let (Some((start, _)), Some((_, end))) = (words.first().copied(), words.last().copied()) else {
        return;
    };
    if !may_be_number(source.bytes().get(start..end).unwrap_or_default()) {
        return;
    }
    for order in Order::of(words) {
        pieces(source, start, words, *order, shown, found);
    }
}

/// Whether a row of words of digits has enough of them.
pub(super) fn may_be_number(row: &[u8]) -> bool {
    let count = row.iter().filter(|byte| byte.is_ascii_digit()).count();
    count >= LEAST_DIGITS && row.is_ascii()
}

/// What was turned round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Backwards,
    Words,
    InWords,
}

impl Order {
    /// Those that make a difference to a row of words.
    pub(super) const fn of(row: &[(usize, usize)]) -> &'static [Self] {
        if row.len() > 1 {
            &[Self::Backwards, Self::Words, Self::InWords]
        } else {
            &[Self::Backwards]
        }
    }
}

/// The words in another order: every byte keeps its own way back.
fn pieces(
    source: &Source<'_>,
    start: usize,
    words: &[(usize, usize)],
    order: Order,
    shown: &mut Vec<u8>,
    found: &mut Found<'_>,
) {
    if !shows_number(source.bytes(), words, order, shown, found.believed) {
        return;
    }
    let (mut draft, body) = source.draft_at(start, 64);
    let mut add = |(from, to): (usize, usize)| {
        if order == Order::Words {
            source.put(&mut draft, source.part(from, to), from, to);
        } else {
            for at in (from..to).rev() {
                source.put(&mut draft, source.part(at, at + 1), at, at + 1);
            }
        }
        draft.text.push(' ');
    };
    if order == Order::InWords {
        words.iter().copied().for_each(&mut add);
    } else {
        words.iter().rev().copied().for_each(&mut add);
    }
    found.add(source.finish(draft, body, true));
}

/// Whether the words in another order show a number; `shown` is room for them.
pub(super) fn shows_number(
    text: &[u8],
    words: &[(usize, usize)],
    order: Order,
    shown: &mut Vec<u8>,
    believed: Believed<'_>,
) -> bool {
    shown.clear();
    let mut add = |(from, to): &(usize, usize)| {
        let word = text.get(*from..*to).unwrap_or_default();
        if order == Order::Words {
            shown.extend(word);
        } else {
            shown.extend(word.iter().rev());
        }
        shown.push(b' ');
    };
    if order == Order::InWords {
        words.iter().for_each(&mut add);
    } else {
        words.iter().rev().for_each(&mut add);
    }
    number::shows(shown, believed)
}
