//! What can go wrong with kept values.
//!
//! # Invariants
//! No error holds a value, a key or the name of a conversation.

use std::time::Duration;
use thiserror::Error;

/// Why a value could not be kept or given back.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VaultError {
    /// The text is no key.
    #[error("a vault's key is 64 hexadecimal digits: make one by `openssl rand -hex 32`")]
    Key,
    /// The values that are there were kept under another key.
    #[error(
        "the vault was made with another key: its key id is `{stored}`, this one's is `{given}`"
    )]
    WrongKey {
        /// The id of the key that it was made with.
        stored: String,
        /// The id of the key that was given.
        given: String,
    },
    /// The conversation has as many values as it may.
    #[error("the conversation has {limit} values, which is as many as it may")]
    ConversationFull {
        /// How many it may have.
        limit: u32,
    },
    /// The vault has as many values as it may.
    #[error("the vault has {limit} values, which is as many as it may")]
    Full {
        /// How many it may have.
        limit: u64,
    },
    /// What is stored is not what was stored.
    #[error("a stored value was changed by somebody without the key")]
    Tampered,
    /// The system gave no random bytes.
    #[error("no random bytes to seal a value with")]
    Random,
    /// More is asked of the store than it can take on.
    #[error("the store has too much to do")]
    Busy,
    /// The store took too long.
    #[error("the store did not answer within {limit:?}")]
    TimeOut {
        /// How long it had.
        limit: Duration,
    },
    /// The store was made by a later version, or is no store.
    #[error("the store has the format {found}, and only {expected} is known here")]
    Format {
        /// What it says.
        found: i64,
        /// What this version reads and writes.
        expected: i64,
    },
    /// The disk or the database refused.
    #[error("the store cannot be used: {reason}")]
    Store {
        /// What the system said.
        reason: String,
    },
}
