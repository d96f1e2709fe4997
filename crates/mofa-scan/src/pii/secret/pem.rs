//! PEM private key blocks (RFC 7468), complete or cut off.

use crate::bytes::{byte_before, literal_at, run_len};
use crate::pii::builtin::PRIVATE_KEY;
use crate::pii::pass::Pass;

const BEGIN: &[u8] = b"-----BEGIN ";
const KIND: &[u8] = b"PRIVATE KEY";
const DASHES: &[u8] = b"-----";
/// The longest label, in bytes; the longest in use is `PGP PRIVATE KEY BLOCK`.
const MAX_LABEL: usize = 40;
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
    let read = body + run_len(text, body, usize::MAX, is_body);
    let footer = read + b"-----END ".len() + len + DASHES.len();
    pass.undecided_if_at_end(at, footer);
    let closed = literal_at(text, read, b"-----END ")
        && text.get(footer - DASHES.len() - len..footer - DASHES.len()) == Some(name)
        && literal_at(text, footer - DASHES.len(), DASHES);
    if closed {
        pass.report(at, footer, PRIVATE_KEY, 0.99);
    } else if read - body >= MIN_BODY {
        pass.report(at, read, PRIVATE_KEY, 0.9);
    }
}

/// Base64, white space, and the headers of encrypted keys; `\` for blocks inside JSON strings.
fn is_body(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte.is_ascii_whitespace()
        || matches!(byte, b'+' | b'/' | b'=' | b':' | b',' | b'\\')
}
