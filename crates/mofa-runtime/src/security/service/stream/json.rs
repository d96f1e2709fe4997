//! Follows a text that comes in pieces for as long as it is JSON, and says where numbers and words
//! stand in it that have no quotes: what takes the place of one needs them.
//!
//! Called by the channels of a stream.
//!
//! # Invariants
//! A text that is no JSON from its beginning on has no such places. Prose is known as such by its
//! first character, and costs nothing more. At most [`MAX_DEPTH`] levels are followed.

use crate::security::decision::StageFailure;
use crate::security::document::quote_into;
use crate::security::service::stage::Redactor;
use crate::security::types::PiiDetection;
use std::ops::Range;

/// How deep values may lie in one another; what lies deeper is taken for no JSON.
const MAX_DEPTH: usize = 128;

/// The longest beginning of a number that waits for its end, in bytes.
const MAX_LITERAL: usize = 512;

/// Where in a JSON text something stands.
#[derive(Debug, Clone, Default)]
pub(super) struct JsonReader {
    at: At,
    /// The objects (`true`) and arrays around it, outermost first.
    around: Vec<bool>,
}

/// What was read last, as far as it says what may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum At {
    /// A value has to come; also `]` if an array has just begun.
    #[default]
    Value,
    /// A key has to come; also `}` if an object has just begun.
    Key,
    /// A key has been.
    Colon,
    /// A value has been.
    After,
    /// A string goes on; the next character may be escaped.
    String { is_key: bool, is_escaped: bool },
    /// A number or a word without quotes goes on.
    Literal,
    /// It is no JSON.
    Nothing,
}

impl JsonReader {
    /// Goes on behind `text`.
    pub(super) fn read(&mut self, text: &str) {
        self.each(text, &mut |_| {});
    }

    /// Where in `text`, which is read next, numbers and words begin and end that have no quotes. One
    /// that goes on from before, or at the end, is among them only as far as it began here.
    fn literals(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        self.clone().each(text, &mut |literal| found.push(literal));
        found
    }

    /// `cut`, a place in `text`, which is read next; or where the number or word begins that it
    /// would cut through.
    pub(super) fn before_literal(&self, text: &str, cut: usize) -> usize {
        if self.at == At::Nothing {
            return cut;
        }
        let last = self.literals(text).into_iter().find(|it| it.start < cut && cut <= it.end);
        let is_open = |literal: &Range<usize>| literal.end == text.len() || cut < literal.end;
        let open = last.filter(|it| is_open(it) && it.len() <= MAX_LITERAL);
        open.map_or(cut, |literal| literal.start)
    }

    fn each(&mut self, text: &str, found: &mut dyn FnMut(Range<usize>)) {
        let mut began = None;
        for (place, byte) in text.bytes().enumerate() {
            if self.at == At::Nothing {
                return;
            }
            let was_literal = self.at == At::Literal;
            self.step(byte);
            match (was_literal, self.at == At::Literal) {
                (false, true) => began = Some(place),
                (true, false) => found_from(began.take(), place, found),
                _ => {}
            }
        }
        found_from(began, text.len(), found);
    }

    fn step(&mut self, byte: u8) {
        let is_blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at = match (self.at, byte) {
            (At::String { is_key, is_escaped: true }, _) => {
                At::String { is_key, is_escaped: false }
            }
            (At::String { is_key, .. }, b'\\') => At::String { is_key, is_escaped: true },
            (At::String { is_key: true, .. }, b'"') => At::Colon,
            (At::String { is_key: false, .. }, b'"') => At::After,
            (at @ At::String { .. }, _) => at,
            (At::Literal, b'0'..=b'9' | b'a'..=b'z' | b'E' | b'+' | b'-' | b'.') => At::Literal,
            (At::Literal | At::After, b',' | b'}' | b']') => self.behind(byte),
            (At::Literal, _) if is_blank => At::After,
            (at, _) if is_blank => at,
            (At::Value, b'{') => self.open(true),
            (At::Value, b'[') => self.open(false),
            (At::Value, b']') | (At::Key, b'}') => self.behind(byte),
            (At::Value, b'"') => At::String { is_key: false, is_escaped: false },
            (At::Key, b'"') => At::String { is_key: true, is_escaped: false },
            (At::Colon, b':') => At::Value,
            // A text that is one number, or begins with one, is prose.
            (At::Value, b'0'..=b'9' | b'-' | b't' | b'f' | b'n') if !self.around.is_empty() => {
                At::Literal
            }
            _ => At::Nothing,
        };
    }

    fn open(&mut self, is_object: bool) -> At {
        if self.around.len() >= MAX_DEPTH {
            return At::Nothing;
        }
        self.around.push(is_object);
        if is_object { At::Key } else { At::Value }
    }

    /// Behind a value: `byte` separates it from the next one or closes what it stands in.
    fn behind(&mut self, byte: u8) -> At {
        match (byte, self.around.last()) {
            (b',', Some(true)) => At::Key,
            (b',', Some(false)) => At::Value,
            (b'}', Some(true)) | (b']', Some(false)) => {
                self.around.pop();
                At::After
            }
            _ => At::Nothing,
        }
    }
}

