//! Byte questions every hand-written matcher asks; they never panic and never allocate.

/// Counts what is asked of bytes, in the crate's own tests: work that no clock has to measure.
#[cfg(not(test))]
#[inline]
const fn count(_: usize) {}

#[cfg(test)]
fn count(steps: usize) {
    STEPS.set(STEPS.get() + steps);
}

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How many bytes `work` asks about.
#[cfg(test)]
pub(crate) fn steps(work: impl FnOnce()) -> usize {
    let before = STEPS.get();
    work();
    STEPS.get() - before
}

/// The byte at `at`, or 0 past the end: no rule treats NUL as part of a match.
#[inline]
pub(crate) fn byte_at(text: &[u8], at: usize) -> u8 {
    count(1);
    text.get(at).copied().unwrap_or(0)
}

/// The byte `back` places before `at`, or 0 before the start.
#[inline]
pub(crate) fn byte_before(text: &[u8], at: usize, back: usize) -> u8 {
    at.checked_sub(back).map_or(0, |i| byte_at(text, i))
}

/// Whether `byte` continues an ASCII word: a letter, a digit or `_`.
#[inline]
pub(crate) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How many bytes from `at` on satisfy `accept`, counting at most `limit`.
#[inline]
pub(crate) fn run_len(
    text: &[u8],
    at: usize,
    limit: usize,
    mut accept: impl FnMut(u8) -> bool,
) -> usize {
    let len = text
        .get(at..)
        .map_or(0, |rest| rest.iter().take(limit).take_while(|byte| accept(**byte)).count());
    count(len + 1);
    len
}

/// How many bytes that end just before `at` satisfy `accept`, counting at most `limit`.
#[inline]
pub(crate) fn run_len_back(
    text: &[u8],
    at: usize,
    limit: usize,
    accept: impl Fn(u8) -> bool,
) -> usize {
    let len = text
        .get(..at)
        .map_or(0, |head| head.iter().rev().take(limit).take_while(|byte| accept(**byte)).count());
    count(len + 1);
    len
}

/// Whether `text` has `literal` at `at`.
#[inline]
pub(crate) fn literal_at(text: &[u8], at: usize, literal: &[u8]) -> bool {
    count(literal.len());
    text.get(at..).is_some_and(|rest| rest.starts_with(literal))
}

/// Whether `text[..end]` ends with `literal`, ASCII case ignored.
#[inline]
pub(crate) fn ends_with_ignore_case(text: &[u8], end: usize, literal: &[u8]) -> bool {
    count(literal.len());
    end.checked_sub(literal.len())
        .and_then(|start| text.get(start..end))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(literal))
}

/// Whether `haystack` contains `needle` (lower case), ASCII case ignored; for short windows only.
pub(crate) fn contains_ignore_case(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len().max(1)).any(|window| window.eq_ignore_ascii_case(needle))
}

/// The greatest character boundary of `text` that is not after `at`.
pub(crate) fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..4).filter_map(|back| at.checked_sub(back)).find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

/// The least character boundary of `text` that is not before `at`.
pub(crate) fn ceil_boundary(text: &str, at: usize) -> usize {
    (at..at.saturating_add(4)).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len())
}
