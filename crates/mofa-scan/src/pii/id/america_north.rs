//! Numbers of Canada, Mexico, Central America and the Caribbean.
//!
//! Sources: Canada Revenue Agency, RENAPO (CURP), SAT (RFC, anexo of the check digit), DGII
//! (Dominican Republic), SAT Guatemala, Ministerio de Hacienda (El Salvador, Costa Rica).

use super::check::{
    at, body, byte, digit, ends_with, last, luhn, mod10, mod11, one_of, part, unchecked, value,
    weighted,
};
use super::date::{dmy, ymd};
use super::{Id, Strength, company, health, licence, national, passport, tax};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: national("CA", "id.ca.sin", "Canadian social insurance number (SIN)"),
        plain: &["999999999"],
        marked: &["999-999-999", "999 999 999"],
        valid: sin,
        words: &["sin", "social insurance", "assurance sociale", "nas"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("CA", "id.ca.bn", "Canadian business number (BN)"),
        plain: &["999999999"],
        marked: &["999999999RT9999", "999999999RP9999", "999999999RC9999", "999999999 RT9999"],
        valid: |number| luhn(number.get(..9).unwrap_or_default()),
        words: &["gst", "hst", "cra"],
        strength: Strength::Weak,
    },
    Id {
        rule: passport("CA", "id.ca.passport", "Canadian passport number"),
        plain: &["aa999999", "a999999aa"],
        marked: &[],
        valid: unchecked,
        words: &[],
        strength: Strength::Shape,
    },
    Id {
        rule: health("CA", "id.ca.phn_bc", "British Columbia personal health number (PHN)"),
        plain: &["9999999999", "9999 999 999", "9999-999-999"],
        marked: &[],
        valid: phn,
        words: &["phn", "personal health", "care card", "carecard"],
        strength: Strength::Weak,
    },
    Id {
        rule: health("CA", "id.ca.health_on", "Ontario health card number"),
        plain: &["9999999999", "9999999999aa", "9999-999-999", "9999 999 999"],
        marked: &["9999-999-999-aa", "9999 999 999 aa"],
        valid: |number| at(number, 0) > 0 && luhn(number.get(..10).unwrap_or_default()),
        words: &["ohip", "health number", "health insurance"],
        strength: Strength::Weak,
    },
    Id {
        rule: licence("CA", "id.ca.driving_licence_on", "Ontario driving licence number"),
        plain: &["a99999999999999"],
        marked: &["a9999-99999-99999"],
        valid: ontario_licence,
        words: &["permis de conduire"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("MX", "id.mx.curp", "Mexican population register code (CURP)"),
        plain: &["aaaa999999aaaaaax9"],
        marked: &[],
        valid: curp,
        words: &["curp", "clave única", "clave unica"],
        strength: Strength::Certain,
    },
    Id {
        rule: tax("MX", "id.mx.rfc", "Mexican tax number (RFC)"),
        plain: &[
            "aaaa999999xxx",
            "aaa999999xxx",
            "aaaa-999999-xxx",
            "aaa-999999-xxx",
            "aaaa 999999 xxx",
        ],
        marked: &[],
        valid: rfc,
        words: &["rfc", "registro federal"],
        strength: Strength::Strong,
    },
    Id {
        rule: health("MX", "id.mx.nss", "Mexican social security number (NSS)"),
        plain: &["99999999999"],
        marked: &["99-99-99-9999-9"],
        valid: luhn,
        words: &["nss", "imss", "seguridad social", "seguro social"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("DO", "id.do.cedula", "Dominican identity number (cédula)"),
        plain: &["99999999999"],
        marked: &["999-9999999-9"],
        valid: luhn,
        words: &["cedula", "cédula"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("DO", "id.do.rnc", "Dominican tax number (RNC)"),
        plain: &["999999999"],
        marked: &["9-99-99999-9", "999-99999-9"],
        valid: |number| {
            let rest = weighted(number, &[7, 9, 8, 6, 5, 4, 3, 2]) % 11;
            last(number) == (10 + 9 - rest) % 9 + 1
        },
        words: &["rnc", "registro nacional"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("GT", "id.gt.nit", "Guatemalan tax number (NIT)"),
        plain: &["999999-x", "9999999-x", "99999999-x", "99999999", "9999999x"],
        marked: &[],
        valid: guatemala_nit,
        words: &["nit", "identificación tributaria", "identificacion tributaria"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("GT", "id.gt.cui", "Guatemalan identity number (CUI)"),
        plain: &["9999999999999"],
        marked: &["9999 99999 9999", "9999-99999-9999"],
        valid: |number| {
            let sum = weighted(number, &[2, 3, 4, 5, 6, 7, 8, 9]) % 11;
            sum == at(number, 8)
                && (1..=22).contains(&part(number, 9, 2))
                && (1..=40).contains(&part(number, 11, 2))
        },
        words: &["cui", "dpi", "documento personal"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("CR", "id.cr.cedula", "Costa Rican identity number (cédula)"),
        plain: &["0999999999", "9-9999-9999", "09-9999-9999", "999999999"],
        marked: &[],
        valid: unchecked,
        words: &["cedula", "cédula"],
        strength: Strength::Shape,
    },
    Id {
        rule: company("CR", "id.cr.juridica", "Costa Rican company number (cédula jurídica)"),
        plain: &["9999999999"],
        marked: &["9-999-999999"],
        valid: |number| match at(number, 0) {
            2 => matches!(part(number, 1, 3), 100 | 200 | 300 | 400),
            3 => matches!(part(number, 1, 3), 2..=14 | 101..=110),
            4 => part(number, 1, 3) == 0,
            5 => part(number, 1, 3) == 1,
            _ => false,
        },
        words: &["cédula jurídica", "cedula juridica"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("SV", "id.sv.nit", "Salvadoran tax number (NIT)"),
        plain: &["99999999999999"],
        marked: &["9999-999999-999-9"],
        valid: salvador_nit,
        words: &["nit", "identificación tributaria", "identificacion tributaria"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("SV", "id.sv.dui", "Salvadoran identity number (DUI)"),
        plain: &["999999999", "99999999-9"],
        marked: &[],
        valid: |number| mod10(number, &[9, 8, 7, 6, 5, 4, 3, 2]),
        words: &["dui", "documento único", "documento unico"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("CU", "id.cu.ni", "Cuban identity number (NI)"),
        plain: &["99999999999"],
        marked: &[],
        valid: |number| ymd(number, 0),
        words: &["carnet de identidad", "carné de identidad", "identidad permanente"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("HN", "id.hn.dni", "Honduran identity number (DNI)"),
        plain: &["9999999999999", "9999-9999-99999"],
        marked: &[],
        valid: |number| {
            (1..=18).contains(&part(number, 0, 2))
                && (1..=28).contains(&part(number, 2, 2))
                && (1900..2100).contains(&part(number, 4, 4))
        },
        words: &["dni", "identidad"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("NI", "id.ni.cedula", "Nicaraguan identity number (cédula)"),
        plain: &["9999999999999a"],
        marked: &["999-999999-9999a"],
        valid: |number| {
            let rest = value(body(number)) % 23;
            dmy(number, 3) && ends_with(number, b"ABCDEFGHJKLMNPQRSTUVWXY", rest as u32)
        },
        words: &["cedula", "cédula"],
        strength: Strength::Strong,
    },
];

/// No number begins with 8, and those with 0 are samples, which a word has to announce all the same.
fn sin(number: &[u8]) -> bool {
    at(number, 0) != 8 && luhn(number)
}

fn phn(number: &[u8]) -> bool {
    let inner = number.get(1..).unwrap_or_default();
    at(number, 0) == 9 && mod11(inner, &[2, 4, 8, 5, 10, 9, 7, 3], 99)
}

/// The last six digits are the date of birth; 50 is added to the month of a woman.
fn ontario_licence(number: &[u8]) -> bool {
    let (month, day) = (part(number, 11, 2), part(number, 13, 2));
    matches!(month, 1..=12 | 51..=62) && (1..=31).contains(&day)
}

/// Where letters count from 10 on, and those after N one more: the alphabet has Ñ.
fn spanish(byte: u8) -> u32 {
    match byte {
        b'A'..=b'N' => u32::from(byte - b'A') + 10,
        b'O'..=b'Z' => u32::from(byte - b'A') + 11,
        _ => digit(byte),
    }
}

fn curp(number: &[u8]) -> bool {
    let weights = (2..=18).rev();
    let sum: u32 =
        body(number).iter().zip(weights).map(|(byte, weight)| spanish(*byte) * weight).sum();
    let sex = one_of(number, 10, b"HMX");
    ymd(number, 4) && sex && (10 - sum % 10) % 10 == last(number)
}

/// Four letters and a date for a person, three for a company.
fn rfc(number: &[u8]) -> bool {
    let first = if number.len() == 12 { 3 } else { 4 };
    // A company's number counts as if a blank stood in front, which is worth 37.
    let lead = if first == 3 { 37 * 13 } else { 0 };
    let weights = (2..=if first == 3 { 12 } else { 13 }).rev();
    let sum: u32 =
        body(number).iter().zip(weights).map(|(byte, weight)| spanish(*byte) * weight).sum();
    ymd(number, first) && ends_with(number, b"0123456789A0", 11 - (lead + sum) % 11)
}

fn guatemala_nit(number: &[u8]) -> bool {
    let sum: u32 =
        body(number).iter().rev().zip(2..).map(|(byte, weight)| digit(*byte) * weight).sum();
    ends_with(number, b"0123456789K", (11 - sum % 11) % 11)
}

fn salvador_nit(number: &[u8]) -> bool {
    if !matches!(byte(number, 0), b'0' | b'1' | b'9') {
        return false;
    }
    let check = if part(number, 10, 3) <= 100 {
        weighted(body(number), &[14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11 % 10
    } else {
        (11 - weighted(body(number), &[2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10
    };
    check == last(number)
}
