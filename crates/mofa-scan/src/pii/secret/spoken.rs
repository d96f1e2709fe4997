//! Passwords that words announce, without a sign between: `the password is 'x'`, `password "x"`
//! behind a user, `-Password x`, the lines of a `.netrc`, and `<password>x</password>`.
//!
//! Called once in a pass; finds the word `password` itself.
//!
//! # Invariants
//!
//! At each such word at most [`REACH`] bytes before and behind it are read.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::bare::{Bare, bare};
use super::table::PASSWORD_SPOKEN;
use super::{assignment, login, rule, value};
use crate::bytes::{
    byte_at, byte_before, contains_ignore_case, ends_with_ignore_case, is_word, literal_at,
    run_len, run_len_back,
};
use crate::pii::pass::Pass;

/// What `password`, `Password` and `Passwort` have in common.
static WORD: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("asswor"));
const WORD_LEN: usize = 7;
/// How far before and behind the word anything counts, in bytes.
const REACH: usize = 96;
const MAX_VALUE: usize = 64;
const MIN_VALUE: usize = 3;
/// The longest name of an element before the word, in bytes.
const MAX_ELEMENT: usize = 32;

/// What is said of a password instead of saying it.
const STATES: [&[u8]; 24] = [
    b"password",
    b"required",
    b"invalid",
    b"incorrect",
    b"wrong",
    b"missing",
    b"empty",
    b"weak",
    b"strong",
    b"expired",
    b"correct",
    b"valid",
    b"null",
    b"none",
    b"true",
    b"false",
    b"hidden",
    b"set",
    b"unset",
    b"changed",
    b"blank",
    b"encrypted",
    b"hashed",
    b"optional",
];

/// How a password is announced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `password is`, `password for x is`.
    Said,
    /// `-Password`, `--password`.
    Option,
    /// Nothing but the word.
    Bare,
}

/// Looks behind every `password` from the start of the pass on.
pub(super) fn sweep(pass: &mut Pass<'_, '_>) {
    let text = pass.text();
    let from = pass.from().saturating_sub(REACH);
    for found in WORD.find_iter(text.get(from..).unwrap_or_default()) {
        probe(pass, from + found);
    }
}

/// Looks at the word whose second letter is at `second`.
fn probe(pass: &mut Pass<'_, '_>, second: usize) {
    let text = pass.text();
    let end = second + WORD_LEN;
    let is_word = matches!(byte_before(text, second, 1), b'p' | b'P')
        && matches!(byte_at(text, end - 1), b'd' | b't');
    if !is_word {
        return pass.undecided_if_at_end(second.saturating_sub(1), end);
    }
    let word = second - 1;
    match byte_at(text, end) {
        b' ' => {}
        b'>' => return probe_element(pass, word, end),
        _ => return,
    }
    let Some((form, at)) = form(text, word, end) else {
        return pass.undecided_if_at_end(word, end + run_len(text, end, REACH, |b| b != b'\n'));
    };
    let at = at + run_len(text, at, 3, |b| b == b' ');
    let quote = Some(byte_at(text, at)).filter(|b| matches!(b, b'"' | b'\'' | b'`'));
    let start = at + usize::from(quote.is_some());
    let found = match quote {
        Some(quote) => {
            let len = run_len(text, start, MAX_VALUE + 1, |b| b != quote && b != b'\n');
            Bare::plain(text, start, len)
        }
        None => bare(text, start, MAX_VALUE + 1),
    };
    pass.undecided_if_at_end(word, found.end + 1);
    let closed = quote.is_none_or(|quote| byte_at(text, found.end) == quote);
    let found = if quote.is_some() { found } else { found.without_stops() };
    let (value, span) = (found.value.as_ref(), found.span);
    if closed && (MIN_VALUE..=MAX_VALUE).contains(&value.len()) {
        let before = text.get(word.saturating_sub(REACH)..word).unwrap_or_default();
        if is_password(before, value, form, quote.is_some()) {
            pass.report(span.start, span.end, rule(PASSWORD_SPOKEN), 0.7);
        }
    }
}

