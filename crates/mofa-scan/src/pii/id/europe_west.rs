//! Numbers of Belgium, the Netherlands and Luxembourg.
//!
//! Sources: Rijksregister (national number), FOD Financiën (VAT), Belastingdienst (BSN, btw-id),
//! `RvIG` (documents), `KVK`, CCSS and CTIE (Luxembourg matricule), AED (Luxembourg VAT).

use super::check::{at, last, luhn, mod97, part, unchecked, value, verhoeff, weighted};
use super::date::{is_day, long_ymd};
use super::{Id, Strength, company, licence, national, passport, tax};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: national("BE", "id.be.nn", "Belgian national number"),
        plain: &["99999999999", "999999-99999", "999999 99999"],
        marked: &[
            "99.99.99-999.99",
            "99.99.99-999-99",
            "99.99.99 999.99",
            "99.99.99-99999",
            "999999-999-99",
            "99 99 99 999 99",
        ],
        valid: belgian,
        words: &[
            "rijksregister",
            "registre national",
            "insz",
            "niss",
            "numéro national",
            "nationaal nummer",
        ],
        strength: Strength::Strong,
    },
    Id {
        rule: company("BE", "id.be.vat", "Belgian company and VAT number"),
        plain: &["9999999999"],
        marked: &[
            "9999.999.999",
            "BE9999999999",
            "BE 9999999999",
            "BE 9999.999.999",
            "BE9999.999.999",
            "BE 9999 999 999",
        ],
        valid: |number| {
            at(number, 0) <= 1
                && part(number, 0, 8) > 0
                && 97 - part(number, 0, 8) % 97 == part(number, 8, 2)
        },
        words: &["btw", "tva", "ondernemingsnummer", "numéro d'entreprise", "kbo", "bce"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("BE", "id.be.card", "Belgian identity card number"),
        plain: &["999999999999"],
        marked: &["999-9999999-99"],
        valid: |number| {
            let rest = value(number.get(..10).unwrap_or_default()) % 97;
            u64::from(part(number, 10, 2)) == if rest == 0 { 97 } else { rest }
        },
        words: &["identiteitskaart", "carte d'identité", "eid"],
        strength: Strength::Fair,
    },
    Id {
        rule: passport("BE", "id.be.passport", "Belgian passport number"),
        plain: &["aa999999"],
        marked: &[],
        valid: unchecked,
        words: &[],
        strength: Strength::Shape,
    },
    Id {
        rule: national("NL", "id.nl.bsn", "Dutch citizen service number (BSN)"),
        plain: &["999999999"],
        marked: &["9999.99.999", "999.999.999", "9999 99 999"],
        valid: bsn,
        words: &["bsn", "burgerservicenummer", "sofi", "sofinummer", "citizen service"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("NL", "id.nl.vat", "Dutch VAT number (btw-id)"),
        plain: &["NL999999999B99", "NL 999999999B99", "NL999999999.B99", "NL 999999999 B 99"],
        marked: &[],
        valid: |number| {
            let digits = number.get(..9).unwrap_or_default();
            // Since 2020 modulus 97 of the whole with its letters.
            let suffix = number.get(9..).unwrap_or_default();
            let rest = mod97(b"NL".iter().chain(digits).chain(b"B").chain(suffix));
            bsn(digits) || rest == 1
        },
        words: &["btw", "omzetbelasting"],
        strength: Strength::Strong,
    },
    Id {
        rule: passport("NL", "id.nl.passport", "Dutch passport or identity card number"),
        plain: &["aaxxxxxx9"],
        marked: &[],
        valid: |number| !number.contains(&b'O'),
        words: &["identiteitskaart", "documentnummer"],
        strength: Strength::Shape,
    },
    Id {
        rule: licence("NL", "id.nl.driving_licence", "Dutch driving licence number"),
        plain: &["9999999999"],
        marked: &[],
        valid: unchecked,
        words: &["rijbewijs"],
        strength: Strength::Shape,
    },
    Id::form(
        company("NL", "id.nl.kvk", "Dutch chamber of commerce number (KVK)"),
        &["99999999"],
        &["kvk", "kamer van koophandel"],
    ),
    Id {
        rule: national("LU", "id.lu.matricule", "Luxembourg identification number (matricule)"),
        plain: &["9999999999999"],
        marked: &["9999 99 99 99999", "99999999 99999"],
        valid: |number| {
            let eleven = number.get(..11).unwrap_or_default();
            long_ymd(number, 0)
                && luhn(number.get(..12).unwrap_or_default())
                && verhoeff(eleven.iter().chain(number.last()))
        },
        words: &["matricule", "sécurité sociale", "ccss"],
        strength: Strength::Strong,
    },
    Id {
        rule: company("LU", "id.lu.vat", "Luxembourg VAT number"),
        plain: &["LU99999999", "LU 99999999", "LU 999 999 99"],
        marked: &[],
        valid: |number| part(number, 0, 6) % 89 == part(number, 6, 2),
        words: &["tva"],
        strength: Strength::Strong,
    },
    Id {
        rule: tax("LU", "id.lu.vat_number", "Luxembourg VAT number without its prefix"),
        plain: &["99999999"],
        marked: &[],
        valid: |number| part(number, 0, 6) % 89 == part(number, 6, 2),
        words: &["tva"],
        strength: Strength::Weak,
    },
];

/// Date of birth and serial modulo 97; behind a 2 for those born from 2000 on. Where the date is
/// not known, or 20 or 40 was added to its month, the number is a BIS number.
fn belgian(number: &[u8]) -> bool {
    let (head, check) = (value(number.get(..9).unwrap_or_default()), u64::from(part(number, 9, 2)));
    let (month, day) = (part(number, 2, 2), part(number, 4, 2));
    let holds = |head: u64| 97 - head % 97 == check;
    let date = match month % 20 {
        0 => day <= 31,
        month => day == 0 || is_day(part(number, 0, 2), month, day),
    };
    month < 60 && date && (holds(head) || holds(head + 2_000_000_000))
}

/// The test of eleven: weights 9 to 2, and the last digit counts negatively.
fn bsn(number: &[u8]) -> bool {
    let sum = weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2]);
    sum % 11 == last(number) && part(number, 0, 8) > 0
}
