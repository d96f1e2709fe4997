//! Numbers of the Nordic and the Baltic countries.
//!
//! Sources: CPR-kontoret, Erhvervsstyrelsen (CVR), Skatteverket (SKV 704), Skatteetaten and
//! Brønnøysund (Norway), DVV and PRH (Finland), Þjóðskrá (Iceland), EVS 585:2007 (Estonia), VMI
//! (Lithuania), VID (Latvia).

use super::check::{
    at, body, byte, digit, ends_with, last, luhn, mod10, mod11, one_of, part, unchecked, weighted,
};
use super::date::{dmy, is_day};
use super::{Id, Strength, company, national, passport};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: national("DK", "id.dk.cpr", "Danish personal number (CPR)"),
        plain: &["9999999999", "999999 9999"],
        marked: &["999999-9999"],
        valid: |number| {
            let day = part(number, 0, 2);
            is_day(part(number, 4, 2), part(number, 2, 2), if day > 60 { day - 60 } else { day })
        },
        words: &["cpr", "personnummer"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("DK", "id.dk.cvr", "Danish company number (CVR)"),
        plain: &["99999999"],
        marked: &["99 99 99 99"],
        valid: danish,
        words: &["cvr", "moms", "momsnr"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("DK", "id.dk.vat", "Danish VAT number with its prefix"),
        plain: &["DK99999999", "DK 99999999", "DK-99999999", "DK 99 99 99 99"],
        marked: &[],
        valid: danish,
        words: &["cvr", "moms", "momsnr"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("SE", "id.se.personnummer", "Swedish personal number (personnummer)"),
        plain: &["9999999999", "999999999999"],
        marked: &["999999-9999", "999999+9999", "99999999-9999", "99999999+9999"],
        valid: swedish,
        words: &["personnummer", "personnr", "pnr", "samordningsnummer", "personal identity"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("SE", "id.se.orgnr", "Swedish organisation number"),
        plain: &["9999999999"],
        marked: &["999999-9999"],
        valid: |number| part(number, 2, 2) >= 20 && at(number, 0) > 0 && luhn(number),
        words: &["orgnr", "organisationsnummer", "org.nr", "org nr", "org. nr"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("SE", "id.se.vat", "Swedish VAT number"),
        plain: &["SE999999999901", "SE 999999999901", "SE999999-999901", "SE 999999-9999 01"],
        marked: &[],
        valid: |number| luhn(number.get(..10).unwrap_or_default()),
        words: &["moms", "momsreg"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("NO", "id.no.fodselsnummer", "Norwegian birth number (fødselsnummer)"),
        plain: &["99999999999"],
        marked: &["999999 99999"],
        valid: norwegian,
        words: &["fødselsnummer", "fodselsnummer", "fnr", "personnummer", "d-nummer"],
        strength: Strength::Strong,
    },
    Id {
        rule: company("NO", "id.no.orgnr", "Norwegian organisation number"),
        plain: &["999999999"],
        marked: &["999 999 999"],
        valid: |number| mod11(number, &[3, 2, 7, 6, 5, 4, 3, 2], 99),
        words: &["orgnr", "organisasjonsnummer", "org.nr", "foretaksnummer"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("NO", "id.no.mva", "Norwegian VAT number"),
        plain: &["NO999999999MVA", "NO 999 999 999 MVA", "999999999MVA", "999 999 999 MVA"],
        marked: &[],
        valid: |number| mod11(number, &[3, 2, 7, 6, 5, 4, 3, 2], 99),
        words: &["mva", "merverdiavgift"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("FI", "id.fi.hetu", "Finnish personal identity code (HETU)"),
        plain: &[],
        marked: &["999999-999x", "999999+999x", "999999a999x"],
        valid: hetu,
        words: &["henkilötunnus", "hetu", "henkilotunnus", "personbeteckning", "personal identity"],
        strength: Strength::Strong,
    },
    Id {
        rule: company("FI", "id.fi.y_tunnus", "Finnish business id (Y-tunnus)"),
        plain: &["9999999-9"],
        marked: &[],
        valid: |number| mod11(number, &[7, 9, 10, 5, 8, 4, 2], 99),
        words: &["y-tunnus", "fo-nummer", "business id"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("FI", "id.fi.vat", "Finnish VAT number"),
        plain: &["FI99999999", "FI 99999999", "FI 9999999-9"],
        marked: &[],
        valid: |number| mod11(number, &[7, 9, 10, 5, 8, 4, 2], 99),
        words: &["alv", "arvonlisävero"],
        strength: Strength::Strong,
    },
    Id {
        rule: passport("FI", "id.fi.passport", "Finnish passport number"),
        plain: &["aa9999999"],
        marked: &[],
        valid: unchecked,
        words: &["passin", "passi"],
        strength: Strength::Shape,
    },
    Id {
        rule: national("IS", "id.is.kennitala", "Icelandic identity number (kennitala)"),
        plain: &["9999999999"],
        marked: &["999999-9999"],
        valid: |number| {
            let day = part(number, 0, 2);
            let sum = weighted(number, &[3, 2, 7, 6, 5, 4, 3, 2, 1]);
            let date = is_day(
                part(number, 4, 2),
                part(number, 2, 2),
                if day > 40 { day - 40 } else { day },
            );
            date && one_of(number, 9, b"089") && sum.is_multiple_of(11)
        },
        words: &["kennitala", "kt."],
        strength: Strength::Fair,
    },
    Id {
        rule: national("EE", "id.ee.isikukood", "Estonian personal code (isikukood)"),
        plain: &["99999999999"],
        marked: &[],
        valid: |number| (1..=8).contains(&at(number, 0)) && baltic_date(number) && baltic(number),
        words: &["isikukood", "personal code"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("EE", "id.ee.registrikood", "Estonian register code (registrikood)"),
        plain: &["99999999"],
        marked: &[],
        valid: |number| one_of(number, 0, b"1789") && baltic(number),
        words: &["registrikood", "reg. kood", "rg-kood"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("EE", "id.ee.vat", "Estonian VAT number (KMKR)"),
        plain: &["EE999999999", "EE 999999999", "EE 999 999 999"],
        marked: &[],
        valid: |number| mod10(number, &[3, 7, 1, 3, 7, 1, 3, 7]),
        words: &["kmkr", "käibemaks"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("LT", "id.lt.asmens_kodas", "Lithuanian personal code (asmens kodas)"),
        plain: &["99999999999"],
        marked: &[],
        valid: |number| {
            let known =
                byte(number, 0) == b'9' || (1..=6).contains(&at(number, 0)) && baltic_date(number);
            known && baltic(number)
        },
        words: &["asmens kodas", "asmens kod", "personal code"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("LT", "id.lt.vat", "Lithuanian VAT number (PVM)"),
        plain: &["LT999999999", "LT999999999999", "LT 999999999", "LT 999999999999"],
        marked: &[],
        valid: |number| byte(number, number.len().saturating_sub(2)) == b'1' && baltic(number),
        words: &["pvm", "pvm kodas"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("LV", "id.lv.personas_kods", "Latvian personal code (personas kods)"),
        plain: &["99999999999"],
        marked: &["999999-99999"],
        valid: |number| {
            let sum = 1 + weighted(body(number), &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9]);
            let known = part(number, 0, 2) == 32 || dmy(number, 0) && at(number, 6) <= 2;
            known && sum % 11 % 10 == last(number)
        },
        words: &["personas kods", "personas kod", "pers. kods", "personal code"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("LV", "id.lv.vat", "Latvian VAT number (PVN)"),
        plain: &["LV99999999999", "LV 99999999999", "LV 9999 9999 999"],
        marked: &[],
        valid: |number| {
            at(number, 0) > 3 && weighted(number, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3
        },
        words: &["pvn"],
        strength: Strength::Strong,
    },
];

fn danish(number: &[u8]) -> bool {
    at(number, 0) > 0 && weighted(number, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

/// Date of birth (60 more on the day for coordination numbers), serial, and Luhn over the ten.
fn swedish(number: &[u8]) -> bool {
    let ten = number.get(number.len().saturating_sub(10)..).unwrap_or_default();
    let century = number.len() == 10 || matches!(part(number, 0, 2), 18..=20);
    let day = part(ten, 4, 2);
    century
        && is_day(part(ten, 0, 2), part(ten, 2, 2), if day > 60 { day - 60 } else { day })
        && luhn(ten)
}

/// Two check digits; 40 more on the day for D numbers, on the month for synthetic ones 80.
fn norwegian(number: &[u8]) -> bool {
    let (day, month) = (part(number, 0, 2), part(number, 2, 2));
    let day = if day > 40 { day - 40 } else { day };
    let month = match month {
        81..=92 => month - 80,
        41..=52 => month - 40,
        month => month,
    };
    let first = weighted(number, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]);
    let second = weighted(number, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
    is_day(part(number, 4, 2), month, day) && first.is_multiple_of(11) && second.is_multiple_of(11)
}

/// The sign between date and serial is the century; the check is the rest modulo 31.
fn hetu(number: &[u8]) -> bool {
    let (serial_at, century) =
        if number.len() == 11 { (7, one_of(number, 6, b"YXWVUABCDEF")) } else { (6, true) };
    let serial = part(number, serial_at, 3);
    let rest = (u64::from(part(number, 0, 6)) * 1000 + u64::from(serial)) % 31;
    century
        && serial >= 2
        && dmy(number, 0)
        && ends_with(number, b"0123456789ABCDEFHJKLMNPRSTUVWXY", rest as u32)
}

fn baltic_date(number: &[u8]) -> bool {
    is_day(part(number, 1, 2), part(number, 3, 2), part(number, 5, 2))
}

/// Weights from 1 on, after 9 again 1; where the rest is 10, from 3 on.
fn baltic(number: &[u8]) -> bool {
    let sum = |first: usize| -> u32 {
        let weights = (1..=9).cycle().skip(first);
        body(number).iter().zip(weights).map(|(byte, weight)| digit(*byte) * weight).sum()
    };
    let check = match sum(0) % 11 {
        10 => sum(2) % 11 % 10,
        check => check,
    };
    check == last(number)
}
