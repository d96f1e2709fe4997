//! Numbers of India, Pakistan, Sri Lanka and Bangladesh.
//!
//! Sources: UIDAI (Aadhaar), Income Tax Department (PAN), GSTN (GSTIN), Election Commission (EPIC),
//! Ministry of Road Transport (registrations and licences), NADRA (CNIC), DRP (Sri Lankan NIC).

use super::check::{alphanumeric, body, byte, ends_with, one_of, part, unchecked, verhoeff};
use super::{Id, Strength, company, licence, national, passport, tax, vehicle};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: national("IN", "id.in.aadhaar", "Indian identity number (Aadhaar)"),
        plain: &["999999999999"],
        marked: &["9999 9999 9999", "9999-9999-9999", "9999:9999:9999"],
        valid: |number| {
            let reversed = number.iter().rev();
            one_of(number, 0, b"23456789") && !number.iter().eq(reversed) && verhoeff(number)
        },
        words: &["aadhaar", "aadhar", "uidai", "आधार"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("IN", "id.in.pan", "Indian permanent account number (PAN)"),
        plain: &["aaaaa9999a"],
        marked: &[],
        valid: |number| one_of(number, 3, b"PCHFATBLJGK") && part(number, 5, 4) > 0,
        words: PAN,
        strength: Strength::Strong,
    },
    Id {
        rule: tax("IN", "id.in.pan_other", "Indian PAN of a kind that is not given out"),
        plain: &["aaaaa9999a"],
        marked: &[],
        valid: unchecked,
        words: PAN,
        strength: Strength::Shape,
    },
    Id {
        rule: company("IN", "id.in.gstin", "Indian goods and services tax number (GSTIN)"),
        plain: &["99aaaaa9999axxx"],
        marked: &[],
        valid: gstin,
        words: &["gstin", "gst", "goods and services"],
        strength: Strength::Certain,
    },
    Id {
        rule: company("IN", "id.in.gstin_unchecked", "Indian GSTIN whose check digit is wrong"),
        plain: &["99aaaaa9999a9Z9"],
        marked: &[],
        valid: |number| matches!(part(number, 0, 2), 1..=38 | 97 | 99),
        words: &["gstin", "gst", "goods and services"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("IN", "id.in.voter", "Indian voter number (EPIC)"),
        plain: &["aaa9999999"],
        marked: &[],
        valid: unchecked,
        words: &["voter", "epic", "elector"],
        strength: Strength::Shape,
    },
    Id {
        rule: passport("IN", "id.in.passport", "Indian passport number"),
        plain: &["a9999999"],
        marked: &[],
        valid: |number| {
            byte(number, 1) != b'0' && !one_of(number, 0, b"QXZ") && byte(number, 7) != b'0'
        },
        words: &[],
        strength: Strength::Shape,
    },
    Id {
        rule: vehicle("IN", "id.in.registration", "Indian vehicle registration"),
        plain: &[
            "aa99aa9999",
            "aa99a9999",
            "aa9a9999",
            "aa9aa9999",
            "aa9aaa9999",
            "99BH9999aa",
            "99BH9999a",
            "aa99aaa9999",
            "aa999999",
        ],
        marked: &["aa 99 aa 9999", "aa-99-aa-9999", "aa 99 a 9999", "aa-99-a-9999"],
        valid: |number| {
            is_state(number.get(..2).unwrap_or_default()) || byte(number, 0).is_ascii_digit()
        },
        words: &["registration", "reg no", "rto"],
        strength: Strength::Weak,
    },
    Id {
        rule: licence("IN", "id.in.driving_licence", "Indian driving licence number"),
        plain: &["aa9999999999999", "aa99 99999999999", "aa-9999999999999", "aa99-99999999999"],
        marked: &[],
        valid: |number| {
            is_state(number.get(..2).unwrap_or_default())
                && (1950..2100).contains(&part(number, 4, 4))
        },
        words: &["dl no", "driving"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("PK", "id.pk.cnic", "Pakistani identity number (CNIC)"),
        plain: &["9999999999999"],
        marked: &["99999-9999999-9"],
        valid: |number| one_of(number, 0, b"1234567") && byte(number, 12) != b'0',
        words: &["cnic", "nicop", "شناختی"],
        strength: Strength::Shape,
    },
    Id {
        rule: national("LK", "id.lk.nic", "Sri Lankan identity number (NIC)"),
        plain: &["999999999V", "999999999X", "999999999 V"],
        marked: &[],
        valid: |number| is_day_of_year(part(number, 2, 3)),
        words: &["nic", "identity card"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("LK", "id.lk.nic_new", "Sri Lankan identity number (NIC since 2016)"),
        plain: &["999999999999"],
        marked: &[],
        valid: |number| {
            (1900..2030).contains(&part(number, 0, 4)) && is_day_of_year(part(number, 4, 3))
        },
        words: &["nic", "identity card"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("BD", "id.bd.nid", "Bangladeshi identity number (NID)"),
        plain: &["9999999999", "9999999999999", "99999999999999999"],
        marked: &[],
        valid: unchecked,
        words: &["nid", "জাতীয় পরিচয়", "voter id"],
        strength: Strength::Shape,
    },
];

const PAN: &[&str] =
    &["permanent account", "income tax", "pan card", "pan number", "pan no", "pan:", "pan"];

/// State, PAN, entity, `Z` for ordinary taxpayers, and a check over base 36.
fn gstin(number: &[u8]) -> bool {
    let values = body(number).iter().zip([1, 2].into_iter().cycle());
    let sum: u32 = values
        .map(|(byte, weight)| alphanumeric(*byte) * weight)
        .map(|product| product / 36 + product % 36)
        .sum();
    let state = part(number, 0, 2);
    (matches!(state, 1..=38 | 97 | 99))
        && one_of(number, 5, b"PCHFATBLJGK")
        && byte(number, 12) != b'0'
        && byte(number, 13) == b'Z'
        && ends_with(number, b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (36 - sum % 36) % 36)
}

fn is_state(code: &[u8]) -> bool {
    const STATES: &[u8] =
        b"ANAPARASBRCGCHDDDLDNGAGJHPHRJHJKKAKLLALDMHMLMNMPMZNLODORPBPYRJSKTGTNTRTSUAUKUPWB";
    STATES.chunks_exact(2).any(|state| state == code)
}

/// The day of the year of birth; 500 more for women.
const fn is_day_of_year(day: u32) -> bool {
    matches!(day, 1..=366 | 501..=866)
}
