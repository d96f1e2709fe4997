//! What a value must satisfy that a regular expression cannot say.

use std::str::FromStr;

use crate::pii::checksum::{luhn, mod97, verhoeff};

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
        let kept: Vec<u8> = value
            .bytes()
            .filter(|b| !matches!(b, b' ' | b'.' | b'-'))
            .map(|b| b.to_ascii_uppercase())
            .collect();
        let all = |is: fn(&u8) -> bool, least| kept.len() >= least && kept.iter().all(is);
        match self {
            Self::Luhn => all(u8::is_ascii_digit, 2) && luhn(&kept),
            Self::Verhoeff => all(u8::is_ascii_digit, 2) && verhoeff(&kept),
            Self::Iban => {
                let (head, account) = kept.split_at(kept.len().min(4));
                all(u8::is_ascii_alphanumeric, 5) && mod97(account.iter().chain(head)) == 1
            }
            Self::Mod97 => all(u8::is_ascii_alphanumeric, 5) && mod97(&kept) == 1,
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
