//! Numbers of Italy, Malta, Cyprus and Greece.
//!
//! Sources: Agenzia delle Entrate (codice fiscale: DM 23/12/1976, with omocodia; partita IVA),
//! Ministero dell'Interno (documents), Malta and Cyprus tax departments, AADE (AFM), IDIKA (AMKA).

use super::check::{
    at, body, byte, digit, ends_with, last, luhn, one_of, part, unchecked, weighted,
};
use super::date::{dmy, is_day};
use super::{Id, Strength, company, licence, national, passport, tax};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: tax("IT", "id.it.codice_fiscale", "Italian tax code (codice fiscale)"),
        plain: &["aaaaaaxxaxxaxxxa"],
        marked: &["aaa aaa xxaxx axxxa", "aaaaaa xxaxx axxxa"],
        valid: codice_fiscale,
        words: &["codice fiscale", "cod. fisc", "c.f."],
        strength: Strength::Certain,
    },
    Id {
        rule: tax(
            "IT",
            "id.it.codice_fiscale_unchecked",
            "Italian tax code with a wrong check letter",
        ),
        plain: &["aaaaaa99a99a999a"],
        marked: &[],
        valid: |number| one_of(number, 8, b"ABCDEHLMPRST"),
        words: &["codice fiscale", "cod. fisc", "c.f."],
        strength: Strength::Fair,
    },
    Id {
        rule: company("IT", "id.it.partita_iva", "Italian VAT number (partita IVA)"),
        plain: &["99999999999"],
        marked: &["IT99999999999", "IT 99999999999"],
        valid: partita_iva,
        words: &["partita iva", "p.iva", "p. iva", "piva", "iva"],
        strength: Strength::Fair,
    },
    Id {
        rule: passport("IT", "id.it.passport", "Italian passport number"),
        plain: &["aa9999999", "aa 9999999"],
        marked: &[],
        valid: unchecked,
        words: &["viaggio"],
        strength: Strength::Shape,
    },
    Id::form(
        licence("IT", "id.it.driving_licence", "Italian driving licence number"),
        &["aa9999999a", "U1xxxxxxxa", "aa 9999999 a"],
        &["patente"],
    ),
    Id::form(
        national("IT", "id.it.carta", "Italian identity card number"),
        &["aa9999999", "aa 9999999", "aa99999aa", "9999999aa"],
        &[
            "carta d'identità",
            "carta d'identita",
            "carta identità",
            "carta di identità",
            "carta identita",
            "documento",
        ],
    ),
    Id {
        rule: national("MT", "id.mt.id", "Maltese identity card number"),
        plain: &["9999999a", "999999a", "99999a"],
        marked: &[],
        valid: |number| number.last().is_some_and(|byte| b"MGAPLHBZ".contains(byte)),
        words: &["karta tal-identità", "karta tal-identita"],
        strength: Strength::Shape,
    },
    Id {
        rule: company("MT", "id.mt.vat", "Maltese VAT number"),
        plain: &["MT99999999", "MT 99999999", "MT 9999 9999"],
        marked: &[],
        valid: |number| {
            weighted(number, &[3, 4, 6, 7, 8, 9, 10, 1]).is_multiple_of(37) && at(number, 0) > 0
        },
        words: &["value added"],
        strength: Strength::Strong,
    },
    Id {
        rule: tax("CY", "id.cy.tic", "Cypriot tax number (TIC)"),
        plain: &["99999999a"],
        marked: &[],
        valid: cypriot,
        words: &["tic", "φπα", "αριθμός"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("CY", "id.cy.vat", "Cypriot VAT number with its prefix"),
        plain: &["CY99999999a", "CY 99999999a", "CY-99999999a"],
        marked: &[],
        valid: cypriot,
        words: &["φπα"],
        strength: Strength::Strong,
    },
    Id {
        rule: tax("GR", "id.gr.afm", "Greek tax number (AFM)"),
        plain: &["999999999"],
        marked: &[],
        valid: afm,
        words: &["αφμ", "α.φ.μ", "afm", "a.f.m", "φορολογικ"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("GR", "id.gr.vat", "Greek VAT number with its prefix"),
        plain: &["EL999999999", "EL 999999999", "GR999999999"],
        marked: &[],
        valid: afm,
        words: &["φπα", "αφμ", "afm"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("GR", "id.gr.amka", "Greek social security number (AMKA)"),
        plain: &["99999999999"],
        marked: &["999999 99999", "999999-99999"],
        valid: |number| dmy(number, 0) && luhn(number),
        words: &["αμκα", "α.μ.κ.α", "amka"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("GR", "id.gr.id_card", "Greek identity card number"),
        plain: &["aa999999", "aa-999999", "aa 999999"],
        marked: &[],
        valid: unchecked,
        words: &["ταυτότητα", "ταυτότητας", "αδτ", "taftotita"],
        strength: Strength::Shape,
    },
];

/// Surname, name, year, month, day (40 more for women), place, check letter. Where two people
/// would have the same code, digits are replaced by letters: 0 is L, 1 M, up to 9, V.
fn codice_fiscale(number: &[u8]) -> bool {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let place =
        |byte: u8| if byte.is_ascii_digit() { byte - b'0' } else { byte.wrapping_sub(b'A') };
    let odd = |byte: u8| ODD.get(usize::from(place(byte))).copied().unwrap_or(0);
    let values = body(number).iter().zip([true, false].into_iter().cycle());
    let sum: u32 = values
        .map(|(byte, is_odd)| if is_odd { odd(*byte) } else { u32::from(place(*byte)) })
        .sum();
    let plain = |at| match byte(number, at) {
        letter if letter.is_ascii_uppercase() => b"LMNPQRSTUV"
            .iter()
            .zip(0..)
            .find(|(known, _)| **known == letter)
            .map(|(_, value)| value),
        figure => Some(digit(figure)),
    };
    let replaced = [6, 7, 9, 10, 12, 13, 14].into_iter().all(|at| plain(at).is_some());
    let two = |at| plain(at).unwrap_or(9) * 10 + plain(at + 1).unwrap_or(9);
    let month = b"ABCDEHLMPRST".iter().zip(1..).find(|(letter, _)| **letter == byte(number, 8));
    let (day, year) = (two(9), two(6));
    replaced
        && month
            .is_some_and(|(_, month)| is_day(year, month, if day > 40 { day - 40 } else { day }))
        && ends_with(number, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", sum % 26)
}

/// The three digits before the last are the province that gave it out.
fn partita_iva(number: &[u8]) -> bool {
    let office = part(number, 7, 3);
    let known = matches!(office, 1..=100 | 120 | 121 | 888 | 999);
    known && part(number, 0, 7) > 0 && luhn(number)
}

fn cypriot(number: &[u8]) -> bool {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let odd = |value: u32| ODD.get(value as usize).copied().unwrap_or(0);
    let values = body(number).iter().zip([true, false].into_iter().cycle());
    let sum: u32 =
        values.map(|(byte, is_odd)| if is_odd { odd(digit(*byte)) } else { digit(*byte) }).sum();
    part(number, 0, 2) != 12 && ends_with(number, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", sum % 26)
}

fn afm(number: &[u8]) -> bool {
    weighted(body(number), &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == last(number)
        && one_of(number, 0, b"01234789")
}
