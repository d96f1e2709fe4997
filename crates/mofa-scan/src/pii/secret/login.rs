//! Passwords that stand beside the name of their user: in connection strings, settings and calls.
//!
//! Called where a password is assigned whose value alone says nothing: behind a user even a plain
//! word is one.

use std::ops::Range;

use super::value;
use crate::bytes::{
    byte_at, byte_before, contains_ignore_case, ends_with_ignore_case, is_word, run_len,
    run_len_back,
};

/// How far before the password's name its user is looked for, in bytes; with the name it stays
/// within what a stream keeps.
const WINDOW: usize = 104;
/// What the name of a user's name begins with.
const USERS: [&[u8]; 3] = [b"user", b"uid", b"login"];
/// The least bytes of a password.
const MIN_PASSWORD: usize = 4;
/// What no password of somebody holds, but a label or an instruction does.
const LABELS: [&[u8]; 6] = [b"user", b"enter", b"your", b"please", b"must", b"prompt"];

/// The least bytes of a password that is a word without quotes, and what the name of a variable
/// that holds one has in it.
const MIN_SETTING: usize = 8;
const NAMED: [&[u8]; 7] = [b"passw", b"pass_", b"pwd", b"user", b"secret", b"input", b"entry"];

/// Where a user is named, as far as it matters for the password that follows.
#[derive(Clone, Copy)]
struct User {
    /// What stands between the user's name and its value.
    sign: u8,
    /// Where the value begins.
    at: usize,
}

/// Whether `value`, a password assigned to the name at `name`, belongs to a user named before it.
pub(super) fn is_password(text: &[u8], name: usize, value: &[u8], quoted: bool) -> bool {
    if value.len() < MIN_PASSWORD || is_variable(value) {
        return false;
    }
    if is_in_string(text, name) {
        let mine = [&b"my_"[..], b"your", b"some_"].iter().any(|head| value.starts_with(head));
        return !mine && user_before(text, name).is_some_and(|user| user.sign == b'=');
    }
    let named = contains_ignore_case(value, b"passw") && !value.iter().all(u8::is_ascii_lowercase);
    let labelled = named || LABELS.iter().any(|label| contains_ignore_case(value, label));
    if !quoted || labelled || value::is_made_of_words(value) && value.len() < 12 {
        return false;
    }
    let words = value.split(|byte| *byte == b' ').count();
    user_before(text, name)
        .is_some_and(|user| words == 1 || words == 2 && user.sign == b'=' && is_name(text, user))
}

/// Whether the bare value at `value` of the name at `name` is a password though it is a word: its
/// line is a setting (`password = word`) below the one of a user, or a variable set to a word
/// (`$password = word;`), which no program can mean otherwise.
pub(super) fn is_setting(text: &[u8], name: usize, value: Range<usize>) -> bool {
    let (next, word) = (byte_at(text, value.end), text.get(value).unwrap_or_default());
    let is_word = word.len() >= MIN_SETTING
        && word.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_')
        && !value::is_placeholder(word)
        && !NAMED.iter().any(|part| contains_ignore_case(word, part));
    let password = [&b"passw"[..], b"pwd"];
    let is_password = password.iter().any(|p| ends_with_ignore_case(text, name + p.len(), p));
    if !is_word || !is_password {
        return false;
    }
    let before = byte_before(text, name, 1);
    let is_variable = before == b'$' && next == b';';
    let is_line = matches!(before, b'\n' | 0) && matches!(next, b'\n' | b'\r' | 0);
    (is_variable || is_line)
        && user_before(text, name).is_some_and(|user| {
            user.sign == b'=' && (is_variable || byte_at(text, user.at).is_ascii_alphabetic())
        })
}

/// Whether the value of a password is taken from elsewhere.
pub(super) fn is_variable(value: &[u8]) -> bool {
    matches!(
        value.first(),
        Some(b'$' | b'<' | b'{' | b'%' | b'#' | b'(' | b'[' | b'-' | b'*' | b',' | b')')
    ) || contains_ignore_case(value, b"${")
        || contains_ignore_case(value, b"#{")
        || value.iter().all(|byte| Some(byte) == value.first())
}

