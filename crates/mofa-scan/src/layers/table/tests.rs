//! Makes the pairs anew from the Unicode data of two crates and compares: `MOFA_BLESS=1` writes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

use super::{END, PAGES, Shown, is_invisible, is_mark, shown};

const HEAD: &str = "//! ASCII characters that other characters stand for or look like.
//!
//! Made by the test of the module above; change that, not this. The data is derived from the
//! Unicode Character Database and from `confusables.txt` of Unicode Technical Standard #39:
//! Copyright © 1991-2026 Unicode, Inc. Unicode and the Unicode Logo are registered trademarks of
//! Unicode, Inc. Used under the Unicode License V3 (`SPDX-License-Identifier: Unicode-3.0`,
//! <https://www.unicode.org/license.txt>).

";

const BRAILLE: &str = "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵";

/// What the Unicode data does not say: alphabets of flags, seals, braille; dashes; line breaks.
fn by_hand(c: char) -> Option<String> {
    let at = u32::from(c);
    let capital = |first: u32| {
        (first..first + 26).contains(&at).then(|| char::from_u32(at - first + 65)).flatten()
    };
    if let Some(place) = BRAILLE.chars().position(|letter| letter == c) {
        return char::from_u32(97 + u32::try_from(place).unwrap()).map(String::from);
    }
    if (0x1F1E6..0x1F1E6 + 26).contains(&at) {
        return char::from_u32(at - 0x1F1E6 + 97).map(String::from);
    }
    if let Some(letter) = capital(0x1F150).or_else(|| capital(0x1F170)) {
        return Some(letter.to_string());
    }
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2E3A}' | '\u{2E3B}' => Some("-".to_owned()),
        // What stands between letters.
        '\u{B7}' | '\u{2022}' | '\u{2027}' | '\u{22C5}' | '\u{30FB}' => Some("*".to_owned()),
        '\u{2028}' | '\u{2029}' | '\u{85}' => Some("\n".to_owned()),
        '\u{1680}' => Some(" ".to_owned()),
        '\u{24FF}' | '\u{1F10C}' => Some("0".to_owned()),
        '\u{2776}'..='\u{277E}' => char::from_u32(at - 0x2776 + 49).map(String::from),
        '\u{24EB}'..='\u{24F4}' => Some((at - 0x24EB + 11).to_string()),
        _ => None,
    }
}

fn ascii(text: impl Iterator<Item = char>) -> Option<String> {
    let text: String = text.filter(|c| !is_combining_mark(*c)).collect();
    let fits = !text.is_empty() && text.bytes().all(|b| (0x20..0x7F).contains(&b));
    fits.then_some(text)
}

/// Words are kept where they make up part of a value: numbers, ligatures, rows of dots.
fn is_word(c: char, text: &str) -> bool {
    let one_kind = |kind: fn(&u8) -> bool| text.bytes().all(|byte| kind(&byte));
    one_kind(u8::is_ascii_digit)
        || one_kind(|byte| *byte == b'.')
        || matches!(c, '\u{FB00}'..='\u{FB06}' | '\u{132}' | '\u{133}' | '\u{1C7}'..='\u{1CC}')
}

fn pairs() -> BTreeMap<char, String> {
    let digit = Regex::new(r"^\d$").unwrap();
    let mut alike: BTreeMap<String, Vec<char>> = BTreeMap::new();
    for byte in 0x21..0x7F_u8 {
        let c = char::from(byte);
        alike.entry(skeleton(&c.to_string()).collect()).or_default().push(c);
    }
    let mut zero = 0;
    let mut pairs = BTreeMap::new();
    for c in ('\u{80}'..=char::MAX).filter(|c| !is_invisible(*c) && !is_mark(*c)) {
        let text = c.to_string();
        if digit.is_match(&text) {
            // Decimal digits come in rows of ten from zero (Unicode, 4.6).
            zero = if u32::from(c) - zero < 10 { zero } else { u32::from(c) };
            pairs.insert(c, ((u32::from(c) - zero) % 10).to_string());
            continue;
        }
        let looks = |text: &str| {
            let looks: String = skeleton(text).filter(|c| !is_combining_mark(*c)).collect();
            let others = alike.get(&looks)?;
            let same = |other: &&char| {
                if c.is_numeric() {
                    other.is_ascii_digit()
                } else {
                    c.is_uppercase() == other.is_uppercase() && other.is_alphabetic()
                }
            };
            let best = others.iter().find(same).or_else(|| others.first())?;
            Some(best.to_string())
        };
        // A small letter that looks like no other is that of its capital: к of К, which is K.
        let small = || {
            let capital = Some(c.to_uppercase().to_string()).filter(|capital| *capital != text)?;
            looks(&capital).map(|shown| shown.to_lowercase())
        };
        let shown =
            by_hand(c).or_else(|| ascii(text.nfkd())).or_else(|| looks(&text)).or_else(small);
        if let Some(shown) = shown.filter(|shown| shown.len() == 1 || is_word(c, shown)) {
            pairs.insert(c, shown);
        }
    }
    pairs
}

