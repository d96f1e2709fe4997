//! Tells whether a text that comes in pieces is within a URL: [`UrlReader`].
//!
//! A value in a URL goes to whoever has its host as soon as the URL is loaded, and a program that
//! shows images loads them by itself.
//!
//! # Invariants
//! In doubt it is a URL. What begins one is a scheme of the web, two slashes, or the place that
//! Markdown, HTML or CSS has for it, where the scheme may be written by entities. A blank ends one,
//! unless it began behind a quotation mark or a `<`: then only that mark's counterpart does.

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
}

impl UrlReader {
    /// Whether what comes next is part of a URL.
    pub(super) fn is_inside(&self) -> bool {
        self.inside.is_some()
    }

    /// Reads on.
    pub(super) fn read(&mut self, text: &str) {
        for byte in text.bytes() {
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
            *self = Self::default();
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
        self.inside = begun.map(|(_, begin)| *begin);
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
        ] {
            check(text, false);
        }
    }
}
