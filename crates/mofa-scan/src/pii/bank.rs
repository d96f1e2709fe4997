//! Bank accounts: IBAN, BIC, US routing numbers, and account numbers and British sort codes that
//! words announce.

mod bic;
mod iban;

pub(super) use bic::probe as probe_bic;
pub(super) use iban::{may_begin as begins_iban, probe as probe_iban};

use super::boundary::{digit, may_begin, may_end};
use super::builtin::personal::{ACCOUNT, ROUTING};
use super::context::{List, WINDOW, announces_within};
use super::pass::Pass;
use crate::bytes::{byte_at, run_len};

pub(super) static ROUTING_WORDS: List =
    List::new(1, &["routing", "aba", "rtn", "transit", "wire", "bank", "ach"]);

/// What announces an account, at most [`NEAR`] bytes before it.
#[rustfmt::skip]
pub(super) static ACCOUNT_WORDS: List = List::new(2, &[
    "account number", "account no", "account num", "account #", "account id", "account_number",
    "accountnumber", "account:", "acct", "bank account", "a/c", "kontonummer", "konto-nr",
    "konto nr", "numéro de compte", "número de cuenta", "numero di conto", "número da conta",
    "rekeningnummer",
]);
const NEAR: usize = 32;

/// What announces the branch of a British bank, at most [`NEAR`] bytes before it.
const SORT_WORDS: [&str; 4] = ["sort code", "sort-code", "sort_code", "sortcode"];

/// Looks for a sort code, `20-00-00`, at `start`.
fn probe_sort_code(pass: &mut Pass<'_, '_>, start: usize) {
    let text = pass.text();
    let pair = |at| run_len(text, at, 3, |b| b.is_ascii_digit()) == 2;
    let mark = byte_at(text, start + 2);
    let is_shaped = matches!(mark, b'-' | b' ')
        && pair(start)
        && pair(start + 3)
        && byte_at(text, start + 5) == mark
        && pair(start + 6);
    let end = start + 8;
    if is_shaped && may_end(text, end) && announces_within(text, start, NEAR, &SORT_WORDS) {
        pass.report(start, end, ACCOUNT, 0.6);
    }
}

/// Looks for a routing or an account number that is the digits at `start`; `run` is how many.
pub(super) fn probe_number(pass: &mut Pass<'_, '_>, start: usize, run: usize) {
    let text = pass.text();
    if run == 2 && may_begin(text, start) {
        return probe_sort_code(pass, start);
    }
    if run < 4 || !may_begin(text, start) {
        return;
    }
    if let Some(end) = routing_end(text, start, run) {
        let is_announced = pass.is_announced(&ROUTING_WORDS, start, WINDOW);
        pass.report(start, end, ROUTING, if is_announced { 0.85 } else { 0.3 });
    }
    let end = start + run;
    if (6..=17).contains(&run)
        && may_end(text, end)
        && pass.is_announced(&ACCOUNT_WORDS, start, NEAR)
    {
        pass.report(start, end, ACCOUNT, 0.6);
    }
}

/// The end of nine digits, or `3222-7162-7`, that the American Bankers Association could have
/// assigned: a Federal Reserve prefix, and weights 3, 7 and 1.
fn routing_end(text: &[u8], start: usize, run: usize) -> Option<usize> {
    let mut digits = [0; 9];
    let end = match run {
        9 => {
            digits.copy_from_slice(text.get(start..start + 9)?);
            start + 9
        }
        4 => {
            let parts = text.get(start..start + 11)?;
            let is_shaped = byte_at(parts, 4) == b'-'
                && byte_at(parts, 9) == b'-'
                && run_len(parts, 5, 5, |b| b.is_ascii_digit()) == 4
                && byte_at(parts, 10).is_ascii_digit();
            is_shaped.then_some(())?;
            let written = parts.iter().filter(|b| **b != b'-');
            digits.iter_mut().zip(written).for_each(|(slot, byte)| *slot = *byte);
            start + 11
        }
        _ => return None,
    };
    let district = digits.iter().take(2).fold(0, |value, b| value * 10 + digit(*b));
    let is_assigned = matches!(district, 1..=12 | 21..=32 | 61..=72 | 80);
    let sum: u32 =
        digits.iter().zip([3, 7, 1].into_iter().cycle()).map(|(b, w)| digit(*b) * w).sum();
    (is_assigned && sum.is_multiple_of(10) && may_end(text, end)).then_some(end)
}
