//! Numbers of Germany, Austria, Switzerland and Liechtenstein.
//!
//! Sources: `BZSt` (Steuer-ID, USt-IdNr.), ICAO 9303 (document check digits), VKVV (social
//! insurance), GKV-Spitzenverband (KVNR), KBV (LANR, BSNR), BMF (Austria), ASVG (Austria), BSV and
//! BFS (AHV number, UID).

use super::check::{
    alphanumeric, at, body, byte, last, luhn, luhn_sum, mod10, mod11, mod11_10, one_of, part,
    unchecked, weighted,
};
use super::date::is_day;
use super::{Id, Strength, company, health, licence, national, passport, tax};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: tax("DE", "id.de.steuer_id", "German tax identification number (Steuer-ID)"),
        plain: &["99999999999"],
        marked: &["99 999 999 999", "99-999-999-999", "99/999/999/999", "99.999.999.999"],
        valid: steuer_id,
        words: STEUER_ID,
        strength: Strength::Strong,
    },
    Id {
        rule: tax("DE", "id.de.steuer_id_unusual", "German Steuer-ID without a repeated digit"),
        plain: &["99999999999"],
        marked: &["99 999 999 999"],
        valid: |number| {
            let ten = body(number);
            let is_new = |(at, byte)| !ten.iter().take(at).any(|other| other == byte);
            at(number, 0) != 0 && ten.iter().enumerate().all(is_new) && mod11_10(number)
        },
        words: STEUER_ID,
        strength: Strength::Weak,
    },
    Id {
        rule: tax("DE", "id.de.steuernummer", "German tax office number (Steuernummer)"),
        plain: &["9999999999999", "99999999999", "9999999999"],
        marked: &["99/999/99999", "999/999/99999", "999/9999/9999", "99 999 99999"],
        valid: steuernummer,
        words: &["steuernummer", "steuer-nr", "st.-nr", "stnr", "steuernr"],
        strength: Strength::Shape,
    },
    Id {
        rule: company("DE", "id.de.vat", "German VAT number (USt-IdNr.)"),
        plain: &["DE999999999", "DE 999999999", "DE 999 999 999"],
        marked: &[],
        valid: |number| at(number, 0) > 0 && mod11_10(number),
        words: &["ust-id", "ustid", "umsatzsteuer", "mwst"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("DE", "id.de.rvnr", "German social insurance number (RVNR)"),
        plain: &["99999999a999"],
        marked: &["99 999999 a 999", "99 99 99 99 a 999", "99999999 a 999"],
        valid: rvnr,
        words: &["rentenversicherung", "sozialversicherung", "rvnr", "svnr", "versicherungsnummer"],
        strength: Strength::Strong,
    },
    Id {
        rule: health("DE", "id.de.kvnr", "German health insurance number (KVNR)"),
        plain: &["a999999999"],
        marked: &["a 999 999 999"],
        valid: kvnr,
        words: &[
            "krankenversicherung",
            "krankenversichertennummer",
            "krankenkasse",
            "kvnr",
            "versichertennummer",
            "egk",
            "gesundheitskarte",
        ],
        strength: Strength::Weak,
    },
    Id {
        rule: health("DE", "id.de.lanr", "German physician number (LANR)"),
        plain: &["999999999"],
        marked: &[],
        valid: |number| {
            let sum = weighted(number, &[4, 9, 4, 9, 4, 9]);
            (10 - sum % 10) % 10 == at(number, 6) && part(number, 0, 6) > 0
        },
        words: &["lanr", "arztnummer"],
        strength: Strength::Weak,
    },
    Id {
        rule: health("DE", "id.de.bsnr", "German practice number (BSNR)"),
        plain: &["999999999"],
        marked: &[],
        // The keys of districts are many, and old ones live on in numbers; none is 00.
        valid: |number| part(number, 0, 2) > 0 && part(number, 2, 7) > 0,
        words: &["bsnr", "betriebsstätte", "betriebsstättennummer"],
        strength: Strength::Shape,
    },
    Id {
        rule: passport("DE", "id.de.passport", "German passport number"),
        plain: &["axxxxxxxx", "axxxxxxxx9", "axxxxxxxx9D"],
        marked: &[],
        valid: document,
        words: &["passnummer", "pass-nr", "passnr"],
        strength: Strength::Shape,
    },
    Id {
        rule: national("DE", "id.de.ausweis", "German identity card number"),
        plain: &["axxxxxxxx", "axxxxxxxx9", "axxxxxxxx9D"],
        marked: &[],
        valid: document,
        words: &["personalausweis", "ausweisnummer", "ausweis", "perso"],
        strength: Strength::Shape,
    },
    Id {
        rule: licence("DE", "id.de.driving_licence", "German driving licence number"),
        plain: &["x99xxxxxx9x"],
        marked: &[],
        valid: unchecked,
        words: &["führerschein", "fuehrerschein", "fahrerlaubnis"],
        strength: Strength::Shape,
    },
    Id::form(
        company("DE", "id.de.handelsregister", "German trade register number"),
        &[
            "HRA 9999",
            "HRA 99999",
            "HRA 999999",
            "HRB 9999",
            "HRB 99999",
            "HRB 999999",
            "HRB99999",
            "HRB999999",
        ],
        &["handelsregister", "amtsgericht", "registergericht"],
    ),
    Id {
        rule: national("AT", "id.at.svnr", "Austrian social insurance number (SVNR)"),
        plain: &["9999999999"],
        marked: &["9999 999999", "9999-999999"],
        valid: svnr,
        words: &["svnr", "sv-nr", "sozialversicherung", "versicherungsnummer", "e-card"],
        strength: Strength::Fair,
    },
    Id {
        rule: tax("AT", "id.at.steuernummer", "Austrian tax office number"),
        plain: &["999999999"],
        marked: &["99-999/9999", "99 999/9999"],
        valid: luhn,
        words: &["steuernummer", "abgabenkontonummer", "st.nr", "steuernr"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("AT", "id.at.vat", "Austrian VAT number (UID)"),
        plain: &["ATU99999999", "ATU 99999999", "AT U99999999"],
        marked: &[],
        valid: |number| {
            // Weighted 1, 2, 1, 2 … and four more.
            (luhn_sum(body(number)) + 4 + last(number)).is_multiple_of(10)
        },
        words: &["uid", "ust-id", "umsatzsteuer", "mwst"],
        strength: Strength::Strong,
    },
    Id {
        rule: company("AT", "id.at.firmenbuch", "Austrian company register number"),
        plain: &["FN99999a", "FN999999a", "FN 99999a", "FN 999999a", "FN 999999 a"],
        marked: &[],
        valid: unchecked,
        words: &["firmenbuch", "firmenbuchnummer"],
        strength: Strength::Shape,
    },
    Id::form(
        passport("AT", "id.at.passport", "Austrian passport number"),
        &["a9999999", "a 9999999", "aa9999999"],
        &["passnummer"],
    ),
    Id {
        rule: national("CH", "id.ch.ahv", "Swiss social insurance number (AHV)"),
        plain: &["7569999999999"],
        marked: &["756.9999.9999.99", "756 9999 9999 99"],
        valid: |number| mod10(number, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]),
        words: &["ahv", "avs", "oasi", "sozialversicherung", "assurance sociale"],
        strength: Strength::Strong,
    },
    Id {
        rule: company("CH", "id.ch.uid", "Swiss company and VAT number (UID)"),
        plain: &["CHE999999999", "CHE-999999999", "CHE 999999999"],
        marked: &["CHE-999.999.999", "CHE 999.999.999"],
        valid: |number| mod11(number, &[5, 4, 3, 2, 7, 6, 5, 4], 99),
        words: &["uid", "mwst", "tva", "iva", "ide", "idi"],
        strength: Strength::Strong,
    },
    Id {
        rule: passport("CH", "id.ch.passport", "Swiss passport number"),
        plain: &["a9999999", "axxxxxx9"],
        marked: &[],
        valid: unchecked,
        words: &["passnummer"],
        strength: Strength::Shape,
    },
];

