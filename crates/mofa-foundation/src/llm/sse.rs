//! Takes server-sent events apart (WHATWG HTML, 9.2.6), however the bytes are cut; called by
//! streamed answers.
//!
//! Only `data` is read: the providers' events say their type in there too.
//!
//! # Invariants
//! It holds one piece of the answer and one event, which has a limit. Bytes become text only when
//! their line is complete. An event that the end of the stream cuts off is dropped.

#[cfg(test)]
mod tests;

use bytes::{Buf as _, Bytes};
use std::mem;

/// The longest event, in bytes.
pub(super) const MAX_EVENT: usize = 1024 * 1024;

/// Why a stream is no stream of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SseError {
    /// An event is longer than [`MAX_EVENT`].
    TooLong,
    /// An event is no UTF-8.
    NotText,
}

/// The events of a stream.
#[derive(Debug, Default)]
pub(super) struct SseParser {
    chunk: Bytes,
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// A line feed now belongs to the carriage return before it.
    skips_line_feed: bool,
    has_begun: bool,
}

impl SseParser {
    /// Gives the next piece, once [`SseParser::next_event`] has no more events.
    pub(super) fn push(&mut self, chunk: Bytes) {
        self.chunk = chunk;
    }

    /// The data of the next event; `None` if more bytes are needed.
    pub(super) fn next_event(&mut self) -> Result<Option<String>, SseError> {
        loop {
            if mem::take(&mut self.skips_line_feed) {
                match self.chunk.first() {
                    None => {
                        self.skips_line_feed = true;
                        return Ok(None);
                    }
                    Some(b'\n') => self.chunk.advance(1),
                    Some(_) => {}
                }
            }
            let end = self.chunk.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = self.chunk.split_to(end.unwrap_or(self.chunk.len()));
            if self.line.len() + part.len() + self.data.len() > MAX_EVENT {
                return Err(SseError::TooLong);
            }
            self.line.extend_from_slice(&part);
            if end.is_none() {
                return Ok(None);
            }
            self.skips_line_feed = self.chunk.first() == Some(&b'\r');
            self.chunk.advance(1);
            if let Some(event) = self.end_line() {
                return String::from_utf8(event).map(Some).map_err(|_| SseError::NotText);
            }
        }
    }

    /// Reads a complete line; an empty one ends an event.
    fn end_line(&mut self) -> Option<Vec<u8>> {
        let mut line = self.line.as_slice();
        if !mem::replace(&mut self.has_begun, true) {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            self.line.clear();
            self.has_data = false;
            let data = mem::take(&mut self.data);
            return (!data.is_empty()).then_some(data);
        }
        let value = match line.strip_prefix(b"data") {
            Some(b"") => Some([].as_slice()),
            Some(rest) => rest.strip_prefix(b":"),
            None => None,
        };
        if let Some(value) = value {
            if mem::replace(&mut self.has_data, true) {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
        }
        self.line.clear();
        None
    }
}
