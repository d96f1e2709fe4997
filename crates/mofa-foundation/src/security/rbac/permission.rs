//! What a permission text means, and which queries it covers.
//!
//! Called by the compiler of policies, by `explain` and by the access report; the check itself
//! works on tables made from this.
//!
//! # Invariants
//! A [`Pattern`] is well-formed: every matcher may rely on at least two segments or a last `*`, no
//! empty segment, and `*` only as a whole segment.
//!
//! # Failure
//! [`PermissionError`] says what is wrong and what to write instead.

use std::fmt;
use thiserror::Error;

/// The longest permission text, in bytes.
pub const MAX_PERMISSION_LEN: usize = 256;

/// The most segments a permission may have: more than any resource needs, and few enough that a
/// walk through the patterns fits into a fixed stack.
pub const MAX_SEGMENTS: usize = 16;

pub(super) const WILDCARD: &str = "*";
pub(super) const SEPARATOR: char = ':';

/// Why a text is not a permission.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PermissionError {
    /// Nothing was given.
    #[error("it is empty: write `action:resource`, for instance `execute:tool:search`")]
    Empty,
    /// More than [`MAX_PERMISSION_LEN`] bytes.
    #[error("it has {len} bytes: write at most {MAX_PERMISSION_LEN}")]
    TooLong {
        /// How many bytes it has.
        len: usize,
    },
    /// More than [`MAX_SEGMENTS`] segments.
    #[error("it has {found} segments: write at most {MAX_SEGMENTS}, and `*` for the rest")]
    TooManySegments {
        /// How many segments it has.
        found: usize,
    },
    /// Two separators without anything between them, or one at an end.
    #[error("segment {position} is empty: write `*` for any, or take the extra `:` out")]
    EmptySegment {
        /// Which segment, counted from 1.
        position: usize,
    },
    /// An action without a resource.
    #[error("it names no resource: write `{action}:*` for every resource")]
    NoResource {
        /// The action that was given.
        action: String,
    },
    /// White space or a control character.
    #[error("it has {found:?} at byte {at}: write it without white space and control characters")]
    Character {
        /// The character that is not allowed.
        found: char,
        /// Where it stands.
        at: usize,
    },
    /// A `*` with text around it.
    #[error("`*` stands for whole segments: write `*` or the full name in place of `{segment}`")]
    GluedWildcard {
        /// The segment that has the `*`.
        segment: String,
    },
}

/// A checked permission text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Pattern(Box<str>);

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, PermissionError> {
        if text.is_empty() {
            return Err(PermissionError::Empty);
        }
        if text.len() > MAX_PERMISSION_LEN {
            return Err(PermissionError::TooLong { len: text.len() });
        }
        if let Some((at, found)) = text.char_indices().find(|(_, c)| is_unprintable(*c)) {
            return Err(PermissionError::Character { found, at });
        }
        let mut segments = 0;
        for segment in text.split(SEPARATOR) {
            segments += 1;
            if segment.is_empty() {
                return Err(PermissionError::EmptySegment { position: segments });
            }
            if segment != WILDCARD && segment.contains(WILDCARD) {
                return Err(PermissionError::GluedWildcard { segment: segment.to_owned() });
            }
        }
        if segments > MAX_SEGMENTS {
            return Err(PermissionError::TooManySegments { found: segments });
        }
        if segments == 1 && text != WILDCARD {
            return Err(PermissionError::NoResource { action: text.to_owned() });
        }
        Ok(Self(text.into()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split(SEPARATOR)
    }

    /// Whether it stands for one text only.
    pub(super) fn is_exact(&self) -> bool {
        !self.0.contains(WILDCARD)
    }

    /// Its action and resource, if it stands for one text only.
    pub(super) fn as_exact(&self) -> Option<(&str, &str)> {
        if self.is_exact() { self.0.split_once(SEPARATOR) } else { None }
    }

    /// Whether it covers a query. Both are read segment by segment, so no split of `action` and
    /// `resource` other than the caller's can match.
    pub(super) fn matches(&self, query: Query<'_>) -> bool {
        query.is_well_formed() && self.takes(query.segments(), false)
    }

    /// Whether it covers every query that `other` covers.
    pub(super) fn covers(&self, other: &Self) -> bool {
        // Every query has two segments at least, so `*` is no more than `*:*`.
        if other.as_str() == WILDCARD {
            return self.takes([WILDCARD, WILDCARD].into_iter(), true);
        }
        self.takes(other.segments(), true)
    }

    /// Matches segment by segment; `open` says that a `*` at the end of `texts` is a wildcard
    /// itself, which only a last `*` covers.
    fn takes<'a>(&self, texts: impl Iterator<Item = &'a str>, open: bool) -> bool {
        let mut mine = self.segments().peekable();
        let mut texts = texts.peekable();
        while let Some(segment) = mine.next() {
            let Some(text) = texts.next() else { return false };
            if segment == WILDCARD {
                if mine.peek().is_none() {
                    return true;
                }
                if open && text == WILDCARD && texts.peek().is_none() {
                    return false;
                }
            } else if segment != text {
                return false;
            }
        }
        texts.next().is_none()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is asked: an action, which is the first segment, and a resource, which is the others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query<'a> {
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
}

impl<'a> Query<'a> {
    pub(super) fn segments(self) -> impl Iterator<Item = &'a str> {
        std::iter::once(self.action).chain(self.resource.split(SEPARATOR))
    }

    /// Whether a permission could name it: an action without separators, no empty segment, no
    /// white space or control character. What no policy can name, no wildcard may grant: a deny
    /// could never name it either.
    pub(super) fn is_well_formed(self) -> bool {
        !self.action.is_empty()
            && !self.action.contains(SEPARATOR)
            && self.resource.split(SEPARATOR).all(|segment| !segment.is_empty())
            && is_printable(self.action)
            && is_printable(self.resource)
    }
}

fn is_unprintable(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

fn is_printable(text: &str) -> bool {
    // Without a branch per byte for plain ASCII, which nearly every query is.
    let plain = text.bytes().fold(true, |plain, byte| plain & byte.is_ascii_graphic());
    plain || !text.contains(is_unprintable)
}

#[cfg(test)]
mod tests;
