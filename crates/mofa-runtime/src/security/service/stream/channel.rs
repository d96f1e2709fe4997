//! One text of a stream: what is held back of it, and what is kept of what has been let go.
//!
//! # Invariants
//! `released` lies within `text`, on a character boundary. Beside what is held back, at most
//! [`CONTEXT`] bytes are kept, a character more or less.

use super::json::JsonReader;

/// How many bytes that have been let go are kept, so that what follows is seen in its context.
const CONTEXT: usize = 512;

/// One text that comes in pieces.
pub(super) struct Channel {
    pub(super) name: String,
    /// What has been let go and is kept as context, then what is held back; as it came.
    pub(super) text: String,
    /// How much of `text` has been let go.
    pub(super) released: usize,
    /// How many bytes of the whole text stand before `text`.
    offset: usize,
    /// Where it stands if it is JSON, of what has been let go.
    pub(super) json: JsonReader,
    /// The end of what has been let go, as it went.
    pub(super) clean: String,
    /// How many bytes went before `clean`.
    clean_offset: usize,
}

/// A text to judge, of which the end is new.
pub(super) struct Window<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    /// Where the new part begins.
    pub(super) new: usize,
    /// How many bytes of the whole stand before the text.
    pub(super) offset: usize,
}

impl Channel {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: String::new(),
            released: 0,
            offset: 0,
            json: JsonReader::default(),
            clean: String::new(),
            clean_offset: 0,
        }
    }

    /// The text as it came.
    pub(super) fn before_redaction(&self) -> Window<'_> {
        Window { name: &self.name, text: &self.text, new: self.released, offset: self.offset }
    }

    /// `text`, which is the end of what went and what is to go next.
    pub(super) fn after_redaction<'a>(&'a self, text: &'a str) -> Window<'a> {
        Window { name: &self.name, text, new: self.clean.len(), offset: self.clean_offset }
    }

    /// What has not been let go and stands before `cut`.
    pub(super) fn new_up_to(&self, cut: usize) -> &str {
        self.text.get(self.released..cut).unwrap_or_default()
    }

    /// `cut`, or the beginning of the number that it would cut through, in JSON.
    pub(super) fn before_number(&self, cut: usize) -> usize {
        let new = self.text.get(self.released..).unwrap_or_default();
        self.released + self.json.before_literal(new, cut.saturating_sub(self.released))
    }

    /// Marks everything before `cut` as let go, which went as `released`, and forgets what is no
    /// longer context.
    pub(super) fn let_go(&mut self, cut: usize, released: &str) {
        self.json.read(self.text.get(self.released..cut).unwrap_or_default());
        let forget = self.text.floor_char_boundary(cut.saturating_sub(CONTEXT));
        self.text.drain(..forget);
        self.offset += forget;
        self.released = cut - forget;
        self.clean.push_str(released);
        let forget = self.clean.floor_char_boundary(self.clean.len().saturating_sub(CONTEXT));
        self.clean.drain(..forget);
        self.clean_offset += forget;
    }
}
