//! Numbers of the United Kingdom and of Ireland.
//!
//! Sources: HMRC (NIM39110 for NINO prefixes, VAT check), NHS Data Model (NHS number), DVLA (driver
//! number, registration marks), Companies House, Revenue and DEASP (PPS number).

use super::check::{at, byte, digit, ends_with, mod11, one_of, part, unchecked, weighted};
use super::{Id, Strength, company, health, licence, national, passport, tax, vehicle};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: national("GB", "id.gb.nino", "UK national insurance number (NINO)"),
        plain: &["aa999999a"],
        marked: &["aa 99 99 99 a", "aa-99-99-99-a", "aa 999999 a", "aa 999999a"],
        valid: nino,
        words: &["nino", "national insurance", "ni number", "ni no"],
        strength: Strength::Strong,
    },
    Id {
        rule: health("GB", "id.gb.nhs", "UK NHS number"),
        plain: &["9999999999"],
        marked: &["999 999 9999", "999-999-9999"],
        valid: |number| mod11(number, &[10, 9, 8, 7, 6, 5, 4, 3, 2], 99),
        words: &["nhs", "national health", "health service"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("GB", "id.gb.utr", "UK unique taxpayer reference (UTR)"),
        plain: &["9999999999", "9999999999K"],
        marked: &["99999 99999"],
        valid: |number| {
            let inner = number.get(1..10).unwrap_or_default();
            let rest = weighted(inner, &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
            at(b"21987654321", rest as usize) == at(number, 0)
        },
        words: &["utr", "unique taxpayer", "self assessment", "hmrc"],
        strength: Strength::Weak,
    },
    Id {
        rule: passport("GB", "id.gb.passport", "UK passport number"),
        plain: &["999999999", "aa9999999"],
        marked: &[],
        valid: unchecked,
        words: &["travel document", "hmpo"],
        strength: Strength::Shape,
    },
    Id {
        rule: licence("GB", "id.gb.driving_licence", "UK driver number"),
        plain: &["xxxxx999999xxxxx", "xxxxx999999xxxxxxx"],
        marked: &["xxxxx 999999 xxxxx", "xxxxx-999999-xxxxx", "xxxxx 999999 xxxxx xx"],
        valid: driver,
        words: &["driver number", "dvla"],
        strength: Strength::Strong,
    },
    Id {
        rule: company("GB", "id.gb.vat", "UK VAT number with its prefix"),
        plain: &[
            "GB999999999",
            "GB999999999999",
            "GB 999999999",
            "GB 999 9999 99",
            "GB999 9999 99",
            "GB 999 9999 99 999",
        ],
        marked: &[],
        valid: vat,
        words: &["value added"],
        strength: Strength::Strong,
    },
    Id {
        rule: company("GB", "id.gb.vat_number", "UK VAT number without its prefix"),
        plain: &["999999999"],
        marked: &["999 9999 99"],
        valid: vat,
        words: &["value added"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("GB", "id.gb.company", "UK company number"),
        plain: &[
            "99999999", "SC999999", "NI999999", "OC999999", "SO999999", "NC999999", "LP999999",
        ],
        marked: &[],
        valid: unchecked,
        words: &["companies house", "crn", "registered in england"],
        strength: Strength::Shape,
    },
    Id {
        rule: vehicle("GB", "id.gb.registration", "UK vehicle registration mark"),
        plain: &["a999aaa", "a99aaa", "aaa999a", "a999 aaa", "aaa 999a"],
        marked: &["aa99aaa", "aa99 aaa"],
        valid: registration,
        words: &["registration", "number plate", "reg no", "vrn", "dvla", "plate"],
        strength: Strength::Shape,
    },
    Id {
        rule: national("IE", "id.ie.pps", "Irish personal public service number (PPS)"),
        plain: &["9999999a", "9999999aa"],
        marked: &["9999999 a", "9999999 aa"],
        valid: irish,
        words: &["pps", "ppsn", "personal public service"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("IE", "id.ie.vat", "Irish VAT number with its prefix"),
        plain: &["IE9999999a", "IE9999999aa", "IE9a99999a", "IE 9999999a", "IE 9999999aa"],
        marked: &[],
        valid: irish,
        words: &["value added"],
        strength: Strength::Strong,
    },
];

/// D, F, I, Q, U and V are not used, nor O in the second place; the suffix is A to D.
fn nino(number: &[u8]) -> bool {
    let prefix = number.get(..2).unwrap_or_default();
    let unused = [b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"];
    !prefix.iter().any(|byte| b"DFIQUV".contains(byte))
        && byte(number, 1) != b'O'
        && !unused.iter().any(|other| prefix == *other)
        && one_of(number, 8, b"ABCD")
}

/// Modulus 97 of the first seven digits, weighted 8 to 2, and the two last; or 55 more.
fn vat(number: &[u8]) -> bool {
    let sum = weighted(number, &[8, 7, 6, 5, 4, 3, 2]) + part(number, 7, 2);
    sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)
}

/// Five of the surname, filled up with 9; the year's tens, month (50 more for women), day, the
/// year's ones; two initials, filled up with 9.
fn driver(number: &[u8]) -> bool {
    let surname = number.get(..5).unwrap_or_default();
    let letters = surname.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let filled = surname.iter().skip(letters).all(|byte| *byte == b'9');
    let is_initial = |at| byte(number, at).is_ascii_uppercase() || byte(number, at) == b'9';
    letters > 0
        && filled
        && matches!(part(number, 6, 2), 1..=12 | 51..=62)
        && (1..=31).contains(&part(number, 8, 2))
        && is_initial(11)
        && is_initial(12)
        && byte(number, 14).is_ascii_uppercase()
        && byte(number, 15).is_ascii_uppercase()
}

/// Current marks have a two-digit year (50 more for its second half) and no I or Q; the letter
/// that was the year of older ones is no I, O, Q, U or Z.
fn registration(number: &[u8]) -> bool {
    let is_year = |at| byte(number, at).is_ascii_uppercase() && !one_of(number, at, b"IOQUZ");
    let last = number.len().saturating_sub(1);
    let is_letter = |at| byte(number, at).is_ascii_uppercase();
    if number.contains(&b'Q') {
        return false;
    }
    match (is_letter(0), is_letter(1), is_letter(last)) {
        // AA99 AAA
        (true, true, true) if !is_letter(2) => {
            matches!(part(number, 2, 2), 2..=29 | 51..=79) && !number.contains(&b'I')
        }
        // A999 AAA
        (true, false, true) => is_year(0),
        // AAA 999A
        (true, true, true) => is_year(last),
        // AAA 9999
        _ => true,
    }
}

/// Seven digits, weighted 8 to 2, a check letter, and a letter that counts nine times its place.
/// An old number has a letter or sign in the second place, and its first digit counts last.
fn irish(number: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"WABCDEFGHIJKLMNOPQRSTUV";
    let place = |letter: u8| {
        ALPHABET.iter().zip(0..).find(|(known, _)| **known == letter).map_or(0, |(_, at)| at)
    };
    let sum = if byte(number, 1).is_ascii_digit() {
        let extra = match byte(number, 8) {
            // Of a personal number given out before 2013 the last letter says nothing.
            b'W' | b'T' | b'X' | 0 => 0,
            letter => 9 * place(letter),
        };
        weighted(number, &[8, 7, 6, 5, 4, 3, 2]) + extra
    } else {
        let digits = number.get(2..7).unwrap_or_default();
        weighted(digits, &[7, 6, 5, 4, 3]) + 2 * digit(byte(number, 0))
    };
    let known = number.len() == 8 || one_of(number, 8, b"ABCDEFGHIWTX");
    known && ends_with(number.get(..8).unwrap_or_default(), ALPHABET, sum % 23)
}
