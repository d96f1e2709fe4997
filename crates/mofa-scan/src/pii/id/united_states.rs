//! Numbers of the United States.
//!
//! Sources: IRS (ITIN ranges, EIN prefixes), CMS (NPI and MBI check and format), DEA (registration
//! numbers), AAMVA (licence formats of the states).

use super::check::{at, body, byte, luhn_sum, one_of, part, unchecked};
use super::{Id, Strength, health, licence, passport, tax};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: tax("US", "id.us.itin", "US individual taxpayer identification number (ITIN)"),
        plain: &["999999999"],
        marked: &[
            "999-99-9999",
            "999 99 9999",
            "999-99 9999",
            "999 99-9999",
            "999-999999",
            "999 999999",
            "99999-9999",
            "99999 9999",
        ],
        valid: itin,
        words: &["itin", "individual taxpayer"],
        strength: Strength::Fair,
    },
    Id {
        rule: tax("US", "id.us.ein", "US employer identification number (EIN)"),
        plain: &["999999999"],
        marked: &["99-9999999"],
        valid: ein,
        words: &["ein", "fein", "employer identification", "federal tax"],
        strength: Strength::Shape,
    },
    Id {
        rule: tax("US", "id.us.ptin", "US preparer tax identification number (PTIN)"),
        plain: &["P99999999"],
        marked: &[],
        valid: unchecked,
        words: &["ptin", "preparer"],
        strength: Strength::Shape,
    },
    Id::form(
        passport("US", "id.us.passport", "US passport number"),
        &["999999999", "a99999999"],
        &["travel document"],
    ),
    Id::form(
        licence("US", "id.us.driving_licence", "US driver's licence number"),
        &[
            "999999",
            "9999999",
            "99999999",
            "999999999",
            "9999999999",
            "999999999999",
            "99999999a",
            "999999999a",
            "99aaa99999",
            "999aa9999",
            "a99999",
            "a999999",
            "a9999999",
            "a99999999",
            "a999999999",
            "a99999999999",
            "a999999999999",
            "a9999999999999",
            "a99999999999999",
            "a999-9999-9999",
            "a999-9999-9999-99",
            "a999-999-99-999-9",
            "a9999-99999-99999",
            "aa99999",
            "aa999999",
            "aa999999a",
            "aaa999999",
            "aaaaaaa999xx",
            "WDLxxxxxxxxx",
            "999-99-9999",
            "999 999 999",
        ],
        &["dl number", "dl no", "dln", "dl#", "lic#", "lic no"],
    ),
    Id {
        rule: health("US", "id.us.npi", "US national provider identifier (NPI)"),
        plain: &["9999999999"],
        marked: &["9999-999-999", "9999 999 999"],
        valid: npi,
        words: &["npi", "provider", "national provider"],
        strength: Strength::Weak,
    },
    Id {
        rule: health("US", "id.us.dea", "US DEA registration number"),
        plain: &["aa9999999", "a99999999", "aa-9999999"],
        marked: &[],
        valid: dea,
        words: &["dea", "medical license", "certificate", "registration", "prescriber"],
        strength: Strength::Fair,
    },
    Id {
        rule: health("US", "id.us.mbi", "US Medicare beneficiary identifier (MBI)"),
        plain: &["9ax9ax9aa99"],
        marked: &["9ax9-ax9-aa99"],
        valid: mbi,
        words: &["mbi", "medicare", "beneficiary"],
        strength: Strength::Strong,
    },
];

fn itin(number: &[u8]) -> bool {
    at(number, 0) == 9 && matches!(part(number, 3, 2), 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

/// The two leading digits name the campus that gave the number out.
fn ein(number: &[u8]) -> bool {
    let prefix = part(number, 0, 2);
    let unused = [0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97];
    !unused.contains(&prefix)
}

/// Luhn over the number behind the issuer prefix 80840, which adds 24.
fn npi(number: &[u8]) -> bool {
    let is_filler = body(number).iter().all(|byte| number.first() == Some(byte));
    !is_filler && matches!(at(number, 0), 1 | 2) && (luhn_sum(number) + 24).is_multiple_of(10)
}

fn dea(number: &[u8]) -> bool {
    let digit = |place: usize| at(number, place + 1);
    let sum = digit(1) + digit(3) + digit(5) + 2 * (digit(2) + digit(4) + digit(6));
    let second = byte(number, 1);
    one_of(number, 0, b"ABCDEFGHJKLMPRSTUX")
        && (second.is_ascii_uppercase() || second == b'9')
        && sum % 10 == digit(7)
}

/// No S, L, O, I, B or Z, and not 0 in front.
fn mbi(number: &[u8]) -> bool {
    at(number, 0) != 0 && !number.iter().any(|byte| b"SLOIBZ".contains(byte))
}
