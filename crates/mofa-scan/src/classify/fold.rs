//! Brings the ways to write a letter together before features are made of it; called by
//! `features` for every character.
//!
//! # Invariants
//! Never allocates, and looks at one character only. What looks alike in another script is not
//! folded: that is the work of [`crate::layers`].

/// What a character is for the features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Part of a word, folded.
    Letter(u32),
    /// A word of its own: ideographs, syllables and letters of scripts without blanks, emoji.
    Single(u32),
    /// Between words, and it may mean something.
    Mark(u32),
    /// Between words.
    Blank,
    /// Takes no room: as if it were not there.
    Nothing,
}

/// The folded form of `character`.
#[inline]
pub(super) fn fold(character: char) -> Class {
    let code = u32::from(character);
    if code < 0x80 { ascii(code) } else { beyond(code) }
}

#[inline]
const fn ascii(code: u32) -> Class {
    match code {
        0x61..=0x7A | 0x5F => Class::Letter(code),
        0x41..=0x5A => Class::Letter(code + 32),
        // Which number it is says little, that there is one does.
        0x30..=0x39 => Class::Letter(0x30),
        0x00..=0x08 | 0x0E..=0x1F | 0x7F => Class::Nothing,
        0x09..=0x20 => Class::Blank,
        _ => Class::Mark(code),
    }
}

/// The letters of U+00C0 to U+017F without their marks.
const LATIN: &[u8; 192] =
    b"aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo/ouuuuytyaaaaaaccccccccddddeeeeeeee\
eegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

#[cold]
const fn latin(code: u32) -> Class {
    let at = code as usize - 0xC0;
    if at >= LATIN.len() {
        return Class::Letter(code);
    }
    #[expect(clippy::indexing_slicing, reason = "the line above makes sure that it is inside")]
    Class::Letter(LATIN[at] as u32)
}

const fn beyond(code: u32) -> Class {
    match code {
        // Joiners and marks of direction, vowel signs and lengthening of Arabic and Hebrew,
        // selectors, skin colours, tags.
        0xAD
        | 0x300..=0x36F
        | 0x591..=0x5BD
        | 0x610..=0x61A
        | 0x640
        | 0x64B..=0x65F
        | 0x670
        | 0x200B..=0x200F
        | 0x202A..=0x202E
        | 0x2060..=0x206F
        | 0xFE00..=0xFE0F
        | 0xFEFF
        | 0x1_F3FB..=0x1_F3FF
        | 0xE_0000..=0xE_0FFF => Class::Nothing,
        0x85 | 0xA0 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000 => Class::Blank,
        0x2018..=0x201B => Class::Mark(0x27),
        0x201C..=0x201F | 0xAB | 0xBB => Class::Mark(0x22),
        0x2010..=0x2015 => Class::Mark(0x2D),
        0x80..=0xBF
        | 0xD7
        | 0xF7
        | 0x60C
        | 0x61B
        | 0x61F
        | 0x964
        | 0x965
        | 0x2016..=0x2BFF
        | 0x3001..=0x303F
        | 0xFF5F..=0xFF65 => Class::Mark(code),
        0xC0..=0x17F => latin(code),
        0x391..=0x3A9 | 0x410..=0x42F => Class::Letter(code + 32),
        0x400..=0x40F => Class::Letter(code + 80),
        0xFF01..=0xFF5E => match ascii(code - 0xFEE0) {
            Class::Nothing | Class::Blank => Class::Mark(code),
            class => class,
        },
        // Thai, Lao, Burmese, Khmer; kana, ideographs, Hangul; emoji.
        0xE00..=0xEFF
        | 0x1000..=0x109F
        | 0x1100..=0x11FF
        | 0x1780..=0x17FF
        | 0x3040..=0xA4CF
        | 0xAC00..=0xD7AF
        | 0xF900..=0xFAFF
        | 0x1_F000..=0x1_FAFF
        | 0x2_0000..=0x3_FFFF => Class::Single(code),
        _ => Class::Letter(code),
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, LATIN, fold};

    fn check(written: char, meant: char) {
        assert_eq!(fold(written), Class::Letter(u32::from(meant)), "{written}");
    }

    #[test]
    fn letters_lose_case_and_marks() {
        for (written, meant) in "ÀÉîõÜçñŁśŽřđğışßÿ".chars().zip("aeioucnlszrdgissy".chars())
        {
            check(written, meant);
        }
        for (written, meant) in "AzПЖёЁΩＱ９7".chars().zip("azпжёёωq00".chars()) {
            check(written, meant);
        }
    }

    #[test]
    fn every_accented_latin_letter_becomes_one_of_ascii() {
        let sure = LATIN.iter().filter(|byte| byte.is_ascii_lowercase()).count();
        assert_eq!(sure, LATIN.len() - 2);
        assert_eq!(fold('×'), Class::Mark(0xD7));
        assert_eq!(fold('÷'), Class::Mark(0xF7));
    }

    #[test]
    fn scripts_without_blanks_have_words_of_one_character() {
        for character in "忽のカ한ก😈".chars() {
            assert_eq!(fold(character), Class::Single(u32::from(character)));
        }
        assert_eq!(fold('\u{200B}'), Class::Nothing);
        assert_eq!(fold('\u{3000}'), Class::Blank);
        assert_eq!(fold('\u{2019}'), Class::Mark(0x27));
    }
}
