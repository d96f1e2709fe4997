//! Values assigned to a name that means a secret: `api_key = "…"`, `password: …`.
//!
//! Only the value is the span. Placeholders, variables and plain words are left alone.

use crate::bytes::{
    byte_at, contains_ignore_case, ends_with_ignore_case, is_word, run_len, run_len_back,
};
use crate::pii::builtin::ASSIGNMENT;
use crate::pii::pass::Pass;

/// What a name ends with, lower case; blanks between the words are not allowed.
const NAMES: [&[u8]; 16] = [
    b"api_key",
    b"api-key",
    b"apikey",
    b"access_key",
    b"access-key",
    b"accesskey",
    b"secret_key",
    b"secret-key",
    b"private_key",
    b"secret",
    b"token",
    b"password",
    b"passwd",
    b"passphrase",
    b"pwd",
    b"authorization",
];

/// What a value begins with, or is, when it is not the secret itself.
const PLACEHOLDERS: [&[u8]; 18] = [
    b"${",
    b"$(",
    b"{{",
    b"<",
    b"%",
    b"process.env",
    b"os.environ",
    b"os.getenv",
    b"env.",
    b"your",
    b"xxx",
    b"***",
    b"changeme",
    b"example",
    b"placeholder",
    b"redacted",
    b"[redacted",
    b"...",
];

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
    if start == at + 2 && byte_at(text, at) == b'=' && byte_at(text, at + 1) == b'=' {
        return;
    }
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
    let call = quote.is_none() && byte_at(text, start + len) == b'(';
    if closed && !call && is_secret(value, quote.is_some()) {
        let end = start + value.len();
        pass.report(start, end, ASSIGNMENT, if quote.is_some() { 0.75 } else { 0.65 });
    }
}

/// The start of the secret's name that ends before `at`, over a blank and a quote.
pub(super) fn name_before(text: &[u8], at: usize) -> Option<usize> {
    let gap = run_len_back(text, at, 3, |b| matches!(b, b' ' | b'"' | b'\'' | b']'));
    let end = at - gap;
    let name = NAMES.iter().find(|name| ends_with_ignore_case(text, end, name))?;
    Some(end - name.len())
}

/// An authorization scheme before the credentials (RFC 7235, 2.1), with its blank.
fn scheme_len(text: &[u8], start: usize) -> usize {
    [&b"bearer "[..], b"basic ", b"token "]
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
    let begins =
        |mark: &&[u8]| value.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark));
    let all_same = value.iter().all(|b| Some(b) == value.first());
    if all_same || PLACEHOLDERS.iter().any(begins) || contains_ignore_case(value, b"placeholder") {
        return false;
    }
    let digits = value.iter().any(u8::is_ascii_digit);
    let letters = value.iter().any(u8::is_ascii_alphabetic);
    let marks = value.iter().any(|b| !is_word(*b) && !matches!(b, b'-' | b'.' | b'/'));
    (letters && (digits || marks)) || (quoted && entropy(value) >= MIN_ENTROPY)
}

/// Shannon's entropy of the bytes of `value`, in bits a byte.
fn entropy(value: &[u8]) -> f32 {
    let total = f32::from(u16::try_from(value.len()).unwrap_or(u16::MAX));
    let share =
        |byte: u8| value.iter().filter(|b| **b == byte).map(|_| 1.0_f32).sum::<f32>() / total;
    value.iter().map(|byte| -share(*byte).log2()).sum::<f32>() / total
}
