//! What holds of a vault whatever keeps its values.

use super::*;
use crate::security::types::PiiCategory;
use async_trait::async_trait;
use mofa_kernel::Timestamp;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Mutex;

type Rows = BTreeMap<(ScopeTag, Placeholder), SealedToken>;

/// Keeps rows where a test can get at them; numbers them one after another.
#[derive(Default)]
struct Open(Mutex<Rows>);

#[async_trait]
impl TokenStore for Open {
    fn unlock(&self, _: &VaultKeyId) -> Result<(), VaultError> {
        Ok(())
    }

    async fn assign(&self, assignment: Assignment) -> Result<Vec<u32>, VaultError> {
        let mut rows = self.0.lock().unwrap();
        let mut numbers = Vec::new();
        for (index, (category, _)) in assignment.wanted.iter().enumerate() {
            let number = assignment.next(category, u32::try_from(rows.len()).unwrap())?;
            let placeholder = Placeholder::new(category.clone(), number).unwrap();
            let token = assignment.sealer.seal(index, number)?;
            rows.insert((assignment.scope, placeholder), token);
            numbers.push(number);
        }
        Ok(numbers)
    }

    async fn fetch(
        &self,
        scope: ScopeTag,
        wanted: &[Placeholder],
        _: Timestamp,
    ) -> Result<Vec<Option<SealedToken>>, VaultError> {
        let rows = self.0.lock().unwrap();
        Ok(wanted.iter().map(|wanted| rows.get(&(scope, wanted.clone())).cloned()).collect())
    }