const STEUER_ID: &[&str] = &[
    "steuer-id",
    "steuerid",
    "steueridentifikation",
    "steuerliche identifikation",
    "idnr",
    "tin-nr",
];

/// Of the first ten digits one occurs two or three times (three not in a row), no other twice.
fn steuer_id(number: &[u8]) -> bool {
    let ten = body(number);
    let mut counts = [0_u8; 10];
    for byte in ten {
        if let Some(count) = counts.get_mut(usize::from(byte.wrapping_sub(b'0'))) {
            *count += 1;
        }
    }
    let repeated = counts.iter().filter(|count| **count > 1).count();
    let most = counts.iter().max().copied().unwrap_or(0);
    let in_a_row = ten.windows(3).any(|three| three.iter().all(|byte| three.first() == Some(byte)));
    at(number, 0) != 0 && repeated == 1 && most <= 3 && !in_a_row && mod11_10(number)
}

/// Of the 13 digits that ELSTER knows for all states, the first two name the tax administration and
/// the fifth is 0; what the states write themselves is not checked.
fn steuernummer(number: &[u8]) -> bool {
    let administration = part(number, 0, 2);
    let is_known = matches!(
        administration,
        10 | 11 | 21..=24 | 26..=28 | 30..=32 | 40 | 41 | 51..=53 | 91 | 92
    );
    number.len() != 13 || is_known && at(number, 4) == 0
}

