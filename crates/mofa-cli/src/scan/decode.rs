//! Makes text of the bytes of an input, and finds the way back from the text to the bytes.
//!
//! The reader of inputs is its caller. What looks like no text at all is [`Encoding::of`] `None`.
//!
//! # Invariants
//! Every input that is not binary becomes text, so that a secret is found whatever stands beside
//! it: UTF-16 is told by its mark or by where its NUL bytes are; anything else is UTF-8 in which
//! each byte that does not belong is read as Windows-1252. The bytes stay, so that a finding can be
//! placed in them and taken out of them without a change to any other byte.

use mofa_sdk::scan::Replacement;
use std::borrow::Cow;

/// Where a binary file is told by its NUL and control bytes, in bytes.
pub(super) const HEAD: usize = 8 << 10;

/// How text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8; bytes that do not belong are Windows-1252.
    Utf8,
    /// UTF-16.
    Utf16 {
        order: Order,
        /// How long the byte order mark is, in bytes.
        mark: usize,
    },
}

/// Which byte of a UTF-16 unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    const fn unit(self, pair: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(pair),
            Self::Big => u16::from_be_bytes(pair),
        }
    }

    const fn bytes(self, unit: u16) -> [u8; 2] {
        match self {
            Self::Little => unit.to_le_bytes(),
            Self::Big => unit.to_be_bytes(),
        }
    }
}

impl Encoding {
    /// How the text that begins with `head` is written; `None` if that is no text.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        let marked = match head {
            [0xff, 0xfe, rest @ ..] => Some((Order::Little, rest)),
            [0xfe, 0xff, rest @ ..] => Some((Order::Big, rest)),
            _ => None,
        };
        // Two stray bytes before plain text are no mark: read as UTF-16, the text would be hidden.
        if let Some((order, rest)) = marked.filter(|(_, rest)| !is_plain(rest)) {
            return is_text(units(order, rest)).then_some(Self::Utf16 { order, mark: 2 });
        }
        if let Some(order) = order_of(head) {
            return is_text(units(order, head)).then_some(Self::Utf16 { order, mark: 0 });
        }
        is_text(head.iter().map(|byte| u16::from(*byte))).then_some(Self::Utf8)
    }
}

/// Whether `bytes` are some UTF-8 without NUL, maybe cut short.
fn is_plain(bytes: &[u8]) -> bool {
    let is_utf8 = std::str::from_utf8(bytes).is_ok_and(|text| !text.is_empty())
        || std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none());
    is_utf8 && !bytes.contains(&0)
}

/// Which order the NUL bytes speak for: they are half of the first or of the second bytes of
/// all units, and none of the others.
fn order_of(head: &[u8]) -> Option<Order> {
    let (mut first, mut second) = (0_usize, 0_usize);
    for pair in head.chunks_exact(2) {
        first += usize::from(pair.first() == Some(&0));
        second += usize::from(pair.last() == Some(&0));
    }
    let enough = |nuls: usize| nuls > 0 && nuls.saturating_mul(2) >= head.len() / 2;
    match (first, second) {
        (0, nuls) if enough(nuls) => Some(Order::Little),
        (nuls, 0) if enough(nuls) => Some(Order::Big),
        _ => None,
    }
}

/// Whether no unit is NUL and at most three of ten are other control characters.
fn is_text(units: impl Iterator<Item = u16>) -> bool {
    let (mut all, mut controls) = (0_usize, 0_usize);
    for unit in units {
        match unit {
            0 => return false,
            0x09 | 0x0a | 0x0c | 0x0d | 0x1b => {}
            0x01..=0x1f | 0x7f => controls += 1,
            _ => {}
        }
        all += 1;
    }
    controls.saturating_mul(10) <= all.saturating_mul(3)
}

fn units(order: Order, bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).filter_map(move |pair| Some(order.unit(pair.try_into().ok()?)))
}

/// An input as text. Its bytes are somebody's text and are not printed.
pub(super) enum Decoded {
    /// UTF-8 without a byte that does not belong.
    Plain(String),
    /// Anything else.
    Other { bytes: Vec<u8>, text: String, encoding: Encoding },
}

