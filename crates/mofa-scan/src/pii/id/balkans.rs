//! Numbers of the Balkans: the states that were Yugoslavia, Albania, Bulgaria and Romania.
//!
//! Sources: JMBG law of 1976 (number and regions), Porezna uprava (OIB), FURS (DDV), APR (PIB),
//! GRAO and NRA (EGN, LNČ, EIK), ANAF and Law 105/1996 (CNP, CUI), GDT (NIPT).

use super::check::{
    at, body, byte, digit, last, mod11, mod11_10, mod11_sum, part, unchecked, weighted,
};
use super::date::is_day;
use super::{Id, Strength, company, national, passport, tax};

const JMBG: &[&str] = &["9999999999999"];
const JMBG_WORDS: &[&str] = &[
    "jmbg",
    "emšo",
    "emso",
    "matični broj",
    "maticni broj",
    "јмбг",
    "матичен број",
    "матични број",
];

const fn jmbg_of(
    country: &'static str,
    id: &'static str,
    description: &'static str,
    valid: fn(&[u8]) -> bool,
) -> Id {
    Id {
        rule: national(country, id, description),
        plain: JMBG,
        marked: &[],
        valid,
        words: JMBG_WORDS,
        strength: Strength::Strong,
    }
}

pub(super) const IDS: &[Id] = &[
    jmbg_of("SI", "id.si.emso", "Slovenian personal number (EMŠO)", |n| jmbg(n, 50, 59)),
    jmbg_of("HR", "id.hr.jmbg", "Croatian personal number (JMBG)", |n| jmbg(n, 30, 39)),
    jmbg_of("RS", "id.rs.jmbg", "Serbian personal number (JMBG)", |n| jmbg(n, 70, 99)),
    jmbg_of("BA", "id.ba.jmbg", "Bosnian personal number (JMBG)", |n| jmbg(n, 10, 19)),
    jmbg_of("ME", "id.me.jmbg", "Montenegrin personal number (JMBG)", |n| jmbg(n, 20, 29)),
    jmbg_of("MK", "id.mk.embg", "North Macedonian personal number (EMBG)", |n| jmbg(n, 40, 49)),
    Id {
        rule: tax("SI", "id.si.ddv", "Slovenian tax number (davčna številka)"),
        plain: &["99999999"],
        marked: &[],
        valid: davcna,
        words: &["davčna", "davcna", "id za ddv", "ddv"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("SI", "id.si.vat", "Slovenian VAT number"),
        plain: &["SI99999999", "SI 99999999", "SI 99 99 99 99"],
        marked: &[],
        valid: davcna,
        words: &["ddv"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("HR", "id.hr.oib", "Croatian personal number (OIB)"),
        plain: &["99999999999"],
        marked: &[],
        valid: mod11_10,
        words: &["oib", "osobni identifikacijski"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("HR", "id.hr.vat", "Croatian VAT number"),
        plain: &["HR99999999999", "HR 99999999999"],
        marked: &[],
        valid: mod11_10,
        words: &["pdv", "oib"],
        strength: Strength::Strong,
    },
    Id {
        rule: tax("RS", "id.rs.pib", "Serbian tax number (PIB)"),
        plain: &["999999999"],
        marked: &["RS999999999", "RS 999999999"],
        valid: mod11_10,
        words: &["pib", "пиб", "pdv"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("ME", "id.me.pib", "Montenegrin tax number (PIB)"),
        plain: &["99999999"],
        marked: &[],
        valid: |number| mod11(number, &[8, 7, 6, 5, 4, 3, 2], 0),
        words: &["pib", "pdv"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("MK", "id.mk.edb", "North Macedonian tax number (EDB)"),
        plain: &["9999999999999"],
        marked: &["MK9999999999999", "MK 9999999999999"],
        valid: |number| mod11(number, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 0),
        words: &["едб", "edb", "даночен"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("BA", "id.ba.jib", "Bosnian tax number (JIB)"),
        plain: &["9999999999999"],
        marked: &[],
        valid: |number| at(number, 0) == 4,
        words: &["jib", "pdv broj", "jedinstveni identifikacioni"],
        strength: Strength::Shape,
    },
    Id {
        rule: tax("AL", "id.al.nipt", "Albanian tax and identity number (NIPT, NID)"),
        plain: &["a99999999a"],
        marked: &[],
        valid: |number| (b'A'..=b'T').contains(&byte(number, 0)),
        words: &["nipt", "nuis", "nid", "letërnjoftim", "numri personal"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("BG", "id.bg.egn", "Bulgarian personal number (EGN)"),
        plain: &["9999999999"],
        marked: &[],
        valid: egn,
        words: &["егн", "egn", "единен граждански"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("BG", "id.bg.lnc", "Bulgarian foreigner number (LNČ)"),
        plain: &["9999999999"],
        marked: &[],
        valid: lnc,
        words: &["лнч", "lnch", "личен номер на чужденец"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("BG", "id.bg.eik", "Bulgarian company number (EIK)"),
        plain: &["999999999"],
        marked: &[],
        valid: eik,
        words: &["еик", "булстат", "eik", "bulstat"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("BG", "id.bg.vat", "Bulgarian VAT number"),
        plain: &["BG999999999", "BG9999999999", "BG 999999999", "BG 9999999999"],
        marked: &[],
        valid: |number| {
            if number.len() == 9 {
                eik(number)
            } else {
                egn(number) || lnc(number) || mod11(number, &[4, 3, 2, 7, 6, 5, 4, 3, 2], 99)
            }
        },
        words: &["ддс", "dds"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("RO", "id.ro.cnp", "Romanian personal number (CNP)"),
        plain: &["9999999999999"],
        marked: &[],
        valid: cnp,
        words: &["cnp", "cod numeric personal", "codul numeric personal"],
        strength: Strength::Strong,
    },
    Id {
        rule: tax("RO", "id.ro.cui", "Romanian company number (CUI, CIF)"),
        plain: &["999999", "9999999", "99999999", "999999999", "9999999999"],
        marked: &[],
        valid: cui,
        words: &["cui", "cif", "cod fiscal", "cod unic"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("RO", "id.ro.vat", "Romanian VAT number"),
        plain: &[
            "RO999999",
            "RO9999999",
            "RO99999999",
            "RO999999999",
            "RO9999999999",
            "RO 99999999",
            "RO 9999999",
        ],
        marked: &[],
        valid: cui,
        words: &["tva", "cui", "cif"],
        strength: Strength::Strong,
    },
    Id {
        rule: passport("RO", "id.ro.passport", "Romanian passport number"),
        plain: &["99999999", "999999999"],
        marked: &[],
        valid: unchecked,
        words: &["pașaport", "pasaport"],
        strength: Strength::Shape,
    },
];

/// Day, month, three digits of the year, region, serial, check digit.
fn jmbg(number: &[u8], first: u32, last: u32) -> bool {
    let year = part(number, 4, 3);
    let year = if year < 800 { 2000 + year } else { 1000 + year };
    let region = part(number, 7, 2);
    (1850..2100).contains(&year)
        && is_day(year, part(number, 2, 2), part(number, 0, 2))
        && (first..=last).contains(&region)
        && mod11(number, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 99)
}

fn davcna(number: &[u8]) -> bool {
    let rest = weighted(body(number), &[8, 7, 6, 5, 4, 3, 2]) % 11;
    at(number, 0) > 0 && rest > 0 && (11 - rest) % 10 == last(number)
}

/// 20 more on the month for those born before 1900, 40 for those after 1999.
fn egn(number: &[u8]) -> bool {
    let month = match part(number, 2, 2) {
        month @ 21..=32 => month - 20,
        month @ 41..=52 => month - 40,
        month => month,
    };
    is_day(part(number, 0, 2), month, part(number, 4, 2))
        && mod11_sum(number, &[2, 4, 8, 5, 10, 9, 7, 3, 6], 0)
}

fn lnc(number: &[u8]) -> bool {
    weighted(body(number), &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10 == last(number)
}

/// Weights 1 to 8; where the rest is 10, 3 to 10.
fn eik(number: &[u8]) -> bool {
    let check = match weighted(body(number), &[1, 2, 3, 4, 5, 6, 7, 8]) % 11 {
        10 => weighted(body(number), &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10,
        check => check,
    };
    check == last(number)
}

/// Sex and century, date of birth, county, serial, check digit.
fn cnp(number: &[u8]) -> bool {
    let county = part(number, 7, 2);
    at(number, 0) > 0
        && is_day(part(number, 1, 2), part(number, 3, 2), part(number, 5, 2))
        && matches!(county, 1..=48 | 51 | 52 | 70 | 80..=83)
        && mod11_sum(number, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9], 1)
}

fn cui(number: &[u8]) -> bool {
    let weights = [2, 3, 5, 7, 1, 2, 3, 5, 7];
    let digits = body(number).iter().rev();
    let sum: u32 = digits.zip(weights).map(|(byte, weight)| digit(*byte) * weight).sum();
    at(number, 0) > 0 && sum * 10 % 11 % 10 == last(number)
}
