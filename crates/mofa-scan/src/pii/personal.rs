//! What numbers, marks and capitals wake of the matchers for personal data of no state or register.
//!
//! Called by the sweep.

use super::builtin::{Category, Enabled};
use super::pass::Pass;
use super::{address, bank, birth, crypto, ip6, mac, person, ssn};
use crate::bytes::run_len_back;

use Category::{
    BankAccount, Bic, CryptoAddress, DateOfBirth, Iban, IpAddress, MacAddress, PersonName, Phone,
    PostalAddress, Ssn,
};

/// Whether `byte`, which is no digit, wakes one of these matchers.
pub(super) fn is_trigger(enabled: Enabled, byte: u8) -> bool {
    match byte {
        b':' => enabled.has_any(&[IpAddress, MacAddress, CryptoAddress, Bic]),
        b'-' | b'.' => enabled.has(MacAddress),
        b'=' => enabled.has(Bic),
        b'C' | b'W' if enabled.has(Bic) => true,
        b'A'..=b'Z' => enabled.has(PersonName),
        _ => false,
    }
}

/// Whether digits wake one of these matchers.
pub(super) fn has_numbers(enabled: Enabled) -> bool {
    enabled.has_any(&[Phone, Iban, Bic, BankAccount, CryptoAddress, DateOfBirth, PostalAddress])
}

/// Looks for what the mark or the capital at `at` is part of.
pub(super) fn probe(pass: &mut Pass<'_, '_>, at: usize) {
    let enabled = pass.settings().enabled;
    let byte = pass.text().get(at).copied().unwrap_or(0);
    if byte == b':' {
        if enabled.has(IpAddress) {
            ip6::probe(pass, at);
        }
        if enabled.has(CryptoAddress) {
            crypto::probe_colon(pass, at);
        }
    }
    if enabled.has(MacAddress) && matches!(byte, b':' | b'-' | b'.') {
        mac::probe(pass, at);
    }
    if enabled.has(Bic) {
        bank::probe_bic(pass, at);
    }
    if enabled.has(PersonName) && byte.is_ascii_uppercase() {
        person::probe(pass, at);
    }
}

/// Looks for what begins with the digits at `start`; `run` is how many there are.
pub(super) fn number(pass: &mut Pass<'_, '_>, start: usize, run: usize) {
    let enabled = pass.settings().enabled;
    if enabled.has(BankAccount) {
        bank::probe_number(pass, start, run);
    }
    if enabled.has(CryptoAddress) {
        crypto::probe_word(pass, start, start, run);
    }
    if enabled.has(DateOfBirth) {
        birth::probe(pass, start, run);
    }
    if enabled.has(PostalAddress) {
        address::probe(pass, start, run);
    }
}

/// The most letters before the first digit of a word that is looked at.
const MAX_LETTERS: usize = 44;

/// Looks for what the digits at `at`, the first of a word that began with letters, are part of.
pub(super) fn number_in_word(pass: &mut Pass<'_, '_>, at: usize, run: usize) {
    let text = pass.text();
    let letters = run_len_back(text, at, MAX_LETTERS + 1, |b| b.is_ascii_alphabetic());
    let start = at - letters;
    let is_first = letters <= MAX_LETTERS
        && !start
            .checked_sub(1)
            .and_then(|i| text.get(i))
            .is_some_and(|b| crate::bytes::is_word(*b));
    if letters == 0 || !is_first {
        return;
    }
    let enabled = pass.settings().enabled;
    if enabled.has(Ssn) {
        ssn::probe_joined(pass, at, run);
    }
    if letters == 2 && run >= 2 && enabled.has_any(&[Iban, Bic]) {
        bank::probe_iban(pass, start);
    }
    if enabled.has(CryptoAddress) {
        crypto::probe_word(pass, start, at, run);
    }
}

/// Where something of these matchers begins at the end of the text that has not shown its
/// trigger, if anything may.
pub(super) fn pending(enabled: Enabled, text: &[u8]) -> Option<usize> {
    let date = enabled.has(DateOfBirth).then(|| birth::pending(text)).flatten();
    let place = enabled.has(PostalAddress).then(|| address::pending(text));
    date.into_iter().chain(place).min()
}
