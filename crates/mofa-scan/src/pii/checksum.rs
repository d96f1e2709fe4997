//! The check digits of many numbers: Luhn, Verhoeff and ISO/IEC 7064 modulo 97.
//!
//! Called by the matchers of cards and of the numbers of states, and by the caller's own rules.
//! Numbers are upper-case letters and digits; anything else counts 0. No number is too long.

/// The value of a digit; 0 for anything else.
pub(super) const fn digit(byte: u8) -> u32 {
    if byte.is_ascii_digit() { (byte - b'0') as u32 } else { 0 }
}

/// The value of a digit or letter: `A` is 10, `Z` 35.
pub(super) const fn alphanumeric(byte: u8) -> u32 {
    if byte.is_ascii_uppercase() { (byte - b'A') as u32 + 10 } else { digit(byte) }
}

/// The Luhn check (ISO/IEC 7812-1, annex B).
pub(super) fn luhn(number: &[u8]) -> bool {
    luhn_sum(number) == 0
}

/// The sum that the Luhn check wants to be a multiple of ten, modulo ten.
pub(super) fn luhn_sum(number: &[u8]) -> u32 {
    let values = number.iter().rev().zip([1, 2].into_iter().cycle());
    let values = values.map(|(byte, factor)| digit(*byte) * factor).map(|n| n / 10 + n % 10);
    values.fold(0, |sum, value| (sum + value) % 10)
}

/// The rest modulo 97 (ISO/IEC 7064, MOD 97-10), where a letter counts as two digits.
pub(super) fn mod97<'n>(number: impl IntoIterator<Item = &'n u8>) -> u32 {
    number.into_iter().fold(0, |rest, byte| {
        let value = alphanumeric(*byte);
        let shifted = if value > 9 { rest * 100 } else { rest * 10 };
        (shifted + value) % 97
    })
}

/// The Verhoeff check: the dihedral group of order ten (J. Verhoeff, 1969).
pub(super) fn verhoeff<'n, N>(number: N) -> bool
where
    N: IntoIterator<Item = &'n u8, IntoIter: DoubleEndedIterator>,
{
    const PERMUTED: [&[u8; 10]; 8] = [
        b"0123456789",
        b"1576283094",
        b"5803796142",
        b"8916043527",
        b"9453126870",
        b"4286573901",
        b"2793806415",
        b"7046913258",
    ];
    let digits = number.into_iter().rev().zip(PERMUTED.into_iter().cycle());
    let check = digits.fold(0, |check, (byte, permuted)| dihedral(check, permute(permuted, *byte)));
    check == 0
}

/// What a digit is permuted to.
fn permute(permuted: &[u8; 10], byte: u8) -> u32 {
    permuted.get(digit(byte) as usize).map_or(0, |byte| digit(*byte))
}

/// The product of two elements of the dihedral group of order ten.
const fn dihedral(left: u32, right: u32) -> u32 {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => (left + right - 5) % 5 + 5,
        (false, true) => (left - right) % 5 + 5,
        (false, false) => (left + 5 - right) % 5,
    }
}
