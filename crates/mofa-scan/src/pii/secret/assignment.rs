//! Values assigned to a name that means a secret: `api_key = "…"`, `password: …`.
//!
//! Only the value is the span. Placeholders, variables and plain words are left alone.

use super::bare::{Bare, bare};
use super::table::ASSIGNMENT;
use super::{login, rule, value};
use crate::bytes::{byte_at, byte_before, ends_with_ignore_case, is_word, run_len, run_len_back};
use crate::pii::pass::Pass;

/// What the name of a password ends with, in languages that people write one in.
#[rustfmt::skip]
const PASSWORDS: [&str; 22] = [
    "password", "passwd", "passphrase", "pwd", "pass", "pw", "passwort", "kennwort", "wachtwoord",
    "mot de passe", "contraseña", "contrasena", "senha", "пароль", "Пароль", "hasło", "lösenord",
    "parola", "密码", "密碼", "パスワード", "비밀번호",
];

/// What a name ends with, in small letters; a blank stands for itself, `_`, `-` or nothing.
const NAMES: [&[u8]; 32] = [
    b"authorization",
    b"secret",
    b"token",
    b"api key",
    b"access key",
    b"secret key",
    b"secret key base",
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
const OPEN: [&[u8]; 5] = [b"public", b"csrf", b"xsrf", b"jsonweb", b"authenticity"];

/// The most bytes between a name and its `=`: blanks that put several of them in line.
const MAX_GAP: usize = 12;
const MIN_VALUE: usize = 6;
const MAX_VALUE: usize = 256;
/// The least bytes of a key whose name is written with a blank: `api key: …`.
const MIN_KEY: usize = 14;
/// Bits a byte (Shannon) below which a value of letters only is taken for a word.
const MIN_ENTROPY: f32 = 3.5;

/// Looks for an assignment at the `:` or `=` at `at`.
pub(super) fn probe(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    let Some(name) = name_before(text, at).or_else(|| named_by_key(text, at)) else { return };
    let mut start = at + 1;
    start += run_len(text, start, 1, |b| matches!(b, b'=' | b'>'));
    let compared = start == at + 2 && byte_at(text, at) == b'=' && byte_at(text, at + 1) == b'=';
    start += run_len(text, start, 4, |b| matches!(b, b' ' | b'\t'));
    // `\"` begins a string inside a string.
    let escaped = byte_at(text, start) == b'\\' && is_quote(byte_at(text, start + 1));
    start += usize::from(escaped);
    let quote = Some(byte_at(text, start)).filter(|b| is_quote(*b));
    start += usize::from(quote.is_some());
    start += scheme_len(text, start);
    let string = (quote == Some(b'"') && !escaped).then(|| string_len(text, start));
    pass.undecided_if_at_end(name, start + string.unwrap_or_default() + 1);
    let string = string.filter(|len| byte_at(text, start + len) == b'"');
    let found = match (string, quote) {
        (Some(len), _) => Bare::plain(text, start, len),
        (None, Some(quote)) => Bare::plain(
            text,
            start,
            run_len(text, start, MAX_VALUE + 1, |b| {
                b != quote && b != b'\n' && !(escaped && b == b'\\')
            }),
        ),
        (None, None) => bare(text, start, MAX_VALUE + 1),
    };
    let end = found.end;
    pass.undecided_if_at_end(name, end + 1);
    // A bare value that is cut short.
    let elided = quote.is_none() && found.value.ends_with(b"...");
    let found = if quote.is_some() { found } else { found.without_stops() };
    let (value, span) = (found.value.as_ref(), found.span);
    let closing = if escaped { Some(b'\\') } else { quote };
    let closed = closing.is_none_or(|closing| byte_at(text, end) == closing);
    let call = quote.is_none() && byte_at(text, end) == b'(';
    if !closed || call || elided || quote.is_none() && (compared || is_short(text, name, at, value))
    {
        return;
    }
    let is_password = is_password_name(text, name);
    if !is_password && value.len() < MIN_KEY && has_blank(text, name, at) {
        return;
    }
    let confidence = if is_secret(value, quote.is_some()) {
        if quote.is_some() { 0.75 } else { 0.65 }
    } else if is_password && value::is_common_password(value)
        || is_weak_password(text, name, at, value, quote.is_some())
        || quote.is_none() && login::is_setting(text, name, span.clone())
    {
        0.6
    } else {
        return;
    };
    pass.report(span.start, span.end, rule(ASSIGNMENT), confidence);
}

/// Looks for the value of a pair of strings, `"API_KEY", "value"`, that begins at `start` behind a
/// quote.
pub(super) fn probe_pair(pass: &mut Pass<'_, '_>, start: usize) {
    let text = pass.text();
    let quotes = run_len_back(text, start, 2, is_quote);
    let gap = run_len_back(text, start - quotes, 4, |b| b == b' ');
    let comma = start - quotes - gap;
    if byte_before(text, comma, 1) != b',' {
        return;
    }
    let gap = run_len_back(text, comma - 1, 4, |b| b == b' ');
    let end = comma - 1 - gap;
    if !is_quote(byte_before(text, end, 1)) || name_before(text, end).is_none() {
        return;
    }
    let quote = byte_before(text, start, 1);
    let len = run_len(text, start, MAX_VALUE + 1, |b| b != quote && b != b'\n');
    pass.undecided_if_at_end(start, start + len);
    let value = text.get(start..start + len).unwrap_or_default();
    if byte_at(text, start + len) == quote && is_secret(value, true) {
        pass.report(start, start + len, rule(ASSIGNMENT), 0.65);
    }
}

/// How long the string at `start` is, up to its closing `"`: one behind a backslash is part of it.
fn string_len(text: &[u8], start: usize) -> usize {
    let mut is_escaped = false;
    run_len(text, start, MAX_VALUE + 1, |byte| {
        let ends = byte == b'\n' || byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        !ends
    })
}

const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// The start of the secret's name in `key="name" value=`, whose `=` is at `at`.
fn named_by_key(text: &[u8], at: usize) -> Option<usize> {
    let value = at.checked_sub(b" value".len())?;
    ends_with_ignore_case(text, at, b" value").then(|| name_before(text, value)).flatten()
}

/// Whether a name is only `pass`, which a `:` without quotes behind it makes no password, as tests
/// do: `PASS: TestOrchard2`, `pass: parse_2`.
fn is_short(text: &[u8], name: usize, at: usize, value: &[u8]) -> bool {
    let is_result = byte_before(text, at, 1) == b'S'
        || !value.iter().any(u8::is_ascii_digit)
        || value.iter().any(|b| matches!(b, b'_' | b'/' | b':' | b'.' | b'-'));
    at - name == b"pass".len() && byte_at(text, at) == b':' && is_result
}

/// Whether the name at `name` is one of a password.
fn is_password_name(text: &[u8], name: usize) -> bool {
    PASSWORDS.iter().any(|word| ends_with_ignore_case(text, name + word.len(), word.as_bytes()))
}

/// Whether a blank stands inside the name between `name` and the sign at `at`.
fn has_blank(text: &[u8], name: usize, at: usize) -> bool {
    let len = run_len(text, name, at - name, |b| is_word(b) || matches!(b, b'-' | b' '));
    let name = text.get(name..name + len).unwrap_or_default();
    name.windows(2).any(|pair| matches!(pair, [b' ', b'a'..=b'z' | b'A'..=b'Z']))
}

/// Whether `value` is a password that only what stands around it gives away: a user before it,
/// the name of a variable of the environment, or a comparison with it.
fn is_weak_password(text: &[u8], name: usize, at: usize, value: &[u8], quoted: bool) -> bool {
    let is_password = [&b"passw"[..], b"pwd", b"pass"]
        .iter()
        .any(|word| ends_with_ignore_case(text, name + word.len(), word));
    if login::is_variable(value) || value.len() > MAX_VALUE {
        return false;
    }
    let compared = quoted
        && matches!(byte_before(text, at, 1), b'!' | b' ' | b'=')
        && byte_at(text, at + 1) == b'='
        || quoted && byte_before(text, at, 1) == b'!';
    if compared {
        return value.len() >= MIN_VALUE && !value.contains(&b' ') && !value::is_placeholder(value);
    }
    is_password
        && (login::is_password(text, name, value, quoted)
            || value::is_phrase(value)
            || !quoted && is_environment(text, name, at) && is_plain_word(value))
}

/// Whether the name that begins at `name` is all capitals, longer than the name of a secret, and
/// directly before the `=` at `at`, as in a file of the environment.
fn is_environment(text: &[u8], name: usize, at: usize) -> bool {
    let len = run_len_back(text, at, 64, |b| b.is_ascii_uppercase() || b == b'_');
    byte_at(text, at) == b'=' && byte_before(text, name, 1) == b'_' && len > at - name + 1
}

/// Whether `value` is one word, as a weak password is.
fn is_plain_word(value: &[u8]) -> bool {
    value.len() >= MIN_VALUE
        && value.iter().all(u8::is_ascii_lowercase)
        && !value::is_placeholder(value)
        && !matches!(value, b"string" | b"required" | b"optional" | b"secret")
}

/// The start of the secret's name that ends before `at`, over a blank and a quote.
pub(super) fn name_before(text: &[u8], at: usize) -> Option<usize> {
    let gap =
        run_len_back(text, at, MAX_GAP, |b| matches!(b, b' ' | b'"' | b'\'' | b']' | b'!' | b'\\'));
    let end = at - gap;
    may_end(byte_before(text, end, 2), byte_before(text, end, 1)).then_some(())?;
    let mut names = PASSWORDS.iter().map(|name| name.as_bytes()).chain(NAMES);
    let name = names.find_map(|name| name_start(text, end, name))?;
    if end - name <= b"pass".len() && is_inside_word(text, name) {
        return None;
    }
    (!OPEN.iter().any(|open| {
        let joint = usize::from(matches!(byte_before(text, name, 1), b'_' | b'-'));
        ends_with_ignore_case(text, name - joint, open)
    }))
    .then_some(name)
}

/// Whether the short name at `name` is the end of a word such as `bypass`.
fn is_inside_word(text: &[u8], name: usize) -> bool {
    let (before, first) = (byte_before(text, name, 1), byte_at(text, name));
    before.is_ascii_alphabetic() && !(before.is_ascii_lowercase() && first.is_ascii_uppercase())
}

/// Whether one of [`NAMES`] ends with these two bytes.
const fn may_end(last_but_one: u8, last: u8) -> bool {
    last >= 0x80
        || matches!(
            (last_but_one.to_ascii_lowercase(), last.to_ascii_lowercase()),
            (b'r' | b'w' | b'i', b'd')
                | (b'p', b'w')
                | (0xb1 | b'n' | b'h' | b'l', b'a')
                | (0x82, b'o')
                | (b's', b'e' | b's')
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
            at -= usize::from(matches!(byte, b'_' | b'-' | b' '));
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

pub(super) const fn is_bare_value(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b'(' | b')' | b']' | b'}' | b'>')
}

pub(super) fn without_stops(value: &[u8]) -> &[u8] {
    let stops =
        value.iter().rev().take_while(|b| matches!(b, b'.' | b'!' | b'?' | b':' | b'\\')).count();
    value.get(..value.len() - stops).unwrap_or_default()
}

/// Whether `value` alone is no word, no name and no placeholder.
pub(super) fn is_secret(value: &[u8], quoted: bool) -> bool {
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
