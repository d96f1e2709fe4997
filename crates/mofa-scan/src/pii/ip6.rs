//! IPv6 addresses: every textual form of RFC 4291, 2.2, with a zone (RFC 4007) and a prefix length.
//!
//! Not matched: what could as well be a path of a programming language (`a::b`), a slice (`x[::2]`)
//! or a lone `::`, unless words before it speak of a network.

use super::boundary::digit;
use super::builtin::personal::IPV6;
use super::context::announces;
use super::ip;
use super::pass::Pass;
use crate::bytes::{byte_at, byte_before, is_word, run_len, run_len_back};

const GROUPS: usize = 8;
/// Eight groups, or six and dotted decimals: RFC 4291, 2.2; then a zone and a prefix length.
const MAX_BYTES: usize = 45 + MAX_ZONE + 4;
const MAX_ZONE: usize = 16;

/// What makes a weak form an address.
#[rustfmt::skip]
pub(super) const WORDS: [&str; 28] = [
    "ip", "ipv6", "addr", "host", "listen", "bind", "connect", "src", "dst", "source", "dest",
    "loopback", "localhost", "gateway", "route", "ping", "ssh", "server", "client", "peer", "dns",
    "subnet", "prefix", "unspecified", "network", "port", "remote", "inet",
];

/// What was read of an address.
#[derive(Default)]
struct Shape {
    groups: usize,
    digits: usize,
    is_compressed: bool,
    /// Every group is two hexadecimal digits: a hardware address.
    is_pairs: bool,
    has_dotted: bool,
}

/// Looks for an address around its first `:` at `at`.
pub(super) fn probe(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    let follows = byte_at(text, at + 1);
    let at_end = at + 1 >= text.len();
    if !at_end && follows != b':' && !follows.is_ascii_hexdigit() {
        return;
    }
    let start = at - run_len_back(text, at, 5, |b| b.is_ascii_hexdigit());
    let before = byte_before(text, start, 1);
    if at - start > 4 || is_word(before) || matches!(before, b':' | b'.') {
        return;
    }
    pass.undecided_if_at_end(start, start + run_len(text, start, MAX_BYTES, is_part) + 1);
    let Some((end, shape)) = read(text, start) else { return };
    let (end, has_zone) = zone_end(text, end);
    let (end, has_prefix) = ip::prefix_end(text, end, 128);
    if !may_end(text, end) || is_slice(text, start) {
        return;
    }
    let is_strong = has_zone || has_prefix || is_strong(text, start, &shape);
    let confidence = if is_strong { 0.9 } else { 0.3 };
    let confidence = if !is_strong && announces(text, start, &WORDS) { 0.7 } else { confidence };
    pass.report(start, end, IPV6, confidence);
}

const fn is_part(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b':' | b'.' | b'%' | b'/' | b'-')
}

/// Reads groups and colons as far as they go; nothing unless they are an address.
fn read(text: &[u8], start: usize) -> Option<(usize, Shape)> {
    let mut shape = Shape { is_pairs: true, ..Shape::default() };
    let mut at = start;
    if byte_at(text, at) == b':' {
        (byte_at(text, at + 1) == b':').then_some(())?;
        shape.is_compressed = true;
        at += 2;
    }
    while shape.groups < GROUPS {
        let len = run_len(text, at, 5, |b| b.is_ascii_hexdigit());
        if len == 0 {
            break;
        }
        if byte_at(text, at + len) == b'.' && byte_at(text, at + len + 1).is_ascii_digit() {
            at = ip::dotted_end(text, at)?;
            shape.groups += 2;
            shape.has_dotted = true;
            break;
        }
        (len <= 4).then_some(())?;
        shape.groups += 1;
        shape.is_pairs &= len == 2;
        shape.digits += group_digits(text, at, len);
        at += len;
        if byte_at(text, at) != b':' {
            break;
        }
        if byte_at(text, at + 1) == b':' {
            (!shape.is_compressed).then_some(())?;
            shape.is_compressed = true;
            at += 2;
        } else if byte_at(text, at + 1).is_ascii_hexdigit() && shape.groups < GROUPS {
            at += 1;
        } else {
            break;
        }
    }
    let fits = if shape.is_compressed { shape.groups < GROUPS } else { shape.groups == GROUPS };
    let is_hardware = shape.is_pairs && !shape.is_compressed;
    (fits && !is_hardware).then_some((at, shape))
}

fn group_digits(text: &[u8], at: usize, len: usize) -> usize {
    let group = text.get(at..at + len).unwrap_or_default();
    group.iter().filter(|b| b.is_ascii_digit()).count()
}

/// Whether the form alone tells an address from a path of names.
fn is_strong(text: &[u8], start: usize, shape: &Shape) -> bool {
    let first = run_len(text, start, 5, |b| b.is_ascii_hexdigit());
    let has_long_head = first == 4 && group_digits(text, start, 4) > 0 && shape.groups >= 2;
    !shape.is_compressed
        || shape.has_dotted
        || has_long_head
        || (shape.groups >= 3 && shape.digits > 0)
}

/// A slice such as `x[1::2]`: its bracket follows a name, and no address is indexed by.
fn is_slice(text: &[u8], start: usize) -> bool {
    let before = byte_before(text, start, 2);
    byte_before(text, start, 1) == b'[' && (is_word(before) || matches!(before, b']' | b')'))
}

fn zone_end(text: &[u8], end: usize) -> (usize, bool) {
    if byte_at(text, end) != b'%' {
        return (end, false);
    }
    let len = run_len(text, end + 1, MAX_ZONE, |b| is_word(b) || matches!(b, b'-' | b'.'));
    let zone = text.get(end + 1..end + 1 + len).unwrap_or_default();
    let kept = len - zone.iter().rev().take_while(|b| matches!(**b, b'.' | b'-')).count();
    if kept == 0 { (end, false) } else { (end + 1 + kept, true) }
}

fn may_end(text: &[u8], end: usize) -> bool {
    let after = byte_at(text, end + 1);
    match byte_at(text, end) {
        // A colon may end a sentence or lead to nothing, never to more of an address.
        b':' => !is_word(after) && after != b':' && byte_before(text, end, 1) != b':',
        b'.' => digit(after) == 0 && !is_word(after),
        b'(' | b'<' => false,
        next => !is_word(next),
    }
}
