//! Says which numbers a piece of text could be by its form alone: one look into a hash table,
//! however many numbers there are.
//!
//! Made once a scanner, of the numbers whose category and country are switched on; asked by the
//! probe.

use super::words::Words;
use super::{Id, MAX_LEN, Strength, ids};
use crate::RuleId;
use crate::pii::builtin::{CATEGORIES, Enabled};
use crate::pii::country::Countries;

/// How many lists the forms are spread over; a power of two.
const SLOTS: usize = 1024;

/// One way to write one number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    key: u32,
    format: &'static [u8],
    /// The places that have to be letters, and those that have to be digits, a bit each.
    letters: u64,
    digits: u64,
    /// The number among all of the module.
    pub(super) id: u16,
    pub(super) strength: Strength,
    pub(super) valid: fn(&[u8]) -> bool,
}

/// The numbers a scanner looks for.
#[derive(Debug, Clone)]
pub(in crate::pii) struct Index {
    /// Where each list ends in `forms`; it begins where the one before ends.
    ends: Vec<u32>,
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
        let chosen = || {
            (0..).zip(ids()).filter(|(_, id)| {
                let category = CATEGORIES.iter().find(|(name, ..)| *name == id.rule.category);
                category.is_some_and(|(_, category, _)| enabled.has(*category))
                    && countries.has(&id.rule.issuer)
            })
        };
        let mut forms: Vec<Form> = chosen().flat_map(|(number, id)| forms_of(number, id)).collect();
        if forms.is_empty() {
            return None;
        }
        forms.sort_by_key(|form| slot(form.key));
        let ends = (0..SLOTS).map(|at| forms.partition_point(|form| slot(form.key) <= at));
        let ends = ends.map(|end| u32::try_from(end).unwrap_or(u32::MAX)).collect();
        Some(Self { ends, forms, words: Words::new(chosen()), first_rule })
    }

    /// The forms whose key is `key`.
    #[inline]
    pub(super) fn forms(&self, key: u32) -> impl Iterator<Item = &Form> {
        let at = slot(key);
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let start = at.checked_sub(1).map_or(0, end);
        let list = self.forms.get(start..end(at)).unwrap_or_default();
        list.iter().filter(move |form| form.key == key)
    }

    pub(super) const fn rule(&self, form: &Form) -> RuleId {
        RuleId(self.first_rule + form.id)
    }
}

fn slot(key: u32) -> usize {
    key as usize % SLOTS
}

fn forms_of(number: u16, id: &'static Id) -> impl Iterator<Item = Form> {
    let plain = id.plain.iter().map(|format| (format, id.strength));
    let marked = id.marked.iter().map(|format| (format, id.strength.one_more()));
    plain.chain(marked).map(move |(format, strength)| {
        let format = format.as_bytes();
        let mask = |is: fn(u8) -> bool| {
            let places = (0..).zip(format);
            places.fold(0, |mask, (at, byte)| mask | u64::from(is(*byte)) << at)
        };
        let key = format.iter().fold(Key::new(), |key, byte| key.with(*byte)).value();
        let letters = mask(|byte| byte.is_ascii_alphabetic() && byte != b'x');
        let digits = mask(|byte| byte.is_ascii_digit());
        Form { key, format, letters, digits, id: number, strength, valid: id.valid }
    })
}

/// What a text of some form hashes to: letters and digits count as one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key(u32);

impl Key {
    pub(super) const fn new() -> Self {
        Self(0x811c_9dc5)
    }

    /// FNV-1a.
    #[must_use]
    pub(super) const fn with(self, byte: u8) -> Self {
        let class = if byte.is_ascii_alphanumeric() { b'x' } else { byte };
        Self((self.0 ^ class as u32).wrapping_mul(0x0100_0193))
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
    pub(super) fn has_blank(&self) -> bool {
        self.format.contains(&b' ')
    }

    /// Whether the letters and digits of `text`, which fits, are right.
    pub(super) fn holds(&self, text: &[u8]) -> bool {
        let mut compact = [0; MAX_LEN];
        let kept = self
            .format
            .iter()
            .zip(text)
            .filter(|(want, byte)| byte.is_ascii_alphanumeric() && !want.is_ascii_uppercase());
        let mut len = 0;
        for (slot, (_, byte)) in compact.iter_mut().zip(kept) {
            *slot = byte.to_ascii_uppercase();
            len += 1;
        }
        let number = compact.get(..len).unwrap_or_default();
        // Nobody is given a number that is one digit over and over, but many a text has one.
        let is_filler = number.iter().all(|byte| Some(byte) == number.first());
        !is_filler && (self.valid)(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
