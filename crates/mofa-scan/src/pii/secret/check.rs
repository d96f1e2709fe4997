//! What a format has beyond its alphabet: check sums, headers, account numbers.
//!
//! Called for every match of a pattern whose rule asks for it.

use super::table::RULES;
use super::value;
use crate::bytes::is_word;

/// A check by the name that rule files use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    None,
    /// There is a digit, or letters as no name of a program has them.
    Digit,
    /// There is a digit, or letters of one case only, or letters as no name of a program has them.
    Plain,
    /// There are a digit and a letter, or letters as no name of a program has them.
    Mixed,
    /// There are capital and small letters and a digit.
    Cased,
    /// The last six characters are the CRC-32 of what stands between prefix and them, in base 62:
    /// GitHub's and npm's tokens.
    Crc32,
    /// The key id holds an account number in base 32.
    AwsAccessKey,
    /// A digit; in a key of this product's gateway, an id and a random secret of base64url.
    Gateway,
}

/// Where in [`RULES`] a rule stands is no part of a check; this keeps the two from growing apart.
const _: () = assert!(RULES.len() < u16::MAX as usize, "rules are numbered with 16 bits");

impl Check {
    /// How sure `secret` is, if it can be one; `confidence` is what its rule gives.
    pub(super) fn judge(self, secret: &[u8], confidence: f32) -> Option<f32> {
        let has = |is: fn(&u8) -> bool| secret.iter().any(is);
        let digit = || has(u8::is_ascii_digit);
        match self {
            Self::None => Some(confidence),
            Self::Gateway if secret.starts_with(b"mofa_") => {
                is_id_and_secret(secret).then_some(confidence)
            }
            // Anthropic's keys have a format of their own.
            Self::Gateway => (digit() && !secret.starts_with(b"sk-ant-")).then_some(confidence),
            Self::Digit => (digit() || value::is_random(secret)).then_some(confidence),
            Self::Plain => (digit()
                || !(has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase))
                || value::is_random(secret))
            .then_some(confidence),
            Self::Mixed => (digit() && has(u8::is_ascii_alphabetic) || value::is_random(secret))
                .then_some(confidence),
            Self::Cased => (digit() && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase))
                .then_some(confidence),
            Self::Crc32 => Some(if ends_with_its_sum(secret) { 0.99 } else { confidence }),
            // The ids of the manuals.
            Self::AwsAccessKey if secret.ends_with(b"EXAMPLE") => None,
            Self::AwsAccessKey => Some(if holds_account(secret) { 0.97 } else { confidence }),
        }
    }
}

/// Whether a token `prefix_…` ends with the CRC-32 of its random part in base 62, as GitHub
/// describes its format.
fn ends_with_its_sum(token: &[u8]) -> bool {
    let body = token.iter().position(|byte| *byte == b'_').and_then(|at| token.get(at + 1..));
    let Some((random, sum)) = body.and_then(|body| body.split_last_chunk::<6>()) else {
        return false;
    };
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u64::from(byte - b'0'),
        b'A'..=b'Z' => u64::from(byte - b'A') + 10,
        b'a'..=b'z' => u64::from(byte - b'a') + 36,
        _ => 1 << 40,
    };
    let written = sum.iter().fold(0, |sum, byte| sum * 62 + value(*byte));
    written == u64::from(crc32(random))
}

/// CRC-32 of ISO-HDLC, bit by bit: tokens are short and rare.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}

/// Whether a key id of AWS decodes to an account number: 40 bits of base 32 behind the four
/// letters, without the first and the last seven, are at most twelve decimal digits.
fn holds_account(id: &[u8]) -> bool {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u64::from(byte - b'A')),
        b'2'..=b'7' => Some(u64::from(byte - b'2') + 26),
        _ => None,
    };
    let coded = id.get(4..14).unwrap_or_default();
    let bits = coded.iter().try_fold(0, |bits, byte| value(*byte).map(|value| bits << 5 | value));
    // Ten characters are fifty bits; an account is the first 48 without one at each end.
    let account = bits.map(|bits: u64| bits >> 2 & 0x7fff_ffff_ff80).map(|bits| bits >> 7);
    account.is_some_and(|account| account < 1_000_000_000_000) && id.len() == 20
}

/// How long the secret of a gateway's key is, as it reads it.
const SECRET_LEN: std::ops::RangeInclusive<usize> = 32..=64;

/// Whether `key` is `mofa_ID_SECRET`. The secret is random base64url; what has letters of one case
/// only is a name in a program.
fn is_id_and_secret(key: &[u8]) -> bool {
    let mut parts = key.splitn(3, |byte| *byte == b'_');
    let (_, id, secret) = (parts.next(), parts.next(), parts.next());
    let is_id_byte = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    let is_id = |id: &[u8]| !id.is_empty() && id.len() <= 64 && id.iter().all(is_id_byte);
    id.is_some_and(is_id)
        && secret.is_some_and(|secret| {
            SECRET_LEN.contains(&secret.len())
                && secret.iter().all(|b| is_word(*b) || *b == b'-')
                && secret.iter().any(u8::is_ascii_lowercase)
                && secret.iter().any(u8::is_ascii_uppercase)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_sum_raises_the_confidence() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        let random = b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ";
        let mut sum = crc32(random);
        let mut token = b"ghp_".to_vec();
        token.extend_from_slice(random);
        let mut digits = [b'0'; 6];
        for digit in digits.iter_mut().rev() {
            let value = (sum % 62) as u8;
            *digit = match value {
                0..=9 => b'0' + value,
                10..=35 => b'A' + value - 10,
                _ => b'a' + value - 36,
            };
            sum /= 62;
        }
        token.extend_from_slice(&digits);
        assert_eq!(Check::Crc32.judge(&token, 0.9), Some(0.99));
        token[10] ^= 1;
        assert_eq!(Check::Crc32.judge(&token, 0.9), Some(0.9));
    }

    #[test]
    fn an_account_number_raises_the_confidence() {
        assert!(holds_account(b"AKIAQYLPMN5HHHFPZAM2"), "the account 052310077262");
        assert!(!holds_account(b"AKIA1999999999999999"), "no base 32");
        assert!(!holds_account(b"AKIA7777777777777777"), "thirteen digits");
    }

    #[test]
    fn characters_are_asked_for() {
        assert_eq!(Check::Digit.judge(b"abc", 0.9), None);
        assert_eq!(Check::Mixed.judge(b"123", 0.9), None);
        assert_eq!(Check::Plain.judge(b"abCd", 0.9), None);
        assert_eq!(Check::Plain.judge(b"abcd", 0.9), Some(0.9));
        assert_eq!(Check::AwsAccessKey.judge(b"AKIAIOSFODNN7EXAMPLE", 0.9), None);
        assert_eq!(Check::Plain.judge(b"authenticationTokenProvider", 0.9), None);
        for check in [Check::Digit, Check::Plain, Check::Mixed] {
            assert_eq!(check.judge(b"qWertzUiopAsdfGhjkLyxcvb", 0.9), Some(0.9));
        }
        assert_eq!(Check::Cased.judge(b"abc1", 0.9), None);
        assert_eq!(Check::Cased.judge(b"aBc1", 0.9), Some(0.9));
    }
}
