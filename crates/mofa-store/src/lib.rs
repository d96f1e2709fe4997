//! Databases behind the storage traits of `mofa-runtime`: today [`SqliteTokenStore`], one file for
//! one machine.

mod sqlite;

pub use sqlite::SqliteTokenStore;
