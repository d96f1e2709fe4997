//! API keys: made once, shown once, kept as hashes.
//!
//! A key is `mofa_ID_SECRET`: the id names it in records, the secret is 256 random bits in
//! base64url. Because it is random and long, a plain SHA-256 keeps it: there is nothing to guess.
//!
//! # Invariants
//! A key is printed only by [`ApiKey::expose`]. Digests are compared in constant time.
//!
//! # Failure
//! An id that does not fit, or a system without random bytes; there is no weaker key.
//!
//! # Example
//! ```
//! use mofa_sdk::config::{ApiKey, KeyDigest};
//!
//! let key = ApiKey::generate("team-a")?;
//! let kept = key.digest().to_string();
//! assert!(KeyDigest::parse(&kept).is_some_and(|digest| digest.matches(key.expose())));
//! # Ok::<(), mofa_sdk::config::ApiKeyError>(())
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mofa_runtime::Secret;
use sha2::{Digest, Sha256};
use std::fmt::{self, Write};
use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;
use zeroize::Zeroizing;

/// A new key.
#[derive(Debug)]
pub struct ApiKey(Secret);

/// Why a key could not be made.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiKeyError {
    /// The id does not fit.
    #[error("`{id}` cannot be a key's id: expected 1 to 64 of `a-z`, `0-9` and `-`")]
    Id {
        /// What was given.
        id: String,
    },
    /// The system gave no random bytes.
    #[error("no random bytes for a key")]
    Random,
}

/// Whether `id` can name a key.
#[must_use]
pub(super) fn is_key_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl ApiKey {
    /// Makes a key that `id` names.
    ///
    /// # Errors
    /// [`ApiKeyError`] if the id does not fit or there are no random bytes.
    pub fn generate(id: &str) -> Result<Self, ApiKeyError> {
        if !is_key_id(id) {
            return Err(ApiKeyError::Id { id: id.chars().take(80).collect() });
        }
        let mut random = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *random).map_err(|_| ApiKeyError::Random)?;
        let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice()));
        let parts = ["mofa_", id, "_", &secret];
        // In one piece: a text that grows leaves copies of its beginning behind.
        let mut key = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        key.extend(parts);
        Ok(Self(Secret::new(key)))
    }

    /// The key itself, to be shown once.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What is kept of it.
    #[must_use]
    pub fn digest(&self) -> KeyDigest {
        KeyDigest::of(self.expose())
    }

    /// The id in a key that somebody presents; `None` if it is no such key.
    #[must_use]
    pub fn id_of(presented: &str) -> Option<&str> {
        let (id, secret) = presented.strip_prefix("mofa_")?.split_once('_')?;
        (is_key_id(id) && (32..=64).contains(&secret.len())).then_some(id)
    }
}

/// What is kept of a key: its SHA-256. Comparing takes as long for a near miss as for a far one.
#[derive(Clone, Copy)]
pub struct KeyDigest([u8; 32]);

impl KeyDigest {
    /// The digest of `key`.
    #[must_use]
    pub fn of(key: &str) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Reads `sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("sha256:")?;
        if hex.len() != 64 {
            return None;
        }
        let mut digest = [0; 32];
        for (slot, pair) in digest.iter_mut().zip(hex.as_bytes().chunks(2)) {
            let mut digits = pair.iter().map(|&digit| char::from(digit).to_digit(16));
            let (high, low) = (digits.next()??, digits.next()??);
            *slot = u8::try_from(high * 16 + low).ok()?;
        }
        Some(Self(digest))
    }

    /// Whether it is the digest of `key`.
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        *self == Self::of(key)
    }
}

impl ConstantTimeEq for KeyDigest {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl PartialEq for KeyDigest {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for KeyDigest {}

impl fmt::Display for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut head = String::new();
        self.0.iter().take(4).for_each(|byte| {
            let _ = write!(head, "{byte:02x}");
        });
        write!(f, "sha256:{head}…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_long_random_and_named() {
        let (one, two) = (ApiKey::generate("team-a").unwrap(), ApiKey::generate("team-a").unwrap());
        assert_ne!(one.expose(), two.expose());
        assert_eq!(ApiKey::id_of(one.expose()), Some("team-a"));
        assert_eq!(one.expose().len(), "mofa_team-a_".len() + 43);
        assert!(!format!("{one:?}").contains("mofa_"));
        for wrong in ["", "Team", "a_b", "a b", &"x".repeat(65)] {
            assert!(ApiKey::generate(wrong).is_err());
        }
        for wrong in ["", "mofa_", "mofa_a", "mofa_a_short", "sk-abc", "mofa__x"] {
            assert_eq!(ApiKey::id_of(wrong), None);
        }
    }

    /// A derived comparison does not have this trait.
    #[test]
    fn digests_are_compared_in_constant_time() {
        let equal =
            |one: &KeyDigest, other: &KeyDigest| bool::from(ConstantTimeEq::ct_eq(one, other));
        let digest = KeyDigest::of("a");
        for byte in 0..32 {
            let mut other = digest;
            other.0[byte] ^= 1;
            assert!(digest != other && !equal(&digest, &other), "byte {byte} counts");
        }
        assert!(digest == KeyDigest::of("a") && equal(&digest, &KeyDigest::of("a")));
    }

    #[test]
    fn only_the_key_itself_matches() {
        let key = ApiKey::generate("a").unwrap();
        let kept = KeyDigest::parse(&key.digest().to_string()).unwrap();
        assert!(kept.matches(key.expose()));
        assert!(!kept.matches(key.expose().trim_start_matches('m')));
        for wrong in ["", "sha256:", "sha256:zz", &format!("sha256:{}", "g".repeat(64))] {
            assert_eq!(KeyDigest::parse(wrong), None);
        }
    }
}
