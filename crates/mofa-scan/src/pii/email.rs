//! E-mail addresses: RFC 5321 limits, dot-atom local parts, host names as domains.
//!
//! Not matched: quoted local parts, address literals and internationalised addresses.

use super::builtin::EMAIL;
use super::pass::Pass;
use crate::bytes::{byte_at, run_len, run_len_back};

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
    if let Some(end) = end {
        pass.report(start, end, EMAIL, 0.95);
    }
}

fn local_start(text: &[u8], at: usize) -> Option<usize> {
    let run = run_len_back(text, at, MAX_LOCAL + 1, is_local);
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

/// The end of the longest domain at `start`, and how far the text was read.
fn domain_end(text: &[u8], start: usize) -> (Option<usize>, usize) {
    let limit = start + MAX_DOMAIN;
    let mut best = None;
    let mut at = start;
    let mut labels = 0;
    loop {
        let run = run_len(text, at, limit.saturating_sub(at) + 1, is_label);
        let next = at + run;
        let label = text.get(at..next).unwrap_or_default();
        let kept = run - label.iter().rev().take_while(|b| **b == b'-').count();
        let label = label.get(..kept).unwrap_or_default();
        let valid = matches!(label.first(), Some(first) if *first != b'-')
            && kept <= MAX_LABEL
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
    punycode || (label.len() >= 2 && label.iter().all(u8::is_ascii_alphabetic))
}
