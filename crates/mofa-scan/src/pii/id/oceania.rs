//! Numbers of Australia and New Zealand.
//!
//! Sources: ATO (TFN), ABR (ABN), ASIC (ACN), Services Australia (Medicare), Inland Revenue (IRD),
//! MBIE (NZBN), Te Whatu Ora HISO 10046 (NHI).

use super::check::{alphanumeric, at, body, byte, last, mod10, part, unchecked, value, weighted};
use super::{Id, Strength, company, health, licence, passport, tax};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: tax("AU", "id.au.tfn", "Australian tax file number (TFN)"),
        plain: &["999999999", "99999999"],
        marked: &["999 999 999", "999-999-999"],
        valid: tfn,
        words: &["tfn", "tax file"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("AU", "id.au.abn", "Australian business number (ABN)"),
        plain: &["99999999999"],
        marked: &["99 999 999 999", "99-999-999-999"],
        valid: abn,
        words: &["abn", "australian business"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("AU", "id.au.acn", "Australian company number (ACN)"),
        plain: &["999999999"],
        marked: &["999 999 999", "999-999-999"],
        valid: |number| mod10(number, &[8, 7, 6, 5, 4, 3, 2, 1]),
        words: &["acn", "australian company"],
        strength: Strength::Weak,
    },
    Id {
        rule: health("AU", "id.au.medicare", "Australian Medicare number"),
        plain: &["9999999999", "99999999999"],
        marked: &["9999 99999 9", "9999 99999 9/9", "9999-99999-9", "9999 99999 99"],
        valid: |number| {
            let sum = weighted(number, &[1, 3, 7, 9, 1, 3, 7, 9]);
            (2..=6).contains(&at(number, 0)) && sum % 10 == at(number, 8)
        },
        words: &["medicare"],
        strength: Strength::Weak,
    },
    Id {
        rule: passport("AU", "id.au.passport", "Australian passport number"),
        plain: &["a9999999", "aa9999999"],
        marked: &[],
        valid: unchecked,
        words: &[],
        strength: Strength::Shape,
    },
    Id::form(
        licence("AU", "id.au.driving_licence", "Australian driving licence number"),
        &["99999999", "999999999", "a99999", "9999aa"],
        &[],
    ),
    Id {
        rule: tax("NZ", "id.nz.ird", "New Zealand tax number (IRD)"),
        plain: &["99999999", "999999999"],
        marked: &["99-999-999", "999-999-999", "99 999 999", "999 999 999"],
        valid: ird,
        words: &["ird", "inland revenue"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("NZ", "id.nz.nzbn", "New Zealand business number (NZBN)"),
        plain: &["9999999999999", "9999 999 999 999"],
        marked: &[],
        valid: |number| {
            part(number, 0, 4) == 9429 && mod10(number, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3])
        },
        words: &["nzbn"],
        strength: Strength::Strong,
    },
    Id {
        rule: health("NZ", "id.nz.nhi", "New Zealand health number (NHI)"),
        plain: &["aaa9999", "aaa99ax"],
        marked: &[],
        valid: nhi,
        words: &["nhi", "national health"],
        strength: Strength::Weak,
    },
    Id {
        rule: passport("NZ", "id.nz.passport", "New Zealand passport number"),
        plain: &["aa999999"],
        marked: &[],
        valid: unchecked,
        words: &[],
        strength: Strength::Shape,
    },
    Id::form(
        licence("NZ", "id.nz.driving_licence", "New Zealand driving licence number"),
        &["aa999999"],
        &[],
    ),
];

fn tfn(number: &[u8]) -> bool {
    let weights: &[u32] =
        if number.len() == 8 { &[10, 7, 8, 4, 6, 3, 5, 1] } else { &[1, 4, 3, 7, 5, 8, 6, 9, 10] };
    weighted(number, weights).is_multiple_of(11)
}

/// The first digit less one; the rest modulo 89 is 0.
fn abn(number: &[u8]) -> bool {
    let sum = weighted(number, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    at(number, 0) > 0 && sum % 89 == 10
}

/// Where the first weights leave 10, others are taken.
fn ird(number: &[u8]) -> bool {
    let digits = body(number);
    let check = |weights: [u32; 8]| {
        let weights = weights.get(8_usize.saturating_sub(digits.len())..).unwrap_or_default();
        (11 - weighted(digits, weights) % 11) % 11
    };
    let check = match check([3, 2, 7, 6, 5, 4, 3, 2]) {
        10 => check([7, 4, 3, 2, 5, 2, 7, 6]),
        check => check,
    };
    (10_000_000..150_000_000).contains(&value(number)) && check == last(number)
}

/// Letters without I and O count from 1 on. The old form ends in a digit, modulo 11; the one since
/// 2019 in a letter, modulo 23.
fn nhi(number: &[u8]) -> bool {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let value = |at| {
        let byte = byte(number, at);
        let place = LETTERS.iter().zip(1..).find(|(letter, _)| **letter == byte);
        place.map_or(alphanumeric(byte), |(_, place)| place)
    };
    let sum: u32 = (0..6).zip((2..=7).rev()).map(|(at, weight)| value(at) * weight).sum();
    let known = !number.iter().any(|byte| b"IO".contains(byte));
    let is_old = byte(number, 5).is_ascii_digit();
    let last = byte(number, 6);
    known
        && if is_old {
            let rest = sum % 11;
            rest != 0 && last.is_ascii_digit() && (11 - rest) % 10 == value(6)
        } else {
            last.is_ascii_uppercase() && 23 - sum % 23 == value(6)
        }
}
