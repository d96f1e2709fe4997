//! The check digits that many numbers of states share: weighted sums, and ISO/IEC 7064 modulo 11;
//! beside those that every rule may use.
//!
//! Called by the tables of the regions. Numbers are upper-case letters and digits.

pub(super) use crate::pii::checksum::{alphanumeric, digit, luhn, luhn_sum, mod97, verhoeff};

/// The value of the digit at `at`; 0 for anything else.
pub(super) fn at(number: &[u8], at: usize) -> u32 {
    number.get(at).map_or(0, |byte| digit(*byte))
}

/// The byte at `at`, or 0.
pub(super) fn byte(number: &[u8], at: usize) -> u8 {
    number.get(at).copied().unwrap_or(0)
}

/// The number that all digits make; at most 18 are counted.
pub(super) fn value(number: &[u8]) -> u64 {
    number.iter().take(18).fold(0, |value, byte| value * 10 + u64::from(digit(*byte)))
}

/// The number that the digits from `start` on make, `len` of them.
pub(super) fn part(number: &[u8], start: usize, len: usize) -> u32 {
    let digits = number.get(start..start + len).unwrap_or_default();
    digits.iter().fold(0, |value: u32, byte| value.wrapping_mul(10).wrapping_add(digit(*byte)))
}

/// The digits times their weights, added up.
pub(super) fn weighted(number: &[u8], weights: &[u32]) -> u32 {
    number.iter().zip(weights).map(|(byte, weight)| digit(*byte) * weight).sum()
}

/// The last byte as a digit.
pub(super) fn last(number: &[u8]) -> u32 {
    number.last().map_or(0, |byte| digit(*byte))
}

/// All but the last byte.
pub(super) fn body(number: &[u8]) -> &[u8] {
    number.split_last().map_or(&[], |(_, body)| body)
}

/// Whether the last digit is 11 less the weighted sum modulo 11, where 10 and 11 stand for `ten`
/// and 0; a `ten` above 9 is no digit, so such numbers are not given out.
pub(super) fn mod11(number: &[u8], weights: &[u32], ten: u32) -> bool {
    let check = match (11 - weighted(body(number), weights) % 11) % 11 {
        10 => ten,
        check => check,
    };
    check == last(number)
}

/// Whether the last digit is the weighted sum modulo 11, where 10 stands for `ten`.
pub(super) fn mod11_sum(number: &[u8], weights: &[u32], ten: u32) -> bool {
    let check = match weighted(body(number), weights) % 11 {
        10 => ten,
        check => check,
    };
    check == last(number)
}

/// Whether the last digit makes the weighted sum a multiple of ten.
pub(super) fn mod10(number: &[u8], weights: &[u32]) -> bool {
    (weighted(body(number), weights) + last(number)).is_multiple_of(10)
}

/// ISO/IEC 7064, MOD 11-10.
pub(super) fn mod11_10(number: &[u8]) -> bool {
    let rest = body(number).iter().fold(10, |rest, byte| {
        let sum = (rest + digit(*byte)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (rest + last(number)) % 10 == 1
}

/// ISO/IEC 7064, MOD 11-2: the last may be `X`, which stands for ten.
pub(super) fn mod11_2(number: &[u8]) -> bool {
    let rest = body(number).iter().fold(0, |rest, byte| (rest + digit(*byte)) * 2 % 11);
    let check = if number.last() == Some(&b'X') { 10 } else { last(number) };
    (rest + check) % 11 == 1
}

/// Whether the last byte is the one at `index` of `alphabet`.
pub(super) fn ends_with(number: &[u8], alphabet: &[u8], index: u32) -> bool {
    number.last().is_some_and(|byte| alphabet.get(index as usize) == Some(byte))
}

/// Whether the byte at `at` is one of `set`.
pub(super) fn one_of(number: &[u8], at: usize, set: &[u8]) -> bool {
    number.get(at).is_some_and(|byte| set.contains(byte))
}

/// For numbers that carry no check digit.
pub(super) const fn unchecked(_: &[u8]) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whether every other digit at every place of `number`, which holds, is refused.
    fn guards(number: &[u8], holds: fn(&[u8]) -> bool) -> bool {
        (0..number.len()).all(|at| {
            (b'0'..=b'9').all(|other| {
                let mut changed = number.to_vec();
                let same = changed.get(at) == Some(&other);
                changed.splice(at..=at, [other]);
                same || !holds(&changed)
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn one_wrong_digit_is_refused(body in "[0-9]{1,17}") {
            let checks: [fn(&[u8]) -> bool; 6] =
                [luhn, |n| verhoeff(n), mod11_10, mod11_2, |n| mod97(n) == 1, |n| mod10(n, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3])];
            for check in checks {
                let lens = body.len().min(8);
                for end in 0..100 {
                    let number = format!("{}{end}", &body.get(..lens).unwrap_or_default());
                    if check(number.as_bytes()) {
                        prop_assert!(guards(number.as_bytes(), check), "{}", number);
                    }
                }
            }
        }

        #[test]
        fn any_bytes_are_judged(number in prop::collection::vec(any::<u8>(), 0..40)) {
            let weights = [9; 40];
            let _ = (luhn(&number), verhoeff(&number), mod11_10(&number), mod11_2(&number));
            let _ = (mod97(&number), value(&number), part(&number, 3, 12));
            let _ = (mod10(&number, &weights), mod11(&number, &weights, 0), mod11_sum(&number, &weights, 0));
        }
    }

    #[test]
    fn published_examples_hold() {
        assert!(luhn(b"79927398713"), "Luhn");
        assert!(verhoeff(b"2363"), "Verhoeff");
        assert!(mod11_10(b"0794 5".split(|b| *b == b' ').collect::<Vec<_>>().concat().as_slice()));
        assert!(mod11_2(b"07940") && mod11_2(b"079X"), "ISO/IEC 7064, MOD 11-2");
        assert_eq!(mod97(b"79444"), 1, "ISO/IEC 7064, MOD 97-10");
    }
}
