//! The file and what is asked of it. Used by the store's thread alone.
//!
//! # Invariants
//! One call is one transaction. Whatever the file says is checked before it is believed.

use mofa_kernel::Timestamp;
use mofa_runtime::security::{
    Assignment, PiiCategory, Placeholder, ScopeTag, SealedToken, ValueTag, VaultError, VaultKeyId,
};
use rusqlite::{
    Connection, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params,
};
use std::fs::{DirBuilder, OpenOptions, symlink_metadata};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

/// The format that is read and written.
const VERSION: i64 = 1;

/// Marks the file as ours: "MoFA" in ASCII.
const APPLICATION: i64 = 0x4d6f_4641;

/// How long another process may hold the file.
const BUSY: Duration = Duration::from_secs(2);

/// How many expired values are deleted at once: a caller waits for it.
const AT_ONCE: i64 = 1_000;

/// The tables. `total` saves counting them all; `counter` outlives values that expire while others
/// of their scope do not, so that no number is given twice.
const SCHEMA: &str = "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE total (count INTEGER NOT NULL) STRICT;
    INSERT INTO total VALUES (0);
    CREATE TABLE token (
        scope BLOB NOT NULL, category TEXT NOT NULL, number INTEGER NOT NULL, tag BLOB NOT NULL,
        key TEXT NOT NULL, sealed BLOB NOT NULL, expires INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX token_number ON token (scope, category, number);
    CREATE UNIQUE INDEX token_tag ON token (scope, category, tag);
    CREATE INDEX token_expires ON token (expires);
    CREATE TABLE counter (
        scope BLOB NOT NULL, category TEXT NOT NULL, last INTEGER NOT NULL,
        expires INTEGER NOT NULL, PRIMARY KEY (scope, category)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX counter_expires ON counter (expires);
    CREATE TRIGGER token_added AFTER INSERT ON token
        BEGIN UPDATE total SET count = count + 1; END;
    CREATE TRIGGER token_deleted AFTER DELETE ON token
        BEGIN UPDATE total SET count = count - 1; END;
";

pub(super) struct Database(Connection);

impl Database {
    /// Opens the file, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self, VaultError> {
        prepare(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(refused)?;
        connection.busy_timeout(BUSY).map_err(refused)?;
        let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
                        PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; \
                        PRAGMA foreign_keys = ON;";
        connection.execute_batch(settings).map_err(refused)?;
        let begun = begin(&mut connection)?;
        migrate(begun)?;
        Ok(Self(connection))
    }

    /// Binds the file to the key `id`, or makes sure that it is bound to it.
    pub(super) fn unlock(&mut self, id: &VaultKeyId) -> Result<(), VaultError> {
        let begun = begin(&mut self.0)?;
        let insert = "INSERT INTO meta VALUES ('key', ?1) ON CONFLICT DO NOTHING";
        begun.execute(insert, [id.as_str()]).map_err(refused)?;
        let select = "SELECT value FROM meta WHERE name = 'key'";
        let stored: String = begun.query_row(select, [], |row| row.get(0)).map_err(refused)?;
        begun.commit().map_err(refused)?;
        if stored == id.as_str() {
            return Ok(());
        }
        // Whoever wrote it may have written anything.
        let stored = stored.chars().filter(char::is_ascii_hexdigit).take(16).collect();
        Err(VaultError::WrongKey { stored, given: id.to_string() })
    }

    /// Gives each wanted value its number.
    pub(super) fn assign(&mut self, assignment: &Assignment) -> Result<Vec<u32>, VaultError> {
        let begun = begin(&mut self.0)?;
        forget(&begun, assignment.now)?;
        let delete = "DELETE FROM token WHERE scope = ?1 AND expires <= ?2";
        let scope = assignment.scope.0;
        begun.execute(delete, params![scope, micros(assignment.now)]).map_err(refused)?;
        let numbers: Result<Vec<_>, _> =
            (0..assignment.wanted.len()).map(|index| number(&begun, assignment, index)).collect();
        let numbers = numbers?;
        let update = "UPDATE counter SET expires = max(expires, ?2) WHERE scope = ?1";
        begun.execute(update, params![scope, micros(assignment.expires)]).map_err(refused)?;
        begun.commit().map_err(refused)?;
        Ok(numbers)
    }

    /// What stands for each of `wanted`.
    pub(super) fn fetch(
        &mut self,
        scope: &ScopeTag,
        wanted: &[Placeholder],
        now: Timestamp,
    ) -> Result<Vec<Option<SealedToken>>, VaultError> {
        let select = "SELECT tag, key, sealed, expires FROM token \
                      WHERE scope = ?1 AND category = ?2 AND number = ?3 AND expires > ?4";
        let mut select = self.0.prepare(select).map_err(refused)?;
        let mut found = Vec::with_capacity(wanted.len());
        for one in wanted {
            let of = params![scope.0, one.category().as_str(), one.number(), micros(now)];
            found.push(select.query_row(of, token).optional().map_err(refused)?);
        }
        Ok(found)
    }

    pub(super) fn count(&mut self) -> Result<u64, VaultError> {
        total(&self.0)
    }

    /// Deletes all that has expired, a part at a time, and writes the log into the file.
    pub(super) fn purge(&mut self, now: Timestamp) -> Result<(), VaultError> {
        let mut has_deleted = false;
        loop {
            let begun = begin(&mut self.0)?;
            let deleted = forget(&begun, now)?;
            begun.commit().map_err(refused)?;
            if deleted == 0 {
                break;
            }
            has_deleted = true;
        }
        if has_deleted {
            let settle = "PRAGMA wal_checkpoint(TRUNCATE)";
            self.0.query_row(settle, [], |_| Ok(())).map_err(refused)?;
        }
        Ok(())
    }
}

/// Makes sure that there is a file for its owner alone.
fn prepare(path: &Path) -> Result<(), VaultError> {
    let failed = |reason: String| VaultError::Store { reason };
    match symlink_metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(failed(format!("`{}` is no plain file", path.display())))
        }
        Ok(found) if found.mode() & 0o077 != 0 => {
            let path = path.display();
            Err(failed(format!("others may use `{path}`: `chmod 600` it first")))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let system = |error: std::io::Error| failed(error.to_string());
            if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
                DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(system)?;
            }
            let mut options = OpenOptions::new();
            let made = options.write(true).create_new(true).mode(0o600).open(path);
            made.map(|_| ()).map_err(system)
        }
        Err(error) => Err(failed(error.to_string())),
    }
}

