//! Writes the compiled rules as Rust.
//!
//! Called by the build; `src/pii/secret/table.rs` includes what this writes and defines the types.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::hash;
use crate::pattern::{Set, Step};
use crate::rules::Rule;

/// The code of all tables.
pub(crate) fn code(rules: &[Rule], sources: &[String]) -> Result<String, String> {
    let mut out = String::new();
    metadata(&mut out, rules)?;
    fingerprint(&mut out, sources);
    shapes(&mut out, rules);
    prefixes(&mut out, rules);
    insides(&mut out, rules);
    names(&mut out, rules);
    Ok(out)
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}

/// The rules' names and descriptions, and the constants of matchers written by hand.
fn metadata(out: &mut String, rules: &[Rule]) -> Result<(), String> {
    let count = rules.len();
    line(out, format_args!("pub(crate) static RULES: [Rule; {count}] = ["));
    for rule in rules {
        let Rule { id, provider, description, category, .. } = rule;
        line(
            out,
            format_args!(
                "Rule::issued({provider:?}, {id:?}, {category:?}, Kind::Secret, {description:?}),"
            ),
        );
    }
    line(out, format_args!("];"));
    for (number, rule) in (0_u16..).zip(rules) {
        if let Some(matcher) = &rule.matcher {
            let id = &rule.id;
            if !matcher.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
                return Err(format!("rule `{id}`: `{matcher}` is no name of a matcher"));
            }
            let constant = matcher.to_ascii_uppercase();
            line(out, format_args!("pub(super) const {constant}: u16 = {number};"));
        }
    }
    Ok(())
}

