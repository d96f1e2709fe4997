//! Follows a text that comes in pieces for as long as it is JSON, and says where numbers and words
//! stand in it that have no quotes, also in JSON that its strings hold: what takes the place of one
//! needs them.
//!
//! Called by the channels of a stream.
//!
//! # Invariants
//! A text that is no JSON from its beginning on has no such places. Prose is known as such by its
//! first character, and costs nothing more. At most [`MAX_DEPTH`] levels are followed, and
//! [`MAX_NESTED`] strings in one another.

use crate::security::decision::StageFailure;
use crate::security::document::quote_into;
use crate::security::service::stage::Redactor;
use crate::security::types::PiiDetection;
use std::ops::Range;

/// How deep values may lie in one another; what lies deeper is taken for no JSON.
const MAX_DEPTH: usize = 128;

/// The longest beginning of a number that waits for its end, in bytes.
const MAX_LITERAL: usize = 512;

/// How many strings of JSON may lie in one another: what is written in the last of them has 2 to that
/// power backslashes before each quotation mark.
const MAX_NESTED: usize = 6;

/// Where in a JSON text something stands.
#[derive(Debug, Clone, Default)]
pub(super) struct JsonReader {
    at: At,
    /// The objects (`true`) and arrays around it, outermost first.
    around: Vec<bool>,
    /// What the string says that goes on.
    string: Content,
    /// The escape in it that goes on.
    escape: Option<Escape>,
    /// Where the number or word that goes on began, in the piece that is read.
    began: Option<usize>,
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

/// What a string says, as far as it was read.
#[derive(Debug, Clone, Default)]
enum Content {
    /// Nothing yet but blanks.
    #[default]
    Blank,
    /// What may be JSON itself.
    Json(Box<JsonReader>),
    /// Anything else.
    Text,
}

/// An escape in a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Escape {
    /// Where its backslash stands; at the beginning of the piece if that was read before.
    start: usize,
    /// How many digits of `\u` were read, and what they amount to.
    unit: Option<(u8, u32)>,
}

/// A number or word without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Literal {
    span: Range<usize>,
    /// In how many strings of JSON it stands.
    depth: usize,
}

impl JsonReader {
    /// Goes on behind `text`.
    pub(super) fn read(&mut self, text: &str) {
        self.each(text, &mut |_| {});
    }

    /// Where in `text`, which is read next, numbers and words begin and end that have no quotes. One
    /// that goes on from before, or at the end, is among them only as far as it began here.
    fn literals(&self, text: &str) -> Vec<Literal> {
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
        let mut literals = self.literals(text).into_iter().map(|literal| literal.span);
        let last = literals.find(|it| it.start < cut && cut <= it.end);
        let is_open = |literal: &Range<usize>| literal.end == text.len() || cut < literal.end;
        let open = last.filter(|it| is_open(it) && it.len() <= MAX_LITERAL);
        open.map_or(cut, |literal| literal.start)
    }

    fn each(&mut self, text: &str, found: &mut dyn FnMut(Literal)) {
        self.begin_piece();
        for (place, byte) in text.bytes().enumerate() {
            if self.at == At::Nothing {
                return;
            }
            self.next(byte, place, 0, found);
        }
        self.end_piece(text.len(), 0, found);
    }

    /// What was read before has no place in the next piece.
    fn begin_piece(&mut self) {
        self.began = None;
        self.escape = self.escape.map(|escape| Escape { start: 0, ..escape });
        if let Content::Json(inner) = &mut self.string {
            inner.begin_piece();
        }
    }

    /// Gives what goes on at `place`, where the piece ends or the string that it is in.
    fn end_piece(&mut self, place: usize, depth: usize, found: &mut dyn FnMut(Literal)) {
        if let Content::Json(inner) = &mut self.string {
            inner.end_piece(place, depth + 1, found);
        }
        if let Some(began) = self.began.take() {
            found(Literal { span: began..place, depth });
        }
    }

    /// Reads `byte`, which stands at `place` or is what an escape there says.
    fn next(&mut self, byte: u8, place: usize, depth: usize, found: &mut dyn FnMut(Literal)) {
        let before = self.at;
        self.step(byte);
        match (before == At::Literal, self.at == At::Literal) {
            (false, true) => self.began = Some(place),
            (true, false) => {
                if let Some(began) = self.began.take() {
                    found(Literal { span: began..place, depth });
                }
            }
            _ => {}
        }
        let is_value = |at| matches!(at, At::String { is_key: false, .. });
        match (is_value(before), is_value(self.at)) {
            (false, true) => (self.string, self.escape) = (Content::Blank, None),
            (true, true) => self.within(byte, place, depth, found),
            (true, false) => {
                if let Content::Json(inner) = &mut self.string {
                    inner.end_piece(place, depth + 1, found);
                }
                self.string = Content::Text;
            }
            (false, false) => {}
        }
    }

    /// Reads `byte` of a string that is a value.
    fn within(&mut self, byte: u8, place: usize, depth: usize, found: &mut dyn FnMut(Literal)) {
        if matches!(self.string, Content::Text) {
            return;
        }
        let (byte, place) = match &mut self.escape {
            None if byte == b'\\' => {
                self.escape = Some(Escape { start: place, unit: None });
                return;
            }
            None => (byte, place),
            Some(escape) => {
                let start = escape.start;
                let Some(read) = escape.read(byte) else { return };
                self.escape = None;
                (read, start)
            }
        };
        if matches!(self.string, Content::Blank) && !is_blank(byte) {
            let may_be_json = depth < MAX_NESTED && matches!(byte, b'{' | b'[' | b'"');
            self.string = if may_be_json { Content::Json(Box::default()) } else { Content::Text };
        }
        if let Content::Json(inner) = &mut self.string {
            inner.next(byte, place, depth + 1, found);
            if inner.at == At::Nothing {
                self.string = Content::Text;
            }
        }
    }

