//! Finds the numbers that a state or a register issues: national ids, tax ids, health ids,
//! passports, driving licences, company and vehicle numbers.
//!
//! The numbers are data: one [`Id`] each, in one table a region below this module. Called by the
//! trigger sweep where a run of digits begins.
//!
//! How sure a finding is follows from what has been checked, see [`Strength`]: many of these
//! numbers are nothing but nine digits, one in ten of which fits, so they need a word before them
//! that says what they are.
//!
//! # Invariants
//!
//! A number is at most [`MAX_LEN`] bytes long and is looked for in two places a run of digits, so
//! the work is linear in the text. Nothing is allocated where nothing is found.

mod africa;
mod america_north;
mod america_south;
mod asia_east;
mod asia_south;
mod asia_west;
mod balkans;
mod check;
mod date;
mod europe_central;
mod europe_east;
mod europe_north;
mod europe_south;
mod europe_west;
mod france;
mod germany;
mod index;
mod oceania;
mod probe;
mod spain_portugal;
mod united_kingdom;
mod united_states;
mod vehicle;
mod words;

use super::builtin::{CATEGORIES, Enabled};
use super::country::Countries;
use crate::{Kind, Rule};
use check::unchecked;

pub(super) use index::Index;
pub(super) use probe::{pending_lead, probe};
pub(super) use words::{Heard, SHORT, announcing, matched_len};

/// The longest number with its separators, in bytes.
const MAX_LEN: usize = 34;

/// A number that a state or a register issues.
struct Id {
    /// Its rule; the issuer is the country.
    rule: Rule,
    /// How it is written: `9` a digit, `a` a letter, `x` either; all else stands for itself.
    /// Capital letters that stand for themselves are not handed to `valid`.
    plain: &'static [&'static str],
    /// Ways to write it that few other numbers have; they count for one step more.
    marked: &'static [&'static str],
    /// Whether its letters (in upper case) and digits are right; they have the form of one of the
    /// formats.
    valid: fn(&[u8]) -> bool,
    /// What announces it besides the words of its category; in lower case, three bytes at least.
    words: &'static [&'static str],
    /// What a number of the right form and check digits proves.
    strength: Strength,
}

impl Id {
    /// A number of which nothing but the form is known.
    const fn form(
        rule: Rule,
        plain: &'static [&'static str],
        words: &'static [&'static str],
    ) -> Self {
        Self { rule, plain, marked: &[], valid: unchecked, words, strength: Strength::Shape }
    }

    /// Whether its category and its country are switched on.
    fn is_chosen(&self, enabled: Enabled, countries: &Countries) -> bool {
        let category = CATEGORIES.iter().find(|(name, ..)| *name == self.rule.category);
        category.is_some_and(|(_, category, _)| enabled.has(*category))
            && countries.has(&self.rule.issuer)
    }
}

/// What a number proves that fits its form and its check digits.
///
/// | step | chance of a number of the same form to fit | alone | announced |
/// |---|---|---|---|
/// | `Shape` | most fit: no check digit | 0.05 | 0.6 |
/// | `Weak` | one in about ten: one check digit | 0.2 | 0.75 |
/// | `Fair` | one in about a hundred: two check digits, or one and a date | 0.4 | 0.85 |
/// | `Strong` | one in about a thousand, or a form that little else has | 0.65 | 0.95 |
/// | `Certain` | one in many thousands, in a form that nothing else has | 0.9 | 0.99 |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Shape,
    Weak,
    Fair,
    Strong,
    Certain,
}

impl Strength {
    const fn alone(self) -> f32 {
        match self {
            Self::Shape => 0.05,
            Self::Weak => 0.2,
            Self::Fair => 0.4,
            Self::Strong => 0.65,
            Self::Certain => 0.9,
        }
    }

    const fn announced(self) -> f32 {
        match self {
            Self::Shape => 0.6,
            Self::Weak => 0.75,
            Self::Fair => 0.85,
            Self::Strong => 0.95,
            Self::Certain => 0.99,
        }
    }

    const fn one_more(self) -> Self {
        match self {
            Self::Shape => Self::Weak,
            Self::Weak => Self::Fair,
            Self::Fair => Self::Strong,
            Self::Strong | Self::Certain => Self::Certain,
        }
    }
}

const TABLES: [&[Id]; 19] = [
    united_states::IDS,
    america_north::IDS,
    america_south::IDS,
    united_kingdom::IDS,
    germany::IDS,
    france::IDS,
    spain_portugal::IDS,
    europe_south::IDS,
    europe_west::IDS,
    europe_north::IDS,
    europe_central::IDS,
    europe_east::IDS,
    balkans::IDS,
    asia_west::IDS,
    asia_south::IDS,
    asia_east::IDS,
    oceania::IDS,
    africa::IDS,
    vehicle::IDS,
];

/// How many rules there are.
pub(super) const COUNT: u16 = {
    let (mut count, mut at) = (0, 0);
    while at < TABLES.len() {
        #[expect(clippy::indexing_slicing, reason = "a loop over the table, at compile time")]
        let table = TABLES[at];
        count += table.len();
        at += 1;
    }
    assert!(count < 1000, "far from what 16 bits can number");
    #[expect(clippy::cast_possible_truncation, reason = "less than 1000")]
    let count = count as u16;
    count
};

fn ids() -> impl Iterator<Item = &'static Id> {
    TABLES.into_iter().flatten()
}

/// The rules, in the order of their numbers.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    ids().map(|id| &id.rule)
}

/// Who issues the numbers, once for every number.
pub(super) fn issuers() -> impl Iterator<Item = &'static str> {
    ids().map(|id| match &id.rule.issuer {
        std::borrow::Cow::Borrowed(issuer) => *issuer,
        std::borrow::Cow::Owned(_) => "",
    })
}

/// A function each that makes the rules of one category: country, name, description.
macro_rules! rules_of {
    ($($name:ident: $category:literal),+ $(,)?) => {$(
        const fn $name(country: &'static str, id: &'static str, text: &'static str) -> Rule {
            Rule::issued(country, id, $category, Kind::Pii, text)
        }
    )+};
}

rules_of! {
    national: "national_id",
    tax: "tax_id",
    health: "health_id",
    passport: "passport",
    licence: "driving_licence",
    company: "company_id",
    vehicle: "vehicle_id",
}
