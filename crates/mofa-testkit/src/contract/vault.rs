//! What a store of sealed values must hold to, seen through the vault in front of it.

use crate::block_on;
use mofa_kernel::{ManualClock, Timestamp};
use mofa_runtime::security::{
    ConversationId, PiiCategory, Placeholder, TenantId, TokenScope, TokenStore, TokenVault,
    VaultError, VaultKey, VaultLimits,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

/// How many ask at once.
const THREADS: u32 = 8;

/// How many values each of them has.
const EACH: u32 = 6;

/// A vault over `store`, whose values live for an hour.
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
fn over(store: &Arc<dyn TokenStore>, clock: &Arc<ManualClock>, limits: VaultLimits) -> TokenVault {
    let vault = TokenVault::open(Arc::clone(store), &VaultKey::new([7; 32])).unwrap();
    vault.with_ttl(HOUR).with_limits(limits).with_clock(Arc::clone(clock) as Arc<_>)
}

#[expect(clippy::unwrap_used, reason = "the names are names")]
fn scope(tenant: &str, conversation: &str) -> TokenScope {
    let tenant = TenantId::new(tenant).unwrap();
    TokenScope::new(tenant, ConversationId::new(conversation).unwrap())
}

/// The placeholders of e-mail addresses.
fn put(vault: &TokenVault, scope: &TokenScope, values: &[&str]) -> Result<String, VaultError> {
    let values: Vec<_> = values.iter().map(|value| (&PiiCategory::EMAIL, *value)).collect();
    let placeholders = block_on(vault.tokenize(scope, &values))?;
    Ok(placeholders.iter().flatten().map(ToString::to_string).collect())
}

/// What stands for a text of placeholders.
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
fn seen(vault: &TokenVault, scope: &TokenScope, placeholders: &str) -> Vec<Option<String>> {
    let wanted: Vec<_> = Placeholder::find_in(placeholders).map(|(_, found)| found).collect();
    let values = block_on(vault.reveal(scope, &wanted)).unwrap();
    assert_eq!(values.len(), wanted.len(), "not an answer for each");
    values.iter().map(|value| value.as_ref().map(|value| value.expose().to_owned())).collect()
}

fn some(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| Some((*value).to_owned())).collect()
}

/// A store keeps what it is given under one number a value, within its scope, its limits and its
/// time, whoever asks at once; `empty` opens an empty one.
///
/// # Panics
/// If the store does not hold to it.
#[track_caller]
pub fn token_store(empty: &dyn Fn() -> Arc<dyn TokenStore>) {
    is_bound_to_a_key(&empty());
    numbers_values(&empty());
    keeps_scopes_apart(&empty());
    forgets_in_time(&empty());
    has_limits(&empty());
    stands_a_crowd(&empty());
}

#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
fn is_bound_to_a_key(store: &Arc<dyn TokenStore>) {
    let (right, wrong) = (VaultKey::new([7; 32]), VaultKey::new([8; 32]));
    let vault = TokenVault::open(Arc::clone(store), &right).unwrap();
    assert_eq!(put(&vault, &scope("t", "c"), &["a@b.io"]).unwrap(), "[EMAIL_1]");
    let refused = TokenVault::open(Arc::clone(store), &wrong).err();
    let expected =
        VaultError::WrongKey { stored: right.id().to_string(), given: wrong.id().to_string() };
    assert_eq!(refused, Some(expected), "opens with another key");
    assert!(
        TokenVault::open(Arc::clone(store), &right).is_ok(),
        "does not open with its key again"
    );
}

#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
fn numbers_values(store: &Arc<dyn TokenStore>) {
    let vault = over(store, &Arc::default(), VaultLimits::default());
    let here = scope("t", "c");
    let first = put(&vault, &here, &["b@x.io", "a@x.io", "b@x.io"]).unwrap();
    assert_eq!(first, "[EMAIL_1][EMAIL_2][EMAIL_1]", "not one number a value, in their order");
    let taken = here.clone().without_those_in("see [EMAIL_3] and [EMAIL_5]");
    let more = put(&vault, &taken, &["a@x.io", "c@x.io", "d@x.io"]).unwrap();
    assert_eq!(more, "[EMAIL_2][EMAIL_4][EMAIL_6]", "gives numbers that are taken");
    let card = [(&PiiCategory::CREDIT_CARD, "a@x.io")];
    let other = block_on(vault.tokenize(&here, &card)).unwrap();
    let other: String = other.iter().flatten().map(ToString::to_string).collect();
    assert_eq!(other, "[CREDIT_CARD_1]", "categories are not numbered by themselves");
    let mut expected = some(&["d@x.io", "a@x.io", "b@x.io"]);
    expected.insert(1, None);
    let asked = "[EMAIL_6][EMAIL_3][CREDIT_CARD_1][EMAIL_1]";
    assert_eq!(seen(&vault, &here, asked), expected, "gives other values than it was given");
}

