//! Numbers of Russia, Ukraine, Belarus, Moldova, the Caucasus and Central Asia.
//!
//! Sources: FNS (INN, OGRN), PFR (SNILS), DPS (RNOKPP), Derzhstat (EDRPOU), MNS (UNP), STB ISO
//! 7501 (Belarusian personal number), ASP (IDNP), Taxes Ministry of Azerbaijan, Kazakh government
//! decree 406 (IIN, BIN), Uzbek decree on PINFL.

use super::check::{
    alphanumeric, at, body, byte, digit, last, one_of, part, unchecked, value, weighted,
};
use super::date::{dmy, is_day, ymd};
use super::{Id, Strength, company, national, passport, tax};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: tax("RU", "id.ru.inn", "Russian tax number of a person (INN)"),
        plain: &["999999999999"],
        marked: &[],
        valid: |number| {
            let eleven = body(number);
            inn(eleven, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8])
                && inn(number, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8])
        },
        words: &["инн", "inn"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("RU", "id.ru.inn_company", "Russian tax number of a company (INN)"),
        plain: &["9999999999"],
        marked: &[],
        valid: |number| inn(number, &[2, 4, 10, 3, 5, 9, 4, 6, 8]),
        words: &["инн", "inn"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("RU", "id.ru.snils", "Russian pension insurance number (SNILS)"),
        plain: &["99999999999", "999-999-999-99"],
        marked: &["999-999-999 99"],
        valid: |number| {
            let sum = weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
            part(number, 0, 9) > 1_001_998 && sum % 101 % 100 == part(number, 9, 2)
        },
        words: &["снилс", "snils"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("RU", "id.ru.ogrn", "Russian state registration number (OGRN)"),
        plain: &["9999999999999", "999999999999999"],
        marked: &[],
        valid: |number| {
            let rest = value(body(number));
            if number.len() == 13 {
                one_of(number, 0, b"1256789") && rest % 11 % 10 == u64::from(last(number))
            } else {
                one_of(number, 0, b"34") && rest % 13 % 10 == u64::from(last(number))
            }
        },
        words: &["огрн", "огрнип", "ogrn"],
        strength: Strength::Weak,
    },
    Id {
        rule: passport("RU", "id.ru.passport", "Russian passport number"),
        plain: &["9999 999999", "99 99 999999", "9999999999"],
        marked: &[],
        valid: unchecked,
        words: &["паспорта", "серия"],
        strength: Strength::Shape,
    },
    Id {
        rule: tax("UA", "id.ua.rnokpp", "Ukrainian tax number (RNOKPP)"),
        plain: &["9999999999"],
        marked: &[],
        valid: |number| {
            // The first weight is -1, which is 10 modulo 11.
            weighted(number, &[10, 5, 7, 9, 4, 6, 10, 5, 7]) % 11 % 10 == last(number)
        },
        words: &["рнокпп", "іпн", "ідентифікаційний", "індивідуальний податковий", "rnokpp"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("UA", "id.ua.edrpou", "Ukrainian company number (EDRPOU)"),
        plain: &["99999999"],
        marked: &[],
        valid: edrpou,
        words: &["єдрпоу", "едрпоу", "edrpou"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("UA", "id.ua.unzr", "Ukrainian demographic register number (UNZR)"),
        plain: &["9999999999999"],
        marked: &["99999999-99999"],
        valid: |number| {
            let date = is_day(part(number, 0, 4), part(number, 4, 2), part(number, 6, 2));
            date && (1900..2100).contains(&part(number, 0, 4))
                && sum731(body(number)) % 10 == last(number)
        },
        words: &["унзр", "реєстрі", "unzr"],
        strength: Strength::Fair,
    },
    Id {
        rule: tax("BY", "id.by.unp", "Belarusian tax number (UNP)"),
        plain: &["999999999", "aa9999999"],
        marked: &[],
        valid: unp,
        words: &["унп", "унн", "unp"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("BY", "id.by.personal", "Belarusian personal number"),
        plain: &["9999999a999aa9"],
        marked: &[],
        valid: |number| {
            let known = one_of(number, 7, b"ABCEHKM") && one_of(number, 11, b"PB");
            known && dmy(number, 1) && sum731(body(number)) % 10 == last(number)
        },
        words: &["личный номер", "идентификационный номер", "асабісты нумар"],
        strength: Strength::Certain,
    },
    Id {
        rule: national("MD", "id.md.idnp", "Moldovan identity number (IDNP, IDNO)"),
        plain: &["9999999999999"],
        marked: &[],
        valid: |number| sum731(body(number)) % 10 == last(number),
        words: &["idnp", "idno", "codul personal", "cod fiscal"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("GE", "id.ge.personal", "Georgian personal number"),
        plain: &["99999999999"],
        marked: &[],
        valid: unchecked,
        words: &["პირადი ნომერი", "პირადი"],
        strength: Strength::Shape,
    },
    Id {
        rule: tax("AZ", "id.az.voen", "Azerbaijani tax number (VÖEN)"),
        plain: &["9999999999"],
        marked: &[],
        valid: |number| {
            let sum = weighted(number, &[4, 1, 8, 6, 2, 7, 5, 3]) % 11;
            one_of(number, 9, b"12") && sum == at(number, 8)
        },
        words: &["vöen", "voen"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("KZ", "id.kz.iin", "Kazakh identity number (IIN)"),
        plain: &["999999999999"],
        marked: &[],
        valid: |number| ymd(number, 0) && (1..=6).contains(&at(number, 6)) && kazakh(number),
        words: &["иин", "жсн", "iin"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("KZ", "id.kz.bin", "Kazakh company number (BIN)"),
        plain: &["999999999999"],
        marked: &[],
        valid: |number| {
            (1..=12).contains(&part(number, 2, 2)) && one_of(number, 4, b"456") && kazakh(number)
        },
        words: &["бин", "бсн"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("UZ", "id.uz.pinfl", "Uzbek personal number (PINFL)"),
        plain: &["99999999999999"],
        marked: &[],
        valid: |number| {
            (1..=6).contains(&at(number, 0))
                && dmy(number, 1)
                && sum731(body(number)) % 10 == last(number)
        },
        words: &["pinfl", "jshshir", "пинфл", "жшшир"],
        strength: Strength::Fair,
    },
];

fn inn(number: &[u8], weights: &[u32]) -> bool {
    weighted(body(number), weights) % 11 % 10 == last(number)
}

/// Weighted 7, 3, 1 in turn; a letter counts from 10 on (ICAO 9303).
fn sum731(number: &[u8]) -> u32 {
    let weights = [7, 3, 1].into_iter().cycle();
    number.iter().zip(weights).map(|(byte, weight)| alphanumeric(*byte) * weight).sum()
}

/// Weights from 1 on, or 7 and then from 1 on for old numbers; where the rest is 10, two more each.
fn edrpou(number: &[u8]) -> bool {
    let weights: [u32; 7] =
        if one_of(number, 0, b"345") { [7, 1, 2, 3, 4, 5, 6] } else { [1, 2, 3, 4, 5, 6, 7] };
    let check = match weighted(number, &weights) % 11 {
        10 => weighted(number, &weights.map(|weight| weight + 2)) % 11 % 10,
        check => check,
    };
    check == last(number)
}

/// A person's number has two letters in front; the second counts as its place among those used.
fn unp(number: &[u8]) -> bool {
    const LETTERS: &[u8] = b"ABCEHKMOPT";
    let second = byte(number, 1);
    let second = match LETTERS.iter().zip(0..).find(|(letter, _)| **letter == second) {
        Some((_, place)) => place,
        None if second.is_ascii_digit() => digit(second),
        None => return false,
    };
    let rest = weighted(number.get(2..8).unwrap_or_default(), &[19, 17, 13, 7, 5, 3]);
    let first = alphanumeric(byte(number, 0)) * 29;
    one_of(number, 0, b"1234567ABCEHKM") && (first + second * 23 + rest) % 11 == last(number)
}

/// Weights 1 to 11; where the rest is 10, from 3 on and after 11 again 1.
fn kazakh(number: &[u8]) -> bool {
    let check = match weighted(body(number), &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11 {
        10 => weighted(body(number), &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11,
        check => check,
    };
    check == last(number)
}
