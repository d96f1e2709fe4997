//! The binary as it is run: what it prints, what it answers, how it ends.

#![expect(clippy::unwrap_used, reason = "tests may fail by panicking")]

mod archives;
mod baseline;
mod batch;
mod check;
mod demo;
mod detection;
mod eval;
mod git;
mod hook;
mod house;
mod keys;
mod redact;
mod repository;
mod run;
mod sarif;
mod scan;
mod schema;
mod serve;
mod shared_data;
mod snapshots;
