//! Reads the words and groups of digits that begin at one place, and reports the numbers they make.
//!
//! Called by the trigger sweep at the beginning of every run of digits, and by the stream's tail,
//! which has to hold back letters that a number could follow.

use super::MAX_LEN;
use super::index::{Form, Index, Key, Number, Places};
use super::words::Announced;
use crate::bytes::{byte_at, byte_before, is_word, run_len_back};
use crate::pii::boundary::{in_row, may_begin};
use crate::pii::pass::Pass;

/// The most letters that a number begins with.
const MAX_LETTERS: usize = 16;
/// The most letters that stand before a number and are set off by a blank or a mark: `CHE-`.
const MAX_LEAD: usize = 5;

/// Looks for numbers whose first digit is at `digit`.
pub(in crate::pii) fn probe(index: &Index, pass: &mut Pass<'_, '_>, digit: usize) {
    let text = pass.text();
    let letters = run_len_back(text, digit, MAX_LETTERS + 1, |b| b.is_ascii_alphabetic());
    let start = digit - letters;
    if letters > MAX_LETTERS || is_word(byte_before(text, start, 1)) {
        return;
    }
    if may_begin(text, start) && byte_before(text, start, 1) != b'$' {
        // What is numbered with `#` is something else unless it is said.
        read(index, pass, start, byte_before(text, start, 1) == b'#');
        let word = text.get(start..digit).unwrap_or_default();
        if letters > 1 && word.iter().all(u8::is_ascii_lowercase) {
            read(index, pass, digit, true);
        }
    }
    if let Some(lead) = lead_start(text, start) {
        read(index, pass, lead, false);
    }
}

/// Where the letters begin that are set off from what begins at `start` by one blank or mark.
fn lead_start(text: &[u8], start: usize) -> Option<usize> {
    let mark = byte_before(text, start, 1);
    if !matches!(mark, b' ' | b'-' | b'.') {
        return None;
    }
    let end = start - 1;
    let len = run_len_back(text, end, MAX_LEAD + 1, |b| b.is_ascii_alphabetic());
    let lead = text.get(end - len..end)?;
    let fits = (1..=MAX_LEAD).contains(&len)
        && (mark != b' ' || lead.iter().all(u8::is_ascii_uppercase))
        && may_begin(text, end - len);
    fits.then_some(end - len)
}

/// The letters before a blank or mark, near the end of the text, that a number could follow.
pub(in crate::pii) fn pending_lead(text: &[u8]) -> Option<usize> {
    let letters = run_len_back(text, text.len(), MAX_LETTERS + 1, |b| b.is_ascii_alphabetic());
    lead_start(text, text.len() - letters)
}

/// Reads groups of letters and digits from `start` on; asks at the end of each what it could be.
///
/// A number that is joined to a word (`nif12345678`) or a `#` has to be announced.
fn read(index: &Index, pass: &mut Pass<'_, '_>, start: usize, is_joined: bool) {
    let text = pass.text();
    let mut candidate =
        Candidate { start, key: Key::new(), places: Places::default(), is_joined, words: None };
    let mut at = start;
    let mut after_blank = false;
    // In a row of numbers nothing with a blank inside is one.
    let is_behind_number =
        byte_before(text, start, 1) == b' ' && byte_before(text, start, 2).is_ascii_digit();
    while let Some(end) = candidate.take_group(text, at, after_blank) {
        at = end;
        if ends(text, at) {
            candidate.report(index, pass, at);
        }
        let (mark, next) = (byte_at(text, at), byte_at(text, at + 1));
        if mark == b')' {
            at += 1;
            candidate.key = candidate.key.with(mark);
            if ends(text, at) {
                candidate.report(index, pass, at);
            }
            break;
        }
        let goes_on = match mark {
            b' ' if is_behind_number => false,
            b' ' => next.is_ascii_digit() || next.is_ascii_uppercase(),
            b'-' | b'.' | b'/' | b'+' | b'(' => next.is_ascii_alphanumeric(),
            b':' => next.is_ascii_digit(),
            _ => false,
        };
        if !goes_on {
            break;
        }
        after_blank = mark == b' ';
        candidate.key = candidate.key.with(mark);
        at += 1;
    }
    pass.undecided_if_at_end(start, at + 2);
}

