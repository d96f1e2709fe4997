//! The rules as the build compiled them from `rules/secrets/*.toml`, and the types of the tables.

use super::check::Check;
use crate::{Kind, Rule};

/// A set of ASCII bytes.
#[derive(Debug)]
pub(super) struct Set([u64; 2]);

impl Set {
    #[inline]
    pub(super) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte >> 6)).is_some_and(|word| word >> (byte & 63) & 1 == 1)
    }
}

/// One step of a pattern.
#[derive(Debug)]
pub(super) enum Step {
    Literal(&'static [u8]),
    /// As many bytes of a set as there are, at least and at most.
    Class(&'static Set, u16, u16),
    /// Taken where it fits.
    Optional(&'static [Step]),
    /// The first that fits.
    Either(&'static [&'static [Step]]),
}

/// A pattern of a rule.
#[derive(Debug)]
pub(super) struct Shape {
    /// The position of its rule in [`RULES`].
    pub(super) rule: u16,
    pub(super) steps: &'static [Step],
    pub(super) check: Check,
    /// The least entropy of the secret, in bits a byte.
    pub(super) entropy: f32,
    pub(super) confidence: f32,
    /// Whether the provider's name before it is enough.
    pub(super) alone: bool,
    /// Whether it may follow `-` or `.`.
    pub(super) joined: bool,
    /// Whether a key of one character counts.
    pub(super) filled: bool,
}

include!(concat!(env!("OUT_DIR"), "/secrets.rs"));
