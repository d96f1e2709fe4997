//! Letters of other scripts in an address, and where a word of a script without spaces ends.
//!
//! Called by the e-mail matcher where it meets a byte that is not ASCII.

use super::{is_label, is_local};
use crate::bytes::{run_len, run_len_back};

/// How a script marks the end of a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    /// ASCII, which stands in addresses of every script.
    Common,
    /// With spaces: Latin, Greek, Cyrillic, Arabic, Hebrew, the scripts of India.
    Spaced,
    /// Without: Han, Kana, Hangul with its particles, Thai, Lao, Khmer, Burmese.
    Unspaced,
    /// No letter.
    Other,
}

const fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ffdc}' | '\u{20000}'..)
}

fn script(letter: char) -> Script {
    // Signs of vowels and their absence are no letters of their own.
    let is_mark = matches!(letter, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}');
    match letter {
        _ if letter.is_ascii() => Script::Common,
        _ if is_unspaced(letter) && letter.is_alphanumeric() => Script::Unspaced,
        _ if is_mark || letter.is_alphanumeric() => Script::Spaced,
        _ => Script::Other,
    }
}

/// Whether a word that has `first` next to the mark of the address goes on over `letter`.
fn goes_on(first: Script, letter: char) -> bool {
    match script(letter) {
        Script::Common => true,
        Script::Spaced => first != Script::Unspaced,
        Script::Unspaced => first == Script::Unspaced,
        Script::Other => false,
    }
}

/// How many bytes of a local part end at `at`, counting at most about `limit`.
pub(super) fn local_len(text: &[u8], at: usize, limit: usize) -> usize {
    let run = run_len_back(text, at, limit, |b| is_local(b) || b >= 0x80);
    let part = text.get(at - run..at).unwrap_or_default();
    let cut = part.iter().take(3).take_while(|b| **b & 0xc0 == 0x80).count();
    let letters = || valid(part.get(cut..).unwrap_or_default()).chars();
    let Some(last) = letters().next_back().map(script) else { return 0 };
    letters().rev().take_while(|letter| goes_on(last, *letter)).map(char::len_utf8).sum()
}

/// How many bytes of a label begin at `at`, counting at most about `limit`.
pub(super) fn label_len(text: &[u8], at: usize, limit: usize) -> usize {
    let run = run_len(text, at, limit, |b| is_label(b) || b >= 0x80);
    let letters = || valid(text.get(at..at + run).unwrap_or_default()).chars();
    let Some(first) = letters().next().map(script) else { return 0 };
    letters().take_while(|letter| goes_on(first, *letter)).map(char::len_utf8).sum()
}

/// Whether `label` is of at least two letters, not all of them ASCII.
pub(super) fn is_top_level(label: &[u8]) -> bool {
    let letters = || valid(label).chars();
    !label.is_ascii()
        && letters().nth(1).is_some()
        && letters().all(|letter| letter.is_alphabetic() || script(letter) == Script::Spaced)
}

/// The part of `bytes` before a character that is cut off.
fn valid(bytes: &[u8]) -> &str {
    let whole = std::str::from_utf8(bytes);
    whole.unwrap_or_else(|error| {
        bytes
            .get(..error.valid_up_to())
            .and_then(|head| std::str::from_utf8(head).ok())
            .unwrap_or("")
    })
}
