//! Numbers of East and Southeast Asia.
//!
//! Sources: GB 11643 (China), GB 32100 (unified social credit code), Ministry of the Interior and
//! Ministry of Finance (Taiwan), Immigration Department (Hong Kong), ordinances of MIC and NTA
//! (Japan), MOIS and NTS (Korea), ACRA and ICA (Singapore), JPN (Malaysia), DOPA (Thailand),
//! Dukcapil and DJP (Indonesia), BIR (Philippines), GDT and MPS (Vietnam).

use super::check::{
    alphanumeric, at, body, byte, digit, ends_with, last, luhn, mod11_2, mod11_sum, one_of, part,
    unchecked, weighted,
};
use super::date::{is_day, long_ymd, ymd};
use super::{Id, Strength, company, licence, national, passport, tax};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: national("CN", "id.cn.ric", "Chinese resident identity number"),
        plain: &["99999999999999999x"],
        marked: &[],
        valid: |number| {
            let known = one_of(number, 17, b"0123456789X");
            known
                && (11..=91).contains(&part(number, 0, 2))
                && long_ymd(number, 6)
                && mod11_2(number)
        },
        words: &["身份证", "身份證", "公民身份", "resident id"],
        strength: Strength::Certain,
    },
    Id {
        rule: company("CN", "id.cn.uscc", "Chinese unified social credit code"),
        plain: &["x9999999xxxxxxxxxx"],
        marked: &[],
        valid: uscc,
        words: &["统一社会信用代码", "信用代码", "social credit"],
        strength: Strength::Strong,
    },
    Id {
        rule: passport("CN", "id.cn.passport", "Chinese passport number"),
        plain: &["E99999999", "G99999999", "Ea9999999"],
        marked: &[],
        valid: unchecked,
        words: &[],
        strength: Strength::Shape,
    },
    Id {
        rule: national("TW", "id.tw.id", "Taiwanese identity or residence number"),
        plain: &["a999999999"],
        marked: &[],
        valid: taiwanese,
        words: &["身分證", "身份證", "統一證號", "居留證"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("TW", "id.tw.ubn", "Taiwanese business number (UBN)"),
        plain: &["99999999"],
        marked: &[],
        valid: ubn,
        words: &["統一編號", "統編", "ubn"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("HK", "id.hk.hkid", "Hong Kong identity card number (HKID)"),
        plain: &["a999999x", "aa999999x"],
        marked: &["a999999(x)", "aa999999(x)", "a999999 (x)"],
        valid: hkid,
        words: &["hkid", "身份證", "身分證"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("JP", "id.jp.my_number", "Japanese individual number (My Number)"),
        plain: &["999999999999"],
        marked: &["9999 9999 9999", "9999-9999-9999"],
        valid: |number| {
            let sum = weighted(body(number), &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
            last(number) == if sum < 2 { 0 } else { 11 - sum }
        },
        words: &["マイナンバー", "個人番号", "my number", "mynumber"],
        strength: Strength::Weak,
    },
    Id {
        rule: company("JP", "id.jp.corporate", "Japanese corporate number"),
        plain: &["9999999999999"],
        marked: &["9-9999-9999-9999", "T9999999999999"],
        valid: |number| {
            let sum = weighted(
                number.get(1..).unwrap_or_default(),
                &[2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1],
            );
            9 - sum % 9 == at(number, 0)
        },
        words: &["法人番号", "corporate number", "登録番号"],
        strength: Strength::Weak,
    },
    Id {
        rule: passport("JP", "id.jp.passport", "Japanese passport number"),
        plain: &["aa9999999"],
        marked: &[],
        valid: unchecked,
        words: &[],
        strength: Strength::Shape,
    },
    Id {
        rule: national("KR", "id.kr.rrn", "South Korean resident number (RRN)"),
        plain: &["9999999999999"],
        marked: &["999999-9999999"],
        valid: |number| one_of(number, 6, b"1234") && korean(number),
        words: &["rrn", "주민등록번호", "주민번호", "resident registration"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("KR", "id.kr.frn", "South Korean foreigner number (FRN)"),
        plain: &["9999999999999"],
        marked: &["999999-9999999"],
        valid: |number| one_of(number, 6, b"5678") && korean(number),
        words: &["frn", "외국인등록번호", "외국인", "foreigner registration", "alien registration"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("KR", "id.kr.rrn_2020", "South Korean resident number since October 2020"),
        plain: &["9999999999999"],
        marked: &["999999-9999999"],
        valid: |number| one_of(number, 6, b"1234") && ymd(number, 0),
        words: &["rrn", "주민등록번호", "주민번호", "resident registration"],
        strength: Strength::Shape,
    },
    Id {
        rule: national("KR", "id.kr.frn_2020", "South Korean foreigner number since October 2020"),
        plain: &["9999999999999"],
        marked: &["999999-9999999"],
        valid: |number| one_of(number, 6, b"5678") && ymd(number, 0),
        words: &["frn", "외국인등록번호", "외국인", "foreigner registration", "alien registration"],
        strength: Strength::Shape,
    },
    Id {
        rule: company("KR", "id.kr.brn", "South Korean business number (BRN)"),
        plain: &["9999999999"],
        marked: &["999-99-99999"],
        valid: |number| {
            let sum = weighted(body(number), &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + at(number, 8) * 5 / 10;
            part(number, 0, 3) > 100 && (sum + last(number)).is_multiple_of(10)
        },
        words: &["brn", "사업자등록번호", "사업자번호", "사업자"],
        strength: Strength::Weak,
    },
    Id {
        rule: passport("KR", "id.kr.passport", "South Korean passport number"),
        plain: &["a99999999", "a999a9999"],
        marked: &[],
        valid: |number| one_of(number, 0, b"MSROD"),
        words: &[],
        strength: Strength::Shape,
    },
    Id {
        rule: licence("KR", "id.kr.driving_licence", "South Korean driving licence number"),
        plain: &["999999999999"],
        marked: &["99-99-999999-99", "99 99 999999 99"],
        valid: |number| (11..=28).contains(&part(number, 0, 2)),
        words: &["운전면허", "면허번호"],
        strength: Strength::Shape,
    },
    Id {
        rule: national("SG", "id.sg.nric", "Singaporean identity number (NRIC, FIN)"),
        plain: &["a9999999a"],
        marked: &[],
        valid: nric,
        words: &["nric", "fin number", "fin no"],
        strength: Strength::Strong,
    },
    Id {
        rule: national(
            "SG",
            "id.sg.nric_unchecked",
            "Singaporean NRIC whose check letter is wrong",
        ),
        plain: &["a9999999a"],
        marked: &[],
        valid: |number| one_of(number, 0, b"STFGM"),
        words: &["nric", "fin number", "fin no"],
        strength: Strength::Shape,
    },
    Id {
        rule: company("SG", "id.sg.uen", "Singaporean entity number (UEN)"),
        plain: &["99999999a", "999999999a", "a99aa9999a"],
        marked: &[],
        valid: uen,
        words: &["uen", "acra", "unique entity"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("MY", "id.my.nric", "Malaysian identity number (MyKad)"),
        plain: &["999999999999"],
        marked: &["999999-99-9999"],
        valid: |number| {
            ymd(number, 0)
                && !matches!(part(number, 6, 2), 0 | 17..=20 | 69 | 70 | 73 | 80 | 81 | 94..=97)
        },
        words: &["mykad", "kad pengenalan", "no. kp", "nric"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("TH", "id.th.id", "Thai identity and tax number"),
        plain: &["9999999999999"],
        marked: &["9-9999-99999-99-9", "9 9999 99999 99 9"],
        valid: |number| {
            let province = part(number, 1, 2);
            let known =
                matches!(province, 10..=27 | 30..=58 | 60..=67 | 70..=77 | 80..=86 | 90..=96);
            let sum = weighted(body(number), &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
            at(number, 0) > 0 && known && (11 - sum % 11) % 10 == last(number)
        },
        words: &[
            "เลขประจำตัวประชาชน",
            "เลขบัตรประชาชน",
            "บัตรประชาชน",
            "เลขประจำตัว",
            "thai id",
            "tnin",
        ],
        strength: Strength::Fair,
    },
    Id {
        rule: national("ID", "id.id.nik", "Indonesian identity number (NIK)"),
        plain: &["9999999999999999"],
        marked: &[],
        valid: |number| {
            let day = part(number, 6, 2);
            let date = is_day(
                part(number, 10, 2),
                part(number, 8, 2),
                if day > 40 { day - 40 } else { day },
            );
            date && (11..=97).contains(&part(number, 0, 2)) && part(number, 12, 4) > 0
        },
        words: &["nik", "ktp", "nomor induk kependudukan"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("ID", "id.id.npwp", "Indonesian tax number (NPWP)"),
        plain: &["999999999999999"],
        marked: &["99.999.999.9-999.999"],
        valid: |number| luhn(number.get(..9).unwrap_or_default()),
        words: &["npwp", "nomor pokok"],
        strength: Strength::Fair,
    },
    Id {
        rule: tax("PH", "id.ph.tin", "Philippine tax number (TIN)"),
        plain: &["999999999", "999999999999", "999999999 999"],
        marked: &["999-999-999", "999-999-999-999", "999-999-999-99999"],
        valid: |number| {
            let nine = number.get(..9).unwrap_or_default();
            mod11_sum(nine, &[9, 8, 7, 6, 5, 4, 3, 2], 99)
        },
        words: &["bir"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("PH", "id.ph.sss", "Philippine social security number (SSS)"),
        plain: &["99-9999999-9"],
        marked: &[],
        valid: unchecked,
        words: &["sss", "social security"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("VN", "id.vn.mst", "Vietnamese tax number (MST)"),
        plain: &["9999999999"],
        marked: &["9999999999-999"],
        valid: |number| {
            let ten = number.get(..10).unwrap_or_default();
            10 - weighted(body(ten), &[31, 29, 23, 19, 17, 13, 7, 5, 3]) % 11 == last(ten)
        },
        words: &["mst", "mã số thuế", "ma so thue"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("VN", "id.vn.cccd", "Vietnamese identity number (CCCD)"),
        plain: &["099999999999"],
        marked: &[],
        valid: |number| (1..=96).contains(&part(number, 0, 3)) && at(number, 3) <= 3,
        words: &["cccd", "căn cước", "can cuoc", "cmnd"],
        strength: Strength::Weak,
    },
];

/// Modulus 31 over digits and letters without I, O, S, V and Z.
fn uscc(number: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let place =
        |byte: &u8| ALPHABET.iter().zip(0..).find(|(known, _)| *known == byte).map(|(_, at)| at);
    let known = number.iter().all(|byte| place(byte).is_some());
    let sum: u32 =
        number.iter().zip(WEIGHTS).map(|(byte, weight)| place(byte).unwrap_or(0) * weight).sum();
    let digits = number.get(..8).unwrap_or_default();
    known
        && one_of(number, 0, b"123456789ANY")
        && digits.iter().skip(2).all(u8::is_ascii_digit)
        && ends_with(number, ALPHABET, (31 - sum % 31) % 31)
}

/// The letter counts as two digits, which are not in the order of the alphabet.
fn taiwanese(number: &[u8]) -> bool {
    const ORDER: &[u8] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let Some((_, letter)) = ORDER.iter().zip(10..).find(|(known, _)| **known == byte(number, 0))
    else {
        return false;
    };
    let digits = number.get(1..).unwrap_or_default();
    let sum = letter / 10 + letter % 10 * 9 + weighted(digits, &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    one_of(number, 1, b"1289") && sum.is_multiple_of(10)
}

/// Cross sums, weighted; a 7 in the seventh place allows one more.
fn ubn(number: &[u8]) -> bool {
    let products =
        number.iter().zip([1, 2, 1, 2, 1, 2, 4, 1]).map(|(byte, weight)| digit(*byte) * weight);
    let sum: u32 = products.map(|product| product / 10 + product % 10).sum();
    let is_seven = at(number, 6) == 7;
    part(number, 0, 7) > 0 && (sum.is_multiple_of(5) || is_seven && (sum + 1).is_multiple_of(5))
}

/// Letters count from 10 on; one missing in front counts 36.
fn hkid(number: &[u8]) -> bool {
    let blank = if number.len() == 8 { 36 * 9 } else { 0 };
    let weights = (2..=if number.len() == 8 { 8 } else { 9 }).rev();
    let sum: u32 =
        body(number).iter().zip(weights).map(|(byte, weight)| alphanumeric(*byte) * weight).sum();
    ends_with(number, b"0123456789A", (11 - (blank + sum) % 11) % 11)
}

/// Date of birth, region and a check digit; so until October 2020.
fn korean(number: &[u8]) -> bool {
    let sum = weighted(body(number), &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    ymd(number, 0) && part(number, 7, 2) <= 96 && (11 - sum % 11) % 10 == last(number)
}

/// S and T for citizens, F, G and M for foreigners; of T, G and M an amount is added.
fn nric(number: &[u8]) -> bool {
    let (amount, letters): (u32, &[u8]) = match byte(number, 0) {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    let sum = amount + weighted(number.get(1..8).unwrap_or_default(), &[2, 7, 6, 5, 4, 3, 2]);
    ends_with(number, letters, sum % 11)
}

/// Businesses, local companies, and all others.
fn uen(number: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWX0123456789";
    if number.len() == 9 {
        let sum = weighted(body(number), &[10, 4, 9, 3, 8, 2, 7, 1]);
        return ends_with(number, b"XMKECAWLJDB", sum % 11);
    }
    if byte(number, 0).is_ascii_digit() {
        let sum = weighted(body(number), &[10, 8, 6, 4, 9, 7, 5, 3, 1]);
        return (1800..2100).contains(&part(number, 0, 4))
            && ends_with(number, b"ZKCMDNERGWH", sum % 11);
    }
    let place = |byte: &u8| {
        ALPHABET.iter().zip(0..).find(|(known, _)| *known == byte).map_or(0, |(_, at)| at)
    };
    let weights = [4, 3, 5, 3, 10, 2, 2, 5, 7];
    let sum: u32 =
        body(number).iter().zip(weights).map(|(byte, weight)| place(byte) * weight).sum();
    // Five less, modulo 11.
    one_of(number, 0, b"RST") && ends_with(number, ALPHABET, (sum + 6) % 11)
}
