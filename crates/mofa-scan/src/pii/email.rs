//! E-mail addresses: RFC 5321 limits, dot-atom local parts, host names as domains, and both in
//! letters of other scripts (RFC 6531, RFC 5890). A local part may stand in quotes.
//!
//! In a script without spaces an address ends where the script changes. Not matched: quoted local
//! parts with blanks or other marks, address literals (`me@[10.0.0.1]`), hosts without a top-level
//! domain, names of files (`logo@2x.png`, `foo@v2.module.js`), and the account that servers of source code share
//! (`git@github.com:owner/name`).

mod script;

use super::builtin::EMAIL;
use super::builtin::personal::EMAIL_INTERNATIONAL;
use super::pass::Pass;
use crate::bytes::{byte_at, byte_before, ends_with_ignore_case, run_len, run_len_back};

/// RFC 5321, 4.5.3.1.1.
const MAX_LOCAL: usize = 64;
/// RFC 5321, 4.5.3.1.2.
const MAX_DOMAIN: usize = 255;
/// RFC 1035, 2.3.4.
const MAX_LABEL: usize = 63;

/// Whether `byte` may stand in a local part as we take them: the marks of RFC 5322 that occur in
/// URLs and templates around an address are left out.
pub(super) const fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'%' | b'\'' | b'~')
}

/// Looks for an address around the `@` at `at`.
pub(super) fn probe(pass: &mut Pass<'_, '_>, at: usize) {
    let Some(start) = local_start(pass.text(), at) else { return };
    let (end, read) = domain_end(pass.text(), at + 1);
    pass.undecided_if_at_end(start, read);
    let Some(end) = end.filter(|end| !is_file(pass.text(), *end)) else { return };
    if is_shared_account(pass.text(), start, at, end) {
        return;
    }
    if pass.text().get(start..end).is_some_and(<[u8]>::is_ascii) {
        pass.report(start, end, EMAIL, 0.95);
    } else {
        pass.report(start, end, EMAIL_INTERNATIONAL, 0.9);
    }
}

/// Endings of names of pictures and programs; none is a top-level domain.
const FILES: [&[u8]; 16] = [
    b".png", b".jpg", b".jpeg", b".gif", b".webp", b".svg", b".bmp", b".ico", b".avif", b".js",
    b".mjs", b".cjs", b".jsx", b".ts", b".tsx", b".css",
];

fn is_file(text: &[u8], end: usize) -> bool {
    FILES.iter().any(|ending| ends_with_ignore_case(text, end, ending))
}

/// Whether the address is the `git` of a remote: `git@host:path`, `ssh://git@host/path`.
fn is_shared_account(text: &[u8], start: usize, at: usize, end: usize) -> bool {
    let next = byte_at(text, end + 1);
    let is_path = byte_at(text, end) == b':' && !next.is_ascii_whitespace() && next != 0;
    let is_url = byte_before(text, start, 1) == b'/' && byte_before(text, start, 2) == b'/';
    (is_path || is_url) && text.get(start..at) == Some(b"git")
}

fn local_start(text: &[u8], at: usize) -> Option<usize> {
    if byte_before(text, at, 1) == b'"' {
        return quoted_start(text, at);
    }
    let mut run = run_len_back(text, at, MAX_LOCAL + 1, is_local);
    if byte_before(text, at, run + 1) >= 0x80 {
        run = script::local_len(text, at, MAX_LOCAL + 4);
    }
    if run > MAX_LOCAL {
        return None;
    }
    let local = text.get(at - run..at)?;
    let after_dots = local.windows(2).rposition(|pair| pair == b"..").map_or(0, |i| i + 2);
    let trimmed = local.get(after_dots..)?;
    let marks = trimmed.iter().take_while(|b| matches!(**b, b'.' | b'\'' | b'~')).count();
    let first = after_dots + marks;
    let valid = first < local.len() && local.last() != Some(&b'.');
    valid.then_some(at - run + first)
}

/// The opening quote of a local part whose closing quote ends at `at`.
fn quoted_start(text: &[u8], at: usize) -> Option<usize> {
    let run = run_len_back(text, at - 1, MAX_LOCAL, is_local);
    (run > 0 && byte_before(text, at, run + 2) == b'"').then(|| at - run - 2)
}

/// The end of the longest domain at `start`, and how far the text was read.
fn domain_end(text: &[u8], start: usize) -> (Option<usize>, usize) {
    let limit = start + MAX_DOMAIN;
    let mut best = None;
    let mut at = start;
    let mut labels = 0;
    loop {
        let most = limit.saturating_sub(at) + 1;
        let mut run = run_len(text, at, most, is_label);
        if byte_at(text, at + run) >= 0x80 {
            run = script::label_len(text, at, most);
        }
        let next = at + run;
        let label = text.get(at..next).unwrap_or_default();
        let kept = run - label.iter().rev().take_while(|b| **b == b'-').count();
        let label = label.get(..kept).unwrap_or_default();
        let valid = matches!(label.first(), Some(first) if *first != b'-')
            && (kept <= MAX_LABEL || !label.is_ascii())
            && at + kept <= limit;
        if !valid {
            return (best, next);
        }
        if labels > 0 && is_top_level(label) {
            best = Some(at + kept);
        }
        labels += 1;
        if kept < run || byte_at(text, next) != b'.' {
            return (best, next);
        }
        at = next + 1;
    }
}

const fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// Top-level domains are letters only, or an encoded internationalised name (RFC 5890).
fn is_top_level(label: &[u8]) -> bool {
    let punycode = label.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"xn--"));
    punycode
        || script::is_top_level(label)
        || (label.len() >= 2 && label.iter().all(u8::is_ascii_alphabetic))
}
