//! The reading in which every character is the ASCII one it stands for or looks like, and what
//! takes no room, escapes a character or deletes one is undone.

use super::Found;
use super::anchors::Kind;
use super::escape::{self, Escape};
use super::map::Draft;
use super::source::Source;
use super::table::{self, Shown};
use crate::bytes::run_len;

/// The longest right-to-left part that is turned round, in bytes.
const MAX_TURNED: usize = 1_024;
/// How deep right-to-left parts are undone in one another.
const MAX_TURNS: usize = 4;

/// Adds the folded reading of a source, unless nothing would change.
pub(super) fn read(source: &Source<'_>, found: &mut Found<'_>) {
    if !source.holds(Kind::Fold) {
        return;
    }
    let body = source.bytes().get(source.body..).unwrap_or_default();
    for blank in [false, true].into_iter().take(1 + usize::from(body.contains(&0x1B))) {
        let mut fold = Fold { source, draft: source.draft(), turns: 0, blank, flag: false };
        fold.text(source.body, source.text.len());
        if fold.draft.is_changed() && fold.draft.text.len() > source.body {
            found.add(source.finish(fold.draft, source.body, false));
        }
    }
}

const fn is_plain(byte: u8) -> bool {
    byte < 0x7F && !matches!(byte, b'&' | b'%' | b'\\' | 0x08 | 0x1B)
}

struct Fold<'s, 't> {
    source: &'s Source<'t>,
    draft: Draft,
    turns: usize,
    /// Whether a terminal's sequence parts words; if not, it joins them.
    blank: bool,
    /// Whether the last character was a letter of a flag.
    flag: bool,
}

impl Fold<'_, '_> {
    fn text(&mut self, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            let plain = run_len(self.source.bytes(), at, end - at, is_plain);
            if plain > 0 {
                self.source.copy(&mut self.draft, at, at + plain);
            }
            at += plain;
            if at < end {
                at = self.odd(at, end);
            }
        }
    }

    /// What is not plain at `at`; returns what follows it.
    fn odd(&mut self, at: usize, end: usize) -> usize {
        let Some(c) = self.source.part(at, end).chars().next() else { return end };
        let next = at + c.len_utf8();
        match c {
            '\u{8}' | '\u{7F}' => self.draft.pop(self.source.body),
            '\u{202E}' if self.turns < MAX_TURNS => return self.turned(next, end),
            _ if !c.is_ascii() => self.show(c, at, next, false),
            _ => return self.escape(at, next),
        }
        next
    }

    fn escape(&mut self, at: usize, next: usize) -> usize {
        match escape::at(self.source.bytes(), at) {
            Some(Escape::Char(c, len)) => {
                self.show(c, at, at + len, true);
                at + len
            }
            Some(Escape::Byte(_, _)) => self.encoded(at, next),
            Some(Escape::Nothing(len)) => {
                self.draft.skip();
                if self.blank {
                    self.source.put(&mut self.draft, " ", at, at + len);
                }
                at + len
            }
            None => {
                self.source.copy(&mut self.draft, at, next);
                next
            }
        }
    }

    /// Escaped bytes of a text in UTF-8, as many as follow each other: one character.
    fn encoded(&mut self, at: usize, next: usize) -> usize {
        let mut bytes = [0_u8; 4];
        let mut end = at;
        for have in 0..bytes.len() {
            let Some(Escape::Byte(byte, len)) = escape::at(self.source.bytes(), end) else { break };
            if let Some(slot) = bytes.get_mut(have) {
                *slot = byte;
            }
            end += len;
            let whole = std::str::from_utf8(bytes.get(..=have).unwrap_or_default());
            if let Some(c) = whole.ok().and_then(|text| text.chars().next()) {
                self.show(c, at, end, true);
                return end;
            }
        }
        self.source.copy(&mut self.draft, at, next);
        next
    }

    /// Adds what the character `c`, written at `start..end`, is shown as.
    fn show(&mut self, c: char, start: usize, end: usize, escaped: bool) {
        // Thin spaces keep the letters of two flags apart.
        let apart = std::mem::replace(&mut self.flag, matches!(c, '\u{1F1E6}'..='\u{1F1FF}'))
            && matches!(c, '\u{2000}'..='\u{200A}' | '\u{202F}');
        if apart || table::is_invisible(c) || table::is_mark(c) {
            self.draft.skip();
            return;
        }
        let mut buffer = [0; 4];
        let shown = match table::shown(c) {
            Some(Shown::One(c)) => c.encode_utf8(&mut buffer),
            Some(Shown::Word(word)) => word,
            None if escaped => c.encode_utf8(&mut buffer),
            None => {
                self.source.copy(&mut self.draft, start, end);
                return;
            }
        };
        self.source.put(&mut self.draft, shown, start, end);
    }

    /// A part that is shown from right to left, up to its end mark or the end of the line; what is
    /// isolated in it keeps its own direction (UAX #9, 2.2 and 2.4).
    fn turned(&mut self, start: usize, end: usize) -> usize {
        let mut units: Vec<(usize, usize)> = Vec::new();
        let mut isolated = None;
        let mut next = end.min(start + MAX_TURNED);
        for (offset, c) in self.source.part(start, end).char_indices() {
            let (at, after) = (start + offset, start + offset + c.len_utf8());
            if c == '\n' || after > start + MAX_TURNED {
                next = at;
                break;
            }
            match (c, isolated) {
                ('\u{2066}'..='\u{2068}', None) => isolated = Some(after),
                ('\u{2069}', Some(first)) => {
                    units.push((first, at));
                    isolated = None;
                }
                ('\u{202C}', None) => {
                    next = after;
                    break;
                }
                (_, Some(_)) => {}
                (_, None) => units.push((at, after)),
            }
        }
        next = crate::bytes::ceil_boundary(self.source.text, next);
        self.draft.skip();
        self.turns += 1;
        for (first, last) in units.into_iter().rev() {
            self.text(first, last);
        }
        self.turns -= 1;
        next
    }
}
