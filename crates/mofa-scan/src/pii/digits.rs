//! The digits of a number that is written in groups.
//!
//! Called by the card and phone matchers, which decide what may stand between two groups.

use crate::bytes::run_len;

/// At most `N` digits, as bytes.
pub(super) struct Digits<const N: usize> {
    digits: [u8; N],
    count: usize,
}

impl<const N: usize> Digits<N> {
    pub(super) const fn new() -> Self {
        Self { digits: [0; N], count: 0 }
    }

    /// Takes in all digits that follow each other from `at` on and says where they end; nothing
    /// if there are fewer than `least`, or more than there is room for.
    pub(super) fn take_group(&mut self, text: &[u8], at: usize, least: usize) -> Option<usize> {
        let len = run_len(text, at, N + 1, |b| b.is_ascii_digit());
        let room = self.digits.get_mut(self.count..self.count + len)?;
        let group = text.get(at..at + len).filter(|group| group.len() >= least)?;
        room.copy_from_slice(group);
        self.count += len;
        Some(at + len)
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        self.digits.get(..self.count).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_taken_whole_or_not_at_all() {
        let text = b"123 4567 89";
        let mut digits = Digits::<7>::new();
        assert_eq!(digits.take_group(text, 0, 4), None);
        assert_eq!(digits.take_group(text, 0, 3), Some(3));
        assert_eq!(digits.take_group(text, 4, 1), Some(8));
        assert_eq!(digits.take_group(text, 9, 1), None, "no room");
        assert_eq!(digits.take_group(text, 3, 1), None, "no digit");
        assert_eq!(digits.take_group(text, 99, 0), None);
        assert_eq!(digits.as_slice(), b"1234567");
        assert_eq!(Digits::<2>::new().take_group(text, 0, 1), None, "longer than there is room");
    }
}