fn found_from(began: Option<usize>, end: usize, found: &mut dyn FnMut(Range<usize>)) {
    if let Some(began) = began {
        found(began..end);
    }
}

impl Redactor<'_> {
    /// `text`, which `reader` reads next, without `detections`; what takes the place of a number is
    /// a string, as in a document that comes whole.
    pub(super) async fn apply_in_json(
        &self,
        reader: &JsonReader,
        text: &str,
        detections: &[PiiDetection],
    ) -> Result<String, StageFailure> {
        let numbers = numbers(&reader.literals(text), detections);
        if numbers.is_empty() {
            return self.apply(text, detections).await;
        }
        let mut out = String::with_capacity(text.len());
        let (mut at, mut rest) = (0, detections);
        for number in numbers {
            let before = rest.partition_point(|found| found.span.end <= number.start);
            let (outside, others) = rest.split_at(before);
            out.push_str(&self.piece(text, at..number.start, outside).await?);
            let within = others.partition_point(|found| found.span.start < number.end);
            let (within, others) = others.split_at(within);
            quote_into(&mut out, &self.piece(text, number.clone(), within).await?);
            (at, rest) = (number.end, others);
        }
        out.push_str(&self.piece(text, at..text.len(), rest).await?);
        Ok(out)
    }

    /// The stretch `span` of `text` without the `detections` in it.
    async fn piece(
        &self,
        text: &str,
        span: Range<usize>,
        detections: &[PiiDetection],
    ) -> Result<String, StageFailure> {
        let piece = text.get(span.clone()).ok_or(StageFailure::Span)?;
        let own = detections.iter().map(|found| PiiDetection {
            span: found.span.start.saturating_sub(span.start)..found.span.end - span.start,
            ..found.clone()
        });
        self.apply(piece, &own.collect::<Vec<_>>()).await
    }
}

/// The stretches that become strings: `literals` in which something is detected, with what is
/// detected from there on.
fn numbers(literals: &[Range<usize>], detections: &[PiiDetection]) -> Vec<Range<usize>> {
    let mut numbers: Vec<Range<usize>> = Vec::new();
    for found in detections {
        let first = literals.partition_point(|it| it.end <= found.span.start);
        let holds = |it: &&Range<usize>| it.start <= found.span.start;
        let Some(literal) = literals.get(first).filter(holds) else { continue };
        let last = literals.partition_point(|it| it.start < found.span.end);
        let end = last.checked_sub(1).and_then(|last| literals.get(last)).map_or(0, |it| it.end);
        let number = literal.start..end.max(found.span.end);
        match numbers.last_mut().filter(|before| before.end > number.start) {
            Some(before) => before.end = before.end.max(number.end),
            None => numbers.push(number),
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The literals of `text`, however it is cut.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = JsonReader::default().literals(text);
        let found: Vec<_> = found.into_iter().map(|it| text.get(it).unwrap()).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_has_no_quotes_is_found_in_json_only() {
        check(
            r#"{"a":1,"b":[-2.5e+3, true ,null],"c":"4 \" 5"}"#,
            &["1", "-2.5e+3", "true", "null"],
        );
        check(" [\n411, 12", &["411", "12"]);
        check("[]", &[]);
        check("[1] see 4111111111111111, please", &["1"]);
        check("4111111111111111", &[]);
        check("Call 4111111111111111", &[]);
        check("{\"a\" 12}", &[]);
        check("{12: 13}", &[]);
        check(&format!("{}12", "[".repeat(MAX_DEPTH)), &["12"]);
        check(&format!("{}12", "[".repeat(MAX_DEPTH + 1)), &[]);
    }

    #[test]
    fn no_number_is_cut() {
        let reader = JsonReader::default();
        let text = r#"{"n":4111,"m":"4111"#;
        let cuts: Vec<_> = (0..=text.len()).map(|at| reader.before_literal(text, at)).collect();
        assert_eq!(cuts[5..=10], [5, 5, 5, 5, 9, 10]);
        assert_eq!(cuts[14..], [14, 15, 16, 17, 18, 19], "in quotes");
        assert_eq!(reader.before_literal("[41", 3), 1, "it may go on");
        let long = format!("[{}", "4".repeat(MAX_LITERAL + 1));
        assert_eq!(reader.before_literal(&long, 9), 9, "nothing is held back for ever");
    }

    proptest! {
        #[test]
        fn a_text_reads_the_same_in_pieces(text in r#"[\[\]{}",: 1a\\é-]{0,24}"#, at in 0..24_usize) {
            let at = text.floor_char_boundary(at);
            let (mut whole, mut pieces) = (JsonReader::default(), JsonReader::default());
            whole.read(&text);
            pieces.read(text.get(..at).unwrap());
            pieces.read(text.get(at..).unwrap());
            prop_assert_eq!(whole.at, pieces.at);
            if whole.at != At::Nothing {
                prop_assert_eq!(whole.around, pieces.around);
            }
        }
    }
}
