//! Turns a pattern into the steps of a small deterministic program.
//!
//! Called by the build. The syntax is that of regular expressions, restricted to literals, classes
//! of ASCII characters, counted repetition, alternatives and groups.
//!
//! # Invariants
//!
//! A class that may take fewer or more bytes ends at a byte that it does not take, so no step is
//! ever tried twice.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// The most that an open repetition takes, in bytes.
const MOST: u32 = 1024;
/// The least a whole match may be, in bytes.
const LEAST: u32 = 8;
/// The most copies of a repeated group.
const MOST_COPIES: u32 = 16;

/// A set of ASCII bytes.
pub(crate) type Set = u128;

/// One step of a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Literal(Vec<u8>),
    /// As many bytes of a set as there are, within the bounds.
    Class(Set, u32, u32),
    Optional(Vec<Step>),
    Either(Vec<Vec<Step>>),
}

/// Compiles `written`.
pub(crate) fn compile(written: &str) -> Result<Vec<Step>, String> {
    let mut builder = ParserBuilder::new();
    let hir = builder.unicode(false).utf8(false).build().parse(written);
    let mut steps = Vec::new();
    push(&hir.map_err(|error| error.to_string())?, &mut steps)?;
    if least(&steps) < LEAST {
        return Err(format!("a match has at least {LEAST} bytes"));
    }
    determined(&steps, 0)?;
    Ok(steps)
}

fn push(hir: &Hir, steps: &mut Vec<Step>) -> Result<(), String> {
    match hir.kind() {
        HirKind::Empty => {}
        HirKind::Literal(literal) => push_literal(&literal.0, steps),
        HirKind::Class(class) => steps.push(Step::Class(set(class)?, 1, 1)),
        HirKind::Capture(group) => {
            push(&group.sub, steps)?;
        }
        HirKind::Concat(parts) => {
            for part in parts {
                push(part, steps)?;
            }
        }
        HirKind::Alternation(branches) => {
            let branch = |branch: &Hir| {
                let mut steps = Vec::new();
                push(branch, &mut steps).map(|()| steps)
            };
            steps.push(Step::Either(branches.iter().map(branch).collect::<Result<_, _>>()?));
        }
        HirKind::Repetition(repeated) => {
            let mut sub = Vec::new();
            push(&repeated.sub, &mut sub)?;
            repeat(&sub, repeated.min, repeated.max, steps)?;
        }
        HirKind::Look(_) => return Err("boundaries are checked by themselves".to_owned()),
    }
    Ok(())
}

fn push_literal(literal: &[u8], steps: &mut Vec<Step>) {
    if let Some(Step::Literal(last)) = steps.last_mut() {
        last.extend_from_slice(literal);
    } else {
        steps.push(Step::Literal(literal.to_vec()));
    }
}

fn repeat(sub: &[Step], min: u32, max: Option<u32>, steps: &mut Vec<Step>) -> Result<(), String> {
    let single = match sub {
        [Step::Class(set, 1, 1)] => Some(*set),
        [Step::Literal(bytes)] if bytes.len() == 1 => bytes.first().map(|byte| 1 << byte),
        _ => None,
    };
    let most = max.unwrap_or(MOST);
    if let Some(set) = single {
        steps.push(Step::Class(set, min, most));
        return Ok(());
    }
    if most > MOST_COPIES {
        return Err(format!("a group is repeated at most {MOST_COPIES} times"));
    }
    (0..min).for_each(|_| steps.extend_from_slice(sub));
    let optional = (min..most).fold(None, |inner: Option<Step>, _| {
        let mut outer = sub.to_vec();
        outer.extend(inner);
        Some(Step::Optional(outer))
    });
    steps.extend(optional);
    Ok(())
}

fn set(class: &Class) -> Result<Set, String> {
    let class = match class {
        Class::Bytes(bytes) => bytes.clone(),
        Class::Unicode(unicode) => unicode.to_byte_class().ok_or("a class of ASCII only")?,
    };
    let mut set = 0;
    for range in class.ranges() {
        if range.end() >= 0x80 {
            return Err("a class of ASCII only".to_owned());
        }
        (range.start()..=range.end()).for_each(|byte| set |= 1 << byte);
    }
    Ok(set)
}

/// The least bytes the steps take.
pub(crate) fn least(steps: &[Step]) -> u32 {
    let of = |step: &Step| match step {
        Step::Literal(bytes) => u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        Step::Class(_, min, _) => *min,
        Step::Either(branches) => branches.iter().map(|branch| least(branch)).min().unwrap_or(0),
        Step::Optional(_) => 0,
    };
    steps.iter().map(of).sum()
}

/// The most bytes the steps take.
pub(crate) fn most(steps: &[Step]) -> u32 {
    let of = |step: &Step| match step {
        Step::Literal(bytes) => u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        Step::Class(_, _, max) => *max,
        Step::Either(branches) => branches.iter().map(|branch| most(branch)).max().unwrap_or(0),
        Step::Optional(inner) => most(inner),
    };
    steps.iter().map(of).sum()
}

/// The bytes the steps can begin with; those of `after` where they may take none.
fn first(steps: &[Step], after: Set) -> Set {
    let Some((step, rest)) = steps.split_first() else { return after };
    match step {
        Step::Literal(bytes) => bytes.first().map_or(0, |byte| 1 << byte),
        Step::Class(set, 0, _) => set | first(rest, after),
        Step::Class(set, ..) => *set,
        Step::Optional(inner) => first(inner, 0) | first(rest, after),
        Step::Either(branches) => {
            let rest = first(rest, after);
            branches.iter().fold(0, |set, branch| set | first(branch, rest))
        }
    }
}

/// Whether each step ends where the next begins, whatever the text.
fn determined(steps: &[Step], after: Set) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else { return Ok(()) };
    let next = first(rest, after);
    match step {
        Step::Class(set, min, max) if min < max && set & next != 0 => {
            return Err("what follows a class of several lengths must not belong to it".to_owned());
        }
        Step::Optional(inner) => {
            if first(inner, 0) & next != 0 {
                return Err("what follows an optional part must begin otherwise".to_owned());
            }
            determined(inner, next)?;
        }
        Step::Either(branches) => {
            branches.iter().try_for_each(|branch| determined(branch, next))?;
        }
        _ => {}
    }
    determined(rest, after)
}
