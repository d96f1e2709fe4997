//! Numbers of Africa.
//!
//! Sources: Department of Home Affairs (South Africa), DGI Morocco (ICE), Ministère des Finances
//! (Algeria, Tunisia), NIA and GRA (Ghana), KRA (Kenya), NIMC, CBN and FIRS (Nigeria), Civil Status
//! Division (Mauritius), NIRA (Uganda), NIDA (Tanzania, Rwanda), Registrar General (Zimbabwe).

use super::check::{
    alphanumeric, at, digit, ends_with, last, luhn, one_of, part, unchecked, value, weighted,
};
use super::date::{dmy, long_ymd, ymd};
use super::{Id, Strength, company, national, passport, tax, vehicle};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: national("ZA", "id.za.id", "South African identity number"),
        plain: &["9999999999999"],
        marked: &["999999 9999 999", "999999 9999 99 9"],
        valid: |number| ymd(number, 0) && one_of(number, 10, b"012") && luhn(number),
        words: &["south african id", "rsa id", "id number", "id no", "said"],
        strength: Strength::Strong,
    },
    Id {
        rule: passport("ZA", "id.za.passport", "South African passport number"),
        plain: &["a99999999"],
        marked: &[],
        valid: unchecked,
        words: &["paspoort"],
        strength: Strength::Shape,
    },
    Id {
        rule: tax("ZA", "id.za.tin", "South African tax number"),
        plain: &["9999999999"],
        marked: &[],
        valid: |number| one_of(number, 0, b"01239") && luhn(number),
        words: &["sars", "income tax"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("DZ", "id.dz.nif", "Algerian tax number (NIF)"),
        plain: &["999999999999999", "99999999999999999999"],
        marked: &["999 999 999 999 999"],
        valid: unchecked,
        words: &["nif", "identification fiscale"],
        strength: Strength::Shape,
    },
    Id {
        rule: company("MA", "id.ma.ice", "Moroccan company number (ICE)"),
        plain: &["999999999999999"],
        marked: &["999 999 999 999 999"],
        valid: |number| {
            let rest = number.iter().fold(0, |rest, byte| (rest * 10 + digit(*byte)) % 97);
            rest == 0
        },
        words: &["ice", "identifiant commun"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("MA", "id.ma.cin", "Moroccan identity card number (CIN)"),
        plain: &["a999999", "aa99999", "aa999999"],
        marked: &[],
        valid: unchecked,
        words: &["cin", "cnie", "carte nationale"],
        strength: Strength::Shape,
    },
    Id {
        rule: tax("TN", "id.tn.mf", "Tunisian tax number (matricule fiscal)"),
        plain: &["9999999a", "9999999/a", "9999999aaa999"],
        marked: &[
            "9999999/a/a/a/999",
            "9999999a/a/a/999",
            "9999999/aaa999",
            "9999999/aaa/999",
            "9999999/aa/a/999",
        ],
        valid: |number| {
            let kinds = number.len() == 8
                || one_of(number, 8, b"APBDN")
                    && one_of(number, 9, b"MPCNE")
                    && (part(number, 10, 3) == 0 || one_of(number, 9, b"E"));
            kinds && one_of(number, 7, b"ABCDEFGHJKLMNPQRSTVWXYZ")
        },
        words: &["matricule fiscal", "matricule fiscale"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("TN", "id.tn.cin", "Tunisian identity card number (CIN)"),
        plain: &["09999999", "19999999"],
        marked: &[],
        valid: unchecked,
        words: &["cin", "carte d'identité", "بطاقة التعريف"],
        strength: Strength::Shape,
    },
    Id {
        rule: national("GH", "id.gh.card", "Ghana Card number"),
        plain: &["GHA-999999999-9", "GHA9999999999"],
        marked: &[],
        valid: unchecked,
        words: &["ghana card", "ghanacard"],
        strength: Strength::Strong,
    },
    Id {
        rule: tax("GH", "id.gh.tin", "Ghanaian tax number (TIN)"),
        plain: &["a00xxxxxxxx"],
        marked: &[],
        valid: |number| {
            let digits = number.get(1..10).unwrap_or_default();
            let weights = [1, 2, 3, 4, 5, 6, 7, 8, 9];
            digits.iter().all(u8::is_ascii_digit)
                && one_of(number, 0, b"PCGQV")
                && ends_with(number, b"0123456789X", weighted(digits, &weights) % 11)
        },
        words: &["gra tin", "ghana revenue"],
        strength: Strength::Strong,
    },
    Id {
        rule: tax("KE", "id.ke.pin", "Kenyan tax number (PIN)"),
        plain: &["A999999999a", "P999999999a"],
        marked: &[],
        valid: unchecked,
        words: &["kra pin", "kra", "pin certificate"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("KE", "id.ke.id", "Kenyan identity card number"),
        plain: &["99999999", "9999999"],
        marked: &[],
        valid: unchecked,
        words: &["kitambulisho", "huduma"],
        strength: Strength::Shape,
    },
    Id {
        rule: national("NG", "id.ng.nin", "Nigerian identity number (NIN)"),
        plain: &["99999999999", "9999 999 9999", "9999-999-9999"],
        marked: &[],
        valid: |number| at(number, 0) > 0,
        words: &["nin", "nimc"],
        strength: Strength::Shape,
    },
    Id {
        rule: national("NG", "id.ng.bvn", "Nigerian bank verification number (BVN)"),
        plain: &["22999999999"],
        marked: &[],
        valid: unchecked,
        words: &["bvn", "bank verification"],
        strength: Strength::Shape,
    },
    Id {
        rule: tax("NG", "id.ng.tin", "Nigerian tax number (TIN)"),
        plain: &["99999999-0001"],
        marked: &[],
        valid: unchecked,
        words: &["firs"],
        strength: Strength::Fair,
    },
    Id {
        rule: vehicle("NG", "id.ng.registration", "Nigerian vehicle registration"),
        plain: &["aaa999aa", "aaa 999aa", "aaa 999 aa"],
        marked: &["aaa-999aa", "aaa-999-aa"],
        valid: unchecked,
        words: &["plate"],
        strength: Strength::Shape,
    },
    Id {
        rule: national("MU", "id.mu.nid", "Mauritian identity number"),
        plain: &["a9999999999xxx"],
        marked: &[],
        valid: |number| {
            let sum: u32 = number
                .iter()
                .take(13)
                .zip((2..=14).rev())
                .map(|(byte, weight)| alphanumeric(*byte) * weight)
                .sum();
            let digits = number.get(1..13).unwrap_or_default();
            digits.iter().all(u8::is_ascii_digit)
                && dmy(number, 1)
                && ends_with(number, b"0123456789ABCDEFG", (17 - sum % 17) % 17)
        },
        words: &["nic", "national identity card"],
        strength: Strength::Strong,
    },
    Id {
        rule: tax("SN", "id.sn.ninea", "Senegalese company number (NINEA)"),
        plain: &["999999999", "9999999"],
        marked: &["9999999 9a9", "9999999/9a9", "99999999 9a9", "9999999999a9"],
        valid: |number| {
            let digits: usize = if number.len() > 9 { number.len() - 3 } else { number.len() };
            let digits = number.get(..digits).unwrap_or_default();
            let weights: &[u32] = if digits.len() % 2 == 1 {
                &[1, 2, 1, 2, 1, 2, 1, 2, 1]
            } else {
                &[2, 1, 2, 1, 2, 1, 2, 1]
            };
            weighted(digits, weights).is_multiple_of(10)
        },
        words: &["ninea"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("GN", "id.gn.nifp", "Guinean tax number (NIFp)"),
        plain: &["999999999"],
        marked: &["999-999-999"],
        valid: luhn,
        words: &["nifp"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("MZ", "id.mz.nuit", "Mozambican tax number (NUIT)"),
        plain: &["999999999"],
        marked: &["999 999 999"],
        valid: |number| {
            let rest = weighted(number, &[8, 9, 4, 5, 6, 7, 8, 9]) % 11;
            at(b"01234567891", rest as usize) == last(number)
        },
        words: &["nuit"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("AO", "id.ao.bi", "Angolan identity card number (BI)"),
        plain: &["999999999aa999"],
        marked: &[],
        valid: |number| {
            const PROVINCES: &[u8] = b"BABEBOCACCCECNCSHAHOLALNLSLUMAMEMONEUEUIZAZE";
            let code = number.get(9..11).unwrap_or_default();
            PROVINCES.chunks_exact(2).any(|province| province == code)
        },
        words: &["bilhete de identidade"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("UG", "id.ug.nin", "Ugandan identity number (NIN)"),
        plain: &["aa99xxxxxxxxxx"],
        marked: &[],
        valid: |number| one_of(number, 0, b"CAR") && one_of(number, 1, b"MF") && number.len() == 14,
        words: &["nin", "nira"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("TZ", "id.tz.nin", "Tanzanian identity number (NIN)"),
        plain: &["99999999999999999999"],
        marked: &["99999999-99999-99999-99"],
        valid: |number| long_ymd(number, 0),
        words: &["nida", "nin"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("RW", "id.rw.nid", "Rwandan identity number"),
        plain: &["1999999999999999"],
        marked: &["1 9999 9 9999999 9 99"],
        valid: |number| (1900..2030).contains(&part(number, 1, 4)) && one_of(number, 5, b"78"),
        words: &["indangamuntu"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("ZW", "id.zw.id", "Zimbabwean identity number"),
        plain: &["99999999a99", "999999999a99", "99-999999a99", "99-9999999a99"],
        marked: &["99-999999-a-99", "99-9999999-a-99", "99-999999 a 99", "99-9999999 a 99"],
        valid: |number| {
            let digits = number.len().saturating_sub(3);
            let all = value(number.get(..digits).unwrap_or_default());
            let checked = number.get(..=digits).unwrap_or_default();
            ends_with(checked, b"ZABCDEFGHJKLMNPQRSTVWXY", (all % 23) as u32)
        },
        words: &["national registration"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("ZM", "id.zm.nrc", "Zambian registration card number (NRC)"),
        plain: &[],
        marked: &["999999/99/9"],
        valid: |number| matches!(at(number, 8), 1..=3),
        words: &["nrc", "national registration"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("BW", "id.bw.omang", "Botswanan identity number (Omang)"),
        plain: &["999999999"],
        marked: &[],
        valid: |number| one_of(number, 4, b"12"),
        words: &["omang"],
        strength: Strength::Shape,
    },
    Id {
        rule: national("NA", "id.na.id", "Namibian identity number"),
        plain: &["99999999999"],
        marked: &["999999 9999 9"],
        valid: |number| ymd(number, 0),
        words: &["namibian id"],
        strength: Strength::Weak,
    },
];
