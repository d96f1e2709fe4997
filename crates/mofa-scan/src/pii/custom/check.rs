//! What a value must satisfy that a regular expression cannot say.

use std::str::FromStr;

/// A check of the value of a custom rule. Letters count in either case; blanks, dots and dashes
/// between do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Check {
    /// The last digit is the Luhn check digit (ISO/IEC 7812-1, annex B).
    Luhn,
    /// The last digit is the Verhoeff check digit.
    Verhoeff,
    /// Its first four characters moved to its end, with A = 10 to Z = 35, it is 1 modulo 97, as an
    /// IBAN is (ISO 13616).
    Iban,
    /// With A = 10 to Z = 35 it is 1 modulo 97 (ISO 7064, MOD 97-10), as an LEI is.
    Mod97,
}

impl Check {
    /// Every check.
    pub const ALL: [Self; 4] = [Self::Luhn, Self::Verhoeff, Self::Iban, Self::Mod97];

    /// The name it is configured by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Luhn => "luhn",
            Self::Verhoeff => "verhoeff",
            Self::Iban => "iban",
            Self::Mod97 => "mod97",
        }
    }

    /// Whether `value` satisfies it.
    #[must_use]
    pub fn holds(self, value: &str) -> bool {
        let kept = || value.bytes().filter(|b| !matches!(b, b' ' | b'.' | b'-'));
        match self {
            Self::Luhn => luhn(kept().rev()),
            Self::Verhoeff => verhoeff(kept().rev()),
            Self::Iban => mod97(kept().skip(4).chain(kept().take(4))),
            Self::Mod97 => mod97(kept()),
        }
    }
}

/// A name that no check has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown check `{name}`; known are: luhn, verhoeff, iban, mod97")]
pub struct UnknownCheck {
    /// The name that was given.
    pub name: String,
}

impl FromStr for Check {
    type Err = UnknownCheck;

    fn from_str(name: &str) -> Result<Self, UnknownCheck> {
        let found = Self::ALL.into_iter().find(|check| check.name() == name);
        found.ok_or_else(|| UnknownCheck { name: name.to_owned() })
    }
}

/// The value of a decimal digit.
fn digit(byte: u8) -> Option<usize> {
    byte.is_ascii_digit().then(|| usize::from(byte - b'0'))
}

/// Takes the digits last first.
fn luhn(digits: impl Iterator<Item = u8>) -> bool {
    let (mut sum, mut count) = (0_usize, 0_usize);
    for byte in digits {
        let Some(value) = digit(byte) else { return false };
        let doubled = if count % 2 == 1 { 2 * value } else { value };
        // At most eight bytes of nine a step: no text is long enough to overflow.
        sum += if doubled > 9 { doubled - 9 } else { doubled };
        count += 1;
    }
    count > 1 && sum.is_multiple_of(10)
}

/// Takes the digits last first. Multiplication and permutation in the dihedral group of ten, as
/// Verhoeff gives them.
fn verhoeff(digits: impl Iterator<Item = u8>) -> bool {
    const PERMUTE: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let (mut sum, mut count) = (0, 0_usize);
    for byte in digits {
        let Some(value) = digit(byte) else { return false };
        let turns = count % 8;
        let permuted =
            (0..turns).fold(value, |value, _| PERMUTE.get(value).copied().unwrap_or_default());
        sum = multiplied(sum, permuted);
        count += 1;
    }
    count > 1 && sum == 0
}

/// The product in the dihedral group of order ten: 0 to 4 turn, 5 to 9 mirror and turn.
const fn multiplied(left: usize, right: usize) -> usize {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => 5 + (left + right - 5) % 5,
        (false, true) => 5 + (left - 5 + 5 - right) % 5,
        (false, false) => (left + 5 - right) % 5,
    }
}

fn mod97(characters: impl Iterator<Item = u8>) -> bool {
    let (mut rest, mut count) = (0_usize, 0_usize);
    for byte in characters {
        let value = match byte.to_ascii_lowercase() {
            b'0'..=b'9' => usize::from(byte - b'0'),
            letter @ b'a'..=b'z' => usize::from(letter - b'a') + 10,
            _ => return false,
        };
        rest = (rest * if value > 9 { 100 } else { 10 } + value) % 97;
        count += 1;
    }
    count > 4 && rest == 1
}

/// Shannon's entropy of the bytes of `value`, in bits a byte.
#[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
pub(super) fn entropy(value: &str) -> f32 {
    let mut counts = [0_usize; 256];
    for byte in value.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let total = value.len() as f32;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| *count as f32 / total);
    shares.map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_pass_and_a_wrong_digit_is_seen() {
        for (check, valid) in [
            (Check::Luhn, "4111 1111 1111 1111"),
            (Check::Luhn, "79927398713"),
            (Check::Verhoeff, "2363"),
            (Check::Verhoeff, "1428570"),
            (Check::Iban, "DE89 3704 0044 0532 0130 00"),
            (Check::Iban, "gb82west12345698765432"),
            (Check::Mod97, "5493001KJTIIGC8Y1R12"),
        ] {
            assert!(check.holds(valid), "{check:?} {valid}");
            for (at, byte) in valid.bytes().enumerate().filter(|(_, b)| b.is_ascii_digit()) {
                let mut wrong = valid.as_bytes().to_vec();
                wrong[at] = b'0' + (byte - b'0' + 1) % 10;
                let wrong = String::from_utf8(wrong).unwrap();
                assert!(!check.holds(&wrong), "{check:?} {wrong}");
            }
            for nothing in ["", "-", "0", "ä", "12x4é"] {
                assert!(!check.holds(nothing), "{check:?} {nothing}");
            }
            assert_eq!(check.name().parse(), Ok(check));
        }
        let unknown = "mod11".parse::<Check>().unwrap_err().to_string();
        let named = Check::ALL.iter().all(|check| unknown.contains(check.name()));
        assert!(named, "{unknown}");
    }

    #[test]
    fn entropy_is_that_of_the_bytes() {
        assert!(entropy("").abs() < 1e-6 && entropy("aaaa").abs() < 1e-6);
        assert!((entropy("abcd") - 2.0).abs() < 1e-6 && (entropy("aabb") - 1.0).abs() < 1e-6);
    }
}
