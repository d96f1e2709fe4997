//! International Bank Account Numbers (ISO 13616): country, length, structure and check digits.
//!
//! Structures: the SWIFT IBAN registry, and the lengths that countries outside of it use.

use super::bic;
use crate::bytes::{byte_at, byte_before, is_word};
use crate::pii::boundary::digit;
use crate::pii::builtin::Category;
use crate::pii::builtin::personal::IBAN;
use crate::pii::pass::Pass;

/// Country, then the structure behind the check digits: `n` digits, `a` letters, `c` either.
#[rustfmt::skip]
const COUNTRIES: [(&[u8; 2], &[u8]); 111] = [
    (b"AD", b"8n12c"), (b"AE", b"19n"), (b"AL", b"8n16c"), (b"AO", b"21n"), (b"AT", b"16n"),
    (b"AZ", b"4a20c"), (b"BA", b"16n"), (b"BE", b"12n"), (b"BF", b"2c22n"), (b"BG", b"4a6n8c"),
    (b"BH", b"4a14c"), (b"BI", b"23n"), (b"BJ", b"2c22n"), (b"BR", b"23n1a1c"), (b"BY", b"4c4n16c"),
    (b"CF", b"23n"), (b"CG", b"23n"), (b"CH", b"5n12c"), (b"CI", b"2c22n"), (b"CM", b"23n"),
    (b"CR", b"18n"), (b"CV", b"21n"), (b"CY", b"8n16c"), (b"CZ", b"20n"), (b"DE", b"18n"),
    (b"DJ", b"23n"), (b"DK", b"14n"), (b"DO", b"4c20n"), (b"DZ", b"22n"), (b"EE", b"16n"),
    (b"EG", b"25n"), (b"ES", b"20n"), (b"FI", b"14n"), (b"FK", b"2a12n"), (b"FO", b"14n"),
    (b"FR", b"10n11c2n"), (b"GA", b"23n"), (b"GB", b"4a14n"), (b"GE", b"2a16n"), (b"GI", b"4a15c"),
    (b"GL", b"14n"), (b"GQ", b"23n"), (b"GR", b"7n16c"), (b"GT", b"24c"), (b"GW", b"2c19n"),
    (b"HN", b"4a20n"), (b"HR", b"17n"), (b"HU", b"24n"), (b"IE", b"4a14n"), (b"IL", b"19n"),
    (b"IQ", b"4a15n"), (b"IR", b"22n"), (b"IS", b"22n"), (b"IT", b"1a10n12c"), (b"JO", b"4a4n18c"),
    (b"KM", b"23n"), (b"KW", b"4a22c"), (b"KZ", b"3n13c"), (b"LB", b"4n20c"), (b"LC", b"4a24c"),
    (b"LI", b"5n12c"), (b"LT", b"16n"), (b"LU", b"3n13c"), (b"LV", b"4a13c"), (b"LY", b"21n"),
    (b"MA", b"24n"), (b"MC", b"10n11c2n"), (b"MD", b"20c"), (b"ME", b"18n"), (b"MG", b"23n"),
    (b"MK", b"3n10c2n"), (b"ML", b"2c22n"), (b"MN", b"16n"), (b"MR", b"23n"), (b"MT", b"4a5n18c"),
    (b"MU", b"4a19n3a"), (b"MZ", b"21n"), (b"NE", b"2c22n"), (b"NI", b"4a20n"), (b"NL", b"4a10n"),
    (b"NO", b"11n"), (b"OM", b"3n16c"), (b"PK", b"4a16c"), (b"PL", b"24n"), (b"PS", b"4a21c"),
    (b"PT", b"21n"), (b"QA", b"4a21c"), (b"RO", b"4a16c"), (b"RS", b"18n"), (b"RU", b"14n15c"),
    (b"SA", b"2n18c"), (b"SC", b"4a20n3a"), (b"SD", b"14n"), (b"SE", b"20n"), (b"SI", b"15n"),
    (b"SK", b"20n"), (b"SM", b"1a10n12c"), (b"SN", b"2c22n"), (b"SO", b"19n"), (b"ST", b"21n"),
    (b"SV", b"4a20n"), (b"TD", b"23n"), (b"TG", b"2c22n"), (b"TL", b"19n"), (b"TN", b"20n"),
    (b"TR", b"6n16c"), (b"UA", b"6n19c"), (b"VA", b"18n"), (b"VG", b"4a16n"), (b"XK", b"16n"),
    (b"YE", b"4a4n18c"),
];

