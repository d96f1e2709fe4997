//! Reads server-sent events (WHATWG HTML, section 9.2) from pieces of any size.
//!
//! Called by the relay of streamed answers. Only the data of an event is of interest: names, ids
//! and comments are dropped.
//!
//! # Invariants
//! Memory is bounded by the limit that the parser is made with. The events are the same however
//! the bytes are cut.
//!
//! # Failure
//! [`SseError`] if an event is too long or not UTF-8; the parser is of no use after it.

use std::fmt;
use thiserror::Error;

/// Why a stream of events cannot be read on.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SseError {
    /// A line, or the data of one event, is longer than it may be.
    #[error("an event is longer than {limit} bytes")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// A line is no text.
    #[error("an event is not UTF-8")]
    Encoding,
}

/// Collects bytes until they are events.
pub(crate) struct SseParser {
    limit: usize,
    line: Vec<u8>,
    data: Option<String>,
    /// Whether the last byte was a carriage return: a line feed after it is part of it.
    after_return: bool,
    is_first_line: bool,
}

/// Sizes only: what is not inspected yet is in no log.
impl fmt::Debug for SseParser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("SseParser");
        debug.field("line_bytes", &self.line.len());
        debug.field("data_bytes", &self.data.as_ref().map(String::len)).finish_non_exhaustive()
    }
}

impl SseParser {
    /// A parser for events of at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, line: Vec::new(), data: None, after_return: false, is_first_line: true }
    }

    /// Adds `bytes` and gives the data of the events that they complete.
    ///
    /// # Errors
    /// [`SseError`] if an event is too long or not UTF-8.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, SseError> {
        let mut events = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            if std::mem::take(&mut self.after_return)
                && let Some(tail) = rest.strip_prefix(b"\n")
            {
                rest = tail;
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (piece, tail) = rest.split_at(end.unwrap_or(rest.len()));
            let held = self.line.len() + self.data.as_ref().map_or(0, String::len);
            if held + piece.len() > self.limit {
                return Err(SseError::TooLong { limit: self.limit });
            }
            self.line.extend_from_slice(piece);
            let Some((terminator, tail)) = tail.split_first() else { break };
            self.after_return = *terminator == b'\r';
            rest = tail;
            events.extend(self.end_line()?);
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Result<Option<String>, SseError> {
        let line = std::str::from_utf8(&self.line).map_err(|_| SseError::Encoding)?;
        let is_first = std::mem::take(&mut self.is_first_line);
        let line = if is_first { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
        let event = if line.is_empty() {
            self.data.take()
        } else {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            if field == "data" {
                let value = value.strip_prefix(' ').unwrap_or(value);
                match &mut self.data {
                    None => self.data = Some(value.to_owned()),
                    Some(data) => {
                        data.push('\n');
                        data.push_str(value);
                    }
                }
            }
            None
        };
        self.line.clear();
        Ok(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] =
        b"\xef\xbb\xbfdata: {\"a\":1}\r\n\r\n: note\ndata:one\ndata:  two\nid: 7\n\
        event: x\n\ndata\n\n\n\nretry: 5\r\rdata: \xc3\xa9\r\r\n\ndata: [DONE]\n\ndata: cut";

    #[test]
    fn events_are_the_same_however_the_bytes_are_cut() {
        let expected = ["{\"a\":1}", "one\n two", "", "é", "[DONE]"];
        assert_eq!(SseParser::new(64).push(STREAM).unwrap(), expected);
        for size in 1..STREAM.len() {
            let mut parser = SseParser::new(64);
            let pieces = STREAM.chunks(size);
            let found: Vec<String> = pieces.flat_map(|piece| parser.push(piece).unwrap()).collect();
            assert_eq!(found, expected, "cut every {size} bytes");
        }
    }

    #[test]
    fn what_is_too_long_or_no_text_is_refused() {
        let too_long = Err(SseError::TooLong { limit: 8 });
        assert_eq!(SseParser::new(8).push(b"data: 123456789"), too_long);
        assert_eq!(SseParser::new(8).push(b"data:1\ndata:2\ndata:3\ndata:4"), too_long);
        assert_eq!(SseParser::new(8).push(b"data:\xff\n"), Err(SseError::Encoding));
        let mut parser = SseParser::new(8);
        for _ in 0..1000 {
            assert_eq!(parser.push(b"data:1\n\n").unwrap(), ["1"]);
        }
    }
}
