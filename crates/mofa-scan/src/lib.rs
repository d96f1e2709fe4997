//! Text in, findings out: personal data, secrets, keywords and prompt injections.
//!
//! The crate is pure and synchronous: no I/O, no clock, no global state. Layers above wrap the
//! scanners in their own traits and decide what a finding means.
//!
//! | scanner | finds | worst case |
//! |---|---|---|
//! | [`pii::PiiScanner`] | personal data and secrets | linear in the text |
//! | [`keyword::KeywordScanner`] | whole-word phrases | linear in the text |
//! | [`injection::InjectionScanner`] | attempts to take over a prompt | linear in the text |
//!
//! [`classify`] weighs a text with a trained model; [`layers`] gives the other readings of a text, in which a value may hide, with the way back.
//!
//! # Invariants
//!
//! Every span lies inside the text, is not empty and begins and ends on a character boundary.
//! Scanners are immutable after construction and can be shared between threads.
//!
//! # Failure
//!
//! Scanning cannot fail and never panics. Building a scanner from the caller's own patterns or
//! phrases can: see [`ScanError`].

pub mod classify;
pub mod injection;
pub mod keyword;
pub mod layers;
pub mod pii;

mod automaton;
mod bytes;
mod error;
mod finding;
mod words;

pub use error::ScanError;
pub use finding::{Finding, Kind, Rule, RuleId};

/// The most bytes a scanner asks a stream to hold back, in bytes.
///
/// A match longer than this may be reported in a stream with another end than in the whole text.
pub const MAX_OPEN_TAIL: usize = 4096;

/// How many bytes before the resume point a streamed scan has to see again, in bytes.
///
/// No rule looks further to the left of a match than this.
pub const CONTEXT: usize = 128;
