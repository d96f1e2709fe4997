//! Whether digits in another order could be the number of a card or of Social Security.

use crate::bytes::{byte_at, run_len};
use crate::layers::Believed;

/// The digits of a card, least and most, and of a group of them at least.
const CARD: (usize, usize) = (12, 19);
const GROUP: usize = 3;

/// Whether a number that is believed could stand in `text`.
pub(super) fn shows(text: &[u8], believed: Believed<'_>) -> bool {
    let mut at = 0;
    while at < text.len() {
        at += run_len(text, at, usize::MAX, |b| !b.is_ascii_digit());
        let run = run_len(text, at, usize::MAX, |b| b.is_ascii_digit());
        if is_security(text, at, run) || begins_card(text, at, run, believed) {
            return true;
        }
        at += run;
    }
    false
}

/// `AAA-GG-SSSS`, or with fewer hyphens.
fn is_security(text: &[u8], start: usize, run: usize) -> bool {
    let mark = byte_at(text, start + run);
    let next = || run_len(text, start + run + 1, 7, |b| b.is_ascii_digit());
    match run {
        9 => true,
        5 => mark == b'-' && next() == 4,
        3 if matches!(mark, b'-' | b' ' | b'.') => match next() {
            2 => {
                byte_at(text, start + 6) == mark
                    && run_len(text, start + 7, 5, |b| b.is_ascii_digit()) == 4
            }
            6 => mark == b'-',
            _ => false,
        },
        _ => false,
    }
}

/// Whether groups of digits from `start` on make a card's number.
fn begins_card(text: &[u8], start: usize, run: usize, believed: Believed<'_>) -> bool {
    if !(4..=7).contains(&run) && !(CARD.0..=CARD.1).contains(&run) {
        return false;
    }
    let mut digits = [0; CARD.1];
    let (mut have, mut at, mut mark) = (0, start, None);
    loop {
        let len = run_len(text, at, CARD.1 + 1, |b| b.is_ascii_digit());
        let Some(slots) = digits.get_mut(have..have + len).filter(|_| len >= GROUP) else {
            return false;
        };
        slots.copy_from_slice(text.get(at..at + len).unwrap_or_default());
        (have, at) = (have + len, at + len);
        if have >= CARD.0 && digits.get(..have).is_some_and(believed.is_card) {
            return true;
        }
        let next = byte_at(text, at);
        if !matches!(next, b' ' | b'-' | b'.') || *mark.get_or_insert(next) != next {
            return false;
        }
        at += 1;
    }
}
