//! Credentials written before a colon that no scheme announces: `curl -u user:password`, and the
//! tokens of Telegram's bots.

use super::table::{CURL_USER, TELEGRAM_BOT};
use super::{rule, value};
use crate::bytes::{
    byte_at, byte_before, ends_with_ignore_case, is_word, literal_at, run_len, run_len_back,
};
use crate::pii::pass::Pass;

/// The longest user name that is read, in bytes.
const MAX_USER: usize = 64;
const MAX_PASSWORD: usize = 128;
/// The least bytes of a token that stands for a user.
const MIN_TOKEN: usize = 12;
/// What follows the number of a bot.
const BOT_SECRET: std::ops::RangeInclusive<usize> = 34..=36;

/// Looks for `-u user:password` around the `:` at `at`.
pub(super) fn probe_user(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    if matches!(byte_at(text, at + 1), b' ' | b'/' | b':' | b'\n') {
        return;
    }
    let user = run_len_back(text, at, MAX_USER, |b| b.is_ascii_graphic() && b != b':');
    let name = text.get(at - user..at).unwrap_or_default();
    let quoted = matches!(name.first(), Some(b'"' | b'\''));
    let blanks = run_len_back(text, at - user, 2, |b| b == b' ');
    let flag = at - user - blanks;
    let is_flag = [&b" -u"[..], b" --user", b" --proxy-user", b" -U"]
        .iter()
        .any(|option| ends_with_ignore_case(text, flag, option));
    if blanks == 0 || !is_flag {
        return;
    }
    let start = at + 1 + run_len(text, at + 1, 1, |b| matches!(b, b'\'' | b'"'));
    let len = run_len(text, start, MAX_PASSWORD, |b| {
        b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`')
    });
    pass.undecided_if_at_end(at, start + len);
    let password = text.get(start..start + len).unwrap_or_default();
    let is_variable = password.starts_with(b"$") && !quoted || value::is_placeholder(password);
    if len >= 3 && !is_variable && !password.starts_with(b"//") {
        pass.report(start, start + len, rule(CURL_USER), 0.8);
    } else if len == 0 && is_token_user(name) {
        pass.report(at - user + usize::from(quoted), at, rule(CURL_USER), 0.7);
    }
}

/// Whether the name of a user without a password is a token, as many interfaces take it.
fn is_token_user(name: &[u8]) -> bool {
    let name = name.strip_prefix(b"\"").or_else(|| name.strip_prefix(b"'")).unwrap_or(name);
    name.len() >= MIN_TOKEN
        && name.iter().any(u8::is_ascii_digit)
        && name.iter().any(u8::is_ascii_alphabetic)
        && !value::is_placeholder(name)
}

/// Looks for `number:secret` of a bot around the `:` at `at`.
pub(super) fn probe_bot(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    let digits = run_len_back(text, at, 11, |b| b.is_ascii_digit());
    let start = at - digits;
    if !(8..=10).contains(&digits) || is_word(byte_before(text, start, 1)) && !is_path(text, start)
    {
        return;
    }
    let len = run_len(text, at + 1, BOT_SECRET.end() + 1, |b| is_word(b) || b == b'-');
    let end = at + 1 + len;
    pass.undecided_if_at_end(start, end);
    let secret = text.get(at + 1..end).unwrap_or_default();
    if BOT_SECRET.contains(&len) && secret.iter().any(u8::is_ascii_alphabetic) {
        pass.report(start, end, rule(TELEGRAM_BOT), 0.9);
    }
}

/// Whether `/bot` stands before the number, as in the addresses of the interface.
fn is_path(text: &[u8], start: usize) -> bool {
    start.checked_sub(4).is_some_and(|at| literal_at(text, at, b"/bot"))
}
