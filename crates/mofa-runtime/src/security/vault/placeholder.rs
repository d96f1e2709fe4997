//! What stands in a text for a kept value: `[EMAIL_1]`.
//!
//! # Invariants
//! A placeholder is written in one way only. Finding all of a text is linear in it.

use crate::security::types::PiiCategory;
use std::fmt;
use std::ops::Range;

/// Stands for a value: its category, and which one of a conversation it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Placeholder {
    category: PiiCategory,
    number: u32,
}

impl Placeholder {
    /// The highest number: short enough that nothing else hides in it.
    pub const MAX_NUMBER: u32 = 999_999;

    /// The longest placeholder, in bytes: brackets, a category of 64 bytes, `_` and six digits.
    pub const MAX_LEN: usize = 73;

    /// The placeholder of value `number` of `category`; `None` unless the number is 1 to
    /// [`Self::MAX_NUMBER`].
    #[must_use]
    pub fn new(category: PiiCategory, number: u32) -> Option<Self> {
        (1..=Self::MAX_NUMBER).contains(&number).then_some(Self { category, number })
    }

    /// The placeholder that `text` is, if it is one and nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        let (category, digits) = inner.rsplit_once('_')?;
        let is_number = (1..=6).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        let is_name = category.bytes().all(is_inner);
        if !is_number || !is_name {
            return None;
        }
        let category = PiiCategory::new(category.to_ascii_lowercase()).ok()?;
        Self::new(category, digits.parse().ok()?)
    }

    /// What kind of value it stands for.
    #[must_use]
    pub fn category(&self) -> &PiiCategory {
        &self.category
    }

    /// Which one of its category and conversation, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The placeholders in `text`, in their order.
    pub fn find_in(text: &str) -> impl Iterator<Item = (Range<usize>, Self)> {
        let starts = memchr::memchr_iter(b'[', text.as_bytes());
        starts.filter_map(|start| {
            let inside = text.as_bytes().get(start + 1..)?;
            let length = inside.iter().take(Self::MAX_LEN).take_while(|byte| is_inner(**byte));
            let span = start..start + 1 + length.count() + 1;
            Self::parse(text.get(span.clone())?).map(|found| (span, found))
        })
    }

    /// How many bytes at the end of `text` may be the beginning of one.
    #[must_use]
    pub fn open_tail(text: &str) -> usize {
        let from = text.len().saturating_sub(Self::MAX_LEN - 1);
        let end = text.as_bytes().get(from..).unwrap_or_default();
        let Some(at) = memchr::memrchr(b'[', end) else { return 0 };
        let open = end.get(at + 1..).unwrap_or_default();
        if open.iter().all(|byte| is_inner(*byte)) { end.len() - at } else { 0 }
    }
}

/// Whether `byte` may stand between the brackets.
fn is_inner(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}_{}]", self.category.as_str().to_ascii_uppercase(), self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn email(number: u32) -> Placeholder {
        Placeholder::new(PiiCategory::EMAIL, number).unwrap()
    }

    #[test]
    fn is_written_in_one_way() {
        assert_eq!(email(1).to_string(), "[EMAIL_1]");
        assert_eq!(Placeholder::parse("[EMAIL_1]"), Some(email(1)));
        let card = Placeholder::new(PiiCategory::CREDIT_CARD, 999_999);
        assert_eq!(Placeholder::parse("[CREDIT_CARD_999999]"), card);
        for wrong in [
            "",
            "[]",
            "[EMAIL]",
            "EMAIL_1",
            "[EMAIL_01]",
            "[EMAIL_0]",
            "[EMAIL_1000000]",
            "[email_1]",
            "[EMAIL_]",
            "[_1]x",
            "[EMAIL_+1]",
            "[EMAIL 1]",
            "[É_1]",
            " [EMAIL_1]",
        ] {
            assert_eq!(Placeholder::parse(wrong), None, "{wrong}");
        }
        let longest = PiiCategory::new("x".repeat(64)).unwrap();
        let longest = Placeholder::new(longest, Placeholder::MAX_NUMBER).unwrap();
        assert_eq!(longest.to_string().len(), Placeholder::MAX_LEN);
        assert_eq!(Placeholder::new(PiiCategory::EMAIL, 0), None);
        assert_eq!(Placeholder::new(PiiCategory::EMAIL, 1_000_000), None);
    }

    #[test]
    fn is_found_anywhere() {
        let text = "[[EMAIL_1][EMAIL_2]] é[EMAIL_31]é [EMAIL_4 [EMAIL_";
        let found: Vec<_> =
            Placeholder::find_in(text).map(|(span, it)| (text.get(span).unwrap(), it)).collect();
        let expected = [("[EMAIL_1]", 1), ("[EMAIL_2]", 2), ("[EMAIL_31]", 31)];
        assert_eq!(found, expected.map(|(text, number)| (text, email(number))));
    }

    proptest! {
        #[test]
        fn an_open_end_is_held_back_and_nothing_else(before in "[ab\\[ ]{0,6}", number in 1u32..=999_999) {
            let whole = format!("{before}{}", email(number));
            let start = before.len();
            for end in start + 1..whole.len() {
                prop_assert_eq!(Placeholder::open_tail(whole.get(..end).unwrap()), end - start);
            }
            prop_assert_eq!(Placeholder::open_tail(&whole), 0);
        }

        #[test]
        fn found_is_what_parses(text in "[\\[\\]A-C_0-2é]{0,40}") {
            for (span, found) in Placeholder::find_in(&text) {
                let written = found.to_string();
                prop_assert_eq!(text.get(span), Some(written.as_str()));
            }
            prop_assert!(Placeholder::open_tail(&text) < Placeholder::MAX_LEN);
        }
    }
}