/// A number for everything that decides what is found, rules and code: FNV-1a of 64 bits, which is
/// the same with every compiler.
fn fingerprint(out: &mut String, sources: &[String]) {
    let bytes = sources.iter().flat_map(|source| source.bytes().chain([0xff]));
    let print = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |print, byte| {
        (print ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    line(out, format_args!("pub(crate) const FINGERPRINT: &str = \"{print:016x}\";"));
}

/// The programs, with the sets they share.
fn shapes(out: &mut String, rules: &[Rule]) {
    let mut sets = BTreeMap::new();
    let mut body = String::new();
    let mut count = 0;
    for (number, rule) in rules.iter().enumerate() {
        for shape in &rule.shapes {
            let steps = written(&shape.steps, &mut sets);
            let check = rule.check.as_deref().map_or("None".to_owned(), camel);
            let Rule { entropy, confidence, alone, joined, filled, .. } = rule;
            line(
                &mut body,
                format_args!(
                    "Shape {{ rule: {number}, steps: {steps}, check: Check::{check}, \
                     entropy: {entropy:?}, confidence: {confidence:?}, alone: {alone}, \
                     joined: {joined}, filled: {filled} }},"
                ),
            );
            count += 1;
        }
    }
    for (set, name) in &sets {
        let (low, high) = (set & u128::from(u64::MAX), set >> 64);
        line(out, format_args!("static {name}: Set = Set([{low:#x}, {high:#x}]);"));
    }
    line(out, format_args!("pub(super) static SHAPES: [Shape; {count}] = [\n{body}];"));
}

fn camel(name: &str) -> String {
    let part = |part: &str| {
        let (head, tail) = part.split_at(part.len().min(1));
        head.to_ascii_uppercase() + tail
    };
    name.split('_').map(part).collect()
}

fn written(steps: &[Step], sets: &mut BTreeMap<Set, String>) -> String {
    let mut out = String::from("&[");
    for step in steps {
        let step = match step {
            Step::Literal(bytes) => format!("Step::Literal(&{bytes:?})"),
            Step::Class(set, min, max) => {
                let next = format!("SET_{}", sets.len());
                let name = sets.entry(*set).or_insert(next);
                format!("Step::Class(&{name}, {min}, {max})")
            }
            Step::Optional(inner) => format!("Step::Optional({})", written(inner, sets)),
            Step::Either(branches) => {
                let branches: Vec<String> = branches.iter().map(|b| written(b, sets)).collect();
                format!("Step::Either(&[{}])", branches.join(", "))
            }
        };
        out.push_str(&step);
        out.push_str(", ");
    }
    out.push(']');
    out
}

/// The first four bytes of every pattern: a bitmap, then exact keys with the shapes they begin.
fn prefixes(out: &mut String, rules: &[Rule]) {
    let mut keys: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (number, shape) in rules.iter().flat_map(|rule| &rule.shapes).enumerate() {
        for prefix in &shape.anchors.prefixes {
            keys.entry(u32::from_le_bytes(*prefix)).or_default().push(number);
        }
    }
    let mut bits = vec![0_u64; hash::WORDS];
    for (slot, bit) in keys.keys().map(|key| hash::place(*key)) {
        if let Some(word) = bits.get_mut(slot) {
            *word |= bit;
        }
    }
    let lists: BTreeSet<&Vec<usize>> = keys.values().collect();
    let words = hash::WORDS;
    line(out, format_args!("pub(super) static PREFIX_BITS: [u64; {words}] = {bits:?};"));
    for (number, list) in lists.iter().enumerate() {
        line(out, format_args!("static LIST_{number}: [u16; {}] = {list:?};", list.len()));
    }
    let count = keys.len();
    line(out, format_args!("pub(super) static PREFIXES: [(u32, &[u16]); {count}] = ["));
    for (key, list) in &keys {
        let number = lists.iter().position(|one| *one == list).unwrap_or_default();
        line(out, format_args!("({key:#x}, &LIST_{number}),"));
    }
    line(out, format_args!("];"));
}

/// The literals inside patterns, by how far from the beginning they stand, their first bytes beside
/// them.
fn insides(out: &mut String, rules: &[Rule]) {
    let mut all = BTreeSet::new();
    for (number, shape) in rules.iter().flat_map(|rule| &rule.shapes).enumerate() {
        if let Some((literal, offsets)) = &shape.anchors.inside {
            all.extend(offsets.clone().map(|offset| (offset, literal, number)));
        }
    }
    let count = all.len();
    line(out, format_args!("pub(super) static INSIDES: [(usize, u8, &[u8], u16); {count}] = ["));
    for (offset, literal, number) in all {
        let first = literal.first().copied().unwrap_or_default();
        line(out, format_args!("({offset}, {first}, &{literal:?}, {number}),"));
    }
    line(out, format_args!("];"));
}

/// The words that name a provider, in order, where those of each first two letters begin, and a
/// bitmap of the first three letters.
fn names(out: &mut String, rules: &[Rule]) {
    let mut names: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut number = 0;
    for rule in rules {
        for name in &rule.names {
            names.entry(name).or_default().extend(number..number + rule.shapes.len());
        }
        number += rule.shapes.len();
    }
    let count = names.len();
    line(out, format_args!("pub(super) static NAMES: [(&[u8], &[u16]); {count}] = ["));
    for (name, shapes) in &names {
        let shapes: Vec<_> = shapes.iter().collect();
        line(out, format_args!("(&{:?}, &{shapes:?}),", name.as_bytes()));
    }
    line(out, format_args!("];"));
    let mut bits = vec![0_u64; (36 * 36 * 36_usize).div_ceil(64)];
    for name in names.keys() {
        let place =
            |byte: u8| usize::from(if byte < b'a' { byte - b'0' } else { byte - b'a' + 10 });
        let three = name.bytes().take(3).fold(0, |sum, byte| sum * 36 + place(byte));
        if let Some(word) = bits.get_mut(three / 64) {
            *word |= 1 << (three % 64);
        }
    }
    line(out, format_args!("pub(super) static NAME_BITS: [u64; {}] = {bits:?};", bits.len()));
    let letters = || (b'0'..=b'9').chain(b'a'..=b'z');
    let pairs = letters().flat_map(|first| letters().map(move |second| [first, second]));
    let starts: Vec<usize> = pairs
        .map(|pair| names.keys().filter(|name| name.as_bytes() < pair.as_slice()).count())
        .collect();
    line(out, format_args!("pub(super) static NAME_STARTS: [u16; {}] = {starts:?};", starts.len()));
}
