//! Names of people that something introduces: a title, a greeting, a closing or a phrase.
//!
//! Not matched: a name that stands in a sentence without any of these, and one in a script without
//! capitals; only a trained recogniser tells such names from other words. The category is off unless
//! chosen.

use super::builtin::personal::NAME;
use super::pass::Pass;
use crate::bytes::{byte_at, byte_before, ends_with_ignore_case, is_word, run_len};

const MAX_WORDS: usize = 4;
const MAX_WORD: usize = 24;
/// The longest introduction, in bytes.
const MAX_LEAD: usize = 24;

/// What directly precedes a name, lower case, with how sure it makes it.
#[rustfmt::skip]
const LEADS: [(&str, f32); 50] = [
    ("mr. ", 0.85), ("mr ", 0.85), ("mrs. ", 0.85), ("mrs ", 0.85), ("ms. ", 0.85), ("ms ", 0.8),
    ("miss ", 0.7), ("dr. ", 0.85), ("dr ", 0.8), ("prof. ", 0.85), ("professor ", 0.75),
    ("sir ", 0.6), ("herr ", 0.8), ("herrn ", 0.8), ("frau ", 0.8), ("monsieur ", 0.8),
    ("madame ", 0.8), ("mme ", 0.8), ("señor ", 0.8), ("señora ", 0.8), ("sr. ", 0.7),
    ("sra. ", 0.8), ("signor ", 0.8), ("signora ", 0.8), ("dear ", 0.6), ("hi ", 0.5),
    ("my name is ", 0.9), ("name is ", 0.7), ("i am called ", 0.8), ("my name's ", 0.9),
    ("full name: ", 0.85), ("first name: ", 0.85), ("last name: ", 0.85), ("surname: ", 0.85),
    ("name: ", 0.6), ("signed, ", 0.7), ("sincerely,\n", 0.8), ("regards,\n", 0.8),
    ("cheers,\n", 0.7), ("yours truly,\n", 0.8), ("ich heiße ", 0.85), ("mein name ist ", 0.85),
    ("je m'appelle ", 0.85), ("me llamo ", 0.85), ("mi nombre es ", 0.85), ("mi chiamo ", 0.85),
    ("ik heet ", 0.85), ("mijn naam is ", 0.85), ("meu nome é ", 0.85), ("patient: ", 0.6),
];

/// What follows a greeting and is nobody's name, lower case.
#[rustfmt::skip]
const NOBODY: [&str; 31] = [
    "sir", "madam", "all", "team", "customer", "customers", "friend", "friends", "hiring",
    "everyone", "editor", "diary", "god", "lord", "student", "students", "parents", "colleagues",
    "valued", "the", "there", "user", "santa", "i", "mr",
    "mrs", "ms", "miss", "dr", "prof", "boss",
];

/// Particles inside a name, lower case.
const PARTICLES: [&str; 16] = [
    "van", "von", "der", "den", "de", "la", "del", "della", "di", "da", "dos", "al", "bin", "ibn",
    "le", "zu",
];

/// Looks for a name that begins with the capital at `start`.
pub(super) fn probe(pass: &mut Pass<'_, '_>, start: usize) {
    let text = pass.text();
    let before = byte_before(text, start, 1);
    if is_word(before) || before >= 0x80 {
        return;
    }
    let Some(sure) = lead(text, start) else { return };
    let (end, read) = name_end(text, start);
    pass.undecided_if_at_end(start, read + 2);
    if let Some(end) = end {
        pass.report(start, end, NAME, sure);
    }
}

fn lead(text: &[u8], start: usize) -> Option<f32> {
    let head = text.get(start.saturating_sub(MAX_LEAD)..start)?;
    let found = LEADS.iter().find(|(lead, _)| {
        let at = head.len().checked_sub(lead.len());
        at.is_some_and(|at| {
            let fits =
                head.get(at..).is_some_and(|tail| tail.eq_ignore_ascii_case(lead.as_bytes()));
            fits && !is_word(byte_before(head, at, 1))
        })
    });
    // The name of a class, a planet or a file is none of a person.
    let is_of_thing = |lead: &str| {
        let named = lead == "name: " && byte_before(text, start, lead.len() + 1) == b' ';
        named && !is_any_before(text, start - lead.len())
    };
    found.filter(|(lead, _)| !is_of_thing(lead)).map(|(_, sure)| *sure)
}

/// Whose name a `name: ` may be, lower case.
const OF_PEOPLE: [&[u8]; 8] = [
    b"user ",
    b"customer ",
    b"client ",
    b"patient ",
    b"employee ",
    b"contact ",
    b"student ",
    b"cardholder ",
];

fn is_any_before(text: &[u8], end: usize) -> bool {
    OF_PEOPLE.iter().any(|word| ends_with_ignore_case(text, end, word))
}

/// The end of up to four capital words, particles between them, and how far was read.
fn name_end(text: &[u8], start: usize) -> (Option<usize>, usize) {
    let mut best = None;
    let mut at = start;
    for place in 0..MAX_WORDS + 2 {
        let len = run_len(text, at, MAX_WORD + 1, is_name);
        let end = at + len;
        let word = text.get(at..end).unwrap_or_default();
        let is_known =
            |known: &[&str]| known.iter().any(|one| word.eq_ignore_ascii_case(one.as_bytes()));
        if len == 0 || len > MAX_WORD || (place == 0 && is_known(&NOBODY)) {
            return (best, end);
        }
        let first = byte_at(text, at);
        if first.is_ascii_uppercase() || first >= 0x80 {
            best = Some(trimmed(text, at, end));
        } else if !is_known(&PARTICLES) {
            return (best, end);
        }
        // An initial goes on over its stop.
        let stop = usize::from(len == 1 && byte_at(text, end) == b'.');
        if byte_at(text, end + stop) != b' ' {
            return (best, end + stop + 1);
        }
        at = end + stop + 1;
    }
    (best, at)
}

/// Without the `'s` of a possessive.
fn trimmed(text: &[u8], start: usize, end: usize) -> usize {
    let word = text.get(start..end).unwrap_or_default();
    let kept = word.strip_suffix(b"'s").or_else(|| word.strip_suffix(b"'")).unwrap_or(word);
    let kept = kept.strip_suffix(b"-").unwrap_or(kept);
    start + kept.len()
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'\'' | b'-')
}
