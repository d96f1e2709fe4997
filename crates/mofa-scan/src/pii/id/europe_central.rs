//! Numbers of Poland, Czechia, Slovakia and Hungary.
//!
//! Sources: Ministry of Digital Affairs (PESEL), tax administration (NIP), GUS (REGON), ICAO-like
//! check of Polish documents, Czech act 133/2000 (rodné číslo), ARES (IČO), NAV and NEAK (Hungary).

use super::check::{
    alphanumeric, at, body, byte, digit, last, mod10, mod11_sum, one_of, part, unchecked, value,
    weighted,
};
use super::date::is_day;
use super::{Id, Strength, company, health, national, passport, tax};

const BIRTH_NUMBER: &[&str] = &["9999999999"];
const BIRTH_NUMBER_MARKED: &[&str] = &["999999/9999", "999999/999", "999999 9999"];

pub(super) const IDS: &[Id] = &[
    Id {
        rule: national("PL", "id.pl.pesel", "Polish personal number (PESEL)"),
        plain: &["99999999999"],
        marked: &[],
        valid: |number| {
            let month = part(number, 2, 2);
            is_day(part(number, 0, 2), month % 20, part(number, 4, 2))
                && mod10(number, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3])
        },
        words: &["pesel"],
        strength: Strength::Fair,
    },
    Id {
        rule: tax("PL", "id.pl.nip", "Polish tax number (NIP)"),
        plain: &["9999999999"],
        marked: &["999-999-99-99", "999-99-99-999", "999 999 99 99"],
        valid: |number| mod11_sum(number, NIP, 99),
        words: &["nip"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("PL", "id.pl.vat", "Polish VAT number with its prefix"),
        plain: &["PL9999999999", "PL 9999999999", "PL 999-999-99-99", "PL 999 999 99 99"],
        marked: &[],
        valid: |number| mod11_sum(number, NIP, 99),
        words: &["nip"],
        strength: Strength::Strong,
    },
    Id {
        rule: company("PL", "id.pl.regon", "Polish register number (REGON)"),
        plain: &["999999999", "99999999999999"],
        marked: &[],
        valid: |number| {
            let nine = number.get(..9).unwrap_or_default();
            let long =
                number.len() == 9 || mod11_sum(number, &[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8], 0);
            long && mod11_sum(nine, &[8, 9, 2, 3, 4, 5, 6, 7], 0)
        },
        words: &["regon"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("PL", "id.pl.dowod", "Polish identity card number"),
        plain: &["aaa999999", "aaa 999999"],
        marked: &[],
        valid: |number| document(number, &[7, 3, 1, 9, 7, 3, 1, 7, 3]),
        words: &["dowód osobisty", "dowod osobisty", "dowodu osobistego", "nr dowodu"],
        strength: Strength::Weak,
    },
    Id {
        rule: passport("PL", "id.pl.passport", "Polish passport number"),
        plain: &["aa9999999", "aa 9999999"],
        marked: &[],
        valid: |number| document(number, &[7, 3, 9, 1, 7, 3, 1, 7, 3]),
        words: &["paszport"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("CZ", "id.cz.rc", "Czech birth number (rodné číslo)"),
        plain: BIRTH_NUMBER,
        marked: BIRTH_NUMBER_MARKED,
        valid: birth_number,
        words: &["rodné číslo", "rodne cislo", "rodného čísla", "r.č.", "birth number"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("CZ", "id.cz.ico", "Czech company number (IČO)"),
        plain: &["99999999"],
        marked: &["999 99 999"],
        valid: ico,
        words: &["ičo", "ico", "identifikační číslo"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("CZ", "id.cz.vat", "Czech VAT number (DIČ)"),
        plain: &["CZ99999999", "CZ999999999", "CZ9999999999", "CZ 99999999", "CZ 9999999999"],
        marked: &[],
        valid: |number| match number.len() {
            8 => ico(number),
            9 if byte(number, 0) == b'6' => {
                let rest =
                    weighted(number.get(1..8).unwrap_or_default(), &[8, 7, 6, 5, 4, 3, 2]) % 11;
                // 8 less a number from 0 to 10, modulo 10.
                (18 - (10 - rest)) % 10 == last(number)
            }
            _ => birth_number(number),
        },
        words: &["dič", "dic"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("SK", "id.sk.rc", "Slovak birth number (rodné číslo)"),
        plain: BIRTH_NUMBER,
        marked: BIRTH_NUMBER_MARKED,
        valid: birth_number,
        words: &["rodné číslo", "rodne cislo", "rodného čísla", "r.č.", "birth number"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("SK", "id.sk.vat", "Slovak VAT number (IČ DPH)"),
        plain: &["SK9999999999", "SK 9999999999"],
        marked: &[],
        valid: |number| {
            at(number, 0) > 0 && one_of(number, 2, b"234789") && value(number).is_multiple_of(11)
        },
        words: &["ič dph", "dph"],
        strength: Strength::Strong,
    },
    Id {
        rule: company("SK", "id.sk.ico", "Slovak company number (IČO)"),
        plain: &["99999999"],
        marked: &["99 999 999"],
        valid: ico,
        words: &["ičo", "ico"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("HU", "id.hu.adoszam", "Hungarian tax number (adószám)"),
        plain: &["99999999"],
        marked: &["99999999-9-99"],
        valid: hungarian_tax,
        words: &["adószám", "adoszam"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("HU", "id.hu.vat", "Hungarian VAT number with its prefix"),
        plain: &["HU99999999", "HU 99999999", "HU-99999999"],
        marked: &[],
        valid: hungarian_tax,
        words: &["áfa", "adószám"],
        strength: Strength::Strong,
    },
    Id {
        rule: tax("HU", "id.hu.adoazonosito", "Hungarian personal tax number (adóazonosító jel)"),
        plain: &["8999999999"],
        marked: &[],
        valid: |number| {
            let sum: u32 =
                body(number).iter().zip(1..).map(|(byte, place)| digit(*byte) * place).sum();
            sum % 11 == last(number)
        },
        words: &["adóazonosító", "adoazonosito"],
        strength: Strength::Fair,
    },
    Id {
        rule: health("HU", "id.hu.taj", "Hungarian social security number (TAJ)"),
        plain: &["999999999"],
        marked: &["999 999 999", "999-999-999"],
        valid: |number| weighted(body(number), &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == last(number),
        words: &["taj szám", "taj-szám", "taj"],
        strength: Strength::Weak,
    },
    Id {
        rule: passport("HU", "id.hu.passport", "Hungarian passport number"),
        plain: &["aa999999", "aa9999999"],
        marked: &[],
        valid: unchecked,
        words: &["útlevél", "utlevel"],
        strength: Strength::Shape,
    },
];

const NIP: &[u32] = &[6, 5, 7, 2, 3, 4, 5, 6, 7];

fn document(number: &[u8], weights: &[u32]) -> bool {
    let sum: u32 =
        number.iter().zip(weights).map(|(byte, weight)| alphanumeric(*byte) * weight).sum();
    sum.is_multiple_of(10)
}

/// Date of birth (50 more on the month of women, 20 where the serials ran out), serial, and the
/// whole a multiple of 11; nine digits and no check until 1953.
fn birth_number(number: &[u8]) -> bool {
    let (year, month, day) = (part(number, 0, 2), part(number, 2, 2), part(number, 4, 2));
    let month = if month > 50 { month - 50 } else { month };
    let is_long = number.len() == 10;
    let month = if month > 20 && is_long { month - 20 } else { month };
    let holds = match value(body(number)) % 11 {
        10 => last(number) == 0,
        rest => rest == u64::from(last(number)),
    };
    is_day(year, month, day) && if is_long { holds } else { year < 54 && part(number, 6, 3) > 0 }
}

fn ico(number: &[u8]) -> bool {
    let rest = weighted(body(number), &[8, 7, 6, 5, 4, 3, 2]) % 11;
    part(number, 0, 7) > 0 && (11 - rest) % 10 == last(number)
}

/// Eight digits with their check, then the kind of VAT and the county.
fn hungarian_tax(number: &[u8]) -> bool {
    let eight = number.get(..8).unwrap_or_default();
    mod10(eight, &[9, 7, 3, 1, 9, 7, 3]) && (number.len() == 8 || (1..=5).contains(&at(number, 8)))
}
