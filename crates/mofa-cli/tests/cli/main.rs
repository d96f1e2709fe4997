//! The binary as it is run: what it prints, what it answers, how it ends.

#![expect(clippy::unwrap_used, reason = "tests may fail by panicking")]

mod batch;
mod check;
mod demo;
mod eval;
mod house;
mod keys;
mod redact;
mod run;
mod sarif;
mod scan;
mod serve;
mod shared_data;
mod snapshots;