impl Decoded {
    pub(super) fn new(bytes: Vec<u8>, encoding: Encoding) -> Self {
        let text = match encoding {
            Encoding::Utf8 => match String::from_utf8(bytes) {
                Ok(text) => return Self::Plain(text),
                Err(error) => {
                    let bytes = error.into_bytes();
                    let text = mixed(&bytes);
                    return Self::Other { bytes, text, encoding };
                }
            },
            Encoding::Utf16 { order, mark } => {
                let body = bytes.get(mark..).unwrap_or_default();
                let mut text = String::with_capacity(body.len() / 2);
                let chars = char::decode_utf16(units(order, body));
                text.extend(chars.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
                text
            }
        };
        Self::Other { bytes, text, encoding }
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Other { text, .. } => text,
        }
    }

    /// Where in the bytes the offsets `sorted` of the text are, in one pass.
    pub(super) fn places<'a>(&self, sorted: &'a [usize]) -> Cow<'a, [usize]> {
        match self {
            Self::Plain(_) => Cow::Borrowed(sorted),
            Self::Other { bytes, encoding: Encoding::Utf8, .. } => mixed_places(bytes, sorted),
            Self::Other { text, encoding: Encoding::Utf16 { mark, .. }, .. } => {
                let (mut at, mut units) = (0, 0);
                let place = |&offset: &usize| {
                    let piece = text.get(at..offset).unwrap_or_default();
                    units += piece.chars().map(char::len_utf16).sum::<usize>();
                    at = offset;
                    mark + 2 * units
                };
                sorted.iter().map(place).collect()
            }
        }
    }

    /// The bytes with `replacements`, which are sorted and do not overlap, in their places.
    pub(super) fn redacted(&self, replacements: &[Replacement]) -> Vec<u8> {
        let offsets: Vec<usize> =
            replacements.iter().flat_map(|new| [new.bytes.start, new.bytes.end]).collect();
        let places = self.places(&offsets);
        let bytes = match self {
            Self::Plain(text) => text.as_bytes(),
            Self::Other { bytes, .. } => bytes,
        };
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        for (new, place) in replacements.iter().zip(places.chunks_exact(2)) {
            let [start, end] = place else { continue };
            out.extend_from_slice(bytes.get(at..*start).unwrap_or_default());
            match self {
                Self::Other { encoding: Encoding::Utf16 { order, .. }, .. } => {
                    out.extend(new.text.encode_utf16().flat_map(|unit| order.bytes(unit)));
                }
                _ => out.extend_from_slice(new.text.as_bytes()),
            }
            at = *end;
        }
        out.extend_from_slice(bytes.get(at..).unwrap_or_default());
        out
    }
}

/// `bytes` as UTF-8, and as Windows-1252 where they are none.
fn mixed(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| windows_1252(*byte)));
    }
    text
}

fn mixed_places(bytes: &[u8], sorted: &[usize]) -> Cow<'static, [usize]> {
    let mut sorted = sorted.iter().copied().peekable();
    let mut places = Vec::new();
    // How far the bytes and the text that is made of them go.
    let (mut from, mut to) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid().len();
        while let Some(offset) = sorted.next_if(|offset| *offset <= to + valid) {
            places.push(from + (offset - to));
        }
        (from, to) = (from + valid, to + valid);
        for byte in chunk.invalid() {
            (from, to) = (from + 1, to + windows_1252(*byte).len_utf8());
            while sorted.next_if(|offset| *offset <= to).is_some() {
                places.push(from);
            }
        }
    }
    places.extend(sorted.map(|_| bytes.len()));
    Cow::Owned(places)
}

/// The character of a byte above 0x7f; one that has none is the control character of its number.
/// Source: <https://encoding.spec.whatwg.org/index-windows-1252.txt>.
fn windows_1252(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let index = usize::from(byte).checked_sub(0x80);
    index.and_then(|index| FROM_80.get(index)).copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests;
