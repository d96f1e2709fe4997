//! Folds case and white space while a text is read, and maps offsets back.
//!
//! # Invariants
//!
//! Folding maps every character to one character, except that a run of white space becomes one
//! space; so the place a folded length reaches back to can be found by walking back.

/// One folded character.
#[derive(Debug, Clone, Copy)]
pub(super) enum Folded {
    Ascii(u8),
    Wide(char),
}

/// Reads a text character by character, folded.
#[derive(Debug)]
pub(super) struct Folder<'t> {
    text: &'t str,
    from: usize,
    at: usize,
    in_space: bool,
    /// Before this offset folded and plain lengths may differ.
    irregular: usize,
}

impl<'t> Folder<'t> {
    pub(super) const fn new(text: &'t str, from: usize) -> Self {
        Self { text, from, at: from, in_space: false, irregular: from }
    }

    pub(super) const fn text(&self) -> &'t str {
        self.text
    }

    /// How far the text was read, in bytes.
    pub(super) const fn position(&self) -> usize {
        self.at
    }

    /// Whether the next byte, if there is one, is an ASCII character.
    #[inline]
    pub(super) fn is_ascii(&self) -> bool {
        self.text.as_bytes().get(self.at).is_none_or(u8::is_ascii)
    }

    /// Goes on at `at`, the beginning of a character that is no white space after white space.
    pub(super) const fn jump(&mut self, at: usize) {
        self.at = at;
        self.in_space = false;
        self.irregular = at;
    }

    /// The next folded character; white space after white space is skipped.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Folded> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            let folded = FOLD.get(usize::from(byte)).copied().unwrap_or(WIDE);
            if folded == WIDE {
                match self.next_wide() {
                    Some(folded) => return Some(folded),
                    None => continue,
                }
            }
            self.at += 1;
            let space = folded == b' ';
            if !(space && self.in_space) {
                self.in_space = space;
                return Some(Folded::Ascii(folded));
            }
            self.irregular = self.at;
        }
    }

    /// The next character outside ASCII; `None` if it is white space that is skipped.
    #[cold]
    fn next_wide(&mut self) -> Option<Folded> {
        let c = self.text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
        self.at += c.len_utf8();
        self.irregular = self.at;
        let skipped = c.is_whitespace() && self.in_space;
        self.in_space = c.is_whitespace();
        (!skipped).then(|| Folded::Wide(fold_char(c)))
    }

    /// Where the `len` folded bytes before `end` begin in the text.
    pub(super) fn start_of(&self, end: usize, len: usize) -> Option<usize> {
        match end.checked_sub(len) {
            Some(start) if start >= self.irregular => Some(start),
            _ => self.walk_back(end, len),
        }
    }

    fn walk_back(&self, end: usize, len: usize) -> Option<usize> {
        let mut left = len;
        let mut start = end;
        let mut in_space = false;
        for (at, c) in self.text.get(self.from..end)?.char_indices().rev() {
            let space = c.is_whitespace();
            if !(space && in_space) {
                if left == 0 {
                    return Some(start);
                }
                left = left.checked_sub(fold_char(c).len_utf8())?;
            }
            in_space = space;
            start = self.from + at;
        }
        (left == 0).then_some(start)
    }
}

/// The folded end of a text, with the way back to its offsets.
#[derive(Debug)]
pub(super) struct Tail {
    folded: String,
    /// For every folded character: its offset in `folded` and in the text.
    starts: Vec<(usize, usize)>,
}

impl Tail {
    /// Folds what `longest` folded bytes at the end of `text` may come from, not before `from`.
    pub(super) fn new(text: &str, from: usize, longest: usize) -> Self {
        let mut kept = 0;
        let mut start = text.len();
        let mut in_space = false;
        let rest = text.get(from..).unwrap_or_default();
        for (at, c) in rest.char_indices().rev() {
            let space = c.is_whitespace();
            if !(space && in_space) {
                kept += fold_char(c).len_utf8();
            }
            if kept > longest {
                break;
            }
            in_space = space;
            start = from + at;
        }
        let mut tail = Self { folded: String::new(), starts: Vec::new() };
        let mut in_space = false;
        for (at, c) in text.get(start..).unwrap_or_default().char_indices() {
            let space = c.is_whitespace();
            if !(space && in_space) {
                tail.starts.push((tail.folded.len(), start + at));
                tail.folded.push(fold_char(c));
            }
            in_space = space;
        }
        tail
    }

    pub(super) fn starts(&self) -> impl Iterator<Item = usize> + '_ {
        0..self.starts.len()
    }

    pub(super) fn folded_from(&self, start: usize) -> &str {
        let at = self.starts.get(start).map_or(self.folded.len(), |(at, _)| *at);
        self.folded.get(at..).unwrap_or_default()
    }

    pub(super) fn offset(&self, start: usize) -> usize {
        self.starts.get(start).map_or(0, |(_, offset)| *offset)
    }
}

/// Folds a phrase.
pub(super) fn fold(phrase: &str) -> String {
    let mut folded = String::with_capacity(phrase.len());
    for c in phrase.chars().map(fold_char) {
        if c != ' ' || !folded.ends_with(' ') {
            folded.push(c);
        }
    }
    folded
}

/// Unicode's simple lower-case mapping; white space of any width becomes a space.
fn fold_char(c: char) -> char {
    if c.is_whitespace() { ' ' } else { c.to_lowercase().next().unwrap_or(c) }
}

/// Stands in [`FOLD`] for the bytes of characters outside ASCII.
const WIDE: u8 = 0xff;

/// What every byte folds to.
static FOLD: [u8; 256] = fold_table();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, over the table's length")]
#[expect(clippy::cast_possible_truncation, reason = "the index is less than 256")]
const fn fold_table() -> [u8; 256] {
    let mut table = [WIDE; 256];
    let mut byte = 0;
    while byte < 0x80 {
        table[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r' => b' ',
            other => other.to_ascii_lowercase(),
        };
        byte += 1;
    }
    table
}
