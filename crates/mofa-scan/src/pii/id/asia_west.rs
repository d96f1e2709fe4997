//! Numbers of Türkiye, Israel, Iran, the Gulf and Egypt.
//!
//! Sources: NVİ (TCKN), GİB (VKN), Population and Immigration Authority (Israel), ICP (Emirates
//! ID), Absher (Saudi Arabia), PACI (Kuwait), Sabte Ahval (Iran), Civil Registry (Egypt).

use super::check::{at, body, digit, last, luhn, mod11, one_of, part, unchecked, weighted};
use super::date::ymd;
use super::{Id, Strength, company, national, passport, tax, vehicle};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: national("TR", "id.tr.tckn", "Turkish identity number (TCKN)"),
        plain: &["99999999999"],
        marked: &["999 999 999 99"],
        valid: tckn,
        words: &["tckn", "t.c. kimlik", "tc kimlik", "kimlik no", "kimlik numarası", "tc no"],
        strength: Strength::Fair,
    },
    Id {
        rule: tax("TR", "id.tr.vkn", "Turkish tax number (VKN)"),
        plain: &["9999999999"],
        marked: &[],
        valid: vkn,
        words: &["vkn", "vergi kimlik", "vergi no", "vergi numarası"],
        strength: Strength::Weak,
    },
    Id {
        rule: vehicle("TR", "id.tr.plate", "Turkish vehicle registration"),
        plain: &["99a9999", "99a99999", "99aa999", "99aa9999", "99aaa99", "99aaa999", "99aaa9999"],
        marked: &[
            "99 a 9999",
            "99 a 99999",
            "99 aa 999",
            "99 aa 9999",
            "99 aaa 99",
            "99 aaa 999",
            "99 aaa 9999",
            "99 a 999",
            "99 a 99",
            "99 aa 99",
        ],
        valid: |number| {
            (1..=81).contains(&part(number, 0, 2))
                && !number.iter().any(|byte| b"QWX".contains(byte))
        },
        words: &["plaka", "plakası", "araç"],
        strength: Strength::Shape,
    },
    Id {
        rule: national("IL", "id.il.id", "Israeli identity number"),
        plain: &["999999999"],
        marked: &["99999999-9"],
        valid: luhn,
        words: &["teudat zehut", "תעודת זהות", "ת.ז", "מספר זהות"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("IL", "id.il.company", "Israeli company number"),
        plain: &["599999999"],
        marked: &["59-999999-9"],
        valid: luhn,
        words: &["ח.פ", "מספר חברה"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("IR", "id.ir.code_melli", "Iranian national code"),
        plain: &["9999999999"],
        marked: &["999-999999-9"],
        valid: |number| {
            let rest = weighted(body(number), &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            last(number) == if rest < 2 { rest } else { 11 - rest }
        },
        words: &["code melli", "codemelli", "کد ملی", "کدملی"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("AE", "id.ae.emirates_id", "Emirates ID number"),
        plain: &["784999999999999"],
        marked: &["784-9999-9999999-9", "784 9999 9999999 9"],
        valid: |number| (1900..2100).contains(&part(number, 3, 4)) && luhn(number),
        words: &["emirates id", "رقم الهوية", "الهوية"],
        strength: Strength::Strong,
    },
    Id {
        rule: tax("AE", "id.ae.trn", "Emirati tax registration number (TRN)"),
        plain: &["100999999999993"],
        marked: &[],
        valid: unchecked,
        words: &["trn", "tax registration", "الرقم الضريبي"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("SA", "id.sa.id", "Saudi identity or residence number"),
        plain: &["9999999999"],
        marked: &[],
        valid: |number| one_of(number, 0, b"12") && luhn(number),
        words: &["iqama", "الهوية", "هوية", "إقامة", "saudi id"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("KW", "id.kw.civil", "Kuwaiti civil number"),
        plain: &["999999999999"],
        marked: &[],
        valid: |number| {
            one_of(number, 0, b"123")
                && ymd(number, 1)
                && mod11(number, &[2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], 99)
        },
        words: &["civil id", "civil number", "الرقم المدني"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("EG", "id.eg.id", "Egyptian national number"),
        plain: &["99999999999999"],
        marked: &["9 999999 99 99999"],
        valid: |number| {
            let region = part(number, 7, 2);
            one_of(number, 0, b"23") && ymd(number, 1) && matches!(region, 1..=4 | 11..=35 | 88)
        },
        words: &["الرقم القومي", "بطاقة", "raqam qawmi"],
        strength: Strength::Fair,
    },
    Id {
        rule: tax("EG", "id.eg.tn", "Egyptian tax number"),
        plain: &["999999999"],
        marked: &["999-999-999"],
        valid: unchecked,
        words: &["الرقم الضريبي", "ضريبي"],
        strength: Strength::Shape,
    },
    Id {
        rule: passport("IL", "id.il.passport", "Israeli passport number"),
        plain: &["99999999"],
        marked: &[],
        valid: unchecked,
        words: &["דרכון"],
        strength: Strength::Shape,
    },
];

fn tckn(number: &[u8]) -> bool {
    let odd: u32 = [0, 2, 4, 6, 8].into_iter().map(|place| at(number, place)).sum();
    let even: u32 = [1, 3, 5, 7].into_iter().map(|place| at(number, place)).sum();
    // Seven times the odd places less the even ones; nine times is less one modulo ten.
    let tenth = (7 * odd + 9 * even) % 10;
    at(number, 0) > 0 && tenth == at(number, 9) && (odd + even + tenth) % 10 == at(number, 10)
}

/// Each digit, plus its place from the right, times two to the power of that place, modulo nine.
fn vkn(number: &[u8]) -> bool {
    let digits = body(number).iter().rev().zip(1..);
    let sum: u32 = digits
        .map(|(byte, place)| match (digit(*byte) + place) % 10 {
            0 => 0,
            shifted => match shifted * 2_u32.pow(place) % 9 {
                0 => 9,
                rest => rest,
            },
        })
        .sum();
    (10 - sum % 10) % 10 == last(number)
}
