//! The number of a road vehicle (VIN), which no one country issues.
//!
//! Sources: ISO 3779 (form), 49 CFR 565.15 (the check digit, which North America and China ask for).

use super::check::{at, byte, digit};
use super::{Id, Strength, vehicle};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: vehicle("", "id.vin", "vehicle identification number (VIN) with its check digit"),
        plain: &["xxxxxxxxxxxxxx999"],
        marked: &[],
        valid: |number| is_vin(number) && has_check(number),
        words: VIN_WORDS,
        strength: Strength::Strong,
    },
    Id {
        rule: vehicle("", "id.vin_unchecked", "vehicle identification number (VIN) of Europe"),
        plain: &["xxxxxxxxxxxxxx999"],
        marked: &[],
        valid: is_vin,
        words: VIN_WORDS,
        strength: Strength::Shape,
    },
];

const VIN_WORDS: &[&str] = &[
    "vin",
    "chassis",
    "fahrgestellnummer",
    "fahrzeug-ident",
    "fin:",
    "telaio",
    "bastidor",
    "véhicule",
];

/// No I, O or Q; letters and digits both.
fn is_vin(number: &[u8]) -> bool {
    let letters = number.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    // A hash in hexadecimal has no letter behind F.
    let is_hash = number.iter().skip(1).all(u8::is_ascii_hexdigit);
    (3..=13).contains(&letters) && !is_hash && !number.iter().any(|byte| b"IOQ".contains(byte))
}

/// The ninth place is the weighted sum modulo 11, `X` for 10; letters count 1 to 9 as they stand in
/// rows: A to I, J to R, S to Z from 2 on.
fn has_check(number: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |byte: u8| match byte {
        b'A'..=b'I' => u32::from(byte - b'A') + 1,
        b'J'..=b'R' => u32::from(byte - b'J') + 1,
        b'S'..=b'Z' => u32::from(byte - b'S') + 2,
        _ => digit(byte),
    };
    let sum: u32 = number.iter().zip(WEIGHTS).map(|(byte, weight)| value(*byte) * weight).sum();
    match sum % 11 {
        10 => byte(number, 8) == b'X',
        rest => byte(number, 8).is_ascii_digit() && at(number, 8) == rest,
    }
}
