//! The key of a vault, and what is derived from it.
//!
//! # Invariants
//! No key is printed, and all are overwritten when they are dropped. What one purpose derives
//! says nothing of what another does: each is HMAC-SHA-256 of its own name under the vault's key.

use super::error::VaultError;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::{self, Write};
use zeroize::Zeroizing;

/// The 32 bytes that a vault's values are kept under.
#[derive(Clone)]
pub struct VaultKey(Zeroizing<[u8; 32]>);

impl VaultKey {
    /// The key that `bytes` are. Give it as [`Zeroizing`] and no other copy stays behind.
    #[must_use]
    pub fn new(bytes: impl Into<Zeroizing<[u8; 32]>>) -> Self {
        Self(bytes.into())
    }

    /// The key that `text` is, as `openssl rand -hex 32` prints one.
    ///
    /// # Errors
    /// [`VaultError::Key`] unless it is 64 hexadecimal digits that are not all the same.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let text = text.trim().as_bytes();
        let first = text.first().ok_or(VaultError::Key)?;
        if text.len() != 64 || text.iter().all(|digit| digit == first) {
            return Err(VaultError::Key);
        }
        let mut key = Zeroizing::new([0; 32]);
        for (byte, digits) in key.iter_mut().zip(text.chunks(2)) {
            for digit in digits {
                let value = char::from(*digit).to_digit(16).ok_or(VaultError::Key)?;
                *byte = (*byte << 4) | u8::try_from(value).map_err(|_| VaultError::Key)?;
            }
        }
        Ok(Self(key))
    }

    /// Names the key without telling it.
    #[must_use]
    pub fn id(&self) -> VaultKeyId {
        let name = self.derive("mofa vault key id 1");
        let hex = name.iter().take(8).fold(String::with_capacity(16), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        VaultKeyId(hex)
    }

    /// A key of its own for `purpose`.
    pub(super) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut mac = keyed(&self.0);
        mac.update(purpose.as_bytes());
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

/// Shows nothing.
impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Names a [`VaultKey`]: 16 hexadecimal digits, from which the key cannot be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VaultKeyId(String);

impl VaultKeyId {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VaultKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// HMAC-SHA-256 under `key`, which RFC 2104 fills up with zeros to a block of 64 bytes.
pub(super) fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0; 64]);
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    Hmac::<Sha256>::new((&*block).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_64_digits_and_shows_nothing() {
        let text = "000102030405060708090A0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        let key = VaultKey::parse(text).unwrap();
        assert_eq!((key.0[0], key.0[10], key.0[31]), (0, 10, 31));
        let same = VaultKey::parse(&format!(" {text}\n")).unwrap();
        assert_eq!(key.id(), same.id());
        assert_eq!(key.id().as_str().len(), 16);
        assert_ne!(key.id(), VaultKey::new([7; 32]).id());
        assert_eq!(format!("{key:?}"), "[redacted]");
        for wrong in ["", "00", text.get(1..).unwrap(), &text.replace('1', "g"), &"a".repeat(64)] {
            assert_eq!(VaultKey::parse(wrong).unwrap_err(), VaultError::Key, "{wrong}");
        }
    }

    #[test]
    fn purposes_keep_apart() {
        let key = VaultKey::new([7; 32]);
        assert_eq!(*key.derive("a"), *key.derive("a"));
        assert_ne!(*key.derive("a"), *key.derive("b"));
    }
}
