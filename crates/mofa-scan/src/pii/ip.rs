//! IPv4 addresses in dotted decimal: four numbers from 0 to 255 without leading zeros, and a prefix
//! length if one follows (RFC 4632).
//!
//! Not matched: parts of longer dotted numbers but for a port behind an address of private use, as
//! `tcpdump` and `netstat` print them (`192.168.1.20.443`), and versions: `v1.2.3.4`, `"version": "1.2.3.4"`,
//! `Chrome/120.0.0.0`, `python 3.11.7.0`, `sections 1.1.1.1 and 1.1.1.2`, `OID 1.3.6.1`.

use super::boundary::digit;
use super::builtin::IPV4;
use super::context::Endings;
use super::pass::Pass;
use crate::bytes::{byte_at, byte_before, is_word, run_len, run_len_back};

#[rustfmt::skip]
static VERSION_WORDS: Endings = Endings::new(&[
    b"version", b"versions", b"release", b"ver", b"build", b"v", b"firmware", b"revision", b"rev",
    b"oid", b"section", b"sections", b"sec", b"chapter", b"chapters", b"clause", b"clauses",
    b"paragraph", b"paragraphs", b"appendix", b"figure",
]);
/// Programs whose version follows their name, unless it is an address of private use.
static PROGRAMS: Endings = Endings::new(&[
    b"python",
    b"java",
    b"jdk",
    b"jre",
    b"ruby",
    b"php",
    b"perl",
    b"chrome",
    b"chromium",
    b"firefox",
    b"numpy",
    b"npm",
    b"openssl",
    b"dotnet",
]);
/// Between such a word and its value: `version = "`.
const MAX_GAP: usize = 4;

/// Looks for an address that begins with the digits at `start`.
pub(super) fn probe(pass: &mut Pass<'_, '_>, start: usize) {
    if let Some(end) = match_at(pass.text(), start) {
        pass.report(start, end, IPV4, 0.9);
    }
}

fn match_at(text: &[u8], start: usize) -> Option<usize> {
    let before = byte_before(text, start, 1);
    if is_word(before) || (before == b'.' && is_word(byte_before(text, start, 2))) {
        return None;
    }
    let end = dotted_end(text, start)?;
    let is_product = before == b'/'
        && byte_before(text, start, 2).is_ascii_alphabetic()
        && text.get(start..end).is_some_and(|dotted| dotted.ends_with(b".0.0"));
    if !(may_end(text, end) || is_before_port(text, start, end))
        || is_product
        || is_version(text, start)
        || is_listed(text, start)
    {
        return None;
    }
    Some(prefix_end(text, end, 32).0)
}

/// The end of four numbers with dots between them.
pub(super) fn dotted_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    for part in 0..4 {
        if part > 0 {
            (byte_at(text, at) == b'.').then_some(())?;
            at += 1;
        }
        at = octet_end(text, at)?;
    }
    Some(at)
}

/// The end of a prefix length (`/24`) up to `most` at `end`, and whether there is one.
pub(super) fn prefix_end(text: &[u8], end: usize, most: u32) -> (usize, bool) {
    let len = run_len(text, end + 1, 4, |b| b.is_ascii_digit());
    let digits = text.get(end + 1..end + 1 + len).unwrap_or_default();
    let value = digits.iter().fold(0, |value, b| value * 10 + digit(*b));
    let next = byte_at(text, end + 1 + len);
    let goes_on = is_word(next) || next == b'/';
    let has_prefix =
        byte_at(text, end) == b'/' && matches!(len, 1..=3) && value <= most && !goes_on;
    if has_prefix { (end + 1 + len, true) } else { (end, false) }
}

fn octet_end(text: &[u8], start: usize) -> Option<usize> {
    let len = run_len(text, start, 4, |b| b.is_ascii_digit());
    let digits = text.get(start..start + len)?;
    let value = digits.iter().fold(0, |value, b| value * 10 + digit(*b));
    let leading_zero = len > 1 && byte_at(text, start) == b'0';
    (matches!(len, 1..=3) && value <= 255 && !leading_zero).then_some(start + len)
}

fn may_end(text: &[u8], end: usize) -> bool {
    let after = byte_at(text, end + 1);
    match byte_at(text, end) {
        b'.' => !is_word(after),
        b'-' => !after.is_ascii_alphabetic(),
        next => !is_word(next),
    }
}

/// Whether the address is of private use (RFC 1918, RFC 1122) and a dot and a port follow.
fn is_before_port(text: &[u8], start: usize, end: usize) -> bool {
    let len = run_len(text, end + 1, 6, |b| b.is_ascii_digit());
    let port = text.get(end + 1..end + 1 + len).unwrap_or_default();
    let value = port.iter().fold(0, |value, b| value * 10 + digit(*b));
    let is_port = byte_at(text, end) == b'.'
        && byte_at(text, end + 1) != b'0'
        && (1..=65_535).contains(&value)
        && may_end(text, end + 1 + len);
    is_port && is_private(text, start, len)
}

/// Whether the address at `start` is of private use; `10.1.2.3.4` with a port of few digits is more
/// often the number of a section.
fn is_private(text: &[u8], start: usize, port: usize) -> bool {
    let octet = |at| {
        let len = run_len(text, at, 3, |b| b.is_ascii_digit());
        let digits = text.get(at..at + len).unwrap_or_default();
        (digits.iter().fold(0, |value, b| value * 10 + digit(*b)), at + len + 1)
    };
    let (first, next) = octet(start);
    let (second, _) = octet(next);
    match first {
        10 => port >= 3,
        127 => true,
        172 => (16..=31).contains(&second),
        192 => second == 168,
        _ => false,
    }
}

/// Whether a word for a version, or for a part of a text, stands right before `start`.
pub(super) fn is_version(text: &[u8], start: usize) -> bool {
    let is_gap = |b| matches!(b, b' ' | b':' | b'.' | b'=' | b'"' | b'\'' | b'(' | b'-');
    let end = start - run_len_back(text, start, MAX_GAP, is_gap);
    let is_behind = |words: &Endings| words.find(text, end, |at| begins_word(text, at)).is_some();
    end < start
        && (is_behind(&VERSION_WORDS) || is_behind(&PROGRAMS) && !is_private(text, start, 5))
}

/// How many numbers of a list are gone back over, and how far to the one before, in bytes.
const MAX_LISTED: usize = 4;
const MAX_DOTTED: usize = 15;
/// What stands between two numbers of a list.
static JOINTS: Endings =
    Endings::new(&[b", and ", b" and ", b" or ", b" to ", b", ", b" - ", b"-"]);

/// Whether the number at `start` goes on with a list whose first is a version:
/// `sections 1.1.1.1 and 1.1.1.2`.
fn is_listed(text: &[u8], start: usize) -> bool {
    let mut at = start;
    for _ in 0..MAX_LISTED {
        let Some(end) = JOINTS.find(text, at, |_| true) else { return false };
        let len = run_len_back(text, end, MAX_DOTTED, |b| b.is_ascii_digit() || b == b'.');
        if len == 0 {
            return false;
        }
        at = end - len;
        if is_version(text, at) {
            return true;
        }
    }
    false
}

/// Whether a word begins at `at`, or a part of a name that is written as one: `AssemblyVersion`.
fn begins_word(text: &[u8], at: usize) -> bool {
    let before = byte_before(text, at, 1);
    !before.is_ascii_alphanumeric()
        || (byte_at(text, at).is_ascii_uppercase() && before.is_ascii_lowercase())
}
