//! Folds case and white space while a text is read, and maps offsets back.
//!
//! # Invariants
//!
//! Folding maps every character to one character, except that a run of white space becomes one
//! space; so the place a folded length reaches back to can be found by walking back.

/// One folded character and where it ends in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folded {
    bytes: [u8; 4],
    len: u8,
    end: usize,
}

impl Folded {
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    pub(super) const fn end(&self) -> usize {
        self.end
    }
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

    /// The next folded character; white space after white space is skipped.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Folded> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            if byte >= 0x80 {
                match self.next_wide() {
                    Some(folded) => return Some(folded),
                    None => continue,
                }
            }
            self.at += 1;
            if !is_ascii_space(byte) {
                self.in_space = false;
                let bytes = [byte.to_ascii_lowercase(), 0, 0, 0];
                return Some(Folded { bytes, len: 1, end: self.at });
            }
            if !self.in_space {
                self.in_space = true;
                return Some(Folded { bytes: [b' ', 0, 0, 0], len: 1, end: self.at });
            }
            self.irregular = self.at;
        }
    }

    /// The next character outside ASCII; `None` if it is white space that is skipped.
    fn next_wide(&mut self) -> Option<Folded> {
        let c = self.text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
        self.at += c.len_utf8();
        self.irregular = self.at;
        let skipped = c.is_whitespace() && self.in_space;
        self.in_space = c.is_whitespace();
        if skipped {
            return None;
        }
        let mut bytes = [0; 4];
        let len = fold_char(c).encode_utf8(&mut bytes).len();
        let len = u8::try_from(len).unwrap_or(0);
        Some(Folded { bytes, len, end: self.at })
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

const fn is_ascii_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}
