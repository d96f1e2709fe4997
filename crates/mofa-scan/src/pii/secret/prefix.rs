//! Keys that a provider's prefix gives away.
//!
//! Prefixes, lengths and alphabets are the providers' own, as their secret-scanning documentation
//! gives them; those of this product are `mofa_ID_SECRET`.

use crate::RuleId;
use crate::bytes::{byte_before, is_word, run_len};
use crate::pii::builtin;
use crate::pii::pass::Pass;
use std::ops::RangeInclusive;

/// The longest body of a key, in bytes; what is longer is not a key.
const MAX_BODY: usize = 512;

/// What a key of the gateway begins with.
const MOFA: &[u8] = b"mofa_";

/// How long the parts of a key of the gateway are, as it reads them.
const MOFA_ID: RangeInclusive<usize> = 1..=64;
const MOFA_SECRET: RangeInclusive<usize> = 32..=64;

/// A prefix up to and including its trigger byte, and the shape of what follows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prefix {
    head: &'static [u8],
    rule: RuleId,
    alphabet: Alphabet,
    least: usize,
    most: usize,
}

#[derive(Debug, Clone, Copy)]
enum Alphabet {
    /// Letters and digits.
    Alnum,
    /// Letters, digits and `_`.
    Word,
    /// Letters, digits, `_` and `-`.
    Url,
    /// Letters, digits, `_`, `-` and `.`.
    Dotted,
    /// Capital letters and digits.
    Upper,
    /// Lower-case hexadecimal.
    Hex,
}

const fn prefix(
    head: &'static [u8],
    rule: RuleId,
    alphabet: Alphabet,
    least: usize,
    most: usize,
) -> Prefix {
    Prefix { head, rule, alphabet, least, most }
}

/// Prefixes that end with `-`; a longer one stands before the shorter one it begins with.
pub(super) const DASH: &[Prefix] = &[
    prefix(b"sk-", builtin::OPENAI, Alphabet::Url, 12, MAX_BODY),
    prefix(b"glpat-", builtin::GITLAB, Alphabet::Dotted, 20, 64),
    prefix(b"xoxa-", builtin::SLACK, Alphabet::Url, 10, 255),
    prefix(b"xoxb-", builtin::SLACK, Alphabet::Url, 10, 255),
    prefix(b"xoxp-", builtin::SLACK, Alphabet::Url, 10, 255),
    prefix(b"xoxr-", builtin::SLACK, Alphabet::Url, 10, 255),
    prefix(b"xoxs-", builtin::SLACK, Alphabet::Url, 10, 255),
];

/// Prefixes that end with `_`.
pub(super) const UNDERSCORE: &[Prefix] = &[
    prefix(b"ghp_", builtin::GITHUB, Alphabet::Alnum, 36, 255),
    prefix(b"gho_", builtin::GITHUB, Alphabet::Alnum, 36, 255),
    prefix(b"ghu_", builtin::GITHUB, Alphabet::Alnum, 36, 255),
    prefix(b"ghs_", builtin::GITHUB, Alphabet::Alnum, 36, 255),
    prefix(b"ghr_", builtin::GITHUB, Alphabet::Alnum, 36, 255),
    prefix(b"github_pat_", builtin::GITHUB, Alphabet::Word, 22, 255),
    prefix(b"npm_", builtin::NPM, Alphabet::Alnum, 36, 36),
    prefix(b"sk_live_", builtin::STRIPE, Alphabet::Alnum, 16, 247),
    prefix(b"rk_live_", builtin::STRIPE, Alphabet::Alnum, 16, 247),
    prefix(b"pk_live_", builtin::STRIPE, Alphabet::Alnum, 16, 247),
    prefix(b"sk_test_", builtin::STRIPE, Alphabet::Alnum, 16, 247),
    prefix(b"rk_test_", builtin::STRIPE, Alphabet::Alnum, 16, 247),
    // The gateway speaks the API that the rule is named after.
    prefix(MOFA, builtin::OPENAI, Alphabet::Url, 34, 129),
];

/// Prefixes that end with `.`.
pub(super) const DOT: &[Prefix] = &[prefix(b"SG.", builtin::SENDGRID, Alphabet::Dotted, 32, 128)];

/// Prefixes that end with a letter; the trigger may stand before their end.
pub(super) const LETTER: &[Prefix] = &[
    prefix(b"AIz", builtin::GOOGLE, Alphabet::Url, 36, 36),
    prefix(b"AK", builtin::AWS, Alphabet::Upper, 18, 18),
    prefix(b"AS", builtin::AWS, Alphabet::Upper, 18, 18),
    prefix(b"SK", builtin::TWILIO, Alphabet::Hex, 32, 32),
];

/// Looks for a key whose prefix has its trigger at `at`.
pub(super) fn probe(pass: &mut Pass<'_, '_>, at: usize, prefixes: &[Prefix]) {
    let text = pass.text();
    let head = text.get(..=at).unwrap_or_default();
    let Some(found) = prefixes.iter().find(|prefix| head.ends_with(prefix.head)) else { return };
    let start = head.len() - found.head.len();
    let before = byte_before(text, start, 1);
    if is_word(before) || matches!(before, b'-' | b'.') {
        return;
    }
    let body = at + 1;
    let run = run_len(text, body, found.most + 1, |b| found.alphabet.has(b));
    pass.undecided_if_at_end(start, body + run);
    let kept = without_stops(text.get(body..body + run).unwrap_or_default());
    if (found.least..=found.most).contains(&kept.len()) && found.accepts(kept) {
        let rule = if kept.starts_with(b"ant-") && found.rule == builtin::OPENAI {
            builtin::ANTHROPIC
        } else {
            found.rule
        };
        pass.report(start, body + kept.len(), rule, 0.95);
    }
}

impl Prefix {
    /// What length and alphabet leave open.
    fn accepts(&self, body: &[u8]) -> bool {
        match self.rule {
            _ if self.head == MOFA => is_id_and_secret(body),
            builtin::AWS => body.starts_with(b"IA"),
            builtin::GOOGLE => body.starts_with(b"a"),
            builtin::SENDGRID => body.contains(&b'.') && has_digit(body),
            builtin::OPENAI | builtin::SLACK | builtin::GITLAB => has_digit(body),
            _ => true,
        }
    }
}

/// Whether `body` is `ID_SECRET`. The secret is random base64url; what has letters of one case only
/// is a name in a program.
fn is_id_and_secret(body: &[u8]) -> bool {
    let id = body.iter().take_while(|b| **b != b'_').count();
    let Some(secret) = body.get(id + 1..) else { return false };
    let is_id_byte = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    MOFA_ID.contains(&id)
        && MOFA_SECRET.contains(&secret.len())
        && body.iter().take(id).all(is_id_byte)
        && secret.iter().any(u8::is_ascii_lowercase)
        && secret.iter().any(u8::is_ascii_uppercase)
}

fn has_digit(body: &[u8]) -> bool {
    body.iter().any(u8::is_ascii_digit)
}

impl Alphabet {
    const fn has(self, byte: u8) -> bool {
        match self {
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Word => is_word(byte),
            Self::Url => is_word(byte) || byte == b'-',
            Self::Dotted => is_word(byte) || matches!(byte, b'-' | b'.'),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        }
    }
}

/// A key does not end with the full stop of its sentence.
fn without_stops(body: &[u8]) -> &[u8] {
    let stops = body.iter().rev().take_while(|b| **b == b'.').count();
    body.get(..body.len() - stops).unwrap_or_default()
}