    fn step(&mut self, byte: u8) {
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
            (At::Literal, _) if is_blank(byte) => At::After,
            (at, _) if is_blank(byte) => at,
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

/// Stands for what is no character of ASCII.
const OTHER: u8 = 0x80;

impl Escape {
    /// What it says, once `byte` is its last one; of what is no ASCII, a byte of such a character.
    fn read(&mut self, byte: u8) -> Option<u8> {
        let Some((digits, value)) = self.unit else {
            return match byte {
                b'u' => {
                    self.unit = Some((0, 0));
                    None
                }
                b'n' => Some(b'\n'),
                b'r' => Some(b'\r'),
                b't' => Some(b'\t'),
                byte => Some(byte),
            };
        };
        let Some(digit) = char::from(byte).to_digit(16) else { return Some(OTHER) };
        let value = value * 16 + digit;
        if digits < 3 {
            self.unit = Some((digits + 1, value));
            return None;
        }
        Some(u8::try_from(value).ok().filter(u8::is_ascii).unwrap_or(OTHER))
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Writes `text` as a string of JSON that stands in `depth` others.
fn quote_within(out: &mut String, text: &str, depth: usize) {
    let mut quoted = String::new();
    quote_into(&mut quoted, text);
    for _ in 0..depth {
        let mut outer = String::new();
        quote_into(&mut outer, &quoted);
        quoted = outer
            .strip_prefix('"')
            .and_then(|it| it.strip_suffix('"'))
            .unwrap_or_default()
            .to_owned();
    }
    out.push_str(&quoted);
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
        for Literal { span: number, depth } in numbers {
            let before = rest.partition_point(|found| found.span.end <= number.start);
            let (outside, others) = rest.split_at(before);
            out.push_str(&self.piece(text, at..number.start, outside).await?);
            let within = others.partition_point(|found| found.span.start < number.end);
            let (within, others) = others.split_at(within);
            quote_within(&mut out, &self.piece(text, number.clone(), within).await?, depth);
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
fn numbers(literals: &[Literal], detections: &[PiiDetection]) -> Vec<Literal> {
    let mut numbers: Vec<Literal> = Vec::new();
    for found in detections {
        let first = literals.partition_point(|it| it.span.end <= found.span.start);
        let holds = |it: &&Literal| it.span.start <= found.span.start;
        let Some(literal) = literals.get(first).filter(holds) else { continue };
        let last = literals.partition_point(|it| it.span.start < found.span.end);
        let last = last.checked_sub(1).and_then(|last| literals.get(last));
        let end = last.map_or(0, |it| it.span.end).max(found.span.end);
        match numbers.last_mut().filter(|before| before.span.end > literal.span.start) {
            Some(before) => before.span.end = before.span.end.max(end),
            None => {
                numbers.push(Literal { span: literal.span.start..end, depth: literal.depth });
            }
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
        let found: Vec<_> = found.into_iter().map(|it| text.get(it.span).unwrap()).collect();
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
    fn json_in_strings_is_followed() {
        let inner = r#"{"n":4111,"s":"5","t":[true ]}"#;
        check(&serde_json::json!([1, inner]).to_string(), &["1", "4111", "true"]);
        let twice = serde_json::json!({ "b": serde_json::json!([inner, 2]).to_string() });
        check(&twice.to_string(), &["4111", "true", "2"]);
        check(r#"{"a":"{\u0022n\u0022:4\u00311}","m":7}"#, &[r"4\u00311", "7"]);
        check(r#"{"a":"[4111","m":7}"#, &["4111", "7"]);
        check(r#"{"a":"[1] see 4111","b":"4111"}"#, &["1"]);
        check(r#"{"[1]":"x"}"#, &[]);
        check(r#""{\"n\":4111}""#, &["4111"]);
        let deep = (0..MAX_NESTED + 2)
            .fold("[1]".to_owned(), |text, _| serde_json::json!([0, text]).to_string());
        assert_eq!(JsonReader::default().literals(&deep).len(), MAX_NESTED + 1);
    }

    #[test]
    fn quotes_are_escaped_as_deep_as_they_stand() {
        for (depth, expected) in [(0, r#""[X]""#), (1, r#"\"[X]\""#), (2, r#"\\\"[X]\\\""#)] {
            let mut out = String::new();
            quote_within(&mut out, "[X]", depth);
            assert_eq!(out, expected);
        }
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

    fn are_alike(one: &JsonReader, other: &JsonReader) -> bool {
        let is_same = one.at == other.at && one.around == other.around;
        let digits = |reader: &JsonReader| reader.escape.map(|escape| escape.unit);
        one.at == At::Nothing && other.at == At::Nothing
            || is_same
                && digits(one) == digits(other)
                && match (&one.string, &other.string) {
                    (Content::Json(one), Content::Json(other)) => are_alike(one, other),
                    (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
                }
    }

    proptest! {
        #[test]
        fn a_text_reads_the_same_in_pieces(text in r#"[\[\]{}",: 1a\\un0é-]{0,24}"#, at in 0..24_usize) {
            let at = text.floor_char_boundary(at);
            let (mut whole, mut pieces) = (JsonReader::default(), JsonReader::default());
            whole.read(&text);
            pieces.read(text.get(..at).unwrap());
            pieces.read(text.get(at..).unwrap());
            prop_assert!(are_alike(&whole, &pieces), "{:?} {:?}", whole, pieces);
        }
    }
}
