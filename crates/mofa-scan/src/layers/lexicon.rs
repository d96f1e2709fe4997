//! The words and codes that spell a character: digits, the spelling alphabet, Morse code, marks.

use super::gate;

const DIGITS: [&str; 10] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/// The spelling alphabet of the ICAO, with the usual other spellings after it.
const NATO: [(&str, u8); 31] = [
    ("alfa", b'a'),
    ("bravo", b'b'),
    ("charlie", b'c'),
    ("delta", b'd'),
    ("echo", b'e'),
    ("foxtrot", b'f'),
    ("golf", b'g'),
    ("hotel", b'h'),
    ("india", b'i'),
    ("juliett", b'j'),
    ("kilo", b'k'),
    ("lima", b'l'),
    ("mike", b'm'),
    ("november", b'n'),
    ("oscar", b'o'),
    ("papa", b'p'),
    ("quebec", b'q'),
    ("romeo", b'r'),
    ("sierra", b's'),
    ("tango", b't'),
    ("uniform", b'u'),
    ("victor", b'v'),
    ("whiskey", b'w'),
    ("x-ray", b'x'),
    ("yankee", b'y'),
    ("zulu", b'z'),
    ("alpha", b'a'),
    ("juliet", b'j'),
    ("whisky", b'w'),
    ("xray", b'x'),
    ("niner", b'9'),
];

/// International Morse code (ITU-R M.1677-1).
const MORSE: [(&str, u8); 43] = [
    (".-", b'a'),
    ("-...", b'b'),
    ("-.-.", b'c'),
    ("-..", b'd'),
    (".", b'e'),
    ("..-.", b'f'),
    ("--.", b'g'),
    ("....", b'h'),
    ("..", b'i'),
    (".---", b'j'),
    ("-.-", b'k'),
    (".-..", b'l'),
    ("--", b'm'),
    ("-.", b'n'),
    ("---", b'o'),
    (".--.", b'p'),
    ("--.-", b'q'),
    (".-.", b'r'),
    ("...", b's'),
    ("-", b't'),
    ("..-", b'u'),
    ("...-", b'v'),
    (".--", b'w'),
    ("-..-", b'x'),
    ("-.--", b'y'),
    ("--..", b'z'),
    ("-----", b'0'),
    (".----", b'1'),
    ("..---", b'2'),
    ("...--", b'3'),
    ("....-", b'4'),
    (".....", b'5'),
    ("-....", b'6'),
    ("--...", b'7'),
    ("---..", b'8'),
    ("----.", b'9'),
    (".-.-.-", b'.'),
    (".--.-.", b'@'),
    ("-....-", b'-'),
    ("..--.-", b'_'),
    (".-.-.", b'+'),
    ("-..-.", b'/'),
    ("---...", b':'),
];

/// Whether a word makes a zone: one that is marked, and more than an article or "I". A number in
/// words is in any text; two in a row are not.
pub(super) fn begins_zone(word: &[u8], next: &[u8]) -> bool {
    let named = |word: &[u8]| digit(bare(word)).is_some() || nato(bare(word)).is_some();
    !matches!(word, [b'a' | b'A' | b'I']) && is_marked(word) && (!named(word) || is_marked(next))
}

/// Whether a word belongs to a zone that began.
pub(super) fn is_marked(word: &[u8]) -> bool {
    match word {
        [] => false,
        [_] => true,
        _ => {
            let marks = word.iter().fold(0, |marks, byte| marks | gate::mark(*byte));
            marks != 0
                || word
                    .array_windows()
                    .any(|[a, b]| a.is_ascii_lowercase() && b.is_ascii_uppercase())
                || (word.len() <= 12 && is_spelling(word))
                || has_dot(word)
                || (word.len() >= LEAST_CAPITALS && word.iter().copied().all(is_capital))
        }
    }
}

/// Shorter words of capitals are abbreviations and emphasis.
const LEAST_CAPITALS: usize = 12;

const fn is_capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_punctuation()
}

fn is_spelling(word: &[u8]) -> bool {
    word.iter().all(|byte| matches!(byte, b'.' | b'-' | b'/'))
        || digit(bare(word)).is_some()
        || nato(bare(word)).is_some()
}

/// Whether "dot" stands in a word on its own: `dot`, `(dot)`, `john[at]example[dot]com`.
fn has_dot(word: &[u8]) -> bool {
    let joined = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    word.array_windows::<3>().enumerate().any(|(at, three)| {
        three.map(|byte| byte | 0x20) == *b"dot"
            && three.eq_ignore_ascii_case(b"dot")
            && !joined(at.checked_sub(1).and_then(|before| word.get(before)))
            && !joined(word.get(at + 3))
    })
}

/// A word without the brackets and marks around it.
pub(super) fn bare(word: &[u8]) -> &[u8] {
    let is_mark = |byte: &u8| !byte.is_ascii_alphanumeric();
    let start = word.iter().take_while(|byte| is_mark(byte)).count();
    let rest = word.get(start..).unwrap_or_default();
    let end = rest.len() - rest.iter().rev().take_while(|byte| is_mark(byte)).count();
    rest.get(..end).unwrap_or_default()
}

/// Whether `word` is `name`, ASCII case ignored; most words are turned away by their first letter.
#[inline]
pub(super) fn is_named(word: &[u8], name: &str) -> bool {
    let name = name.as_bytes();
    word.len() == name.len()
        && word.first().map(u8::to_ascii_lowercase) == name.first().copied()
        && word.eq_ignore_ascii_case(name)
}

/// The digit that a word names.
pub(super) fn digit(word: &[u8]) -> Option<u8> {
    if !(3..=5).contains(&word.len()) {
        return None;
    }
    // Most words are turned away by their first letter.
    if !matches!(word.first()? | 0x20, b'z' | b'o' | b't' | b'f' | b's' | b'e' | b'n') {
        return None;
    }
    DIGITS.iter().zip(b'0'..=b'9').find(|(name, _)| is_named(word, name)).map(|(_, digit)| digit)
}

/// The letter that a word of the spelling alphabet stands for.
pub(super) fn nato(word: &[u8]) -> Option<u8> {
    if !(4..=8).contains(&word.len()) {
        return None;
    }
    // One word for each letter in order, then the other spellings.
    let letter = word.first()?.to_ascii_lowercase().checked_sub(b'a')?;
    let usual = NATO.get(usize::from(letter)).filter(|(name, _)| is_named(word, name));
    let other = || NATO.iter().skip(26).find(|(name, _)| is_named(word, name));
    usual.or_else(other).map(|(_, letter)| *letter)
}

/// The character that a Morse sign stands for.
pub(super) fn morse(sign: &[u8]) -> Option<u8> {
    if sign.len() > 6 || !sign.iter().all(|byte| matches!(byte, b'.' | b'-')) {
        return None;
    }
    MORSE.iter().find(|(code, _)| code.as_bytes() == sign).map(|(_, shown)| *shown)
}