/// Whether the password's name follows the `;` of a connection string.
fn is_in_string(text: &[u8], name: usize) -> bool {
    let gap = run_len_back(text, name, 6, |b| matches!(b, b' ' | b'"' | b'&' | b'+'));
    byte_before(text, name - gap, 1) == b';'
        && (gap == 0 || byte_before(text, name - gap, 2) != b'"')
}

/// The last user that is named before `name`.
fn user_before(text: &[u8], name: usize) -> Option<User> {
    let least = name.saturating_sub(WINDOW);
    let mut starts = (least..name).rev().filter(|at| {
        let rest = text.get(*at..name).unwrap_or_default();
        USERS
            .iter()
            .any(|user| rest.get(..user.len()).is_some_and(|r| r.eq_ignore_ascii_case(user)))
    });
    starts.find_map(|start| user_at(text, start, name))
}

/// The user whose name begins at `start`, if a value is assigned to it before `end`.
fn user_at(text: &[u8], start: usize, end: usize) -> Option<User> {
    let mut at = start + run_len(text, start, 16, |b| is_word(b) || b == b'-');
    at += run_len(text, at, 3, |b| b == b' ');
    at += run_len(text, at, 2, is_word);
    at += run_len(text, at, 24, |b| matches!(b, b' ' | b'"' | b'\'' | b'\\' | b']'));
    let sign = byte_at(text, at);
    at += run_len(text, at, 2, |b| matches!(b, b'=' | b':' | b'>'));
    at += run_len(text, at, 4, |b| b == b' ');
    (matches!(sign, b'=' | b':') && at < end).then_some(User { sign, at })
}

/// Whether a user's value is one word in quotes.
fn is_name(text: &[u8], user: User) -> bool {
    let quote = byte_at(text, user.at);
    let len = run_len(text, user.at + 1, 64, |b| is_word(b) || matches!(b, b'.' | b'@' | b'-'));
    matches!(quote, b'"' | b'\'') && len > 0 && byte_at(text, user.at + 1 + len) == quote
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, value: &str, quoted: bool, expect: bool) {
        let text = format!("{before}Password={value}");
        assert_eq!(is_password(text.as_bytes(), before.len(), value.as_bytes(), quoted), expect);
    }

    #[test]
    fn a_word_beside_a_user_is_a_password() {
        check("Server=h;User Id=nina;", "harvest", false, true);
        check("Server=h;Uid=nina; \" & \"", "harvest", false, true);
        check("Server=h;", "harvest", false, false);
        check("user = 'nina'\n", "harvest", true, true);
        check("'user_name' => 'nina', ", "harvest", true, true);
        check("user = 'nina'\n", "open orchard", true, true);
        check("'user' => 'nina', ", "thisismypassword", true, true);
        check("\"user\": \"User name\", ", "open orchard", true, false);
        check("Server=h;User Id=nina;", "my_password", false, false);
        check("user = nina\n", "orchard_fruit", false, false);
        check("users are many ", "harvest", true, false);
    }

    #[test]
    fn a_word_is_a_setting_below_its_user() {
        for (text, expect) in [
            ("user = nina\npassword = open_orchard\n", true),
            ("user = nina\n# why\npassword = open_orchard", true),
            ("$user = 'nina'; $password = orchards;", true),
            ("user = nina\nif x: password = open_orchard\n", false),
            ("user = nina\npassword = new_password\n", false),
            ("user = nina\npassword = open_orchard()\n", false),
            ("user = 'nina'\npassword = open_orchard\n", false),
            ("size = 3\npassword = open_orchard\n", false),
        ] {
            let name = text.find("password").unwrap_or_default();
            let value = name + "password = ".len();
            let end = value + run_len(text.as_bytes(), value, 64, is_word);
            assert_eq!(is_setting(text.as_bytes(), name, value..end), expect, "{text}");
        }
    }

    #[test]
    fn what_is_taken_from_elsewhere_is_none() {
        for value in ["$word", "#{word}", "%WORD%", "{word}", "****", "abc"] {
            check("Server=h;User Id=nina;", value, false, false);
        }
        for value in ["password", "Enter it here", "your-word", "secret"] {
            check("user = 'nina'\n", value, true, false);
        }
    }
}
