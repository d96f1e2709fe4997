//! Says which numbers a piece of text could be by its form alone: one look into a hash table,
//! however many numbers there are.
//!
//! Made once a scanner, of the numbers whose category and country are switched on; asked by the
//! probe.
//!
//! # Invariants
//!
//! Numbers that are written alike share one [`Form`], so that nine digits are read once, not once
//! for each of the fifty registers that number by nine digits.

use super::words::{Announced, Words};
use super::{Id, MAX_LEN, Strength, ids};
use crate::RuleId;
use crate::pii::builtin::Enabled;
use crate::pii::country::Countries;

/// How many lists the forms are spread over; a power of two.
const SLOTS: usize = 2048;

/// One way to write numbers.
#[derive(Debug, Clone)]
pub(super) struct Form {
    key: u32,
    format: &'static [u8],
    /// The places that have to be letters, and those that have to be digits, a bit each.
    letters: u64,
    digits: u64,
    has_blank: bool,
    /// The numbers that are written so.
    numbers: Vec<Number>,
    /// The same as a set, and how sure the surest of them is alone.
    pub(super) ids: Announced,
    pub(super) alone: f32,
}

/// One number that is written in some form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    /// Which among all of the module.
    pub(super) id: u16,
    /// Of two that are as sure the one that is listed first is reported.
    pub(super) order: u16,
    pub(super) strength: Strength,
    valid: fn(&[u8]) -> bool,
}

/// The numbers a scanner looks for.
#[derive(Debug, Clone)]
pub(in crate::pii) struct Index {
    /// Where each list ends in `forms`; it begins where the one before ends.
    ends: Vec<u16>,
    forms: Vec<Form>,
    pub(super) words: Words,
    first_rule: u16,
}

impl Index {
    /// Of the numbers of these categories and countries; nothing if there are none. The rules are
    /// numbered from `first_rule` on.
    pub(in crate::pii) fn new(
        enabled: Enabled,
        countries: &Countries,
        first_rule: u16,
    ) -> Option<Self> {
        let chosen = || (0..).zip(ids()).filter(|(_, id)| id.is_chosen(enabled, countries));
        let mut forms: Vec<Form> = Vec::new();
        let written = chosen().flat_map(|(number, id)| written(number, id));
        for ((format, number), order) in written.zip(0..) {
            let number = Number { order, ..number };
            match forms.iter_mut().find(|form| form.format == format) {
                Some(form) => form.add(number),
                None => forms.push(Form::new(format, number)),
            }
        }
        if forms.is_empty() {
            return None;
        }
        forms.sort_by_key(|form| slot(form.key));
        let ends = (0..SLOTS).map(|at| forms.partition_point(|form| slot(form.key) <= at));
        let ends = ends.map(|end| u16::try_from(end).unwrap_or(u16::MAX)).collect();
        Some(Self { ends, forms, words: Words::new(chosen()), first_rule })
    }

    /// The forms whose key is `key`.
    #[inline]
    pub(super) fn forms(&self, key: u32) -> impl Iterator<Item = &Form> {
        let at = slot(key);
        let end = |at: usize| self.ends.get(at).map_or(0, |end| usize::from(*end));
        let start = at.checked_sub(1).map_or(0, end);
        let list = self.forms.get(start..end(at)).unwrap_or_default();
        list.iter().filter(move |form| form.key == key)
    }

    pub(super) const fn rule(&self, number: &Number) -> RuleId {
        RuleId(self.first_rule + number.id)
    }
}

fn slot(key: u32) -> usize {
    key as usize % SLOTS
}

/// The ways to write a number, in the order they are listed in.
fn written(id: u16, of: &'static Id) -> impl Iterator<Item = (&'static [u8], Number)> {
    let plain = of.plain.iter().map(|format| (format, of.strength));
    let marked = of.marked.iter().map(|format| (format, of.strength.one_more()));
    plain.chain(marked).map(move |(format, strength)| {
        (format.as_bytes(), Number { id, order: 0, strength, valid: of.valid })
    })
}

/// What a text of some form hashes to: runs of letters and digits count by their length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key(u32);

impl Key {
    pub(super) const fn new() -> Self {
        Self(0x811c_9dc5)
    }

    /// Of a whole text.
    fn of(format: &[u8]) -> Self {
        let groups = format.chunk_by(|a, b| a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric());
        groups.fold(Self::new(), |key, group| match group {
            [mark] if !mark.is_ascii_alphanumeric() => key.with(*mark),
            _ => key.with_run(group.len()),
        })
    }

