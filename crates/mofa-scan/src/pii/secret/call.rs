//! Passwords handed to a call or a command: `new NetworkCredential("user", "x")`,
//! `getenv("TOKEN", "x")`, `ConvertTo-SecureString "x"`, `psexec -u user -p x`, `mysql -px`.
//!
//! Called at `(` and at `-`.

use super::bare::bare;
use super::table::PASSWORD_CALL;
use super::{assignment, login, rule, value};
use crate::bytes::{
    byte_at, byte_before, contains_ignore_case, ends_with_ignore_case, is_word, literal_at,
    run_len, run_len_back,
};
use crate::pii::pass::Pass;

/// Calls that take a password, and which of their strings it is, counted from 0.
const CALLS: [(&[u8], usize); 4] = [
    (b"networkcredential", 1),
    (b"directoryentry", 2),
    (b"passwordauthentication", 1),
    (b"usernamepasswordcredentials", 1),
];
/// What the call that reads a setting is named; the second string is what it is without one.
const SETTINGS: [&[u8]; 5] = [b"getenv", b"environ.get", b"ordefault", b"env", b"getproperty"];

/// Commands that take `-u user -p password`.
const COMMANDS: [&[u8]; 4] = [b"psexec", b"docker login", b"podman login", b"helm registry login"];
/// Commands that take `-ppassword`.
const JOINED: [&[u8]; 5] = [b"mysql ", b"mysqldump ", b"mysqladmin ", b"mariadb ", b"sshpass "];
/// How far before `-p` its command is looked for, in bytes.
const COMMAND_REACH: usize = 112;

const MAX_STRING: usize = 96;
const MAX_PASSWORD: usize = 64;
const MIN_PASSWORD: usize = 3;

/// Looks at the strings of the call whose `(` is at `at`.
pub(super) fn probe_call(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    if !byte_before(text, at, 1).is_ascii_alphabetic() {
        return;
    }
    let ends = |name: &[u8]| ends_with_ignore_case(text, at, name);
    if let Some((_, index)) = CALLS.iter().find(|(name, _)| ends(name)) {
        if let Some((start, end)) = strings(pass, at, *index) {
            report(pass, start, end);
        }
    } else if SETTINGS.iter().any(|name| ends(name))
        && let Some((start, end)) = strings(pass, at, 1)
    {
        let name = at + 2 + run_len(text, at + 2, MAX_STRING, is_word);
        let value = text.get(start..end).unwrap_or_default();
        let is_named = assignment::name_before(text, name).is_some_and(|begin| begin > at);
        if is_named && assignment::is_secret(value, true) {
            pass.report(start, end, rule(PASSWORD_CALL), 0.75);
        }
    }
}

/// Where the string number `index` behind the `(` at `at` begins and ends.
fn strings(pass: &mut Pass<'_, '_>, at: usize, index: usize) -> Option<(usize, usize)> {
    let text = pass.text();
    let blank = |byte: u8| byte.is_ascii_whitespace();
    let mut next = at + 1;
    for number in 0..=index {
        next += run_len(text, next, MAX_STRING, blank);
        let quote = byte_at(text, next);
        let is_quote = matches!(quote, b'"' | b'\'');
        let len = run_len(text, next + 1, MAX_STRING, |b| b != quote && b != b'\n');
        pass.undecided_if_at_end(at, next + usize::from(is_quote) * (len + 1));
        let end = next + 1 + len;
        if !is_quote || byte_at(text, end) != quote {
            return None;
        }
        if number == index {
            return Some((next + 1, end));
        }
        next = end + 1 + run_len(text, end + 1, MAX_STRING, blank);
        pass.undecided_if_at_end(at, next);
        if byte_at(text, next) != b',' {
            return None;
        }
        next += 1;
    }
    None
}

/// Looks for a password behind the `-` at `at`.
pub(super) fn probe_option(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    if byte_before(text, at, 1) == b' ' && literal_at(text, at, b"-p ") {
        probe_command(pass, at);
    } else if byte_before(text, at, 1) == b' '
        && literal_at(text, at, b"-p")
        && byte_at(text, at + 2).is_ascii_graphic()
    {
        probe_joined(pass, at);
    } else if byte_at(text, at + 1).eq_ignore_ascii_case(&b's')
        && ends_with_ignore_case(text, at, b"convertto")
    {
        probe_secure(pass, at);
    } else if byte_before(text, at, 1) == b' ' && text.len() - at < b"-p ".len()
        || ends_with_ignore_case(text, at, b"convertto")
    {
        pass.undecided_if_at_end(at, at + 2);
    }
}

/// Looks for `psexec … -u user -p password` around the `-p` at `at`.
fn probe_command(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    let line = run_len_back(text, at, COMMAND_REACH, |b| b != b'\n');
    let before = text.get(at - line..at).unwrap_or_default();
    let named = COMMANDS.iter().any(|command| contains_ignore_case(before, command));
    let is_alone = ends_with_ignore_case(before, before.len(), b"sshpass ");
    if !is_alone && (!named || !contains_ignore_case(before, b" -u ")) {
        return;
    }
    let start = at + 3 + run_len(text, at + 3, 1, |b| matches!(b, b'"' | b'\''));
    let found = bare(text, start, MAX_PASSWORD);
    pass.undecided_if_at_end(at, found.end);
    report(pass, found.span.start, found.span.end);
}

/// Looks for `mysql … -ppassword` around the `-p` at `at`.
fn probe_joined(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    let line = run_len_back(text, at, COMMAND_REACH, |b| b != b'\n');
    let before = text.get(at - line..at).unwrap_or_default();
    if !JOINED.iter().any(|command| contains_ignore_case(before, command)) {
        return;
    }
    let start = at + 2 + run_len(text, at + 2, 1, |b| matches!(b, b'"' | b'\''));
    let found = bare(text, start, MAX_PASSWORD);
    pass.undecided_if_at_end(at, found.end);
    let value = found.value.as_ref();
    // `-port` and what a manual writes there.
    let is_word = value.iter().all(u8::is_ascii_alphabetic) && contains_ignore_case(value, b"or");
    if !value::is_placeholder(value) && !is_word {
        report(pass, found.span.start, found.span.end);
    }
}

/// Looks for the text that `ConvertTo-SecureString`, whose `-` is at `at`, makes secret.
fn probe_secure(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    let name = b"-SecureString";
    let end = at + name.len();
    pass.undecided_if_at_end(at, end + 1);
    if !ends_with_ignore_case(text, end, name) {
        return;
    }
    let mut start = end + run_len(text, end, 2, |b| b == b' ');
    start += if literal_at(text, start, b"-String ") { b"-String ".len() } else { 0 };
    let quote = byte_at(text, start);
    let len = run_len(text, start + 1, MAX_STRING, |b| b != quote && b != b'\n');
    pass.undecided_if_at_end(at, start + 1 + len);
    if matches!(quote, b'"' | b'\'') && byte_at(text, start + 1 + len) == quote {
        report(pass, start + 1, start + 1 + len);
    }
}

/// Reports a password unless it is taken from elsewhere.
fn report(pass: &mut Pass<'_, '_>, start: usize, end: usize) {
    let value = pass.text().get(start..end).unwrap_or_default();
    let is_secret = value.len() >= MIN_PASSWORD
        && !login::is_variable(value)
        && value.iter().any(u8::is_ascii_alphabetic)
        && !value.contains(&b' ');
    if is_secret {
        pass.report(start, end, rule(PASSWORD_CALL), 0.8);
    }
}