/// Whether a number may end at `end`: no letter or digit goes on, not even behind a mark.
fn ends(text: &[u8], end: usize) -> bool {
    match byte_at(text, end) {
        b'-' | b'.' | b'/' | b'+' => !is_word(byte_at(text, end + 1)),
        b'%' => false,
        next => !is_word(next),
    }
}

/// What has been read from one place on.
struct Candidate {
    start: usize,
    key: Key,
    places: Places,
    /// Whether a word or `#` stands before it without a blank.
    is_joined: bool,
    /// What the words before announce, once somebody has asked.
    words: Option<Announced>,
}

impl Candidate {
    /// Takes in the letters and digits from `at` on; returns where they end, or nothing if there
    /// are too many to make a number. After a blank lower case makes a word of its own.
    fn take_group(&mut self, text: &[u8], at: usize, after_blank: bool) -> Option<usize> {
        let mut end = at;
        loop {
            let byte = byte_at(text, end);
            let place = end - self.start;
            if byte.is_ascii_digit() {
                self.places.digits |= 1 << (place % 64);
            } else if byte.is_ascii_alphabetic() {
                if after_blank && byte.is_ascii_lowercase() {
                    return None;
                }
                self.places.letters |= 1 << (place % 64);
            } else {
                self.key = self.key.with_run(end - at);
                return Some(end);
            }
            if place >= MAX_LEN {
                return None;
            }
            end += 1;
        }
    }

    /// Reports what is most likely from the start to `end`.
    fn report(&mut self, index: &Index, pass: &mut Pass<'_, '_>, end: usize) {
        let mut best: Option<Guess<'_>> = None;
        for form in index.forms(self.key.value()) {
            if let Some(guess) = self.best_of(index, pass, form, end)
                && best.as_ref().is_none_or(|other| guess.is_better(other))
            {
                best = Some(guess);
            }
        }
        if let Some(guess) = best {
            pass.report(self.start, end, index.rule(guess.number), guess.confidence);
        }
    }

    /// What is most likely from the start to `end` of the numbers of one form.
    fn best_of<'i>(
        &mut self,
        index: &'i Index,
        pass: &mut Pass<'_, '_>,
        form: &'i Form,
        end: usize,
    ) -> Option<Guess<'i>> {
        let text = pass.text();
        let written = text.get(self.start..end).filter(|text| form.fits(text, self.places))?;
        let start = self.start;
        let words =
            self.words.get_or_insert_with(|| pass.heard().before(&index.words, text, start));
        let least = pass.settings().min_confidence;
        let is_said = words.has_any(&form.ids);
        let is_guess = || form.has_blank() && in_row(text, start, end);
        if !is_said && (self.is_joined || form.alone < least) || is_guess() {
            return None;
        }
        let mut buffer = [0; MAX_LEN];
        let compact = form.compact(written, &mut buffer)?;
        let mut best: Option<Guess<'i>> = None;
        for number in form.numbers() {
            let confidence = match is_said && words.has(number.id) {
                true => number.strength.announced(),
                false if self.is_joined => continue,
                false => number.strength.alone(),
            };
            let guess = Guess { confidence, number };
            if confidence >= least
                && best.as_ref().is_none_or(|other| guess.is_better(other))
                && number.holds(compact)
            {
                best = Some(guess);
            }
        }
        best
    }
}

/// A number that a text may be.
struct Guess<'i> {
    confidence: f32,
    number: &'i Number,
}

impl Guess<'_> {
    /// Of two that are as sure the one that is listed first is better.
    fn is_better(&self, other: &Self) -> bool {
        self.confidence > other.confidence
            || self.confidence >= other.confidence && self.number.order < other.number.order
    }
}