/// Looks for the text of an element whose name ends with the word at `word` and whose `>` is at
/// `end`: `<password>hunter2</password>`.
fn probe_element(pass: &mut Pass<'_, '_>, word: usize, end: usize) {
    let text = pass.text();
    let name = run_len_back(text, word, MAX_ELEMENT, |b| is_word(b) || matches!(b, b'-' | b':'));
    let start = end + 1;
    let len = run_len(text, start, MAX_VALUE + 1, |b| b.is_ascii_graphic() && b != b'<');
    if byte_before(text, word - name, 1) != b'<' {
        return;
    }
    pass.undecided_if_at_end(word, start + len + 1);
    let value = text.get(start..start + len).unwrap_or_default();
    let is_value = assignment::is_secret(value, false) || value::is_common_password(value);
    if literal_at(text, start + len, b"</") && len <= MAX_VALUE && is_value {
        pass.report(start, start + len, rule(PASSWORD_SPOKEN), 0.7);
    }
}

/// How the word at `word` announces what follows, and where that begins.
fn form(text: &[u8], word: usize, end: usize) -> Option<(Form, usize)> {
    if byte_before(text, word, 1) == b'-' {
        return Some((Form::Option, end));
    }
    for said in [&b" is "[..], b" ist "] {
        if literal_at(text, end, said) {
            return Some((Form::Said, end + said.len()));
        }
    }
    if literal_at(text, end, b" for ") {
        let rest = text.get(end..).unwrap_or_default();
        let line = rest.iter().take(REACH).take_while(|byte| **byte != b'\n').count();
        let is = rest.get(..line)?.windows(4).position(|four| four == b" is ")?;
        return Some((Form::Said, end + is + 4));
    }
    Some((Form::Bare, end))
}

/// Whether `value` is a password that is announced like this behind `before`.
fn is_password(before: &[u8], value: &[u8], form: Form, quoted: bool) -> bool {
    let is_state = |state: &&[u8]| value.eq_ignore_ascii_case(state);
    if login::is_variable(value) || value.contains(&b' ') || STATES.iter().any(is_state) {
        return false;
    }
    let names_user =
        ["user", "login"].iter().any(|user| contains_ignore_case(before, user.as_bytes()));
    match form {
        Form::Said => {
            quoted && !value.ends_with(b":")
                || assignment::is_secret(value, false)
                || value::is_common_password(value)
        }
        Form::Option if quoted || names_user => !value::is_placeholder(value),
        Form::Bare if quoted => names_user && !value::is_placeholder(value),
        Form::Bare if is_netrc(before) => true,
        Form::Option => assignment::is_secret(value, false),
        Form::Bare => false,
    }
}

/// Whether `login name` stands before the word, as in a `.netrc`.
fn is_netrc(before: &[u8]) -> bool {
    let blank = |byte: &u8| byte.is_ascii_whitespace();
    let gap = before.iter().rev().take_while(|byte| blank(byte)).count();
    let user = before.iter().rev().skip(gap).take_while(|byte| !blank(byte)).count();
    let login = before.len().saturating_sub(gap + user);
    gap > 0 && user > 0 && ends_with_ignore_case(before, login, b"login ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, value: &str, form: Form, quoted: bool, expect: bool) {
        assert_eq!(
            is_password(before.as_bytes(), value.as_bytes(), form, quoted),
            expect,
            "{value}"
        );
    }

    #[test]
    fn what_is_said_of_a_password_is_none() {
        check("", "harvest", Form::Said, true, true);
        check("", "harvest7x", Form::Said, false, true);
        check("", "harvest", Form::Said, false, false);
        for value in ["required", "Invalid", "too short", "$word", "<word>"] {
            check("", value, Form::Said, true, false);
        }
    }

    #[test]
    fn the_bare_word_needs_a_user() {
        check("username 'nina'\n ", "harvest", Form::Bare, true, true);
        check("the ", "harvest", Form::Bare, true, false);
        check("machine h login nina ", "harvest", Form::Bare, false, true);
        check("a login for every ", "harvest", Form::Bare, false, false);
        check("-User nina -", "harvest", Form::Option, false, true);
        check("-", "harvest", Form::Option, false, false);
    }
}
