//! Keeps sealed values in one SQLite file: [`SqliteTokenStore`].
//!
//! One thread of its own holds the connection; callers hand it work over a queue. Behind
//! [`TokenVault`](mofa_runtime::security::TokenVault), which seals what comes here.
//!
//! # Invariants
//! The file, its log and its index are their owner's alone. There is never a value in them, the
//! key, or the name of a tenant or a conversation. What has expired is deleted and overwritten: at
//! the start, before new values come, and every minute. Several processes of one
//! machine may use one file.
//!
//! # Failure
//! [`VaultError::Busy`] when the queue is full and [`VaultError::TimeOut`] when the disk is slow:
//! callers never wait without an end. What was committed survives a crash of the process; a crash
//! of the machine may lose the last of it.
//!
//! # Example
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use mofa_runtime::security::{
//!     ConversationId, PiiCategory, TenantId, TokenScope, TokenVault, VaultKey,
//! };
//! use mofa_store::SqliteTokenStore;
//! use std::sync::Arc;
//!
//! let folder = tempfile::tempdir()?;
//! let store = SqliteTokenStore::open(&folder.path().join("vault.sqlite"))?;
//! let vault = TokenVault::open(Arc::new(store), &VaultKey::new([7; 32]))?;
//! let scope = TokenScope::new(TenantId::default(), ConversationId::new("chat-1")?);
//! let values = [(&PiiCategory::EMAIL, "ann@example.com")];
//! let placeholder = vault.tokenize(&scope, &values).await?.remove(0).unwrap();
//! assert_eq!(placeholder.to_string(), "[EMAIL_1]");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod database;

use async_trait::async_trait;
use database::Database;
use mofa_kernel::{Clock, SystemClock, Timestamp};
use mofa_runtime::security::{
    Assignment, Placeholder, ScopeTag, SealedToken, TokenStore, VaultError, VaultKeyId,
};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How much work may wait.
const WAITING: usize = 256;

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(5);

/// How often what has expired is deleted, whether anybody asks for anything or not.
const EVERY: Duration = Duration::from_mins(1);

type Work = Box<dyn FnOnce(&mut Database) + Send>;

/// Keeps sealed values in one SQLite file.
pub struct SqliteTokenStore {
    path: PathBuf,
    /// `None` once the store is going.
    work: Option<SyncSender<Work>>,
    thread: Option<JoinHandle<()>>,
}

/// The path; nothing of what is in the file.
impl fmt::Debug for SqliteTokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteTokenStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteTokenStore {
    /// Opens the file at `path`, or makes it and its folder. It blocks.
    ///
    /// # Errors
    /// [`VaultError::Format`] if a later version made it, [`VaultError::Store`] if it is no store,
    /// if others than its owner may use it, or if it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, VaultError> {
        Self::open_with_clock(path, Arc::new(SystemClock))
    }

    /// The same; `clock` says when something has expired that nobody asks for.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with_clock(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, VaultError> {
        let mut database = Database::open(path)?;
        database.purge(clock.now())?;
        let (work, waiting) = mpsc::sync_channel(WAITING);
        let thread = thread::Builder::new()
            .name("mofa-vault".to_owned())
            .spawn(move || serve(database, &waiting, &*clock))
            .map_err(|error| VaultError::Store { reason: error.to_string() })?;
        Ok(Self { path: path.to_owned(), work: Some(work), thread: Some(thread) })
    }

    fn hand_over(&self, work: Work) -> Result<(), VaultError> {
        let sender = self.work.as_ref().ok_or_else(ended)?;
        sender.try_send(work).map_err(|refused| match refused {
            TrySendError::Full(_) => VaultError::Busy,
            TrySendError::Disconnected(_) => ended(),
        })
    }

    /// What `work` makes of the database, on its thread.
    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Database) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let (sender, answer) = oneshot::channel();
        self.hand_over(Box::new(move |database| {
            // Nobody waits any more: the work is not begun.
            if !sender.is_closed() {
                let _ = sender.send(work(database));
            }
        }))?;
        let answer =
            timeout(LIMIT, answer).await.map_err(|_| VaultError::TimeOut { limit: LIMIT })?;
        answer.map_err(|_| ended())?
    }
}

/// Does the work that comes, until nobody can send any more.
fn serve(mut database: Database, waiting: &Receiver<Work>, clock: &dyn Clock) {
    let mut since = Instant::now();
    loop {
        match waiting.recv_timeout(EVERY.saturating_sub(since.elapsed())) {
            Ok(work) => work(&mut database),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if since.elapsed() >= EVERY {
            since = Instant::now();
            if let Err(error) = database.purge(clock.now()) {
                tracing::error!(%error, "what has expired could not be deleted");
            }
        }
    }
}

fn ended() -> VaultError {
    VaultError::Store { reason: "its thread has ended".to_owned() }
}

/// Waits until what was begun is done.
impl Drop for SqliteTokenStore {
    fn drop(&mut self) {
        self.work = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[async_trait]
impl TokenStore for SqliteTokenStore {
    fn unlock(&self, id: &VaultKeyId) -> Result<(), VaultError> {
        let (sender, answer) = mpsc::sync_channel(1);
        let id = id.clone();
        self.hand_over(Box::new(move |database| {
            let _ = sender.send(database.unlock(&id));
        }))?;
        answer.recv_timeout(LIMIT).map_err(|_| VaultError::TimeOut { limit: LIMIT })?
    }

    async fn assign(&self, assignment: Assignment) -> Result<Vec<u32>, VaultError> {
        self.ask(move |database| database.assign(&assignment)).await
    }

    async fn fetch(
        &self,
        scope: ScopeTag,
        wanted: &[Placeholder],
        now: Timestamp,
    ) -> Result<Vec<Option<SealedToken>>, VaultError> {
        let wanted = wanted.to_vec();
        self.ask(move |database| database.fetch(&scope, &wanted, now)).await
    }

    async fn count(&self) -> Result<u64, VaultError> {
        self.ask(Database::count).await
    }
}

#[cfg(test)]
mod tests;
