//! The hash that stands for a value.

use hmac::{Hmac, KeyInit, Mac};
use mofa_runtime::security::SecurityError;
use sha2::{Digest, Sha256};
use std::fmt::{self, Write};
use zeroize::Zeroizing;

/// How the hashes of values begin in a text.
pub(super) const HASHES: [&str; 2] = ["hmac-sha256:", "sha256:"];

/// How [`RedactionStrategy::Hash`](mofa_runtime::security::RedactionStrategy::Hash) hashes.
#[derive(Clone)]
pub(super) enum Hashing {
    /// HMAC-SHA-256: without the key nobody can try all values.
    Keyed(Zeroizing<[u8; 32]>),
    /// Plain SHA-256: every possible Social Security Number is tried in seconds.
    WeakUnkeyed,
    /// The system gave no random bytes for a key.
    NoKey,
}

impl Hashing {
    /// Under a key that nobody knows and that lives as long as this value.
    pub(super) fn random() -> Self {
        let mut key = Zeroizing::new([0; 32]);
        match getrandom::fill(&mut *key) {
            Ok(()) => Self::Keyed(key),
            Err(_) => Self::NoKey,
        }
    }

    /// How values are hashed, without the key.
    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Self::Keyed(_) => "keyed",
            Self::WeakUnkeyed => "weak unkeyed",
            Self::NoKey => "no key",
        }
    }

    /// What stands in a text for `value`.
    pub(super) fn write(&self, out: &mut String, value: &str) -> Result<(), SecurityError> {
        let [keyed, unkeyed] = HASHES;
        let (name, digest): (_, [u8; 32]) = match self {
            Self::Keyed(key) => {
                let mac = Hmac::<Sha256>::new_from_slice(&**key);
                let Ok(mut mac) = mac else { return Err(no_key()) };
                mac.update(value.as_bytes());
                (keyed, mac.finalize().into_bytes().into())
            }
            Self::WeakUnkeyed => (unkeyed, Sha256::digest(value).into()),
            Self::NoKey => return Err(no_key()),
        };
        out.push_str(name);
        for byte in digest {
            let _ = write!(out, "{byte:02x}");
        }
        Ok(())
    }
}

impl fmt::Debug for Hashing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keyed(_) => "Keyed([redacted])",
            Self::WeakUnkeyed => "WeakUnkeyed",
            Self::NoKey => "NoKey",
        })
    }
}

pub(super) fn no_key() -> SecurityError {
    SecurityError::Unusable {
        engine: "PII redactor",
        reason: "there were no random bytes for a hash key; give one by `with_hash_key`".to_owned(),
    }
}
