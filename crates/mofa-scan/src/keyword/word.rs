//! What a word is: Unicode alphanumerics and `_`, except in scripts written without spaces.

use crate::bytes;

/// Whether `c` belongs to a word and needs a boundary beside it.
pub(super) fn is_word(c: char) -> bool {
    (c.is_alphanumeric() || c == '_') && !is_unspaced(c)
}

/// Whether a word may begin at `start`.
pub(super) fn may_begin(text: &str, start: usize) -> bool {
    match bytes::byte_before(text.as_bytes(), start, 1) {
        ascii @ 0..=0x7f => !bytes::is_word(ascii),
        _ => !text.get(..start).and_then(|head| head.chars().next_back()).is_some_and(is_word),
    }
}

/// Whether a word may end at `end`.
pub(super) fn may_end(text: &str, end: usize) -> bool {
    match bytes::byte_at(text.as_bytes(), end) {
        ascii @ 0..=0x7f => !bytes::is_word(ascii),
        _ => !text.get(end..).and_then(|rest| rest.chars().next()).is_some_and(is_word),
    }
}

/// Scripts whose words are not separated: Thai, Lao, Myanmar, Khmer, Kana, Han and its extensions
/// (blocks of Unicode 16).
const fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}'
        | '\u{1000}'..='\u{109F}'
        | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}
