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

/// The marks that have a name, and how a zero is often read.
const MARKS: [(&str, u8); 10] = [
    ("oh", b'0'),
    ("dash", b'-'),
    ("hyphen", b'-'),
    ("minus", b'-'),
    ("at", b'@'),
    ("dot", b'.'),
    ("point", b'.'),
    ("underscore", b'_'),
    ("plus", b'+'),
    ("space", b' '),
];

/// The mark that a word names.
pub(super) fn mark(word: &[u8]) -> Option<u8> {
    MARKS.iter().find(|(name, _)| is_named(word, name)).map(|(_, mark)| *mark)
}

/// How often a word says that the next character stands: "double four".
const TIMES: [&str; 2] = ["double", "triple"];

/// Whether a word of at most eight bytes names a character, or is a part of such a name.
pub(super) fn names(word: &[u8]) -> bool {
    mark(word).is_some()
        || digit(word).is_some()
        || nato(word).is_some()
        || TIMES.iter().any(|name| is_named(word, name))
        || is_named(word, "ray")
}

/// How long the names are that begin with a letter, a bit each: most words are turned away.
static LENGTHS: [u16; 32] = lengths();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, over the tables' lengths")]
const fn lengths() -> [u16; 32] {
    const fn add(lengths: &mut [u16; 32], name: &str) {
        lengths[(name.as_bytes()[0] & 31) as usize] |= 1 << name.len();
    }
    let mut lengths = [0; 32];
    let mut i = 0;
    while i < DIGITS.len() {
        add(&mut lengths, DIGITS[i]);
        i += 1;
    }
    i = 0;
    while i < NATO.len() {
        add(&mut lengths, NATO[i].0);
        i += 1;
    }
    i = 0;
    while i < MARKS.len() {
        add(&mut lengths, MARKS[i].0);
        i += 1;
    }
    add(&mut lengths, TIMES[0]);
    add(&mut lengths, TIMES[1]);
    add(&mut lengths, "ray");
    lengths
}

/// Whether a name has the first letter and the length of `word`.
#[inline]
pub(super) fn may_name(word: &[u8]) -> bool {
    let first = word.first().map_or(0, |byte| usize::from(byte & 31));
    word.len() < 16 && LENGTHS.get(first).is_some_and(|lengths| lengths >> word.len() & 1 == 1)
}

/// Whether a word makes a zone, `next` behind it: one that is marked, and more than an article or
/// "I". A number in words is in any text; two in a row are not.
pub(super) fn begins_zone<'t>(word: &[u8], next: impl FnOnce() -> &'t [u8]) -> bool {
    let named = |word: &[u8]| digit(bare(word)).is_some() || nato(bare(word)).is_some();
    !matches!(word, [b'a' | b'A' | b'I']) && is_marked(word) && (!named(word) || is_marked(next()))
}

/// Whether a word belongs to a zone that began.
pub(super) fn is_marked(word: &[u8]) -> bool {
    let kinds = word.iter().fold(0, |kinds, byte| kinds | kind(*byte));
    match word {
        [] => false,
        [_] => true,
        _ if kinds & MARK != 0 => true,
        _ => {
            (kinds & (LOWER | UPPER) == LOWER | UPPER && has_inner_capital(word))
                || (word.len() <= 12 && is_spelling(word, kinds))
                || (kinds & D != 0 && has_dot(word))
                || (kinds & LOWER == 0
                    && word.len() >= LEAST_CAPITALS
                    && word.iter().copied().all(is_capital))
        }
    }
}

fn has_inner_capital(word: &[u8]) -> bool {
    word.array_windows().any(|[a, b]| a.is_ascii_lowercase() && b.is_ascii_uppercase())
}

/// What a byte is, a bit each: what makes a block worth a look, letters, `d` among them, marks, and
/// those that spell in Morse code.
const MARK: u8 = 1;
const LOWER: u8 = 2;
const UPPER: u8 = 4;
const D: u8 = 8;
const OTHER: u8 = 16;
const SIGN: u8 = 32;

static KINDS: [u8; 256] = kinds();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, over the table's length")]
const fn kinds() -> [u8; 256] {
    let mut kinds = [0; 256];
    let mut byte = 0_u8;
    loop {
        let mut kind = if gate::mark(byte) { MARK } else { 0 };
        kind |= match byte {
            b'd' => LOWER | D,
            b'D' => UPPER | D,
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'.' | b'-' | b'/' => SIGN,
            _ => OTHER,
        };
        kinds[byte as usize] = kind;
        if byte == u8::MAX {
            return kinds;
        }
        byte += 1;
    }
}

#[inline]
fn kind(byte: u8) -> u8 {
    KINDS.get(usize::from(byte)).copied().unwrap_or(MARK)
}

/// Shorter words of capitals are abbreviations and emphasis.
const LEAST_CAPITALS: usize = 12;

const fn is_capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_punctuation()
}

/// Whether a word of bytes of these kinds is a sign of Morse code, a digit or a letter.
fn is_spelling(word: &[u8], kinds: u8) -> bool {
    // Few words have marks around them.
    let bare = if kinds & (SIGN | OTHER) == 0 { word } else { bare(word) };
    kinds == SIGN || digit(bare).is_some() || nato(bare).is_some()
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
    // The length and the first letter, or the second, tell which it could be.
    let digit = match (word.len(), word.first()? | 0x20) {
        (4, b'z') => 0,
        (3, b'o') => 1,
        (3, b't') => 2,
        (5, b't') => 3,
        (4, b'f') => 4 + u8::from(word.get(1)? | 0x20 == b'i'),
        (3, b's') => 6,
        (5, b's') => 7,
        (5, b'e') => 8,
        (4, b'n') => 9,
        _ => return None,
    };
    let name = DIGITS.get(usize::from(digit))?;
    is_named(word, name).then_some(b'0' + digit)
}

/// The letter that a word of the spelling alphabet stands for.
pub(super) fn nato(word: &[u8]) -> Option<u8> {
    if !(4..=8).contains(&word.len()) {
        return None;
    }
    // One word for each letter in order, then the other spellings.
    let first = word.first()? | 0x20;
    let letter = first.checked_sub(b'a')?;
    let usual = NATO.get(usize::from(letter)).filter(|(name, _)| is_named(word, name));
    let has_other = matches!(first, b'a' | b'j' | b'w' | b'x' | b'n');
    let other = || NATO.iter().skip(26).find(|(name, _)| has_other && is_named(word, name));
    usual.or_else(other).map(|(_, letter)| *letter)
}

/// The character that a Morse sign stands for.
pub(super) fn morse(sign: &[u8]) -> Option<u8> {
    if sign.len() > 6 || !sign.iter().all(|byte| matches!(byte, b'.' | b'-')) {
        return None;
    }
    MORSE.iter().find(|(code, _)| code.as_bytes() == sign).map(|(_, shown)| *shown)
}