    async fn count(&self) -> Result<u64, VaultError> {
        Ok(self.0.lock().unwrap().len() as u64)
    }
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn scope(conversation: &str) -> TokenScope {
    TokenScope::new(TenantId::default(), ConversationId::new(conversation).unwrap())
}

fn email(number: u32) -> Placeholder {
    Placeholder::new(PiiCategory::EMAIL, number).unwrap()
}

/// A vault with `[EMAIL_1]` and `[EMAIL_2]` in conversation `a`, and its rows.
fn filled() -> (TokenVault, Arc<Open>) {
    let store = Arc::new(Open::default());
    let vault = TokenVault::open(Arc::clone(&store) as Arc<_>, &VaultKey::new([7; 32])).unwrap();
    let values = [(&PiiCategory::EMAIL, "ann@x.io"), (&PiiCategory::EMAIL, "bob@x.io")];
    let given = run(vault.tokenize(&scope("a"), &values)).unwrap();
    assert_eq!(given, [Some(email(1)), Some(email(2))]);
    (vault, store)
}

fn seen(vault: &TokenVault, number: u32) -> Result<Option<String>, VaultError> {
    let values = run(vault.reveal(&scope("a"), &[email(number)]))?;
    Ok(values[0].as_ref().map(|value| value.expose().to_owned()))
}

#[test]
fn what_is_kept_comes_back_and_shows_nowhere() {
    let (vault, store) = filled();
    assert_eq!(seen(&vault, 1), Ok(Some("ann@x.io".to_owned())));
    assert_eq!(seen(&vault, 2), Ok(Some("bob@x.io".to_owned())));
    assert_eq!(seen(&vault, 3), Ok(None));
    let rows = store.0.lock().unwrap();
    for token in rows.values() {
        assert!(!token.sealed.windows(4).any(|bytes| bytes == b"x.io" || bytes == b"ann@"));
    }
    let printed = format!("{vault:?} {rows:?} {:?}", scope("a"));
    assert!(!printed.contains("ann") && !printed.contains("x.io"), "{printed}");
}

/// Changes the rows of a filled vault: nothing of them opens any more.
#[track_caller]
fn check_tampered(number: u32, change: impl Fn(&mut Rows)) {
    let (vault, store) = filled();
    change(&mut store.0.lock().unwrap());
    assert_eq!(seen(&vault, number), Err(VaultError::Tampered));
}

#[test]
fn a_row_that_was_changed_is_refused() {
    let at = |rows: &Rows, number| rows.keys().find(|(_, it)| it.number() == number).cloned();
    check_tampered(1, |rows| rows.get_mut(&at(rows, 1).unwrap()).unwrap().sealed[30] ^= 1);
    check_tampered(1, |rows| rows.get_mut(&at(rows, 1).unwrap()).unwrap().sealed[0] ^= 1);
    check_tampered(1, |rows| rows.get_mut(&at(rows, 1).unwrap()).unwrap().sealed.truncate(20));
    check_tampered(1, |rows| rows.get_mut(&at(rows, 1).unwrap()).unwrap().sealed.clear());
    check_tampered(1, |rows| {
        let token = rows.get_mut(&at(rows, 1).unwrap()).unwrap();
        token.expires = Timestamp::MAX;
    });
    check_tampered(1, |rows| rows.get_mut(&at(rows, 1).unwrap()).unwrap().tag = ValueTag([0; 32]));
    // One in the place of another: of another number, another category, another conversation.
    check_tampered(1, |rows| {
        let (one, two) = (at(rows, 1).unwrap(), at(rows, 2).unwrap());
        let other = rows.get(&two).cloned().unwrap();
        rows.insert(one, other);
    });
    check_tampered(2, |rows| {
        let (one, two) = (at(rows, 1).unwrap(), at(rows, 2).unwrap());
        let other = rows.get(&one).cloned().unwrap();
        rows.insert(two, other);
    });
}

#[test]
fn a_row_is_of_its_conversation_and_category_only() {
    let (vault, store) = filled();
    let phone = [(&PiiCategory::PHONE, "415 555 2671")];
    run(vault.tokenize(&scope("b"), &phone)).unwrap();
    let mut rows = store.0.lock().unwrap();
    let (here, moved) = (rows.keys().next().unwrap().0, rows.keys().map(|key| key.0));
    let there = moved.into_iter().find(|scope| *scope != here).unwrap();
    let tokens: Vec<_> = rows.values().cloned().collect();
    for (number, token) in (10..).zip(tokens) {
        for scope in [here, there] {
            rows.insert((scope, email(number)), token.clone());
        }
    }
    drop(rows);
    for conversation in ["a", "b"] {
        for number in 10..13 {
            let found = run(vault.reveal(&scope(conversation), &[email(number)]));
            assert_eq!(found.unwrap_err(), VaultError::Tampered, "{conversation} {number}");
        }
    }
}

#[test]
fn what_is_too_long_is_not_kept() {
    let (vault, store) = filled();
    let (fits, long) = ("x".repeat(MAX_TOKEN_VALUE), "x".repeat(MAX_TOKEN_VALUE + 1));
    let values = [(&PiiCategory::EMAIL, long.as_str()), (&PiiCategory::EMAIL, fits.as_str())];
    let given = run(vault.tokenize(&scope("a"), &values)).unwrap();
    assert_eq!(given, [None, Some(email(3))]);
    assert_eq!(seen(&vault, 3), Ok(Some(fits.clone())));
    assert_eq!(run(store.count()), Ok(3));
    assert_eq!(run(vault.tokenize(&scope("a"), &values[..1])), Ok(vec![None]));
}

#[test]
fn names_of_scopes_are_not_stored() {
    let (_, store) = filled();
    let other = TokenVault::open(Arc::clone(&store) as Arc<_>, &VaultKey::new([8; 32])).unwrap();
    let value = [(&PiiCategory::EMAIL, "ann@x.io")];
    run(other.tokenize(&scope("a"), &value)).unwrap();
    let rows = store.0.lock().unwrap();
    let scopes: BTreeSet<_> = rows.keys().map(|(scope, _)| *scope).collect();
    let tags: BTreeSet<_> = rows.values().map(|token| token.tag).collect();
    assert_eq!((scopes.len(), tags.len()), (2, 3), "under another key nothing is the same");
}
