//! Tells whether a text that comes in pieces is within a URL: [`UrlReader`].
//!
//! A value in a URL goes to whoever has its host as soon as the URL is loaded, and a program that
//! shows images loads them by itself.
//!
//! # Invariants
//! In doubt it is a URL. What begins one is a scheme of the web, two slashes, or the place that
//! Markdown, HTML or CSS has for it, where the scheme may be written by entities. A blank ends one,
//! unless it began behind a quotation mark or a `<`: then only that mark's counterpart does. In a
//! line that begins with a bracket, as a definition of Markdown does, `]:` is such a place, with
//! whatever a list or a quotation puts before the bracket.

/// What begins a URL, or the place for one, in small letters.
const BEGINS: [(&[u8], Begin); 8] = [
    (b"//", Begin::Url),
    (b"\\\\", Begin::Url),
    (b"http:", Begin::Url),
    (b"https:", Begin::Url),
    (b"](", Begin::Place),
    (b"url(", Begin::Place),
    (b"src=", Begin::Place),
    (b"href=", Begin::Place),
];

/// How long the longest of [`BEGINS`] is.
const RECENT: usize = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// The URL is under way.
    Url,
    /// It comes next, behind blanks or a mark.
    Place,
}

/// Reads a text from its beginning on.
#[derive(Debug, Default)]
pub(super) struct UrlReader {
    recent: [u8; RECENT],
    inside: Option<Begin>,
    /// What ends a string or a tag that is open.
    closing: Option<u8>,
    line: Line,
}

/// What a line, or a few of them without a blank one between, begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Line {
    /// Nothing yet but blanks and the marks of lists and quotations.
    #[default]
    Start,
    /// A bracket: it may be the label of a definition.
    Label,
    /// A line of a label has ended.
    LabelEnded,
    /// Something else.
    Text,
}

impl Line {
    fn read(self, byte: u8) -> Self {
        let is_blank = matches!(byte, b' ' | b'\t' | b'\r');
        let is_mark = matches!(byte, b'>' | b'-' | b'*' | b'+' | b'.' | b')' | b'0'..=b'9');
        match self {
            Self::Label if byte == b'\n' => Self::LabelEnded,
            _ if byte == b'\n' => Self::Start,
            Self::Start if byte == b'[' => Self::Label,
            Self::Start if is_blank || is_mark => Self::Start,
            Self::LabelEnded if is_blank => Self::LabelEnded,
            Self::Label | Self::LabelEnded => Self::Label,
            Self::Start | Self::Text => Self::Text,
        }
    }
}

impl UrlReader {
    /// Whether what comes next is part of a URL.
    pub(super) fn is_inside(&self) -> bool {
        self.inside.is_some()
    }

    /// Reads on.
    pub(super) fn read(&mut self, text: &str) {
        for byte in text.bytes() {
            self.line = self.line.read(byte);
            match self.inside {
                Some(begin) => self.within(begin, byte),
                None => self.outside(byte.to_ascii_lowercase()),
            }
        }
    }

    fn within(&mut self, begin: Begin, byte: u8) {
        let is_first = begin == Begin::Place;
        let ends = match self.closing {
            Some(closing) => byte == closing,
            None if is_first && byte.is_ascii_whitespace() => return,
            None if is_first && closing_of(byte).is_some() => {
                self.closing = closing_of(byte);
                false
            }
            None => byte.is_ascii_whitespace() || matches!(byte, b'<' | b'>' | b'"' | b'`'),
        };
        if ends {
            let was_closed = self.closing.is_some();
            *self = Self { line: self.line, ..Self::default() };
            self.closing = closing_of(byte).filter(|_| !was_closed);
        } else {
            self.inside = Some(Begin::Url);
        }
    }

    fn outside(&mut self, byte: u8) {
        if byte.is_ascii_whitespace() || self.closing == Some(byte) {
            self.closing = None;
        } else if let Some(closing) = closing_of(byte) {
            self.closing = Some(closing);
        }
        self.recent.rotate_left(1);
        if let Some(last) = self.recent.last_mut() {
            *last = byte;
        }
        let begun = BEGINS.iter().find(|(begin, _)| self.recent.ends_with(begin));
        let is_defined = self.line == Line::Label && self.recent.ends_with(b"]:");
        let place = is_defined.then_some(Begin::Place);
        self.inside = begun.map(|(_, begin)| *begin).or(place);
    }
}

/// What closes what `byte` opens.
const fn closing_of(byte: u8) -> Option<u8> {
    match byte {
        b'<' => Some(b'>'),
        b'"' | b'\'' => Some(byte),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is in front of `#` is in a URL or not, however it is cut.
    #[track_caller]
    fn check(text: &str, expected: bool) {
        let before = text.split('#').next().unwrap_or_default();
        for cut in (0..before.len()).filter(|cut| before.is_char_boundary(*cut)) {
            let (one, two) = before.split_at(cut);
            let mut reader = UrlReader::default();
            reader.read(one);
            reader.read(two);
            assert_eq!(reader.is_inside(), expected, "{text}");
        }
    }

    #[test]
    fn what_a_url_takes_along_is_inside() {
        for text in [
            "![x](https://evil.example/?q=#)",
            "see HTTPS://evil.example/#",
            "![x](//evil.example/#)",
            "![x](https&colon;&sol;&sol;evil.example/#)",
            "![x](<https://evil.example/?a b #>)",
            "<img src=\"https://evil.example/?a= b#\">",
            "<img src = x href= 'evil?#'>",
            "<img src=https:\\evil.example/#>",
            "background: url( evil?#)",
            "https://#.evil.example",
            "![x][y]\n\n[y]: evil?#",
            "[EMAIL_1]: evil?#",
            "[EMAIL_1]: http://evil.example/#",
            "[y]: <evil?a b #>",
            "[y]:\n  evil?#",
            "a\n > - [y\nz]: evil?#",
            "1. [[EMAIL_1]]: evil?#",
            "[a] [EMAIL_1]:#",
        ] {
            check(text, true);
        }
    }

    #[test]
    fn what_stands_beside_a_url_is_not() {
        for text in [
            "write to #",
            "see https://good.example/ or #",
            "[docs](https://good.example/) #",
            "{\"url\": \"https://good.example/\", \"mail\": \"#\"}",
            "<a href=\"https://good.example/\">#</a>",
            "<https://good.example/> #",
            "// #",
            "it's at 5:30, [x] (#)",
            "mailto:#",
            "[y]: evil?a \"#\"",
            "[y]: evil?a\n#",
            "see [y]: #",
            "[y] #",
            "[y]\n\n]: #",
        ] {
            check(text, false);
        }
    }
}
