//! Stands for a value without being it: [`Fingerprint`], an HMAC under a [`Key`].
//!
//! # Invariants
//! Rule and path go into it, so that one value in two places, or one value found by two rules, has
//! two fingerprints; lines do not, so that it stays the same when text moves.
//!
//! # Failure
//! Whoever has the key can try values out: of a value with few possible forms (a telephone number, a
//! Social Security Number) it is no secret keeper. docs/secrets.md says so.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::Sha256;
use std::fmt::{self, Write};

/// The first part of everything that is hashed: what it is for, and its version.
const PURPOSE: &[u8] = b"mofa baseline 1";

/// A key of 256 random bits.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key([u8; 32]);

/// The first 128 bits of the HMAC-SHA-256 of a value in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Fingerprint([u8; 16]);

impl Key {
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self(key))
    }

    /// The fingerprint of `value`, which `rule` found in the file that `path` names.
    pub(crate) fn fingerprint(&self, rule: &str, path: &[u8], value: &str) -> Fingerprint {
        let block = {
            // A key of 32 bytes is used as it is, filled up to a block (RFC 2104).
            let mut block = [0; 64];
            for (to, from) in block.iter_mut().zip(self.0) {
                *to = from;
            }
            block
        };
        let mut mac = Hmac::<Sha256>::new((&block).into());
        for part in [PURPOSE, rule.as_bytes(), path, value.as_bytes()] {
            // With its length before it no part can pass for the end of another.
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let mut first = [0; 16];
        for (to, from) in first.iter_mut().zip(digest) {
            *to = from;
        }
        Fingerprint(first)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([redacted])")
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: &u8| char::from(*digit).to_digit(16);
        let [high, low] = pair else { return None };
        *byte = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
    }
    Some(bytes)
}

macro_rules! as_hex {
    ($name:ident, $expected:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&hex(&self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let bytes = from_hex(&text);
                bytes.map(Self).ok_or_else(|| de::Error::custom(concat!("expected ", $expected)))
            }
        }
    };
}

as_hex!(Key, "a salt of 64 hexadecimal digits");
as_hex!(Fingerprint, "a fingerprint of 32 hexadecimal digits");

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn key_rule_path_and_value_all_count() {
        let one = Key([1; 32]);
        let same = |rule, path: &str, value| one.fingerprint(rule, path.as_bytes(), value);
        let all = [
            same("r", "p", "v"),
            same("r", "p", "w"),
            same("r", "q", "v"),
            same("s", "p", "v"),
            same("rp", "", "v"),
            same("r", "pv", ""),
            Key([2; 32]).fingerprint("r", b"p", "v"),
        ];
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        assert_eq!(same("r", "p", "v"), same("r", "p", "v"));
    }

    #[test]
    fn it_is_an_hmac() {
        // Made with Python: hmac.new(bytes([1] * 32), b"".join(struct.pack("<Q", len(p)) + p
        // for p in (b"mofa baseline 1", b"r", b"p", b"v")), "sha256").hexdigest()[:32]
        let made = Key([1; 32]).fingerprint("r", b"p", "v");
        assert_eq!(hex(&made.0), "d0788d444d7db58dd947c5d9d04ad233");
    }

    #[test]
    fn hexadecimal_digits_are_read_back() {
        assert_eq!(from_hex::<2>(&hex(&[0, 255])), Some([0, 255]));
        for wrong in ["", "00f", "00fff", "0g00", "é00"] {
            assert_eq!(from_hex::<2>(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{:?}", Key([7; 32])), "Key([redacted])");
    }
}
