//! Values assigned to a name that means a secret: `api_key = "…"`, `password: …`.
//!
//! Only the value is the span. Placeholders, variables and plain words are left alone.

use super::table::ASSIGNMENT;
use super::{rule, value};
use crate::bytes::{byte_at, byte_before, ends_with_ignore_case, is_word, run_len, run_len_back};
use crate::pii::pass::Pass;

/// What a name ends with, in small letters; a blank stands for `_`, `-` or nothing.
const NAMES: [&[u8]; 36] = [
    b"password",
    b"passwd",
    b"passphrase",
    b"pwd",
    b"passwort",
    b"authorization",
    b"secret",
    b"token",
    b"api key",
    b"access key",
    b"secret key",
    b"private key",
    b"account key",
    b"auth key",
    b"encryption key",
    b"signing key",
    b"master key",
    b"service key",
    b"license key",
    b"shared key",
    b"storage key",
    b"app key",
    b"admin key",
    b"client key",
    b"project key",
    b"integration key",
    b"subscription key",
    b"rest key",
    b"write key",
    b"deploy key",
    b"credential",
    b"credentials",
    b"apikey",
    b"secretid",
    b"ado_pat",
    b"contribsys__com",
];

/// What stands before a name whose value everybody may see.
const OPEN: [&[u8]; 4] = [b"public", b"csrf", b"xsrf", b"jsonweb"];

/// The most bytes between a name and its `=`: blanks that put several of them in line.
const MAX_GAP: usize = 12;
const MIN_VALUE: usize = 6;
const MAX_VALUE: usize = 256;
/// Bits a byte (Shannon) below which a value of letters only is taken for a word.
const MIN_ENTROPY: f32 = 3.5;

/// Looks for an assignment at the `:` or `=` at `at`.
pub(super) fn probe(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    let Some(name) = name_before(text, at) else { return };
    let mut start = at + 1;
    start += run_len(text, start, 1, |b| matches!(b, b'=' | b'>'));
    let compared = start == at + 2 && byte_at(text, at) == b'=' && byte_at(text, at + 1) == b'=';
    start += run_len(text, start, 4, |b| matches!(b, b' ' | b'\t'));
    let quote = Some(byte_at(text, start)).filter(|b| matches!(b, b'"' | b'\'' | b'`'));
    start += usize::from(quote.is_some());
    start += scheme_len(text, start);
    let len = match quote {
        Some(quote) => run_len(text, start, MAX_VALUE + 1, |b| b != quote && b != b'\n'),
        None => run_len(text, start, MAX_VALUE + 1, is_bare_value),
    };
    pass.undecided_if_at_end(name, start + len + 1);
    let whole = text.get(start..start + len).unwrap_or_default();
    let value = if quote.is_some() { whole } else { without_stops(whole) };
    let closed = quote.is_none_or(|quote| byte_at(text, start + len) == quote);
    if compared && quote.is_none() {
        return;
    }
    let call = quote.is_none() && byte_at(text, start + len) == b'(';
    if closed && !call && is_secret(value, quote.is_some()) {
        let end = start + value.len();
        let confidence = if quote.is_some() { 0.75 } else { 0.65 };
        pass.report(start, end, rule(ASSIGNMENT), confidence);
    }
}

/// The start of the secret's name that ends before `at`, over a blank and a quote.
pub(super) fn name_before(text: &[u8], at: usize) -> Option<usize> {
    let gap = run_len_back(text, at, MAX_GAP, |b| matches!(b, b' ' | b'"' | b'\'' | b']' | b'!'));
    let end = at - gap;
    may_end(byte_before(text, end, 2), byte_before(text, end, 1)).then_some(())?;
    let name = NAMES.iter().find_map(|name| name_start(text, end, name))?;
    (!OPEN.iter().any(|open| {
        let joint = usize::from(matches!(byte_before(text, name, 1), b'_' | b'-'));
        ends_with_ignore_case(text, name - joint, open)
    }))
    .then_some(name)
}

/// Whether one of [`NAMES`] ends with these two bytes.
const fn may_end(last_but_one: u8, last: u8) -> bool {
    matches!(
        (last_but_one.to_ascii_lowercase(), last.to_ascii_lowercase()),
        (b'r' | b'w' | b'i', b'd')
            | (b's', b'e')
            | (b'r' | b'e' | b'a', b't')
            | (b'o' | b'e', b'n')
            | (b'e', b'y')
            | (b'a', b'l')
            | (b'l', b's')
            | (b'o', b'm')
    )
}

/// Where `name` begins that ends at `end`; a blank in it stands for `_`, `-` or nothing.
fn name_start(text: &[u8], end: usize, name: &[u8]) -> Option<usize> {
    let mut at = end;
    for letter in name.iter().rev() {
        let byte = byte_before(text, at, 1);
        if *letter == b' ' {
            at -= usize::from(matches!(byte, b'_' | b'-'));
        } else {
            byte.eq_ignore_ascii_case(letter).then_some(())?;
            at -= 1;
        }
    }
    Some(at)
}

/// An authorization scheme before the credentials (RFC 7235, 2.1), with its blank.
fn scheme_len(text: &[u8], start: usize) -> usize {
    [&b"bearer "[..], b"basic ", b"token ", b"api-token ", b"apikey ", b"ssws "]
        .iter()
        .find(|scheme| ends_with_ignore_case(text, start + scheme.len(), scheme))
        .map_or(0, |scheme| scheme.len())
}

const fn is_bare_value(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b'(' | b')' | b']' | b'}' | b'>')
}

fn without_stops(value: &[u8]) -> &[u8] {
    let stops = value.iter().rev().take_while(|b| matches!(b, b'.' | b'!' | b'?' | b':')).count();
    value.get(..value.len() - stops).unwrap_or_default()
}

fn is_secret(value: &[u8], quoted: bool) -> bool {
    if !(MIN_VALUE..=MAX_VALUE).contains(&value.len()) || !value.iter().all(u8::is_ascii_graphic) {
        return false;
    }
    let is_code = value::is_wordy(value) || !quoted && value::is_expression(value);
    if is_code || value::is_placeholder(value) {
        return false;
    }
    let digits = value.iter().any(u8::is_ascii_digit);
    let letters = value.iter().any(u8::is_ascii_alphabetic);
    let marks = value.iter().any(|b| !is_word(*b) && !matches!(b, b'-' | b'.' | b'/'));
    (letters && (digits || marks))
        || (quoted && value::entropy(value) >= MIN_ENTROPY)
        || value::is_long_and_plain(value)
}
