//! Numbers of Spain and Portugal.
//!
//! Sources: Ministerio del Interior (DNI, NIE), Orden EHA/451/2008 (NIF of legal persons),
//! Seguridad Social, Autoridade Tributária (NIF), IRN (cartão de cidadão), Segurança Social (NISS).

use super::check::{
    alphanumeric, at, body, byte, digit, ends_with, last, mod11, one_of, part, unchecked, value,
    weighted,
};
use super::{Id, Strength, company, national, passport, tax};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: tax("ES", "id.es.nif", "Spanish tax number of a person (NIF, DNI)"),
        plain: &["99999999a", "99999999-a", "99999999 a", "9999999a", "9999999-a"],
        marked: &["99.999.999-a", "99.999.999a"],
        valid: nif,
        words: &["nif", "dni", "documento nacional"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("ES", "id.es.nie", "Spanish foreigner number (NIE)"),
        plain: &["a9999999a", "a-9999999-a", "a-9999999a", "a9999999-a", "a 9999999 a"],
        marked: &["a-9.999.999-a"],
        valid: nie,
        words: &["nie", "extranjero", "nif"],
        strength: Strength::Strong,
    },
    Id {
        rule: company("ES", "id.es.cif", "Spanish tax number of a company (NIF, CIF)"),
        plain: &["a9999999x"],
        marked: &["a-9999999x", "a-9999999-x", "a-99.999.999"],
        valid: cif,
        words: &["cif", "nif"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("ES", "id.es.vat", "Spanish VAT number with its prefix"),
        plain: &["ESx9999999x", "ES x9999999x", "ES-x9999999x"],
        marked: &[],
        valid: |number| {
            if at(number, 0) > 0 || byte(number, 0) == b'0' {
                nif(number)
            } else {
                nie(number) || cif(number)
            }
        },
        words: &["iva", "cif", "nif"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("ES", "id.es.nss", "Spanish social security number (NSS)"),
        plain: &["999999999999"],
        marked: &["99/99999999/99", "99 99999999 99", "99-99999999-99", "99/9999999999"],
        valid: |number| {
            let (province, serial) = (part(number, 0, 2), part(number, 2, 8));
            let joined = if serial < 10_000_000 {
                u64::from(province) * 10_000_000
            } else {
                u64::from(province) * 100_000_000
            };
            matches!(province, 1..=53 | 66)
                && (joined + u64::from(serial)) % 97 == u64::from(part(number, 10, 2))
        },
        words: &["seguridad social", "nss", "afiliación", "afiliacion"],
        strength: Strength::Fair,
    },
    Id {
        rule: passport("ES", "id.es.passport", "Spanish passport number"),
        plain: &["aaa999999"],
        marked: &[],
        valid: unchecked,
        words: &[],
        strength: Strength::Shape,
    },
    Id {
        rule: tax("PT", "id.pt.nif", "Portuguese tax number (NIF)"),
        plain: &["999999999"],
        marked: &["999 999 999", "999.999.999"],
        valid: portuguese,
        words: &["nif", "contribuinte", "nipc", "número fiscal", "numero fiscal"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("PT", "id.pt.vat", "Portuguese VAT number with its prefix"),
        plain: &["PT999999999", "PT 999999999", "PT 999 999 999"],
        marked: &[],
        valid: portuguese,
        words: &["iva", "nif", "nipc", "contribuinte"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("PT", "id.pt.cc", "Portuguese citizen card number"),
        plain: &["999999999aa9", "999999999xx9"],
        marked: &["99999999 9 aa9", "99999999-9-aa9", "99999999 9 xx9"],
        valid: citizen_card,
        words: &["cartão de cidadão", "cartao de cidadao", "bilhete de identidade"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("PT", "id.pt.niss", "Portuguese social security number (NISS)"),
        plain: &["99999999999"],
        marked: &["99 9999 9999 9", "999 999 999 99"],
        valid: |number| {
            one_of(number, 0, b"12")
                && 9 - weighted(body(number), &[29, 23, 19, 17, 13, 11, 7, 5, 3, 2]) % 10
                    == last(number)
        },
        words: &["niss", "segurança social", "seguranca social"],
        strength: Strength::Weak,
    },
    Id {
        rule: passport("PT", "id.pt.passport", "Portuguese passport number"),
        plain: &["a999999", "aa999999"],
        marked: &[],
        valid: unchecked,
        words: &[],
        strength: Strength::Shape,
    },
];

const LETTERS: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";

fn nif(number: &[u8]) -> bool {
    ends_with(number, LETTERS, (value(body(number)) % 23) as u32)
}

/// X, Y and Z in front count as 0, 1 and 2; K, L and M do not count.
fn nie(number: &[u8]) -> bool {
    let head = match byte(number, 0) {
        b'X' | b'K' | b'L' | b'M' => 0,
        b'Y' => 1,
        b'Z' => 2,
        _ => return false,
    };
    ends_with(number, LETTERS, (head * 10_000_000 + part(number, 1, 7)) % 23)
}

/// The check is a digit or the letter in its place, as the kind of the company asks.
fn cif(number: &[u8]) -> bool {
    let digits = number.get(1..8).unwrap_or_default();
    // Luhn with the check digit missing: the last digit is doubled.
    let doubled = |(byte, twice): (&u8, bool)| {
        let value = digit(*byte) * if twice { 2 } else { 1 };
        value / 10 + value % 10
    };
    let sum: u32 = digits.iter().zip([true, false].into_iter().cycle()).map(doubled).sum();
    let check = (10 - sum % 10) % 10;
    let as_digit = ends_with(number, b"0123456789", check);
    let as_letter = ends_with(number, b"JABCDEFGHI", check);
    match byte(number, 0) {
        b'A' | b'B' | b'E' | b'H' => as_digit,
        b'P' | b'Q' | b'R' | b'S' | b'W' | b'N' => as_letter,
        b'C' | b'D' | b'F' | b'G' | b'J' | b'U' | b'V' => as_digit || as_letter,
        _ => false,
    }
}

fn portuguese(number: &[u8]) -> bool {
    one_of(number, 0, b"123456789") && mod11(number, &[9, 8, 7, 6, 5, 4, 3, 2], 0)
}

/// Luhn in which a letter counts as its place from 10 on.
fn citizen_card(number: &[u8]) -> bool {
    let value = |(byte, is_doubled): (&u8, bool)| match alphanumeric(*byte) {
        value if !is_doubled => value,
        value if value > 4 => 2 * value - 9,
        value => 2 * value,
    };
    let sum: u32 = number.iter().rev().zip([false, true].into_iter().cycle()).map(value).sum();
    sum.is_multiple_of(10)
}
