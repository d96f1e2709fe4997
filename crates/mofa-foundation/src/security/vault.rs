//! Keeps sealed values in memory: [`MemoryTokenStore`], for one process and until it ends.
//!
//! Behind [`TokenVault`](mofa_runtime::security::TokenVault), which seals what comes here.
//!
//! # Invariants
//! Memory is bounded by the limits that the vault comes with. Expired values are never given, and
//! are forgotten when the next value comes.
//!
//! # Example
//! ```
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! use mofa_foundation::security::MemoryTokenStore;
//! use mofa_runtime::security::{
//!     ConversationId, PiiCategory, TenantId, TokenScope, TokenVault, VaultKey,
//! };
//! use std::sync::Arc;
//!
//! let vault = TokenVault::open(Arc::new(MemoryTokenStore::new()), &VaultKey::new([7; 32]))?;
//! let scope = TokenScope::new(TenantId::default(), ConversationId::new("chat-1")?);
//! let values = [(&PiiCategory::EMAIL, "ann@example.com")];
//! let placeholder = vault.tokenize(&scope, &values).await?.remove(0).unwrap();
//! assert_eq!(placeholder.to_string(), "[EMAIL_1]");
//! let value = vault.reveal(&scope, &[placeholder]).await?.remove(0).unwrap();
//! assert_eq!(value.expose(), "ann@example.com");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use async_trait::async_trait;
use mofa_kernel::Timestamp;
use mofa_runtime::security::{
    Assignment, PiiCategory, Placeholder, ScopeTag, SealedToken, TokenStore, ValueTag, VaultError,
    VaultKeyId,
};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps sealed values in memory.
#[derive(Default)]
pub struct MemoryTokenStore(Mutex<State>);

#[derive(Default)]
struct State {
    key: Option<VaultKeyId>,
    scopes: HashMap<ScopeTag, Scope>,
    count: u64,
    /// Before this nothing expires.
    earliest: Option<Timestamp>,
}

/// What is kept of one conversation.
#[derive(Default)]
struct Scope {
    tokens: BTreeMap<Placeholder, SealedToken>,
    numbers: HashMap<(PiiCategory, ValueTag), u32>,
    /// The last number of each category.
    last: BTreeMap<PiiCategory, u32>,
}

impl MemoryTokenStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is whole before anything can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much there is; none of it.
impl fmt::Debug for MemoryTokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTokenStore").field("count", &self.state().count).finish()
    }
}

impl State {
    /// Forgets what has expired, if anything can have.
    fn sweep(&mut self, now: Timestamp) {
        if self.earliest.is_none_or(|earliest| earliest > now) {
            return;
        }
        self.scopes.retain(|_, scope| {
            scope.tokens.retain(|_, token| token.expires > now);
            let tokens = &scope.tokens;
            scope.numbers.retain(|(category, _), number| {
                let placeholder = Placeholder::new(category.clone(), *number);
                placeholder.is_some_and(|placeholder| tokens.contains_key(&placeholder))
            });
            !scope.tokens.is_empty()
        });
        self.count = self.scopes.values().map(|scope| scope.tokens.len() as u64).sum();
        let tokens = self.scopes.values().flat_map(|scope| scope.tokens.values());
        self.earliest = tokens.map(|token| token.expires).min();
    }

    /// The number of the wanted value `index`, which is sealed under it.
    fn number(&mut self, assignment: &Assignment, index: usize) -> Result<u32, VaultError> {
        let Some((category, tag)) = assignment.wanted.get(index) else { return Ok(0) };
        let limits = assignment.limits;
        let scope = self.scopes.get(&assignment.scope);
        let known = scope.and_then(|scope| scope.numbers.get(&(category.clone(), *tag)).copied());
        let number = match known {
            Some(number) => number,
            None if self.count >= limits.total => {
                return Err(VaultError::Full { limit: limits.total });
            }
            None => {
                let limit = limits.per_conversation;
                if scope.is_some_and(|scope| scope.tokens.len() as u64 >= u64::from(limit)) {
                    return Err(VaultError::ConversationFull { limit });
                }
                let last = scope.and_then(|scope| scope.last.get(category)).copied();
                assignment.next(category, last.unwrap_or_default())?
            }
        };
        let token = assignment.sealer.seal(index, number)?;
        let placeholder = Placeholder::new(category.clone(), number);
        let placeholder =
            placeholder.ok_or_else(|| VaultError::Store { reason: "no such number".into() })?;
        self.earliest = Some(self.earliest.map_or(token.expires, |it| it.min(token.expires)));
        let scope = self.scopes.entry(assignment.scope).or_default();
        if scope.tokens.insert(placeholder, token).is_none() {
            scope.numbers.insert((category.clone(), *tag), number);
            scope.last.insert(category.clone(), number);
            self.count += 1;
        }
        Ok(number)
    }
}

#[async_trait]
impl TokenStore for MemoryTokenStore {
    fn unlock(&self, id: &VaultKeyId) -> Result<(), VaultError> {
        let mut state = self.state();
        match &state.key {
            Some(stored) if stored != id => {
                Err(VaultError::WrongKey { stored: stored.to_string(), given: id.to_string() })
            }
            _ => {
                state.key = Some(id.clone());
                Ok(())
            }
        }
    }

    async fn assign(&self, assignment: Assignment) -> Result<Vec<u32>, VaultError> {
        let mut state = self.state();
        state.sweep(assignment.now);
        (0..assignment.wanted.len()).map(|index| state.number(&assignment, index)).collect()
    }

    async fn fetch(
        &self,
        scope: ScopeTag,
        wanted: &[Placeholder],
        now: Timestamp,
    ) -> Result<Vec<Option<SealedToken>>, VaultError> {
        let state = self.state();
        let scope = state.scopes.get(&scope);
        let token = |wanted: &Placeholder| {
            let token = scope.and_then(|scope| scope.tokens.get(wanted));
            token.filter(|token| token.expires > now).cloned()
        };
        Ok(wanted.iter().map(token).collect())
    }

    async fn count(&self) -> Result<u64, VaultError> {
        Ok(self.state().count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mofa_testkit::contract;
    use std::sync::Arc;

    #[test]
    fn holds_to_the_contract() {
        contract::token_store(&|| Arc::new(MemoryTokenStore::new()));
    }
}