/// The longest: 34 characters in all, with a separator before each group of four.
const MAX_BYTES: usize = 34 + 8;

/// Whether a number may begin with these four bytes.
pub(in crate::pii) fn may_begin(four: [u8; 4]) -> bool {
    let [a, b, check @ ..] = four;
    let country = [a.to_ascii_uppercase(), b.to_ascii_uppercase()];
    check.iter().all(u8::is_ascii_digit)
        && COUNTRIES.binary_search_by(|(code, _)| (*code).cmp(&country)).is_ok()
}

/// Looks for a number whose two letters of country begin at `start`; digits follow them.
pub(in crate::pii) fn probe(pass: &mut Pass<'_, '_>, start: usize) {
    let text = pass.text();
    let Some(country) = text.get(start..).and_then(<[u8]>::first_chunk::<2>) else { return };
    let country = country.map(|b| b.to_ascii_uppercase());
    let Ok(found) = COUNTRIES.binary_search_by(|(code, _)| (*code).cmp(&country)) else { return };
    let Some((_, structure)) = COUNTRIES.get(found) else { return };
    let mut reader = Reader { text, at: start + 4, separator: None, remainder: 0 };
    let is_shaped = reader.account(structure).is_some();
    pass.undecided_if_at_end(start, reader.at + 2);
    let end = reader.at;
    if !is_shaped || !reader.is_checked(start) || is_word(byte_at(text, end)) {
        return;
    }
    if pass.settings().enabled.has(Category::Iban) {
        pass.report(start, end, IBAN, 0.95);
    }
    if pass.settings().enabled.has(Category::Bic) && end - start <= MAX_BYTES {
        bic::behind(pass, end);
    }
}

/// Reads an account number and its remainder by 97 (ISO/IEC 7064) as it goes.
struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    separator: Option<u8>,
    remainder: u32,
}

impl Reader<'_> {
    /// Reads what `structure` says; nothing if the text says something else.
    fn account(&mut self, structure: &[u8]) -> Option<()> {
        let mut count = 0;
        for byte in structure {
            if byte.is_ascii_digit() {
                count = count * 10 + digit(*byte);
                continue;
            }
            for _ in 0..count {
                self.one(*byte)?;
            }
            count = 0;
        }
        Some(())
    }

    /// Reads one character of a kind, and one separator before it if there is one.
    fn one(&mut self, kind: u8) -> Option<()> {
        let next = byte_at(self.text, self.at);
        if matches!(next, b' ' | b'-') && byte_before(self.text, self.at, 1) != next {
            (*self.separator.get_or_insert(next) == next).then_some(())?;
            self.at += 1;
        }
        let byte = byte_at(self.text, self.at);
        let fits = match kind {
            b'n' => byte.is_ascii_digit(),
            b'a' => byte.is_ascii_alphabetic(),
            _ => byte.is_ascii_alphanumeric(),
        };
        fits.then_some(())?;
        self.at += 1;
        self.take(byte);
        Some(())
    }

    fn take(&mut self, byte: u8) {
        self.remainder = match byte {
            b'0'..=b'9' => self.remainder * 10 + digit(byte),
            _ => self.remainder * 100 + u32::from(byte.to_ascii_uppercase() - b'A') + 10,
        } % 97;
    }

    /// Whether the account with the four characters at `start` behind it leaves 1.
    fn is_checked(&mut self, start: usize) -> bool {
        let text = self.text;
        let head = text.get(start..start + 4).unwrap_or_default();
        let check = head.iter().skip(2).fold(0, |value, b| value * 10 + digit(*b));
        for byte in head {
            self.take(*byte);
        }
        (2..=98).contains(&check) && self.remainder == 1
    }
}
