//! Seals and opens values: XChaCha20-Poly1305 with a random nonce of 24 bytes, so that no two
//! values ever share one.
//!
//! # Invariants
//! What is sealed opens only as what it was sealed as: tenant, conversation, category, number,
//! hash, key and expiry are authenticated with it.

use super::error::VaultError;
use super::key::{VaultKey, VaultKeyId, keyed};
use super::placeholder::Placeholder;
use super::store::{ScopeTag, SealedToken, Sealer, ValueTag};
use crate::secret::Secret;
use crate::security::types::PiiCategory;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use mofa_kernel::Timestamp;
use sha2::Sha256;
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// How long a nonce is, in bytes.
const NONCE: usize = 24;

/// What a vault works with.
pub(super) struct Keys {
    pub(super) id: VaultKeyId,
    cipher: XChaCha20Poly1305,
    scopes: Hmac<Sha256>,
    values: Hmac<Sha256>,
}

impl Keys {
    pub(super) fn of(key: &VaultKey) -> Self {
        let sealing = key.derive("mofa vault sealing 1");
        Self {
            id: key.id(),
            cipher: XChaCha20Poly1305::new((&*sealing).into()),
            scopes: keyed(&key.derive("mofa vault scopes 1")),
            values: keyed(&key.derive("mofa vault values 1")),
        }
    }

    /// The conversation `conversation` of `tenant`.
    pub(super) fn scope(&self, tenant: &str, conversation: &str) -> ScopeTag {
        ScopeTag(hash(&self.scopes, &[tenant.as_bytes(), conversation.as_bytes()]))
    }

    /// The value `value` of `category` in `scope`.
    pub(super) fn value(&self, scope: &ScopeTag, category: &PiiCategory, value: &str) -> ValueTag {
        ValueTag(hash(&self.values, &[&scope.0, category.as_str().as_bytes(), value.as_bytes()]))
    }

    /// What `token`, which was stored as `placeholder` of `scope`, stands for.
    pub(super) fn open(
        &self,
        scope: &ScopeTag,
        placeholder: &Placeholder,
        token: &SealedToken,
    ) -> Result<Secret, VaultError> {
        let (nonce, sealed) = token.sealed.split_at_checked(NONCE).ok_or(VaultError::Tampered)?;
        let aad = self.place(scope, placeholder, token);
        let nonce = XNonce::try_from(nonce).map_err(|_| VaultError::Tampered)?;
        let payload = Payload { msg: sealed, aad: &aad };
        let opened = self.cipher.decrypt(&nonce, payload).map_err(|_| VaultError::Tampered)?;
        let opened = String::from_utf8(opened).map_err(|_| VaultError::Tampered)?;
        Ok(Secret::new(opened))
    }

    fn seal(
        &self,
        scope: &ScopeTag,
        placeholder: &Placeholder,
        mut token: SealedToken,
        value: &str,
    ) -> Result<SealedToken, VaultError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| VaultError::Random)?;
        let aad = self.place(scope, placeholder, &token);
        let payload = Payload { msg: value.as_bytes(), aad: &aad };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        token.sealed = [&nonce[..], &sealed.map_err(|_| VaultError::Random)?].concat();
        Ok(token)
    }

    /// What is authenticated beside a value. All but the category, which ends it, has one length.
    fn place(&self, scope: &ScopeTag, placeholder: &Placeholder, token: &SealedToken) -> Vec<u8> {
        let mut place = b"mofa token 1".to_vec();
        place.extend(scope.0);
        place.extend(token.tag.0);
        place.extend(placeholder.number().to_le_bytes());
        place.extend(token.expires.as_micros().to_le_bytes());
        place.extend(self.id.as_str().as_bytes());
        place.extend(placeholder.category().as_str().as_bytes());
        place
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("id", &self.id).finish_non_exhaustive()
    }
}

/// HMAC over `parts`, each with its length before it.
fn hash(hasher: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = hasher.clone();
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Seals the values of one call.
pub(super) struct Batch {
    pub(super) keys: Arc<Keys>,
    pub(super) scope: ScopeTag,
    pub(super) values: Vec<(PiiCategory, ValueTag, Zeroizing<String>)>,
    pub(super) expires: Timestamp,
}

impl Sealer for Batch {
    fn seal(&self, index: usize, number: u32) -> Result<SealedToken, VaultError> {
        let known = self.values.get(index).and_then(|(category, tag, value)| {
            Some((Placeholder::new(category.clone(), number)?, *tag, value))
        });
        let (placeholder, tag, value) =
            known.ok_or(VaultError::Store { reason: "it asked for a value of no call".into() })?;
        let key = self.keys.id.as_str().to_owned();
        let token = SealedToken { tag, key, sealed: Vec::new(), expires: self.expires };
        self.keys.seal(&self.scope, &placeholder, token, value)
    }
}
