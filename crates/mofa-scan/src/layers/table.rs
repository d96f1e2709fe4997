//! Which ASCII character another character stands for or looks like; called by the fold.
//!
//! The pairs are in `table/pairs.rs`, made by this module's test from the Unicode Character
//! Database (compatibility decompositions, decimal digits) and from the confusables of Unicode
//! Technical Standard #39. A lookup is two loads.

mod pairs;
#[cfg(test)]
mod tests;

use pairs::{RUNS, WORDS};

/// Characters above are never ASCII in disguise, tags and selectors apart.
const END: usize = 0x2_0000;
/// How many blocks of 256 characters have a pair; checked when the table is made.
const PAGES: usize = 123;

/// Stands in a page for a character that is one of [`WORDS`].
const WORD: u8 = 0x80;

struct Table {
    page_of: [u8; END / 256],
    pages: [[u8; 256]; PAGES],
}

static TABLE: Table = Table::new();

impl Table {
    #[expect(clippy::indexing_slicing, reason = "runs when the crate is compiled")]
    #[expect(clippy::large_stack_arrays, reason = "runs when the crate is compiled")]
    const fn new() -> Self {
        let mut table = Self { page_of: [0; END / 256], pages: [[0; 256]; PAGES] };
        let mut used = 1;
        let mut run = 0;
        while run < RUNS.len() {
            let (first, shown) = RUNS[run];
            let shown = shown.as_bytes();
            let mut i = 0;
            while i < shown.len() {
                table.set(first as usize + i, shown[i], &mut used);
                i += 1;
            }
            run += 1;
        }
        let mut word = 0;
        while word < WORDS.len() {
            table.set(WORDS[word].0 as usize, WORD, &mut used);
            word += 1;
        }
        table
    }

    #[expect(clippy::indexing_slicing, reason = "runs when the crate is compiled")]
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 256 pages")]
    const fn set(&mut self, at: usize, shown: u8, used: &mut usize) {
        if self.page_of[at / 256] == 0 {
            self.page_of[at / 256] = *used as u8;
            *used += 1;
        }
        self.pages[self.page_of[at / 256] as usize][at % 256] = shown;
    }
}

/// What a character is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// One ASCII character.
    One(char),
    /// Several, as for a ligature or a number in a circle.
    Word(&'static str),
}

/// The ASCII that `c` stands for or looks like, if `c` is not ASCII itself.
#[inline]
pub(super) fn shown(c: char) -> Option<Shown> {
    let at = c as usize;
    let page = usize::from(*TABLE.page_of.get(at / 256)?);
    match *TABLE.pages.get(page)?.get(at % 256)? {
        0 => None,
        WORD => {
            let word = WORDS.binary_search_by_key(&c, |(from, _)| *from).ok()?;
            WORDS.get(word).map(|(_, to)| Shown::Word(to))
        }
        byte => Some(Shown::One(char::from(byte))),
    }
}

/// Characters that take no room: joiners, marks of direction, selectors, tags, fillers, noise.
#[inline]
pub(super) const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{0640}' | '\u{115F}' | '\u{1160}'
        | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FFF9}'..='\u{FFFB}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Marks that combine with the character before them.
#[inline]
pub(super) const fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}
