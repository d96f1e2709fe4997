//! PEM private key blocks (RFC 7468), complete or cut off.

use super::rule;
use super::table::PRIVATE_KEY;
use crate::bytes::{byte_before, literal_at, run_len};
use crate::pii::pass::Pass;

const BEGIN: &[u8] = b"-----BEGIN ";
const KIND: &[u8] = b"PRIVATE KEY";
const DASHES: &[u8] = b"-----";
/// The longest label, in bytes; the longest in use is `PGP PRIVATE KEY BLOCK`.
const MAX_LABEL: usize = 40;
/// The most bytes of a block from the first on that is no Base64.
const MAX_REST: usize = 8_192;
/// The least bytes between header and footer.
const MIN_CLOSED: usize = 24;
/// A block without a footer counts if this much of a body is there, in bytes.
const MIN_BODY: usize = 48;

/// Looks for a block whose first dash is at `at`.
pub(super) fn probe(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    if !literal_at(text, at, BEGIN) {
        let rest = text.get(at..).unwrap_or_default();
        if byte_before(text, at, 1) != b'-' && BEGIN.starts_with(rest) {
            pass.undecided_from(at);
        }
        return;
    }
    let label = at + BEGIN.len();
    let len = run_len(text, label, MAX_LABEL, |b| b.is_ascii_uppercase() || b == b' ');
    let body = label + len + DASHES.len();
    pass.undecided_if_at_end(at, body.saturating_sub(1));
    let name = text.get(label..label + len).unwrap_or_default();
    let private = name.ends_with(KIND) || name.ends_with(b"PRIVATE KEY BLOCK");
    if !private || !literal_at(text, label + len, DASHES) {
        return;
    }
    let strict = body + run_len(text, body, usize::MAX, is_body);
    let read = strict + rest_len(text, strict);
    let footer = read + b"-----END ".len() + len + DASHES.len();
    pass.undecided_if_at_end(at, footer);
    let closed = literal_at(text, read, b"-----END ")
        && text.get(footer - DASHES.len() - len..footer - DASHES.len()) == Some(name)
        && literal_at(text, footer - DASHES.len(), DASHES);
    if closed && read - body >= MIN_CLOSED {
        pass.report(at, footer, rule(PRIVATE_KEY), 0.99);
    } else if strict - body >= MIN_BODY {
        pass.report(at, strict, rule(PRIVATE_KEY), 0.9);
    }
}

/// How much more of a block there is before the next five dashes: headers of encrypted keys,
/// version lines, or the quotes and signs of a string that a program puts together.
fn rest_len(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let mut len = 0;
    while let Some(byte) = rest.get(len) {
        let is_text = byte.is_ascii_graphic() || byte.is_ascii_whitespace();
        if !is_text || len >= MAX_REST || literal_at(rest, len, DASHES) {
            break;
        }
        len += 1;
    }
    len
}

/// Base64, white space, and the headers of encrypted keys; `\` for blocks inside JSON strings.
fn is_body(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte.is_ascii_whitespace()
        || matches!(byte, b'+' | b'/' | b'=' | b':' | b',' | b'\\')
}
