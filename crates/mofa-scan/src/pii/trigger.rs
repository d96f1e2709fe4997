//! The one pass over the bytes: a table of trigger bytes, and which matchers each one wakes.
//!
//! # Invariants
//!
//! A digit wakes matchers only at the start of its run, so a run is read a bounded number of times
//! however long it is.

use std::sync::Arc;

use super::builtin::{Category, Enabled, IDS};
use super::country::Countries;
use super::pass::Pass;
use super::{card, email, id, ip, personal, phone, secret, ssn};
use crate::bytes::{byte_before, is_word, run_len};

/// What a byte wakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Nothing,
    At,
    Digit,
    Plus,
    Paren,
    Secret,
    /// A mark or a letter of personal data; it may be one of a secret, too.
    Personal,
}

/// The trigger table of a scanner, made from its enabled categories.
#[derive(Debug, Clone)]
pub(super) struct Triggers {
    classes: Box<[Class; 256]>,
    enabled: Enabled,
    /// The numbers of states and registers, if any is looked for.
    ids: Option<Arc<id::Index>>,
}

impl Triggers {
    pub(super) fn new(enabled: Enabled, countries: &Countries) -> Self {
        let ids = id::Index::new(enabled, countries, IDS).map(Arc::new);
        let class = |byte: u8| match byte {
            b'@' if enabled.has(Category::Email) => Class::At,
            b'0'..=b'9' if ids.is_some() || has_numbers(enabled) => Class::Digit,
            b'+' if enabled.has(Category::Phone) => Class::Plus,
            b'(' if enabled.has(Category::Phone) => Class::Paren,
            _ if personal::is_trigger(enabled, byte) => Class::Personal,
            _ if secret::is_trigger(byte, enabled) => Class::Secret,
            _ => Class::Nothing,
        };
        let mut classes = Box::new([Class::Nothing; 256]);
        for (slot, byte) in classes.iter_mut().zip(0..=u8::MAX) {
            *slot = class(byte);
        }
        Self { classes, enabled, ids }
    }

    #[inline]
    fn class(&self, byte: u8) -> Class {
        self.classes.get(usize::from(byte)).copied().unwrap_or(Class::Nothing)
    }

    /// How many bytes in blocks of eight hold no trigger: without a branch a byte.
    #[inline]
    fn clean_len(&self, text: &[u8]) -> usize {
        let (blocks, _) = text.as_chunks::<8>();
        let clean = |block: &&[u8; 8]| {
            block.iter().fold(0, |seen, byte| seen | self.class(*byte) as u8) == 0
        };
        blocks.iter().take_while(clean).count() * 8
    }

    /// The next trigger at or after `at`.
    #[inline]
    fn next(&self, text: &[u8], at: usize) -> Option<(usize, Class)> {
        let clean = self.clean_len(text.get(at..)?);
        let at = at + clean;
        let rest = text.get(at..)?;
        let skipped = rest.iter().position(|byte| self.class(*byte) != Class::Nothing)?;
        rest.get(skipped).map(|byte| (at + skipped, self.class(*byte)))
    }
}

fn has_numbers(enabled: Enabled) -> bool {
    use Category::{CreditCard, IpAddress, Phone, Ssn};
    enabled.has_any(&[Phone, CreditCard, Ssn, IpAddress]) || personal::has_numbers(enabled)
}

/// How far before its finding a trigger may stand, in bytes: `: "Bearer ` and the like, and the
/// head of an IBAN with a BIC behind it.
const LEAD: usize = 72;

/// Wakes the matchers of every trigger from the start of the pass on.
pub(super) fn sweep(triggers: &Triggers, pass: &mut Pass<'_, '_>) {
    let text = pass.text();
    if triggers.enabled.has(Category::ApiKey) {
        secret::sweep(pass);
    }
    let mut at = pass.from().saturating_sub(LEAD);
    while let Some((hit, class)) = triggers.next(text, at) {
        at = hit + 1;
        match class {
            Class::At => email::probe(pass, hit),
            Class::Digit => at = number(triggers, pass, hit),
            Class::Plus => phone::probe_plus(pass, hit),
            Class::Paren => {
                phone::probe_paren(pass, hit);
                if secret::is_trigger(b'(', triggers.enabled) {
                    secret::probe(pass, hit);
                }
            }
            Class::Secret => secret::probe(pass, hit),
            Class::Personal => {
                let byte = text.get(hit).copied().unwrap_or_default();
                if secret::is_trigger(byte, triggers.enabled) {
                    secret::probe(pass, hit);
                }
                personal::probe(pass, hit);
            }
            Class::Nothing => {}
        }
    }
}

/// Wakes the number matchers at the start of a digit run; returns the end of the run.
fn number(triggers: &Triggers, pass: &mut Pass<'_, '_>, start: usize) -> usize {
    let (text, enabled) = (pass.text(), triggers.enabled);
    let run = run_len(text, start, usize::MAX, |b| b.is_ascii_digit());
    if let Some(ids) = &triggers.ids {
        id::probe(ids, pass, start);
    }
    if is_word(byte_before(text, start, 1)) {
        personal::number_in_word(pass, start, run);
        return start + run;
    }
    if enabled.has(Category::IpAddress) && run <= 3 {
        ip::probe(pass, start);
    }
    if enabled.has(Category::Ssn) {
        ssn::probe(pass, start, run);
    }
    if enabled.has(Category::CreditCard) {
        card::probe(pass, start, run);
    }
    if enabled.has(Category::Phone) {
        phone::probe_digits(pass, start, run);
    }
    personal::number(pass, start, run);
    start + run
}