/// The sum of the digits of `value`.
const fn cross(value: u32) -> u32 {
    value / 10 + value % 10
}

/// The sum of cross sums of the digits, where a letter counts as the two digits of its place.
fn cross_sum(number: &[u8], weights: &[u32]) -> u32 {
    let values = number.iter().flat_map(|byte| {
        let value = alphanumeric(*byte);
        let place = if value > 9 { value - 9 } else { value };
        let tens = (value > 9).then_some(place / 10);
        tens.into_iter().chain([place % 10])
    });
    values.zip(weights).map(|(value, weight)| cross(value * weight)).sum()
}

/// Area, date of birth, initial of the birth name, serial, check digit.
fn rvnr(number: &[u8]) -> bool {
    let sum = cross_sum(body(number), &[2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]);
    let day = part(number, 2, 2);
    let area = part(number, 0, 2);
    (2..=89).contains(&area)
        && is_day(part(number, 6, 2), part(number, 4, 2), day % 50)
        && sum % 10 == last(number)
}

fn kvnr(number: &[u8]) -> bool {
    cross_sum(body(number), &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2]) % 10 == last(number)
}

/// Letters that cannot be taken for others, and digits; a tenth place checks them (ICAO 9303).
fn document(number: &[u8]) -> bool {
    let nine = number.get(..9).unwrap_or_default();
    let known = nine.iter().all(|byte| b"CFGHJKLMNPRTVWXYZ0123456789".contains(byte));
    let weights = [7, 3, 1].into_iter().cycle();
    let sum: u32 =
        nine.iter().zip(weights).map(|(byte, weight)| alphanumeric(*byte) * weight).sum();
    let digits = nine.iter().filter(|byte| byte.is_ascii_digit()).count();
    let checked = number.len() == 9 || sum % 10 == at(number, 9);
    known && digits > 0 && one_of(number, 0, b"CFGHJKLMNPRTVWXYZ") && checked
}

/// Serial, check digit, date of birth; months above 12 where the dates are used up.
fn svnr(number: &[u8]) -> bool {
    let sum = weighted(number, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
    let month = part(number, 6, 2);
    byte(number, 0) != b'0'
        && sum == at(number, 3)
        && matches!(month, 1..=15)
        && is_day(part(number, 8, 2), month.min(12), part(number, 4, 2))
}