/// Makes the tables if the file is new; refuses what is none of ours.
fn migrate(begun: Transaction<'_>) -> Result<(), VaultError> {
    let pragma = |name| begun.query_row(name, [], |row| row.get::<_, i64>(0)).map_err(refused);
    let version = pragma("PRAGMA user_version")?;
    let application = pragma("PRAGMA application_id")?;
    let tables = pragma("SELECT count(*) FROM sqlite_schema")?;
    match (version, application) {
        (VERSION, APPLICATION) => return Ok(()),
        (0, 0) if tables == 0 => {}
        (found, _) => return Err(VaultError::Format { found, expected: VERSION }),
    }
    begun.execute_batch(SCHEMA).map_err(refused)?;
    begun.pragma_update(None, "user_version", VERSION).map_err(refused)?;
    begun.pragma_update(None, "application_id", APPLICATION).map_err(refused)?;
    begun.commit().map_err(refused)
}

/// Deletes some of what has expired; gives how many.
fn forget(begun: &Transaction<'_>, now: Timestamp) -> Result<usize, VaultError> {
    let delete = "DELETE FROM token WHERE rowid IN \
                  (SELECT rowid FROM token WHERE expires <= ?1 LIMIT ?2)";
    let deleted = begun.execute(delete, params![micros(now), AT_ONCE]).map_err(refused)?;
    let delete = "DELETE FROM counter WHERE expires <= ?1";
    Ok(deleted + begun.execute(delete, [micros(now)]).map_err(refused)?)
}

