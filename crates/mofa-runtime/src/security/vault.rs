//! Keeps what [`RedactionStrategy::Tokenize`](super::RedactionStrategy::Tokenize) takes out of
//! texts, and gives it back: [`TokenVault`].
//!
//! A redactor asks it for placeholders; [`SecurityService`](super::SecurityService) asks it for
//! values, after an answer was inspected and only for a subject that may `reveal:pii:CATEGORY`.
//!
//! # Invariants
//! Within one conversation of one tenant the same value has the same placeholder, and no two
//! values have the same. A placeholder means nothing anywhere else. A store gets values only
//! sealed, and hashes under a key that it does not have.
//!
//! # Failure
//! A [`VaultError`]: without it nothing is kept and nothing is given back.

mod conversation;
mod error;
mod key;
mod placeholder;
mod seal;
mod store;

pub use conversation::ConversationId;
pub use error::VaultError;
pub use key::{VaultKey, VaultKeyId};
pub use placeholder::Placeholder;
pub use store::{Assignment, ScopeTag, SealedToken, Sealer, TokenStore, ValueTag, VaultLimits};

use crate::secret::Secret;
use crate::security::types::{PiiCategory, TenantId};
use mofa_kernel::{Clock, SystemClock};
use seal::{Batch, Keys};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a value is kept after it was last seen, unless set: 24 hours.
pub const DEFAULT_TTL: Duration = Duration::from_hours(24);

/// The longest value that is kept, in bytes. A longer one is taken out for good.
pub const MAX_TOKEN_VALUE: usize = 16 * 1024;

/// How many placeholders of a text are kept free for it.
const MAX_TAKEN: usize = 4_096;

/// Where placeholders have their meaning, and what to know before new ones are made.
#[derive(Debug, Clone)]
pub struct TokenScope {
    tenant: TenantId,
    conversation: ConversationId,
    taken: BTreeSet<Placeholder>,
}

impl TokenScope {
    /// The conversation `conversation` of `tenant`.
    #[must_use]
    pub fn new(tenant: TenantId, conversation: ConversationId) -> Self {
        Self { tenant, conversation, taken: BTreeSet::new() }
    }

    /// Keeps the placeholders that stand in `text` already from being given to new values: whoever
    /// wrote them did not mean those. The first 4,096 are kept.
    #[must_use]
    pub fn without_those_in(mut self, text: &str) -> Self {
        let room = MAX_TAKEN.saturating_sub(self.taken.len());
        self.taken.extend(Placeholder::find_in(text).map(|(_, found)| found).take(room));
        self
    }
}

/// Keeps values under placeholders.
pub struct TokenVault {
    store: Arc<dyn TokenStore>,
    keys: Arc<Keys>,
    ttl: Duration,
    limits: VaultLimits,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for TokenVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("TokenVault");
        debug.field("key", &self.keys.id).field("ttl", &self.ttl).field("limits", &self.limits);
        debug.finish_non_exhaustive()
    }
}

impl TokenVault {
    /// A vault over `store`, under `key`, with the default expiry and limits. It may block.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`] if the store has values under another key, or what keeps the store
    /// from working.
    pub fn open(store: Arc<dyn TokenStore>, key: &VaultKey) -> Result<Self, VaultError> {
        let keys = Arc::new(Keys::of(key));
        store.unlock(&keys.id)?;
        let (limits, clock) = (VaultLimits::default(), Arc::new(SystemClock));
        Ok(Self { store, keys, ttl: DEFAULT_TTL, limits, clock })
    }

    /// How long a value is kept after it was last seen.
    #[must_use]
    pub fn with_ttl(self, ttl: Duration) -> Self {
        Self { ttl, ..self }
    }

    /// How much it takes on.
    #[must_use]
    pub fn with_limits(self, limits: VaultLimits) -> Self {
        Self { limits, ..self }
    }

    /// Where the time comes from; the system's clock unless set.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Names the key.
    #[must_use]
    pub fn key_id(&self) -> &VaultKeyId {
        &self.keys.id
    }

    /// The placeholders of `values` in `scope`, which are kept from now on; `None` for a value of
    /// more than [`MAX_TOKEN_VALUE`] bytes, which is not.
    ///
    /// # Errors
    /// [`VaultError`] if they cannot all be kept.
    pub async fn tokenize(
        &self,
        scope: &TokenScope,
        values: &[(&PiiCategory, &str)],
    ) -> Result<Vec<Option<Placeholder>>, VaultError> {
        let tag = self.keys.scope(scope.tenant.as_str(), scope.conversation.as_str());
        let now = self.clock.now();
        let expires = now.plus(self.ttl);
        let is_kept = |value: &str| value.len() <= MAX_TOKEN_VALUE;
        let kept = values.iter().filter(|(_, value)| is_kept(value));
        let kept: Vec<_> = kept
            .map(|(category, value)| {
                let hash = self.keys.value(&tag, category, value);
                ((*category).clone(), hash, Zeroizing::new((*value).to_owned()))
            })
            .collect();
        if kept.is_empty() {
            return Ok(values.iter().map(|_| None).collect());
        }
        let wanted = kept.iter().map(|(category, tag, _)| (category.clone(), *tag)).collect();
        let keys = Arc::clone(&self.keys);
        let sealer = Arc::new(Batch { keys, scope: tag, values: kept, expires });
        let taken = scope.taken.clone();
        let limits = self.limits;
        let assignment = Assignment { scope: tag, wanted, taken, now, expires, limits, sealer };
        let mut numbers = self.store.assign(assignment).await?.into_iter();
        let placeholder = |(category, value): &(&PiiCategory, &str)| {
            if !is_kept(value) {
                return Ok(None);
            }
            let number = numbers.next().unwrap_or_default();
            let placeholder = Placeholder::new((*category).clone(), number);
            let reason = || "it gave a value no number".to_owned();
            placeholder.map(Some).ok_or_else(|| VaultError::Store { reason: reason() })
        };
        values.iter().map(placeholder).collect()
    }

    /// What each of `wanted` stands for in `scope`; `None` for what stands for nothing there.
    ///
    /// # Errors
    /// [`VaultError::Tampered`] if something stored was changed, or what keeps the store from
    /// working.
    pub async fn reveal(
        &self,
        scope: &TokenScope,
        wanted: &[Placeholder],
    ) -> Result<Vec<Option<Secret>>, VaultError> {
        let tag = self.keys.scope(scope.tenant.as_str(), scope.conversation.as_str());
        let now = self.clock.now();
        let found = self.store.fetch(tag, wanted, now).await?;
        let open = |(placeholder, token): (&Placeholder, Option<SealedToken>)| {
            let token = token.filter(|token| token.expires > now);
            token.map(|token| self.keys.open(&tag, placeholder, &token)).transpose()
        };
        wanted.iter().zip(found).map(open).collect()
    }
}

#[cfg(test)]
mod tests;
