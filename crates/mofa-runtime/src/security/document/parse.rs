//! Turns JSON text into nodes, one byte after the other, with its own stack.
//!
//! # Invariants
//! No byte is read more than a few times. The first rule that a text breaks ends it, so a text
//! with too many levels or values may be no JSON either.
//!
//! # Failure
//! [`DocumentError`] with the byte at which the text stops being acceptable.

use super::{DocumentError, DocumentErrorKind as Kind, DocumentLimits, Node, NodeKind, decode};
use std::collections::HashSet;

/// Objects with fewer members than this are compared key by key.
const FEW_KEYS: usize = 8;

pub(super) struct Parser<'a> {
    raw: &'a str,
    bytes: &'a [u8],
    at: usize,
    limits: DocumentLimits,
    nodes: Vec<Node>,
    /// The open arrays and objects, outermost first.
    open: Vec<usize>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(raw: &'a str, limits: DocumentLimits) -> Self {
        let nodes = Vec::with_capacity((raw.len() / 16).min(1024));
        Self { raw, bytes: raw.as_bytes(), at: 0, limits, nodes, open: Vec::new() }
    }

    pub(super) fn run(mut self) -> Result<Vec<Node>, DocumentError> {
        if u32::try_from(self.raw.len()).is_err() {
            return Err(self.error(Kind::TooLong));
        }
        self.space();
        self.value()?;
        while let Some(&container) = self.open.last() {
            self.member(container)?;
        }
        self.space();
        match self.peek() {
            None => Ok(self.nodes),
            Some(_) => Err(self.unexpected("the end of the text")),
        }
    }

    /// Reads the next member of the open container, or its end.
    fn member(&mut self, container: usize) -> Result<(), DocumentError> {
        let is_object = self.nodes.get(container).is_some_and(|n| n.kind == NodeKind::Object);
        let close = if is_object { b'}' } else { b']' };
        let first = self.nodes.len() == container + 1;
        self.space();
        match self.peek() {
            Some(byte) if byte == close => return self.close(container),
            Some(b',') if !first => {
                self.at += 1;
                self.space();
            }
            Some(_) if first => {}
            Some(_) if is_object => return Err(self.unexpected("`,` or `}`")),
            Some(_) => return Err(self.unexpected("`,` or `]`")),
            None => return Err(self.error(Kind::Truncated)),
        }
        if is_object {
            match self.peek() {
                Some(b'"') => self.string(NodeKind::Key)?,
                Some(_) => return Err(self.unexpected("a key in quotes")),
                None => return Err(self.error(Kind::Truncated)),
            }
            self.space();
            match self.peek() {
                Some(b':') => self.at += 1,
                Some(_) => return Err(self.unexpected("`:`")),
                None => return Err(self.error(Kind::Truncated)),
            }
            self.space();
        }
        self.value()
    }

    fn value(&mut self) -> Result<(), DocumentError> {
        match self.peek() {
            Some(b'{') => self.start(NodeKind::Object),
            Some(b'[') => self.start(NodeKind::Array),
            Some(b'"') => self.string(NodeKind::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            Some(_) => Err(self.unexpected("a value")),
            None => Err(self.error(Kind::Truncated)),
        }
    }

    fn start(&mut self, kind: NodeKind) -> Result<(), DocumentError> {
        if self.open.len() >= self.limits.max_depth {
            return Err(self.error(Kind::TooDeep { limit: self.limits.max_depth }));
        }
        self.open.push(self.nodes.len());
        let from = self.at;
        self.at += 1;
        self.push(kind, from, false)
    }

    fn close(&mut self, container: usize) -> Result<(), DocumentError> {
        self.at += 1;
        self.open.pop();
        let next = self.index(self.nodes.len());
        let end = self.index(self.at);
        if let Some(node) = self.nodes.get_mut(container) {
            node.next = next;
            node.end = end;
            if node.kind == NodeKind::Object && !self.limits.allow_duplicate_keys {
                self.check_keys(container)?;
            }
        }
        Ok(())
    }

    /// Refuses an object that names a key twice, however it is spelled.
    fn check_keys(&self, object: usize) -> Result<(), DocumentError> {
        let mut keys = Vec::new();
        let mut at = object + 1;
        while let (Some(key), Some(value)) = (self.nodes.get(at), self.nodes.get(at + 1)) {
            keys.push((key.span().start, decode(self.raw, key)));
            at = value.next as usize;
        }
        let twice = if keys.len() < FEW_KEYS {
            let is_twice = |(i, key): (usize, &(usize, _))| {
                let seen = keys.iter().take(i).any(|(_, other)| *other == key.1);
                seen.then_some(key.0)
            };
            keys.iter().enumerate().find_map(is_twice)
        } else {
            let mut seen = HashSet::with_capacity(keys.len());
            keys.iter().find_map(|(at, key)| (!seen.insert(key)).then_some(*at))
        };
        match twice {
            Some(at) => Err(DocumentError { at, kind: Kind::DuplicateKey }),
            None => Ok(()),
        }
    }

    fn string(&mut self, kind: NodeKind) -> Result<(), DocumentError> {
        let from = self.at;
        let mut escaped = false;
        self.at += 1;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(stop) = memchr::memchr2(b'"', b'\\', rest) else {
                self.at = self.bytes.len();
                return Err(self.error(Kind::Truncated));
            };
            let plain = rest.get(..stop).unwrap_or_default();
            if has_control(plain) {
                self.at += plain.iter().position(|byte| *byte < b' ').unwrap_or_default();
                return Err(self.unexpected("control characters in strings to be escaped"));
            }
            self.at += stop;
            if rest.get(stop) == Some(&b'"') {
                self.at += 1;
                return self.push(kind, from, escaped);
            }
            escaped = true;
            self.escape()?;
        }
    }

    /// Steps over one escape; over both halves of a surrogate pair, if there are both.
    fn escape(&mut self) -> Result<(), DocumentError> {
        let from = self.at;
        let wrong = DocumentError { at: from, kind: Kind::Escape };
        match self.bytes.get(from + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let unit = hex4(self.bytes, from + 2).ok_or(wrong)?;
                self.at += 6;
                let is_paired = || {
                    let slash = self.bytes.get(from + 6..from + 8);
                    let low = hex4(self.bytes, from + 8);
                    slash == Some(b"\\u") && low.is_some_and(|low| (0xDC00..=0xDFFF).contains(&low))
                };
                match unit {
                    0xD800..=0xDBFF if is_paired() => self.at += 6,
                    0xD800..=0xDFFF if !self.limits.allow_lone_surrogates => return Err(wrong),
                    _ => {}
                }
            }
            Some(_) => return Err(wrong),
            None => return Err(self.error(Kind::Truncated)),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), DocumentError> {
        let from = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        self.push(NodeKind::Number, from, false)
    }

    fn digits(&mut self) -> Result<(), DocumentError> {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        match self.peek() {
            _ if self.at > from => Ok(()),
            Some(_) => Err(self.unexpected("a digit")),
            None => Err(self.error(Kind::Truncated)),
        }
    }

    fn literal(&mut self, word: &'static str) -> Result<(), DocumentError> {
        let from = self.at;
        let rest = self.bytes.get(from..).unwrap_or_default();
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            self.push(NodeKind::Literal, from, false)
        } else if word.as_bytes().starts_with(rest) {
            Err(self.error(Kind::Truncated))
        } else {
            Err(self.unexpected("a value"))
        }
    }

    fn push(&mut self, kind: NodeKind, from: usize, escaped: bool) -> Result<(), DocumentError> {
        if self.nodes.len() >= self.limits.max_nodes {
            return Err(self.error(Kind::TooMany { limit: self.limits.max_nodes }));
        }
        let (start, end) = (self.index(from), self.index(self.at));
        let next = self.index(self.nodes.len() + 1);
        self.nodes.push(Node { kind, escaped, start, end, next });
        Ok(())
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// `run` has made sure that every position fits.
    fn index(&self, at: usize) -> u32 {
        debug_assert!(at <= self.raw.len() + 1, "a position in the text or a count of nodes");
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    fn unexpected(&self, expected: &'static str) -> DocumentError {
        self.error(Kind::Unexpected { expected })
    }

    fn error(&self, kind: Kind) -> DocumentError {
        DocumentError { at: self.at, kind }
    }
}

/// Whether a byte of `text` is a control character; without a branch for each, because nearly every
/// text is read to its end.
#[expect(clippy::needless_bitwise_bool, reason = "a branch for each byte costs several times more")]
fn has_control(text: &[u8]) -> bool {
    text.iter().fold(false, |found, byte| found | (*byte < b' '))
}

/// The UTF-16 unit that four hexadecimal digits at `at` spell.
pub(crate) fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at.checked_add(4)?)?;
    digits.iter().try_fold(0, |unit, &digit| Some(unit * 16 + char::from(digit).to_digit(16)?))
}
