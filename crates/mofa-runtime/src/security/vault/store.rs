//! What keeps sealed values: [`TokenStore`]. Implemented above (`mofa-foundation` in memory,
//! `mofa-store` in a file), called by [`TokenVault`](super::TokenVault) alone.
//!
//! # Invariants
//! A store never sees a value, the name of a tenant or that of a conversation: it is given keyed
//! hashes and sealed bytes.
//!
//! # Failure
//! A [`VaultError`]; what was assigned before it in the same call may or may not be kept.

use super::error::VaultError;
use super::key::VaultKeyId;
use super::placeholder::Placeholder;
use crate::security::types::PiiCategory;
use async_trait::async_trait;
use mofa_kernel::Timestamp;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// A conversation of a tenant, as a keyed hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeTag(pub [u8; 32]);

/// A value within its scope and category, as a keyed hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueTag(pub [u8; 32]);

/// Nothing that could be compared with other records.
impl fmt::Debug for ScopeTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScopeTag(..)")
    }
}

/// Nothing that could be compared with other records.
impl fmt::Debug for ValueTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ValueTag(..)")
    }
}

/// How much a vault takes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct VaultLimits {
    /// How many values one conversation may have.
    pub per_conversation: u32,
    /// How many values there may be in all.
    pub total: u64,
}

impl VaultLimits {
    /// So many values a conversation, and so many in all.
    #[must_use]
    pub const fn new(per_conversation: u32, total: u64) -> Self {
        Self { per_conversation, total }
    }
}

impl Default for VaultLimits {
    /// 1,000 values a conversation, 100,000 in all.
    fn default() -> Self {
        Self { per_conversation: 1_000, total: 100_000 }
    }
}

/// A sealed value, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedToken {
    /// Its value's hash.
    pub tag: ValueTag,
    /// The key that it is sealed under.
    pub key: String,
    /// A nonce and the sealed value.
    pub sealed: Vec<u8>,
    /// From when on it is gone.
    pub expires: Timestamp,
}

/// Sizes only.
impl fmt::Debug for SealedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("SealedToken");
        debug.field("bytes", &self.sealed.len()).field("expires", &self.expires);
        debug.finish_non_exhaustive()
    }
}

/// Seals values once it is known which numbers they have: the number is sealed in with them.
pub trait Sealer: Send + Sync {
    /// The wanted value `index` as number `number`.
    ///
    /// # Errors
    /// [`VaultError`] if it cannot be sealed.
    fn seal(&self, index: usize, number: u32) -> Result<SealedToken, VaultError>;
}

/// Values that are to have numbers.
#[derive(Clone)]
pub struct Assignment {
    /// Where they are kept.
    pub scope: ScopeTag,
    /// The values, in their order.
    pub wanted: Vec<(PiiCategory, ValueTag)>,
    /// Numbers that no new value gets: they stand in the text already.
    pub taken: BTreeSet<Placeholder>,
    /// The present time.
    pub now: Timestamp,
    /// From when on the values are gone.
    pub expires: Timestamp,
    /// How many values there may be.
    pub limits: VaultLimits,
    /// Seals them.
    pub sealer: Arc<dyn Sealer>,
}

impl Assignment {
    /// The number that a new value of `category` gets when `last` is the last one given.
    ///
    /// # Errors
    /// [`VaultError::ConversationFull`] if there is none left.
    pub fn next(&self, category: &PiiCategory, last: u32) -> Result<u32, VaultError> {
        (last.saturating_add(1)..=Placeholder::MAX_NUMBER)
            .find(|number| {
                let next = Placeholder::new(category.clone(), *number);
                next.is_some_and(|next| !self.taken.contains(&next))
            })
            .ok_or(VaultError::ConversationFull { limit: self.limits.per_conversation })
    }
}

impl fmt::Debug for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Assignment");
        debug.field("wanted", &self.wanted.len()).finish_non_exhaustive()
    }
}

/// Keeps sealed values by scope, category and number.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// Binds an empty store to the key `id`, and makes sure that a filled one is bound to it. Called
    /// once, before anything else; it may block.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`] if there are values under another key.
    fn unlock(&self, id: &VaultKeyId) -> Result<(), VaultError>;

    /// Gives each wanted value its number, in one step that no other call comes between: a value
    /// that is there keeps the number that it has, is sealed anew and lives until the new expiry;
    /// another one gets the [`next`](Assignment::next) after the last number that was ever given
    /// in its scope and category while anything of the scope was alive.
    ///
    /// # Errors
    /// [`VaultError::ConversationFull`] or [`VaultError::Full`] if there is no room for a new one,
    /// or what keeps the store from working.
    async fn assign(&self, assignment: Assignment) -> Result<Vec<u32>, VaultError>;

    /// What stands for each of `wanted` in `scope`; `None` for what is not there or has expired.
    ///
    /// # Errors
    /// What keeps the store from working.
    async fn fetch(
        &self,
        scope: ScopeTag,
        wanted: &[Placeholder],
        now: Timestamp,
    ) -> Result<Vec<Option<SealedToken>>, VaultError>;

    /// How many values are kept, expired ones that are still there included.
    ///
    /// # Errors
    /// What keeps the store from working.
    async fn count(&self) -> Result<u64, VaultError>;
}
