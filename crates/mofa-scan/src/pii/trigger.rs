//! The one pass over the bytes: sixty-four of them become a few masks, and each bit that is left
//! says which matchers wake.
//!
//! # Invariants
//!
//! A digit wakes matchers only at the start of its run, and of the runs in one word only the first
//! that follows nothing but letters: a run is read a bounded number of times however long it is, and
//! hexadecimal or Base64 wakes little more than one matcher a word. A mark wakes them only where
//! the bytes beside it could be a value's.

use std::sync::Arc;

use super::builtin::{Category, Enabled, IDS};
use super::country::Countries;
use super::pass::Pass;
use super::{card, email, id, ip, personal, phone, secret, ssn};
use crate::bytes::{byte_at, byte_before, is_word, run_len};
use crate::words::gather;

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
    /// Whether every capital is a trigger.
    wakes_capitals: bool,
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
        let wakes_capitals = enabled.has(Category::PersonName);
        Self { classes, enabled, ids, wakes_capitals }
    }

    #[inline]
    fn class(&self, byte: u8) -> Class {
        self.classes.get(usize::from(byte)).copied().unwrap_or(Class::Nothing)
    }

    /// The bytes of the block at `at` that may wake something.
    #[inline]
    fn places(&self, text: &[u8], at: usize) -> u64 {
        let rest = text.get(at..).unwrap_or_default();
        let mut padded = [0; BLOCK];
        let block = rest.first_chunk().unwrap_or_else(|| {
            padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            &padded
        });
        let marks = if self.wakes_capitals {
            gather(&block.map(|byte| u8::from(byte.wrapping_sub(b'A') < 26) | is_mark(byte)))
        } else {
            gather_any(&block.map(is_mark))
        };
        // Most of English has none of these.
        if block.iter().fold(0, |any, byte| any | is_digit_or_sign(*byte)) == 0 {
            return marks;
        }
        let marks = marks | gather_any(&block.map(is_sign));
        if self.class(b'0') == Class::Digit {
            marks | numbers(block, byte_before(text, at, 1))
        } else {
            marks
        }
    }
}

/// How many bytes one mask describes.
const BLOCK: usize = 64;

/// What [`gather`] does, at once where there is nothing.
#[inline]
fn gather_any(flags: &[u8; BLOCK]) -> u64 {
    if flags.iter().fold(0, |any, flag| any | flag) == 0 { 0 } else { gather(flags) }
}

/// 1 for a byte that may be a trigger besides digits, signs and, where names are looked for,
/// capitals.
#[inline]
const fn is_mark(byte: u8) -> u8 {
    (byte == b'+') as u8
        | (byte == b'(') as u8
        | (byte == b'$') as u8
        | (byte == b'-') as u8
        | (byte == b'.') as u8
        | (byte == b'C') as u8
        | (byte == b'W') as u8
}

/// 1 for a sign that may be a trigger and stands beside the digits in ASCII.
#[inline]
const fn is_sign(byte: u8) -> u8 {
    (byte == b'@') as u8 | (byte == b':') as u8 | (byte == b'=') as u8
}

/// 1 for the bytes from `0` to `@`.
#[inline]
const fn is_digit_or_sign(byte: u8) -> u8 {
    (byte.wrapping_sub(b'0') < 17) as u8
}

#[inline]
const fn is_digit(byte: u8) -> u8 {
    (byte.wrapping_sub(b'0') < 10) as u8
}

/// The first digits of runs that begin a word or follow nothing but letters in it, so far as the
/// block shows; `before` stands before the block.
#[inline]
fn numbers(block: &[u8; BLOCK], before: u8) -> u64 {
    let digit = gather(&block.map(is_digit));
    let letter = gather(&block.map(|byte| u8::from((byte | 0x20).wrapping_sub(b'a') < 26)));
    let word = digit | letter | gather(&block.map(|byte| u8::from(byte == b'_')));
    // Letters before the block may be the first of their word.
    let goes_on = u64::from(before.is_ascii_digit() || before == b'_');
    let begins = word & !(word << 1 | goes_on);
    // The sum carries each bit over its letters to what follows them.
    let behind_letters = (begins & letter).wrapping_add(letter) & !letter;
    digit & !(digit << 1 | u64::from(before.is_ascii_digit())) & (begins | behind_letters)
}

/// Whether the mark or letter at `at` has beside it what every value with such a mark has.
#[inline]
fn may_wake(text: &[u8], at: usize, byte: u8) -> bool {
    match byte {
        b'+' => byte_at(text, at + 1).is_ascii_digit(),
        // An area code, or what is handed to a call.
        b'(' => {
            byte_at(text, at + 1).is_ascii_digit() || byte_before(text, at, 1).is_ascii_alphabetic()
        }
        b'C' => byte_before(text, at, 1) | 0x20 == b'i',
        b'W' => byte_before(text, at, 1) == b'S',
        // A hardware address may end with the text.
        b'-' | b'.' => {
            byte_before(text, at, 1).is_ascii_hexdigit()
                && (byte_at(text, at + 1).is_ascii_hexdigit() || text.len() - at < NEAR_END)
                || byte == b'-' && begins_option(text, at)
        }
        _ => true,
    }
}

/// Whether the dash at `at` may begin `-p` or `-SecureString`, which hand over a password.
fn begins_option(text: &[u8], at: usize) -> bool {
    match byte_at(text, at + 1) | 0x20 {
        b'p' => byte_before(text, at, 1) == b' ',
        b's' => true,
        _ => text.len() - at < NEAR_END,
    }
}

/// How near the end of the text a mark wakes although nothing follows it, in bytes.
const NEAR_END: usize = 24;

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
    let mut block = pass.from().saturating_sub(LEAD);
    while block < text.len() {
        let mut left = triggers.places(text, block);
        while left != 0 {
            wake(triggers, pass, block + left.trailing_zeros() as usize);
            left &= left - 1;
        }
        block += BLOCK;
    }
}

/// Wakes the matchers of the trigger at `at`, if it is one.
#[inline]
fn wake(triggers: &Triggers, pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    let byte = byte_at(text, at);
    let class = triggers.class(byte);
    let is_capital = triggers.wakes_capitals && byte.is_ascii_uppercase();
    if !is_capital && !may_wake(text, at, byte) {
        return;
    }
    match class {
        Class::At => email::probe(pass, at),
        Class::Digit => number(triggers, pass, at),
        Class::Plus => phone::probe_plus(pass, at),
        Class::Paren => {
            phone::probe_paren(pass, at);
            if secret::is_trigger(b'(', triggers.enabled) {
                secret::probe(pass, at);
            }
        }
        Class::Secret => secret::probe(pass, at),
        Class::Personal => {
            if secret::is_trigger(byte, triggers.enabled) {
                secret::probe(pass, at);
            }
            personal::probe(pass, at);
        }
        Class::Nothing => {}
    }
}

/// Wakes the number matchers at the start of a digit run.
fn number(triggers: &Triggers, pass: &mut Pass<'_, '_>, start: usize) {
    let (text, enabled) = (pass.text(), triggers.enabled);
    let run = run_len(text, start, usize::MAX, |b| b.is_ascii_digit());
    if let Some(ids) = &triggers.ids {
        id::probe(ids, pass, start);
    }
    if is_word(byte_before(text, start, 1)) {
        personal::number_in_word(pass, start, run);
        return;
    }
    if enabled.has(Category::IpAddress) && run <= 3 && byte_at(text, start + run) == b'.' {
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
}
