//! What gives a pattern away: the four bytes it begins with, or a literal at a known distance.
//!
//! Called by the build.

use std::collections::BTreeSet;

use crate::hash;
use crate::pattern::{self, Set, Step};

/// The most beginnings of four bytes one pattern may have.
const MOST_PREFIXES: usize = 800;
/// The most distances at which a literal inside may stand.
const MOST_OFFSETS: u32 = 24;

/// The least bytes of a token that a literal inside gives away.
#[expect(clippy::cast_possible_truncation, reason = "a small constant")]
const LEAST_INSIDE: u32 = hash::LEAST_INSIDE as u32;

/// What gives a pattern away; nothing where a name before it does.
#[derive(Default)]
pub(crate) struct Anchors {
    pub(crate) prefixes: BTreeSet<[u8; 4]>,
    /// A literal, and how far after the beginning it may stand.
    pub(crate) inside: Option<(Vec<u8>, std::ops::RangeInclusive<u32>)>,
}

/// What gives `steps` away.
pub(crate) fn of(steps: &[Step]) -> Result<Anchors, String> {
    let mut prefixes = BTreeSet::new();
    if spell(steps, &mut Vec::new(), &mut prefixes) {
        return Ok(Anchors { prefixes, inside: None });
    }
    match inside(steps) {
        Some(_) if pattern::least(steps) < LEAST_INSIDE => {
            Err("only a long token is searched for a literal inside".to_owned())
        }
        Some(found) => Ok(Anchors { prefixes: BTreeSet::new(), inside: Some(found) }),
        None => Err("nothing fixed gives it away, neither in front nor inside".to_owned()),
    }
}

/// Collects every way the steps can begin; false if there are too many.
fn spell(steps: &[Step], head: &mut Vec<u8>, found: &mut BTreeSet<[u8; 4]>) -> bool {
    if let Some(four) = head.first_chunk::<4>() {
        found.insert(*four);
        return found.len() <= MOST_PREFIXES;
    }
    let Some((step, rest)) = steps.split_first() else { return false };
    let mut with = |steps: &[Step], head: &mut Vec<u8>| spell(steps, head, found);
    match step {
        Step::Literal(bytes) => {
            let len = head.len();
            head.extend_from_slice(bytes);
            let fits = with(rest, head);
            head.truncate(len);
            fits
        }
        Step::Class(set, min, max) => {
            let skipped = *min == 0 && !with(rest, head);
            !skipped && (*max == 0 || spell_class(*set, *min, *max, rest, head, found))
        }
        Step::Optional(inner) => {
            let joined: Vec<Step> = inner.iter().chain(rest).cloned().collect();
            with(rest, head) && with(&joined, head)
        }
        Step::Either(branches) => branches.iter().all(|branch| {
            let joined: Vec<Step> = branch.iter().chain(rest).cloned().collect();
            with(&joined, head)
        }),
    }
}

fn spell_class(
    set: Set,
    min: u32,
    max: u32,
    rest: &[Step],
    head: &mut Vec<u8>,
    found: &mut BTreeSet<[u8; 4]>,
) -> bool {
    let left = Step::Class(set, min.saturating_sub(1), max - 1);
    let steps: Vec<Step> = std::iter::once(left).chain(rest.iter().cloned()).collect();
    (0..0x80_u8).filter(|byte| set >> byte & 1 == 1).all(|byte| {
        head.push(byte);
        let fits = spell(&steps, head, found);
        head.pop();
        fits
    })
}

/// The longest literal of two bytes or more at a bounded distance from the beginning.
fn inside(steps: &[Step]) -> Option<(Vec<u8>, std::ops::RangeInclusive<u32>)> {
    let literals = steps.iter().enumerate().filter_map(|(i, step)| match step {
        Step::Literal(bytes) if bytes.len() >= 2 => {
            let before = steps.get(..i).unwrap_or_default();
            let (least, most) = (pattern::least(before), pattern::most(before));
            (most - least <= MOST_OFFSETS).then(|| (bytes.clone(), least..=most))
        }
        _ => None,
    });
    literals.max_by_key(|(bytes, _)| bytes.len())
}