fn source(pairs: &BTreeMap<char, String>) -> String {
    let mut runs: Vec<(u32, String)> = Vec::new();
    let mut words = String::new();
    for (c, shown) in pairs {
        if shown.len() > 1 {
            writeln!(words, "    ('\\u{{{:X}}}', {shown:?}),", u32::from(*c)).unwrap();
            continue;
        }
        let at = u32::from(*c);
        match runs.last_mut() {
            Some((first, run))
                if *first + u32::try_from(run.len()).unwrap() == at && run.len() < 52 =>
            {
                run.push_str(shown);
            }
            _ => runs.push((at, shown.clone())),
        }
    }
    let mut out = HEAD.to_owned();
    out += "/// Rows of characters, by their first, and what each is shown as.\n";
    out += "#[rustfmt::skip]\npub(super) const RUNS: &[(u32, &str)] = &[";
    let mut line = String::new();
    for (first, run) in runs {
        let entry = format!("(0x{first:X}, {run:?}),");
        if line.len() + entry.len() > 90 || line.is_empty() {
            out += line.trim_end();
            line = "\n    ".to_owned();
        }
        line += &entry;
        line.push(' ');
    }
    out += line.trim_end();
    out += "\n];\n\n/// Characters that are shown as several.\n";
    out += "#[rustfmt::skip]\npub(super) const WORDS: &[(char, &str)] = &[\n";
    out + &words + "];\n"
}

#[test]
#[expect(clippy::disallowed_methods, reason = "blessing is asked for by the environment")]
fn the_pairs_are_those_of_the_unicode_data() {
    let pairs = pairs();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/layers/table/pairs.rs");
    let source = source(&pairs);
    if std::env::var("MOFA_BLESS").is_ok() {
        std::fs::write(path, &source).unwrap();
    }
    let pages: std::collections::BTreeSet<_> = pairs.keys().map(|c| u32::from(*c) / 256).collect();
    assert!(pairs.keys().all(|c| (*c as usize) < END));
    assert_eq!(pages.len() + 1, PAGES, "one page is empty");
    assert!(std::fs::read_to_string(path).unwrap() == source, "run with MOFA_BLESS=1");
    for c in '\u{80}'..=char::MAX {
        let text = shown(c).map(|shown| match shown {
            Shown::One(c) => c.to_string(),
            Shown::Word(word) => word.to_owned(),
        });
        assert_eq!(text.as_ref(), pairs.get(&c), "U+{:04X}", u32::from(c));
    }
}

#[test]
fn homoglyphs_keep_their_case() {
    for (text, expect) in [
        ("асеіорѕхуАВСЕНКМОРТХ", "aceiopsxyABCEHKMOPTX"),
        ("ԁɡһјκӏｍոԛτυνԝ", "dghjklmnqtuvw"),
        ("𝟒𝟏①²٣Ⅹ𝓪𝕫ⓀＺ🅰🇦éкт", "41123XazKZAaekt"),
    ] {
        let folded: String = text
            .chars()
            .map(|c| match shown(c) {
                Some(Shown::One(c)) => c,
                _ => '?',
            })
            .collect();
        assert_eq!(folded, expect);
    }
}
