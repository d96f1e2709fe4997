//! Stores of sealed values, one flaw each.

use super::*;
use crate::contract::token_store;
use async_trait::async_trait;
use mofa_kernel::Timestamp;
use mofa_runtime::security::{
    Assignment, PiiCategory, Placeholder, ScopeTag, SealedToken, TokenStore, ValueTag, VaultError,
    VaultKeyId,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// What is wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    AnyKey,
    NewNumberEachTime,
    OneNumberForAll,
    NumbersOverCategories,
    IgnoresTaken,
    SharesScopes,
    MixesAnswersUp,
    NeverExpires,
    NeverRenews,
    KeepsExpired,
    ReusesNumbers,
    NoConversationLimit,
    NoLimit,
    LimitsWhatIsThere,
    ForgetsTheLast,
    /// Looks first and writes then.
    Races,
}

type Row = (ScopeTag, PiiCategory, u32, ValueTag, SealedToken);

struct Rows {
    flaw: Flaw,
    key: Mutex<Option<VaultKeyId>>,
    kept: Mutex<Vec<Row>>,
    last: Mutex<BTreeMap<(ScopeTag, PiiCategory), u32>>,
}

impl Rows {
    fn with(flaw: Flaw) -> Arc<dyn TokenStore> {
        let (key, kept, last) = Default::default();
        Arc::new(Self { flaw, key, kept, last })
    }

    fn scope(&self, scope: ScopeTag) -> ScopeTag {
        if self.flaw == Flaw::SharesScopes { ScopeTag([0; 32]) } else { scope }
    }

    fn one(
        &self,
        rows: &mut Vec<Row>,
        asked: &Assignment,
        index: usize,
    ) -> Result<u32, VaultError> {
        let (category, tag) = &asked.wanted[index];
        let scope = self.scope(asked.scope);
        let is_here = |row: &&Row| row.0 == scope && row.1 == *category && row.3 == *tag;
        let known = rows.iter().find(is_here).map(|row| row.2);
        let known = known.filter(|_| self.flaw != Flaw::NewNumberEachTime);
        let is_counted = known.is_none() || self.flaw == Flaw::LimitsWhatIsThere;
        if is_counted {
            let limits = asked.limits;
            if rows.len() as u64 >= limits.total && self.flaw != Flaw::NoLimit {
                return Err(VaultError::Full { limit: limits.total });
            }
            let own = rows.iter().filter(|row| row.0 == scope).count() as u64;
            let limit = limits.per_conversation;
            if own >= u64::from(limit) && self.flaw != Flaw::NoConversationLimit {
                return Err(VaultError::ConversationFull { limit });
            }
        }
        let mut counters = self.last.lock().unwrap();
        let number = if let Some(number) = known {
            number
        } else {
            let counted = match self.flaw {
                Flaw::NumbersOverCategories => PiiCategory::EMAIL,
                _ => category.clone(),
            };
            let last = counters.entry((scope, counted)).or_default();
            if self.flaw == Flaw::ReusesNumbers {
                let own = rows.iter().filter(|row| row.0 == scope && row.1 == *category);
                *last = own.map(|row| row.2).max().unwrap_or_default();
            }
            *last = match self.flaw {
                Flaw::OneNumberForAll => 1,
                Flaw::IgnoresTaken => *last + 1,
                _ => asked.next(category, *last)?,
            };
            *last
        };
        if known.is_some() && self.flaw == Flaw::NeverRenews {
            return Ok(number);
        }
        let token = asked.sealer.seal(index, number)?;
        rows.retain(|row| !(row.0 == scope && row.1 == *category && row.2 == number));
        rows.push((scope, category.clone(), number, *tag, token));
        Ok(number)
    }
}

#[async_trait]
impl TokenStore for Rows {
    fn unlock(&self, id: &VaultKeyId) -> Result<(), VaultError> {
        let mut key = self.key.lock().unwrap();
        match &*key {
            Some(stored) if stored != id && self.flaw != Flaw::AnyKey => {
                Err(VaultError::WrongKey { stored: stored.to_string(), given: id.to_string() })
            }
            _ => {
                *key = Some(id.clone());
                Ok(())
            }
        }
    }

    async fn assign(&self, asked: Assignment) -> Result<Vec<u32>, VaultError> {
        let mut seen = self.kept.lock().unwrap();
        if self.flaw != Flaw::KeepsExpired {
            seen.retain(|row| row.4.expires > asked.now);
        }
        let count = asked.wanted.len();
        if self.flaw != Flaw::Races {
            let numbers = (0..count).map(|index| self.one(&mut seen, &asked, index)).collect();
            if self.flaw == Flaw::ForgetsTheLast && seen.len() > 2 {
                seen.pop();
            }
            return numbers;
        }
        let mut copy = seen.clone();
        drop(seen);
        let numbers = (0..count).map(|index| self.one(&mut copy, &asked, index)).collect();
        std::thread::yield_now();
        *self.kept.lock().unwrap() = copy;
        numbers
    }

    async fn fetch(
        &self,
        scope: ScopeTag,
        wanted: &[Placeholder],
        now: Timestamp,
    ) -> Result<Vec<Option<SealedToken>>, VaultError> {
        let (rows, scope) = (self.kept.lock().unwrap(), self.scope(scope));
        let one = |one: &Placeholder| {
            let is_it = |row: &&Row| {
                (row.0, &row.1, row.2) == (scope, one.category(), one.number())
                    && (row.4.expires > now || self.flaw == Flaw::NeverExpires)
            };
            rows.iter().find(is_it).map(|row| row.4.clone())
        };
        let mut found: Vec<_> = wanted.iter().map(one).collect();
        if self.flaw == Flaw::MixesAnswersUp {
            found.sort_by_key(Option::is_none);
        }
        Ok(found)
    }

    async fn count(&self) -> Result<u64, VaultError> {
        Ok(self.kept.lock().unwrap().len() as u64)
    }
}

#[test]
fn stores() {
    for flaw in [
        Flaw::None,
        Flaw::AnyKey,
        Flaw::NewNumberEachTime,
        Flaw::OneNumberForAll,
        Flaw::NumbersOverCategories,
        Flaw::IgnoresTaken,
        Flaw::SharesScopes,
        Flaw::MixesAnswersUp,
        Flaw::NeverRenews,
        Flaw::KeepsExpired,
        Flaw::ReusesNumbers,
        Flaw::NoConversationLimit,
        Flaw::NoLimit,
        Flaw::LimitsWhatIsThere,
        Flaw::ForgetsTheLast,
    ] {
        let outcome = catch_unwind(AssertUnwindSafe(|| token_store(&|| Rows::with(flaw))));
        assert_eq!(outcome.is_ok(), flaw == Flaw::None, "{flaw:?}");
    }
}

/// What the vault itself sees to does not depend on the store: a value that has expired is none.
#[test]
fn a_store_that_never_forgets_gives_nothing_away() {
    assert!(
        catch_unwind(AssertUnwindSafe(|| token_store(&|| Rows::with(Flaw::NeverExpires)))).is_ok()
    );
}

/// Two that look at once give two values one number, and one of a few hundred attempts shows it.
#[test]
fn a_store_that_looks_first_and_writes_then_is_caught() {
    let is_caught =
        |_| catch_unwind(AssertUnwindSafe(|| token_store(&|| Rows::with(Flaw::Races)))).is_err();
    assert!((0..300).any(is_caught));
}
