//! Credentials: keys with a provider's prefix, tokens, private key blocks and assignments.
//!
//! # Invariants
//!
//! Every trigger is a rare byte near the front of a prefix; what precedes it is compared before
//! anything else is read. No prefix may begin inside what its own body may contain, so bodies are
//! read once.

mod assignment;
mod pem;
mod prefix;
mod token;

use super::pass::Pass;

/// Whether `byte` can be the trigger of a credential.
pub(super) const fn is_trigger(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'.' | b':' | b'=' | b'z' | b'B' | b'J' | b'K' | b'S')
}

/// Looks for credentials around the trigger at `at`.
pub(super) fn probe(pass: &mut Pass<'_, '_>, at: usize) {
    match pass.text().get(at) {
        Some(b'-') => {
            prefix::probe(pass, at, prefix::DASH);
            pem::probe(pass, at);
        }
        Some(b'_') => prefix::probe(pass, at, prefix::UNDERSCORE),
        Some(b'.') => prefix::probe(pass, at, prefix::DOT),
        Some(b':' | b'=') => assignment::probe(pass, at),
        Some(b'J') => token::probe_jwt(pass, at),
        Some(b'B') => token::probe_bearer(pass, at),
        Some(_) => prefix::probe(pass, at, prefix::LETTER),
        None => {}
    }
}

/// The start of a secret's name at the end of the text, if its `=` or `:` may still follow.
pub(super) fn pending_name(text: &[u8]) -> Option<usize> {
    assignment::name_before(text, text.len())
}