    /// With one byte more that is no letter or digit: one round of FNV-1a.
    #[must_use]
    pub(super) const fn with(self, mark: u8) -> Self {
        Self((self.0 ^ mark as u32).wrapping_mul(0x0100_0193))
    }

    /// With so many letters and digits more.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "longer runs make no number")]
    pub(super) const fn with_run(self, len: usize) -> Self {
        self.with(0x80 | len as u8)
    }

    pub(super) const fn value(self) -> u32 {
        self.0 ^ self.0 >> 16
    }
}

/// The places of a text that are letters, and those that are digits, a bit each.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Places {
    pub(super) letters: u64,
    pub(super) digits: u64,
}

impl Form {
    fn new(format: &'static [u8], number: Number) -> Self {
        let mask = |is: fn(u8) -> bool| {
            let places = (0..).zip(format);
            places.fold(0, |mask, (at, byte)| mask | u64::from(is(*byte)) << at)
        };
        let mut form = Self {
            key: Key::of(format).value(),
            format,
            letters: mask(|byte| byte.is_ascii_alphabetic() && byte != b'x'),
            digits: mask(|byte| byte.is_ascii_digit()),
            has_blank: format.contains(&b' '),
            numbers: Vec::new(),
            ids: Announced::default(),
            alone: 0.0,
        };
        form.add(number);
        form
    }

    fn add(&mut self, number: Number) {
        self.ids.add(number.id);
        self.alone = self.alone.max(number.strength.alone());
        self.numbers.push(number);
    }

    /// Whether `text` is written like this; of letters the case is ignored.
    #[inline]
    pub(super) fn fits(&self, text: &[u8], places: Places) -> bool {
        let classes = places.digits & self.letters == 0 && places.letters & self.digits == 0;
        classes && text.len() == self.format.len() && self.fits_literals(text)
    }

    fn fits_literals(&self, text: &[u8]) -> bool {
        self.format.iter().zip(text).all(|(want, byte)| match want {
            b'9' | b'a' => true,
            b'x' => byte.is_ascii_alphanumeric(),
            _ => byte.to_ascii_uppercase() == *want,
        })
    }

    /// Whether there is a blank inside.
    pub(super) const fn has_blank(&self) -> bool {
        self.has_blank
    }

    /// The numbers that are written so.
    pub(super) fn numbers(&self) -> impl Iterator<Item = &Number> {
        self.numbers.iter()
    }

    /// The letters and digits of `text`, which fits, that `valid` is given; nothing if they are one
    /// and the same: nobody is given such a number, but many a text has one.
    pub(super) fn compact<'b>(
        &self,
        text: &[u8],
        buffer: &'b mut [u8; MAX_LEN],
    ) -> Option<&'b [u8]> {
        let kept = self
            .format
            .iter()
            .zip(text)
            .filter(|(want, byte)| byte.is_ascii_alphanumeric() && !want.is_ascii_uppercase());
        let mut len = 0;
        for (slot, (_, byte)) in buffer.iter_mut().zip(kept) {
            *slot = byte.to_ascii_uppercase();
            len += 1;
        }
        let number = buffer.get(..len).unwrap_or_default();
        (!number.iter().all(|byte| Some(byte) == number.first())).then_some(number)
    }
}

impl Number {
    /// Whether these letters and digits are right.
    pub(super) fn holds(&self, compact: &[u8]) -> bool {
        (self.valid)(compact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pii::builtin::CATEGORIES;

    #[test]
    fn every_format_can_be_found() {
        for id in ids() {
            let name = &id.rule.id;
            assert!(!id.plain.is_empty() || !id.marked.is_empty(), "{name}");
            assert!(id.rule.id.starts_with("id."), "{name}");
            assert!(CATEGORIES.iter().any(|(known, ..)| *known == id.rule.category), "{name}");
            for format in id.plain.iter().chain(id.marked) {
                assert!(format.len() <= MAX_LEN, "{name} {format}");
                assert!(format.contains(|c: char| c.is_ascii_digit() || c == 'x'), "{name}");
                let known = |c: char| c.is_ascii_alphanumeric() || "-./ +():".contains(c);
                assert!(format.chars().all(known), "{name} {format}");
                let lower = |c: char| c.is_ascii_lowercase() && c != 'a' && c != 'x';
                assert!(!format.contains(lower), "{name} {format}");
            }
            for word in id.words {
                assert!(word.len() >= 3 && *word == word.to_lowercase(), "{name} {word}");
            }
        }
    }

    #[test]
    fn names_are_given_once() {
        let mut names: Vec<_> = ids().map(|id| id.rule.id.as_ref()).collect();
        names.sort_unstable();
        assert!(names.is_sorted_by(|left, right| left < right), "{names:?}");
    }
}
