//! Writes server-sent events.

use bytes::Bytes;
use std::fmt;

/// The data of the last event of a stream that went well.
pub(super) const DONE: &str = "[DONE]";

/// What clients read over: a comment and the end of its line.
pub(super) const COMMENT: &[u8] = b":\n\n";

/// Events that are to be sent.
#[derive(Default)]
pub(super) struct Output {
    waiting: String,
    written: usize,
}

/// The size only: what is inspected is in no log.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Output({} bytes)", self.waiting.len())
    }
}

impl Output {
    /// Adds an event with `data`, a JSON text: line breaks in it are white space between values,
    /// and one line is what every client reads.
    pub(super) fn event(&mut self, data: &str) {
        let before = self.waiting.len();
        self.waiting.push_str("data: ");
        for (number, line) in data.split(['\n', '\r']).enumerate() {
            if number > 0 {
                self.waiting.push(' ');
            }
            self.waiting.push_str(line);
        }
        self.waiting.push_str("\n\n");
        self.written += self.waiting.len() - before;
    }

    /// How many bytes there were, with those that are gone.
    pub(super) fn written(&self) -> usize {
        self.written
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The events so far, as they are sent.
    pub(super) fn take(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.waiting))
    }
}
