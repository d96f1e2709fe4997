//! Takes out what was put between the characters of a value, or between its groups of digits.

use super::Found;
use super::anchors::Kind;
use super::source::Source;
use crate::bytes::{byte_at, byte_before, run_len};

/// Fewer characters hold no value.
const LEAST: usize = 6;

/// Adds the readings of one source.
pub(super) fn read(source: &Source<'_>, found: &mut Found<'_>) {
    if source.holds(Kind::Letters) {
        letters(source, found);
    }
    if source.holds(Kind::Groups) {
        groups(source, found);
    }
}

pub(super) const fn separates(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'-'
            | b'.'
            | b'_'
            | b'*'
            | b'|'
            | b'/'
            | b','
            | b':'
            | b';'
            | b'~'
            | b'+'
            | b'#'
    )
}

/// Characters with the same mark after each: `j o h n @ …`, `4-1-1-1-…`.
fn letters(source: &Source<'_>, found: &mut Found<'_>) {
    let bytes = source.bytes();
    let mut at = source.body;
    while at + 2 * LEAST < bytes.len() + 2 {
        let mark = byte_at(bytes, at + 1);
        let row = separates(mark)
            && byte_at(bytes, at).is_ascii_graphic()
            && (1..LEAST - 1).all(|i| byte_at(bytes, at + 2 * i + 1) == mark);
        if !row {
            at += 1;
            continue;
        }
        let mut start = at;
        let mut last = at;
        while byte_at(bytes, last + 1) == mark && last + 2 < bytes.len() {
            last += 2;
        }
        at = last + 1;
        // The neighbours of the row are words: their ends are no part of it.
        if byte_before(bytes, start, 1).is_ascii_alphanumeric() {
            start += 2;
        }
        if byte_at(bytes, last + 1).is_ascii_alphanumeric() || !byte_at(bytes, last).is_ascii() {
            last -= 2;
        }
        if last > start {
            join(source, start, last, found);
        }
    }
}

fn join(source: &Source<'_>, start: usize, last: usize, found: &mut Found<'_>) {
    let every_second = (start..=last).step_by(2);
    let counted = source.bytes().get(start..=last).unwrap_or_default().iter().step_by(2);
    let telling = counted.filter(|byte| byte.is_ascii_alphanumeric()).count();
    if telling < LEAST - 1 || !source.is_new(start, last + 1) {
        return;
    }
    let (mut draft, body) = source.draft_at(start, last - start);
    for at in every_second {
        source.copy(&mut draft, at, at + 1);
    }
    found.add(source.finish(draft, body, true));
}

/// Groups of digits with unusual marks between them: `4111*1111*1111*1111`, `123/45/6789`.
fn groups(source: &Source<'_>, found: &mut Found<'_>) {
    let bytes = source.bytes();
    let mut at = source.body;
    while at < bytes.len() {
        at += run_len(bytes, at, usize::MAX, |b| !b.is_ascii_digit());
        let mut groups: Vec<(usize, usize)> = Vec::new();
        let mut usual = true;
        let mut end = at;
        loop {
            let len = run_len(bytes, end, usize::MAX, |b| b.is_ascii_digit());
            groups.push((end, end + len));
            end += len;
            let gap = run_len(bytes, end, 4, separates);
            if len == 0 || gap == 0 || gap == 4 || !byte_at(bytes, end + gap).is_ascii_digit() {
                break;
            }
            usual &= gap == 1 && matches!(byte_at(bytes, end), b' ' | b'-');
            end += gap;
        }
        let outside = byte_before(bytes, at, 1).is_ascii_alphanumeric()
            || byte_at(bytes, end).is_ascii_alphanumeric();
        if !usual && !outside && source.is_new(at, end) {
            regroup(source, &groups, found);
        }
        at = end.max(at + 1);
    }
}

/// Whether a row of groups that [`regroup`] takes may begin with groups of these sizes.
pub(super) const fn begins_groups(sizes: [usize; 2]) -> bool {
    matches!(sizes, [3, 2] | [4, 6 | 4] | [1, 1])
}

/// Groups as a card number or a Social Security number has them.
fn regroup(source: &Source<'_>, groups: &[(usize, usize)], found: &mut Found<'_>) {
    let sizes: Vec<usize> = groups.iter().map(|(start, end)| end - start).collect();
    let mark = match sizes.as_slice() {
        [3, 2, 4] => "-",
        [4, 6, 5] | [4, 4, 4, 1..=4] | [4, 4, 4, 4, 1..=3] => "",
        all if matches!(all.len(), 13..=19) && all.iter().all(|size| *size == 1) => "",
        _ => return,
    };
    let start = groups.first().map_or(0, |group| group.0);
    let (mut draft, body) = source.draft_at(start, 24);
    let mut last = start;
    for (i, (from, to)) in groups.iter().enumerate() {
        if i > 0 {
            source.put(&mut draft, mark, last, *from);
        }
        source.copy(&mut draft, *from, *to);
        last = *to;
    }
    found.add(source.finish(draft, body, true));
}
