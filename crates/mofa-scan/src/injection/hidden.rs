//! Undoes what hides a phrase from a pattern but not from a model: invisible characters between
//! letters and full-width forms of ASCII.

use super::Signal;

/// A text with hidden parts undone, and the way back to its offsets.
#[derive(Debug)]
pub(super) struct Unfolded {
    text: String,
    /// Places where the two texts drift apart: (offset in `text`, offset in the original).
    drifts: Vec<(usize, usize)>,
    original_len: usize,
}

/// The text without hidden characters; `None` if there is nothing to undo.
pub(super) fn unfold(text: &str) -> Option<Unfolded> {
    if text.is_ascii() || !text.chars().any(|c| is_invisible(c) || full_width(c).is_some()) {
        return None;
    }
    let mut plain = String::with_capacity(text.len());
    let mut drifts = Vec::new();
    let mut regular = true;
    for (at, c) in text.char_indices() {
        let shown = if is_invisible(c) { None } else { Some(full_width(c).unwrap_or(c)) };
        if !regular {
            drifts.push((plain.len(), at));
        }
        regular = shown == Some(c);
        plain.extend(shown);
    }
    Some(Unfolded { text: plain, drifts, original_len: text.len() })
}

impl Unfolded {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Moves the spans of signals from the unfolded to the original text.
    pub(super) fn map_back(&self, signals: &mut [Signal]) {
        for signal in signals {
            signal.start = self.original_of(signal.start);
            signal.end = self.original_of(signal.end);
        }
    }

    /// Where in the original text the offset `at` of the unfolded text is.
    pub(super) fn original_of(&self, at: usize) -> usize {
        if at >= self.text.len() {
            return self.original_len;
        }
        let next = self.drifts.partition_point(|(plain, _)| *plain <= at);
        match next.checked_sub(1).and_then(|last| self.drifts.get(last)) {
            Some((plain, original)) => original + (at - plain),
            None => at,
        }
    }
}

/// Characters that take no room: zero-width, joiners, soft hyphen, direction marks, tags, variation
/// selectors.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180E}' | '\u{FEFF}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{E0001}' | '\u{E0020}'..='\u{E007F}')
}

/// The ASCII character a full-width form stands for (Unicode block FF01 to FF5E).
fn full_width(c: char) -> Option<char> {
    match c {
        '\u{3000}' => Some(' '),
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
        _ => None,
    }
}
