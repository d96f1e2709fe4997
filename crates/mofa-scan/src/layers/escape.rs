//! Undoes escapes: HTML, URLs, JSON and program text, terminals; called by the fold.
//!
//! Formats: HTML 13.5 (named characters: those that occur in values), RFC 3986, RFC 8259, RFC 2045
//! 6.7, ECMA-48 for terminals.

use super::Found;
use super::anchors::Kind;
use super::map::Draft;
use super::source::Source;
use crate::bytes::{byte_at, byte_before, run_len, run_len_back};

/// The names of characters that separate or hide parts of a value.
const NAMED: [(&str, char); 44] = [
    ("amp", '&'),
    ("ast", '*'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dash", '-'),
    ("dollar", '$'),
    ("emsp", ' '),
    ("ensp", ' '),
    ("equals", '='),
    ("excl", '!'),
    ("grave", '`'),
    ("gt", '>'),
    ("Hat", '^'),
    ("hyphen", '-'),
    ("lbrace", '{'),
    ("lbrack", '['),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("mdash", '-'),
    ("nbsp", ' '),
    ("ndash", '-'),
    ("NewLine", '\n'),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quest", '?'),
    ("quot", '"'),
    ("rbrack", ']'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("shy", '\u{AD}'),
    ("sol", '/'),
    ("Tab", '\t'),
    ("thinsp", ' '),
    ("verbar", '|'),
    ("zwj", '\u{200D}'),
    ("zwnj", '\u{200C}'),
    ("apos", '\''),
];

/// What an escape stands for, and its length in bytes.
pub(super) enum Escape {
    Char(char, usize),
    /// One byte of a text in UTF-8.
    Byte(u8, usize),
    /// Nothing that is shown.
    Nothing(usize),
}

/// The escape that begins at `at`.
pub(super) fn at(text: &[u8], at: usize) -> Option<Escape> {
    match byte_at(text, at) {
        b'&' => entity(text, at),
        b'%' => hex_byte(text, at + 1).map(|byte| Escape::Byte(byte, 3)),
        b'\\' => backslash(text, at),
        0x1B => terminal(text, at),
        _ => None,
    }
}

fn entity(text: &[u8], at: usize) -> Option<Escape> {
    if byte_at(text, at + 1) == b'#' {
        let hex = byte_at(text, at + 2) | 0x20 == b'x';
        let start = at + 2 + usize::from(hex);
        let run =
            run_len(
                text,
                start,
                10,
                |b| if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() },
            );
        let c = number(text, start, run, if hex { 16 } else { 10 })?;
        let end = start + run;
        return Some(Escape::Char(c, end + usize::from(byte_at(text, end) == b';') - at));
    }
    let run = run_len(text, at + 1, 9, |b| b.is_ascii_alphanumeric());
    let name = text.get(at + 1..at + 1 + run)?;
    let (_, shown) = NAMED.iter().find(|(known, _)| known.as_bytes() == name)?;
    (byte_at(text, at + 1 + run) == b';').then_some(Escape::Char(*shown, run + 2))
}

fn backslash(text: &[u8], at: usize) -> Option<Escape> {
    let simple = |c| Some(Escape::Char(c, 2));
    match byte_at(text, at + 1) {
        b'n' => simple('\n'),
        b'r' => simple('\r'),
        b't' => simple('\t'),
        mark @ (b'"' | b'\'' | b'/' | b'\\') => simple(char::from(mark)),
        b'x' => hex_byte(text, at + 2).map(|byte| Escape::Byte(byte, 4)),
        b'u' if byte_at(text, at + 2) == b'{' => {
            let run = run_len(text, at + 3, 6, |b| b.is_ascii_hexdigit());
            let c = number(text, at + 3, run, 16)?;
            (byte_at(text, at + 3 + run) == b'}').then_some(Escape::Char(c, run + 4))
        }
        b'u' => utf16(text, at),
        b'U' => number(text, at + 2, 8, 16).map(|c| Escape::Char(c, 10)),
        b'0'..=b'3' => {
            let run = run_len(text, at + 1, 3, |b| matches!(b, b'0'..=b'7'));
            let byte = u32::from(number(text, at + 1, run, 8)?);
            u8::try_from(byte).ok().filter(|_| run == 3).map(|byte| Escape::Byte(byte, 4))
        }
        _ => None,
    }
}

/// `\uXXXX`, or two of them for a character above U+FFFF.
fn utf16(text: &[u8], at: usize) -> Option<Escape> {
    let unit = |at: usize| {
        let digits = std::str::from_utf8(text.get(at + 2..at + 6)?).ok()?;
        let escaped = byte_at(text, at) == b'\\' && byte_at(text, at + 1) == b'u';
        u16::from_str_radix(digits, 16).ok().filter(|_| escaped && !digits.starts_with('+'))
    };
    let first = unit(at)?;
    if let Some(c) = char::from_u32(u32::from(first)) {
        return Some(Escape::Char(c, 6));
    }
    let c = char::decode_utf16([first, unit(at + 6)?]).next()?.ok()?;
    Some(Escape::Char(c, 12))
}

/// Sequences that colour or hide text on a terminal.
fn terminal(text: &[u8], at: usize) -> Option<Escape> {
    match byte_at(text, at + 1) {
        b'[' => {
            let run = run_len(text, at + 2, 32, |b| matches!(b, 0x20..=0x3F));
            matches!(byte_at(text, at + 2 + run), 0x40..=0x7E).then_some(Escape::Nothing(run + 3))
        }
        b']' | b'\\' => Some(Escape::Nothing(2)),
        _ => None,
    }
}

fn number(text: &[u8], at: usize, len: usize, radix: u32) -> Option<char> {
    let digits = std::str::from_utf8(text.get(at..at + len)?).ok()?;
    let value = u32::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+'))?;
    char::from_u32(value)
}

pub(super) fn hex_byte(text: &[u8], at: usize) -> Option<u8> {
    let nibble = |at: usize| char::from(byte_at(text, at)).to_digit(16);
    u8::try_from(nibble(at)? << 4 | nibble(at + 1)?).ok()
}

/// The reading of quoted-printable text (RFC 2045, 6.7). On its own, because `=` and two digits
/// are common in other texts.
pub(super) fn quoted_printable(source: &Source<'_>, found: &mut Found<'_>) {
    if !source.holds(Kind::Quoted) {
        return;
    }
    let bytes = source.bytes();
    let mut draft = source.draft();
    let mut at = source.body;
    let mut copied = at;
    while at < bytes.len() {
        let Some(skipped) = bytes.get(at..).and_then(|rest| rest.iter().position(|b| *b == b'='))
        else {
            break;
        };
        at += skipped;
        let (shown, len) = quoted(bytes, at);
        if !quotes(bytes, at) {
            at += 1;
            continue;
        }
        source.copy(&mut draft, copied, at);
        put(source, &mut draft, shown, at, len);
        at += len;
        copied = at;
    }
    source.copy(&mut draft, copied, bytes.len());
    if draft.is_changed() {
        found.add(source.finish(draft, source.body, false));
    }
}

fn put(source: &Source<'_>, draft: &mut Draft, shown: Option<u8>, at: usize, len: usize) {
    match shown {
        Some(byte) => source.put(draft, char::from(byte).encode_utf8(&mut [0; 4]), at, at + len),
        None => draft.skip(),
    }
}

/// Within how many bytes another encoded one stands, and no blank between.
const MAX_QUOTED_GAP: usize = 16;

/// Whether the `=` at `at` stands for something. Behind a name it begins a value, and `=4f` or
/// `=20` may be one: there are others beside those of quoted-printable text, or it is a sign that
/// such text always encodes, or the `@` of an address.
pub(super) fn quotes(text: &[u8], at: usize) -> bool {
    let is_capital = |at: usize| matches!(byte_at(text, at), b'0'..=b'9' | b'A'..=b'F');
    match quoted(text, at) {
        (None, 0) => false,
        // Source code breaks lines behind an `=`, too, and sets the next one in.
        (None, len) => !matches!(byte_at(text, at + len), b' ' | b'\t'),
        _ if !is_capital(at + 1) || !is_capital(at + 2) => false,
        (Some(b'='), _) => true,
        (Some(b'@'), _) if is_in_address(text, at) => true,
        (Some(_), len) => has_near(text, at, at + len),
    }
}

fn is_in_address(text: &[u8], at: usize) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    let host = text.get(at + 3..).unwrap_or_default();
    let host = host.get(..run_len(host, 0, 96, |b| is_part(b) || b == b'=')).unwrap_or_default();
    byte_before(text, at, 1).is_ascii_alphanumeric()
        && host.first().is_some_and(u8::is_ascii_alphanumeric)
        && host.contains(&b'.')
}

/// Whether another sign is encoded in the same word, near enough.
fn has_near(text: &[u8], start: usize, end: usize) -> bool {
    let joins = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+' | b'@');
    let is_one = |at: usize| byte_at(text, at) == b'=' && quoted(text, at).1 > 0;
    let after = end + run_len(text, end, MAX_QUOTED_GAP, joins);
    if is_one(after) {
        return true;
    }
    let head = run_len_back(text, start, MAX_QUOTED_GAP + 2, joins);
    let before = start - head;
    head >= 2 && byte_before(text, before, 1) == b'=' && is_one(before - 1)
}

/// The byte at an `=`, or nothing for a soft line break; and how long that is.
fn quoted(text: &[u8], at: usize) -> (Option<u8>, usize) {
    let blanks = run_len(text, at + 1, 8, |b| matches!(b, b' ' | b'\t' | b'\r'));
    if byte_at(text, at + 1 + blanks) == b'\n' {
        return (None, blanks + 2);
    }
    match hex_byte(text, at + 1) {
        Some(byte) if (0x20..0x7F).contains(&byte) => (Some(byte), 3),
        _ => (None, 0),
    }
}