#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
fn keeps_scopes_apart(store: &Arc<dyn TokenStore>) {
    let vault = over(store, &Arc::default(), VaultLimits::default());
    let here = scope("t", "c");
    assert_eq!(put(&vault, &here, &["a@x.io", "b@x.io"]).unwrap(), "[EMAIL_1][EMAIL_2]");
    for other in [scope("t", "d"), scope("u", "c"), scope("tc", "c"), scope("c", "t")] {
        assert_eq!(seen(&vault, &other, "[EMAIL_1]"), [None], "another scope sees it");
        assert_eq!(put(&vault, &other, &["b@x.io"]).unwrap(), "[EMAIL_1]", "numbers are shared");
        assert_eq!(seen(&vault, &other, "[EMAIL_1]"), some(&["b@x.io"]));
    }
    assert_eq!(seen(&vault, &here, "[EMAIL_1]"), some(&["a@x.io"]), "another scope changed it");
}

#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
fn forgets_in_time(store: &Arc<dyn TokenStore>) {
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_000_000)));
    let vault = over(store, &clock, VaultLimits::default());
    let here = scope("t", "c");
    put(&vault, &here, &["a@x.io", "b@x.io", "c@x.io"]).unwrap();
    clock.advance(HOUR / 2);
    assert_eq!(put(&vault, &here, &["a@x.io"]).unwrap(), "[EMAIL_1]");
    clock.advance(HOUR / 2);
    let left = seen(&vault, &here, "[EMAIL_1][EMAIL_2][EMAIL_3]");
    let expected = [some(&["a@x.io"]), vec![None, None]].concat();
    assert_eq!(left, expected, "what was seen again lives on, what was not does not");
    let next = put(&vault, &here, &["d@x.io"]).unwrap();
    assert_eq!(next, "[EMAIL_4]", "a number of the conversation was given twice");
    assert_eq!(block_on(store.count()).unwrap(), 2, "what has expired is still there");
    clock.advance(HOUR);
    assert_eq!(seen(&vault, &here, "[EMAIL_1][EMAIL_4]"), [None, None]);
    put(&vault, &scope("t", "d"), &["e@x.io"]).unwrap();
    assert_eq!(block_on(store.count()).unwrap(), 1, "a conversation that is over is still there");
}

#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
fn has_limits(store: &Arc<dyn TokenStore>) {
    let clock = Arc::new(ManualClock::default());
    let vault = over(store, &clock, VaultLimits::new(2, 3));
    let (here, there) = (scope("t", "c"), scope("t", "d"));
    put(&vault, &here, &["a@x.io", "b@x.io"]).unwrap();
    let full = VaultError::ConversationFull { limit: 2 };
    assert_eq!(put(&vault, &here, &["c@x.io"]), Err(full), "a conversation has no limit");
    assert_eq!(put(&vault, &here, &["b@x.io"]).unwrap(), "[EMAIL_2]", "what is there has no room");
    put(&vault, &there, &["a@x.io"]).unwrap();
    let full = Err(VaultError::Full { limit: 3 });
    assert_eq!(put(&vault, &there, &["b@x.io"]), full, "the store has no limit");
    clock.advance(HOUR);
    assert!(put(&vault, &there, &["b@x.io"]).is_ok(), "what has expired takes room");
}

/// However many ask at once for values that they share in part, each value has one number.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
fn stands_a_crowd(store: &Arc<dyn TokenStore>) {
    let vault = over(store, &Arc::default(), VaultLimits::default());
    let here = scope("t", "c");
    // Neighbours share half of their values.
    let values = |thread: u32| -> Vec<String> {
        (thread * EACH / 2..thread * EACH / 2 + EACH).map(|n| format!("n{n}@x.io")).collect()
    };
    let given: BTreeSet<(String, String)> = std::thread::scope(|threads| {
        let ask = |thread| {
            let (vault, here) = (&vault, &here);
            threads.spawn(move || {
                let values = values(thread);
                let ask = |value: &String| (value.clone(), put(vault, here, &[value]).unwrap());
                values.iter().map(ask).collect::<Vec<_>>()
            })
        };
        let asked: Vec<_> = (0..THREADS).map(ask).collect();
        asked.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let count = ((THREADS + 1) * EACH / 2) as usize;
    assert_eq!(given.len(), count, "one value has two placeholders");
    let placeholders: BTreeSet<_> = given.iter().map(|(_, placeholder)| placeholder).collect();
    assert_eq!(placeholders.len(), count, "two values have one placeholder");
    for (value, placeholder) in &given {
        assert_eq!(seen(&vault, &here, placeholder), some(&[value]), "not what it stands for");
    }
}
