//! Numbers of France, Monaco and Andorra.
//!
//! Sources: INSEE (NIR, SIREN, SIRET), `DGFiP` (numéro fiscal, TVA), ANTS (documents), Govern
//! d'Andorra (NRT).

use super::check::{at, byte, digit, luhn, one_of, part, unchecked, value};
use super::{Id, Strength, company, licence, national, passport, tax};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: national("FR", "id.fr.nir", "French social security number (NIR)"),
        plain: &["999999x99999999"],
        marked: &[
            "9 99 99 9x 999 999 99",
            "9 99 99 9x 999 999-99",
            "9 99 99 9x 999 999/99",
            "999999x999999 99",
        ],
        valid: nir,
        words: &["nir", "sécurité sociale", "securite sociale", "sécu", "insee"],
        strength: Strength::Strong,
    },
    Id {
        rule: tax("FR", "id.fr.nif", "French tax number (numéro fiscal)"),
        plain: &["9999999999999"],
        marked: &["99 99 999 999 999"],
        valid: |number| {
            at(number, 0) <= 3
                && value(number.get(..10).unwrap_or_default()) % 511
                    == u64::from(part(number, 10, 3))
        },
        words: &["numéro fiscal", "numero fiscal", "spi", "nif", "référence fiscale"],
        strength: Strength::Strong,
    },
    Id {
        rule: company("FR", "id.fr.siren", "French company number (SIREN)"),
        plain: &["999999999"],
        marked: &["999 999 999", "999.999.999"],
        valid: luhn,
        words: &["siren", "rcs"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("FR", "id.fr.siret", "French establishment number (SIRET)"),
        plain: &["99999999999999"],
        marked: &["999 999 999 99999", "999 999 999 999 99"],
        valid: siret,
        words: &["siret", "établissement"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("FR", "id.fr.vat", "French VAT number (TVA)"),
        plain: &[
            "FR99999999999",
            "FR 99999999999",
            "FR 99 999999999",
            "FR 99 999 999 999",
            "FR99 999 999 999",
        ],
        marked: &[],
        valid: |number| {
            let company = number.get(2..).unwrap_or_default();
            luhn(company) && u64::from(part(number, 0, 2)) == (12 + 3 * (value(company) % 97)) % 97
        },
        words: &["tva", "taxe sur la valeur"],
        strength: Strength::Certain,
    },
    Id {
        rule: passport("FR", "id.fr.passport", "French passport number"),
        plain: &["99aa99999"],
        marked: &[],
        valid: unchecked,
        words: &[],
        strength: Strength::Shape,
    },
    Id::form(
        national("FR", "id.fr.cni", "French identity card number (CNI)"),
        &["999999999999", "axxxxxxx9", "9999999a9999"],
        &["cni", "carte d'identité", "carte nationale"],
    ),
    Id::form(
        licence("FR", "id.fr.driving_licence", "French driving licence number"),
        &["999999999999", "99aa99999"],
        &["permis de conduire", "permis"],
    ),
    Id {
        rule: tax("AD", "id.ad.nrt", "Andorran tax number (NRT)"),
        plain: &["a999999a"],
        marked: &["a-999999-a"],
        valid: |number| {
            let serial = part(number, 1, 6);
            match byte(number, 0) {
                b'A' | b'L' => (700_000..800_000).contains(&serial),
                b'F' => serial < 700_000,
                other => b"CDEGOPU".contains(&other),
            }
        },
        words: &["nrt", "registre tributari"],
        strength: Strength::Fair,
    },
];

/// Sex, year and month of birth, department, commune, serial, and a key modulo 97; the departments
/// of Corsica are 2A and 2B and count as 19 and 18.
fn nir(number: &[u8]) -> bool {
    let department = match byte(number, 6) {
        b'A' if byte(number, 5) == b'2' => 19,
        b'B' if byte(number, 5) == b'2' => 18,
        other if other.is_ascii_digit() => u64::from(part(number, 5, 2)),
        _ => return false,
    };
    let head = value(number.get(..5).unwrap_or_default()) * 100 + department;
    let all = number
        .get(7..13)
        .unwrap_or_default()
        .iter()
        .fold(head, |all, byte| all * 10 + u64::from(digit(*byte)));
    let month = part(number, 3, 2);
    one_of(number, 0, b"123478")
        && (matches!(month, 1..=12 | 20 | 30..=42 | 50..=99))
        && 97 - all % 97 == u64::from(part(number, 13, 2))
}

/// Luhn; of La Poste, whose number is 356000000, the digits add up to a multiple of five.
fn siret(number: &[u8]) -> bool {
    let sum: u32 = number.iter().map(|byte| digit(*byte)).sum();
    luhn(number) && luhn(number.get(..9).unwrap_or_default())
        || number.starts_with(b"356000000") && sum.is_multiple_of(5)
}