/// The number of the wanted value `index`, which is stored under it.
fn number(
    begun: &Transaction<'_>,
    assignment: &Assignment,
    index: usize,
) -> Result<u32, VaultError> {
    let Some((category, tag)) = assignment.wanted.get(index) else { return Ok(0) };
    let scope = assignment.scope.0;
    let select = "SELECT number FROM token WHERE scope = ?1 AND category = ?2 AND tag = ?3";
    let of = params![scope, category.as_str(), tag.0];
    let known = begun.query_row(select, of, |row| row.get(0)).optional().map_err(refused)?;
    let number: u32 = match known {
        Some(number) => number,
        None => next(begun, assignment, category)?,
    };
    let SealedToken { tag, key, sealed, expires } = assignment.sealer.seal(index, number)?;
    let expires = micros(expires);
    let insert = "INSERT INTO token (scope, category, number, tag, key, sealed, expires) \
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (scope, category, number) \
                  DO UPDATE SET tag = ?4, key = ?5, sealed = ?6, expires = ?7";
    let row = params![scope, category.as_str(), number, tag.0, key, sealed, expires];
    begun.execute(insert, row).map_err(refused)?;
    let insert = "INSERT INTO counter (scope, category, last, expires) VALUES (?1, ?2, ?3, ?4) \
                  ON CONFLICT (scope, category) DO UPDATE SET last = max(last, ?3)";
    let row = params![scope, category.as_str(), number, expires];
    begun.execute(insert, row).map_err(refused)?;
    Ok(number)
}

/// The number of a new value, if there is room for one.
fn next(
    begun: &Transaction<'_>,
    assignment: &Assignment,
    category: &PiiCategory,
) -> Result<u32, VaultError> {
    let limits = assignment.limits;
    if total(begun)? >= limits.total {
        return Err(VaultError::Full { limit: limits.total });
    }
    let scope = assignment.scope.0;
    let select = "SELECT count(*) FROM token WHERE scope = ?1";
    let count: i64 = begun.query_row(select, [scope], |row| row.get(0)).map_err(refused)?;
    if count >= i64::from(limits.per_conversation) {
        return Err(VaultError::ConversationFull { limit: limits.per_conversation });
    }
    let select = "SELECT last FROM counter WHERE scope = ?1 AND category = ?2";
    let of = params![scope, category.as_str()];
    let last: Option<u32> =
        begun.query_row(select, of, |row| row.get(0)).optional().map_err(refused)?;
    assignment.next(category, last.unwrap_or_default())
}

fn total(connection: &Connection) -> Result<u64, VaultError> {
    let select = "SELECT count FROM total";
    let count: i64 = connection.query_row(select, [], |row| row.get(0)).map_err(refused)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

fn token(row: &Row<'_>) -> rusqlite::Result<SealedToken> {
    let expires: i64 = row.get(3)?;
    Ok(SealedToken {
        tag: ValueTag(row.get(0)?),
        key: row.get(1)?,
        sealed: row.get(2)?,
        expires: Timestamp::from_micros(u64::try_from(expires).unwrap_or_default()),
    })
}

/// A transaction that nobody else writes beside.
fn begin(connection: &mut Connection) -> Result<Transaction<'_>, VaultError> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)
}

/// A time as it is stored; times end before `i64` does.
fn micros(at: Timestamp) -> i64 {
    i64::try_from(at.as_micros()).unwrap_or(i64::MAX)
}

fn refused(error: rusqlite::Error) -> VaultError {
    let reason = match error {
        // Its own words repeat the statement.
        rusqlite::Error::SqliteFailure(failure, _) => failure.to_string(),
        rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..) => {
            return VaultError::Tampered;
        }
        error => error.to_string(),
    };
    VaultError::Store { reason }
}
