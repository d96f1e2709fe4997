//! Hashes of passwords in the form that `crypt` writes: `$2b$12$…`, `$6$…`, `$argon2id$…`.

use super::rule;
use super::table::PASSWORD_HASH;
use crate::bytes::{byte_before, is_word, literal_at, run_len};
use crate::pii::pass::Pass;

/// The most bytes of parameters and salt, and of the hash.
const MAX_PART: usize = 1_024;
/// The most parts of a hash, its name left out.
const MAX_PARTS: usize = 5;

/// The names of the schemes, and how long the last part is at least.
const SCHEMES: [(&[u8], usize); 16] = [
    (b"$1$", 22),
    (b"$2a$", 53),
    (b"$2b$", 53),
    (b"$2x$", 53),
    (b"$2y$", 53),
    (b"$5$", 43),
    (b"$6$", 86),
    (b"$7$", 43),
    (b"$8$", 43),
    (b"$9$", 43),
    (b"$y$", 43),
    (b"$apr1$", 22),
    (b"$argon2", 16),
    (b"$scrypt$", 16),
    (b"$pbkdf2", 16),
    (b"$krb5", 32),
];

/// Looks for a hash that begins with the `$` at `at`.
pub(super) fn probe(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    if is_word(byte_before(text, at, 1)) {
        return;
    }
    let rest = text.get(at..).unwrap_or_default();
    let Some((head, least)) = SCHEMES.iter().find(|(head, _)| literal_at(text, at, head)) else {
        if SCHEMES.iter().any(|(head, _)| head.starts_with(rest)) {
            pass.undecided_from(at);
        }
        return;
    };
    let kerberos = *head == b"$krb5";
    let mut end = at + head.len();
    let mut last = 0;
    for _ in 0..MAX_PARTS {
        last = run_len(text, end, MAX_PART + 1, |b| is_part(b) || kerberos && is_principal(b));
        end += last;
        if !literal_at(text, end, b"$") {
            break;
        }
        end += 1;
    }
    pass.undecided_if_at_end(at, end);
    if last >= *least && last <= MAX_PART && byte_before(text, end, 1) != b'$' {
        pass.report(at, end, rule(PASSWORD_HASH), 0.9);
    }
}

/// What else a ticket of Kerberos holds: the name of whom it is for.
const fn is_principal(byte: u8) -> bool {
    matches!(byte, b'@' | b':' | b'*')
}

const fn is_part(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'.' | b'/' | b'+' | b'-' | b'=' | b',')
}
