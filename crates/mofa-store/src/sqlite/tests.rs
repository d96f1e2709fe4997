//! What holds of the file beside the contract.

use super::*;
use mofa_kernel::ManualClock;
use mofa_runtime::security::{
    ConversationId, PiiCategory, TenantId, TokenScope, TokenVault, VaultKey,
};
use mofa_testkit::{block_on, contract};
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::sync::Mutex;
use tempfile::TempDir;

const VALUES: [&str; 2] = ["ann.of.green.gables@example.com", "bob.the.builder@example.com"];

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("inner").join("vault.sqlite")
    }

    /// A vault over the file, and its values put in.
    fn filled(&self) -> TokenVault {
        let store = SqliteTokenStore::open(&self.path()).unwrap();
        let vault = TokenVault::open(Arc::new(store), &VaultKey::new([7; 32])).unwrap();
        let values = VALUES.map(|value| (&PiiCategory::EMAIL, value));
        let given = block_on(vault.tokenize(&scope(), &values)).unwrap();
        assert_eq!(given, [Some(email(1)), Some(email(2))]);
        vault
    }

    /// Everything on the disk.
    fn bytes(&self) -> Vec<u8> {
        let files = fs::read_dir(self.path().parent().unwrap()).unwrap();
        files.flat_map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

fn scope() -> TokenScope {
    let tenant = TenantId::new("tenant-of-note").unwrap();
    TokenScope::new(tenant, ConversationId::new("conversation-of-note").unwrap())
}

fn email(number: u32) -> Placeholder {
    Placeholder::new(PiiCategory::EMAIL, number).unwrap()
}

fn seen(vault: &TokenVault, number: u32) -> Result<Option<String>, VaultError> {
    let values = block_on(vault.reveal(&scope(), &[email(number)]))?;
    Ok(values[0].as_ref().map(|value| value.expose().to_owned()))
}

#[test]
fn holds_to_the_contract() {
    let folders = Mutex::new(Vec::new());
    contract::token_store(&|| {
        let folder = Folder::new();
        let clock = Arc::new(ManualClock::default());
        let store = SqliteTokenStore::open_with_clock(&folder.path(), clock).unwrap();
        folders.lock().unwrap().push(folder);
        Arc::new(store)
    });
}

#[test]
fn the_file_tells_nothing_and_is_its_owners_alone() {
    let folder = Folder::new();
    let vault = folder.filled();
    for file in fs::read_dir(folder.path().parent().unwrap()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600, "{file:?}");
    }
    let check = |bytes: &[u8]| {
        let secrets = ["gables", "builder", "example.com", "of-note", "of.note"];
        for secret in secrets.map(str::as_bytes).into_iter().chain([&[7; 32][..]]) {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
        assert!(bytes.windows(5).any(|window| window == b"email"), "nothing was written");
    };
    check(&folder.bytes());
    drop(vault);
    check(&folder.bytes());
}

#[test]
fn values_outlive_the_process_and_not_their_key() {
    let folder = Folder::new();
    drop(folder.filled());
    let open = |key| {
        let store = SqliteTokenStore::open(&folder.path()).unwrap();
        TokenVault::open(Arc::new(store), &VaultKey::new(key))
    };
    assert_eq!(seen(&open([7; 32]).unwrap(), 2), Ok(Some(VALUES[1].to_owned())));
    let refused = open([8; 32]).unwrap_err();
    assert!(matches!(refused, VaultError::WrongKey { .. }), "{refused}");
    assert_eq!(seen(&open([7; 32]).unwrap(), 1), Ok(Some(VALUES[0].to_owned())));
    // Two of them at once are one store.
    let (one, other) = (open([7; 32]).unwrap(), open([7; 32]).unwrap());
    let more = [(&PiiCategory::EMAIL, "c@x.io")];
    assert_eq!(block_on(one.tokenize(&scope(), &more)).unwrap(), [Some(email(3))]);
    assert_eq!(seen(&other, 3), Ok(Some("c@x.io".to_owned())));
    let more = [(&PiiCategory::EMAIL, "d@x.io")];
    assert_eq!(block_on(other.tokenize(&scope(), &more)).unwrap(), [Some(email(4))]);
}

/// Whoever can write the file cannot make it say something else.
#[test]
fn a_changed_row_is_refused() {
    for change in [
        "UPDATE token SET sealed = (SELECT sealed FROM token WHERE number = 2) WHERE number = 1",
        "UPDATE token SET expires = expires + 1 WHERE number = 1",
        "UPDATE token SET tag = zeroblob(32) WHERE number = 1",
        "UPDATE token SET tag = zeroblob(3) WHERE number = 1",
        "UPDATE token SET sealed = zeroblob(60) WHERE number = 1",
        "UPDATE token SET sealed = x'' WHERE number = 1",
        "DELETE FROM token WHERE number = 1; UPDATE token SET number = 1 WHERE number = 2",
    ] {
        let folder = Folder::new();
        let vault = folder.filled();
        Connection::open(folder.path()).unwrap().execute_batch(change).unwrap();
        assert_eq!(seen(&vault, 1), Err(VaultError::Tampered), "{change}");
    }
}

#[test]
fn what_has_expired_is_deleted_at_the_start() {
    let folder = Folder::new();
    let clock = Arc::new(ManualClock::default());
    let open = || SqliteTokenStore::open_with_clock(&folder.path(), Arc::clone(&clock) as Arc<_>);
    let store = Arc::new(open().unwrap());
    let vault = TokenVault::open(Arc::clone(&store) as Arc<_>, &VaultKey::new([7; 32])).unwrap();
    let vault = vault.with_ttl(Duration::from_mins(1)).with_clock(Arc::clone(&clock) as Arc<_>);
    let names: Vec<String> = (0..1_000).map(|n| format!("n{n}@x.io")).collect();
    let values: Vec<_> = names.iter().map(|name| (&PiiCategory::EMAIL, name.as_str())).collect();
    block_on(vault.tokenize(&scope(), &values)).unwrap();
    let other = TokenScope::new(TenantId::default(), ConversationId::new("other").unwrap());
    block_on(vault.tokenize(&other, &values)).unwrap();
    assert_eq!(block_on(store.count()), Ok(2_000));
    drop((vault, store));
    clock.advance(Duration::from_secs(59));
    assert_eq!(block_on(open().unwrap().count()), Ok(2_000));
    clock.advance(Duration::from_secs(1));
    assert_eq!(block_on(open().unwrap().count()), Ok(0));
    let left = Connection::open(folder.path()).unwrap();
    let count = |table: &str| -> i64 {
        let select = format!("SELECT count(*) FROM {table}");
        left.query_row(&select, [], |row| row.get(0)).unwrap()
    };
    assert_eq!((count("token"), count("counter")), (0, 0));
}

#[test]
fn what_is_no_store_of_ours_is_refused() {
    let folder = Folder::new();
    let path = folder.path();
    drop(folder.filled());
    let refusal = || SqliteTokenStore::open(&path).unwrap_err();
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 2).unwrap();
    assert_eq!(refusal(), VaultError::Format { found: 2, expected: 1 });
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(refusal().to_string().contains("chmod 600"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(SqliteTokenStore::open(&path).is_ok());
    fs::remove_file(&path).unwrap();
    fs::write(&path, "this is a letter, not a database, and it is long enough to be one").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(refusal(), VaultError::Store { .. }));
    fs::remove_file(&path).unwrap();
    symlink("elsewhere", &path).unwrap();
    assert!(refusal().to_string().contains("no plain file"));
}

/// Whoever finds the queue full is told so at once, and what waits is done all the same.
#[test]
fn a_full_queue_refuses() {
    let folder = Folder::new();
    let store = SqliteTokenStore::open(&folder.path()).unwrap();
    let (release, wait) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel::<()>();
    let block = move |_: &mut Database| {
        begun.send(()).unwrap();
        let _ = wait.recv();
    };
    store.hand_over(Box::new(block)).unwrap();
    has_begun.recv().unwrap();
    let (done, are_done) = mpsc::channel::<()>();
    for _ in 0..WAITING {
        let done = done.clone();
        store.hand_over(Box::new(move |_| done.send(()).unwrap())).unwrap();
    }
    assert_eq!(store.hand_over(Box::new(|_| {})), Err(VaultError::Busy));
    release.send(()).unwrap();
    for _ in 0..WAITING {
        are_done.recv().unwrap();
    }
}
