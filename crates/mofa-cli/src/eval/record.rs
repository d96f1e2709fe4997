//! Reads a line of labelled data: [`Record`], or why it is none.
//!
//! # Invariants
//! Offsets are Unicode code points, the end is not included; what is read lies within its text and
//! holds the `value` that goes with it.
//!
//! # Failure
//! [`Malformed`] names the field, what was found in it by its type, and what was expected; it never
//! repeats what stands in a line.

use super::lines::MAX_LINE;
use super::spans::Span;
use serde_json::{Map, Value};
use thiserror::Error;

/// A labelled text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Record {
    /// The text.
    pub(super) text: String,
    /// What it is called, if it is.
    pub(super) id: Option<String>,
    /// What it is about, if it is about one label: then others are neither labelled nor wrong.
    pub(super) entity: Option<String>,
    /// Everything that is labelled in it, if places are labelled at all.
    pub(super) spans: Option<Vec<Labelled>>,
    /// Where the secret is, if that is known.
    pub(super) secret: Option<Span>,
    /// Whether it is what its file is about (an attack, a secret, harm), if that is said.
    pub(super) is_positive: Option<bool>,
    /// Which part of the file it belongs to, as `field=value`.
    pub(super) group: Option<String>,
}

/// A labelled piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Labelled {
    pub(super) span: Span,
    pub(super) label: String,
}

/// Why a line is no record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Malformed {
    /// It is longer than a line may be.
    #[error("the line is longer than {MAX_LINE} bytes")]
    TooLong,
    /// There is nothing in it.
    #[error("the line is empty, expected a JSON object")]
    Empty,
    /// It is no JSON.
    #[error("the line is not JSON, see column {column}")]
    NotJson {
        /// Where that shows, in bytes from 1.
        column: usize,
    },
    /// It is another JSON value.
    #[error("the line is {found}, expected an object")]
    NotAnObject {
        /// Which.
        found: &'static str,
    },
    /// A field has another type or is not there.
    #[error("{}`{field}` is {found}, expected {expected}", InSpan(*.index))]
    Field {
        /// Of which span, from 1; `None` for a field of the record.
        index: Option<usize>,
        /// The field.
        field: &'static str,
        /// What it is.
        found: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A span is not in the text.
    #[error("{}{start}..{end} is no piece of a text of {length} code points", InSpan(*.index))]
    Outside {
        /// Which span, from 1; `None` for the secret.
        index: Option<usize>,
        /// Where it begins.
        start: usize,
        /// Where it ends.
        end: usize,
        /// How long the text is.
        length: usize,
    },
    /// A span and its value differ: offsets may count something else than code points.
    #[error("{}what stands at {start}..{end} is not its `value`", InSpan(*.index))]
    Value {
        /// Which span, from 1; `None` for the secret.
        index: Option<usize>,
        /// Where it begins.
        start: usize,
        /// Where it ends.
        end: usize,
    },
}

struct InSpan(Option<usize>);

impl std::fmt::Display for InSpan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |index| write!(f, "span {index}: "))
    }
}

impl Record {
    /// The record in `line`; its group is that of the first of `fields` that it has.
    pub(super) fn read(line: &[u8], fields: &[String]) -> Result<Self, Malformed> {
        if line.trim_ascii().is_empty() {
            return Err(Malformed::Empty);
        }
        let value: Value = serde_json::from_slice(line)
            .map_err(|error| Malformed::NotJson { column: error.column() })?;
        let Value::Object(object) = value else {
            return Err(Malformed::NotAnObject { found: kind(Some(&value)) });
        };
        let text = string(&object, None, "text")?.to_owned();
        let (spans, secret) = (spans(&object)?, secret(&object)?);
        let record = Self {
            id: object.get("id").and_then(plain),
            entity: match object.get("entity") {
                None | Some(Value::Null) => None,
                Some(_) => Some(string(&object, None, "entity")?.to_owned()),
            },
            is_positive: label(object.get("label"))?,
            group: fields.iter().find_map(|field| {
                let value = object.get(field).and_then(plain)?;
                Some(format!("{field}={value}"))
            }),
            spans: spans.as_ref().map(|spans| spans.iter().map(Claim::labelled).collect()),
            secret: secret.as_ref().map(|claim| claim.span.clone()),
            text,
        };
        check(&record.text, spans.unwrap_or_default().iter().chain(&secret))?;
        Ok(record)
    }
}

/// A span as a line has it.
struct Claim {
    index: Option<usize>,
    span: Span,
    label: String,
    value: Option<String>,
}

impl Claim {
    fn read(
        object: &Map<String, Value>,
        index: Option<usize>,
        label: &str,
    ) -> Result<Self, Malformed> {
        let span = number(object, index, "start")?..number(object, index, "end")?;
        let value = match object.get("value") {
            None | Some(Value::Null) => None,
            Some(_) => Some(string(object, index, "value")?.to_owned()),
        };
        Ok(Self { index, span, label: label.to_owned(), value })
    }

    fn labelled(&self) -> Labelled {
        Labelled { span: self.span.clone(), label: self.label.clone() }
    }
}

fn spans(object: &Map<String, Value>) -> Result<Option<Vec<Claim>>, Malformed> {
    let wrong = |found: &Value, index, expected| {
        let found = kind(Some(found));
        Malformed::Field { index, field: "spans", found, expected }
    };
    match object.get("spans") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => {
            let read = |(index, item): (usize, &Value)| match item {
                Value::Object(span) => {
                    Claim::read(span, Some(index), string(span, Some(index), "label")?)
                }
                other => Err(wrong(other, Some(index), "an object")),
            };
            Ok(Some((1..).zip(items).map(read).collect::<Result<_, _>>()?))
        }
        Some(other) => Err(wrong(other, None, "a list")),
    }
}

fn secret(object: &Map<String, Value>) -> Result<Option<Claim>, Malformed> {
    match object.get("secret") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(secret)) => Claim::read(secret, None, "").map(Some),
        Some(other) => Err(Malformed::Field {
            index: None,
            field: "secret",
            found: kind(Some(other)),
            expected: "an object",
        }),
    }
}

fn label(value: Option<&Value>) -> Result<Option<bool>, Malformed> {
    let number = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Bool(is_positive)) => return Ok(Some(*is_positive)),
        Some(value) => value.as_u64(),
    };
    match number {
        Some(0) => Ok(Some(false)),
        Some(1) => Ok(Some(true)),
        _ => Err(Malformed::Field {
            index: None,
            field: "label",
            found: kind(value),
            expected: "0 or 1",
        }),
    }
}

fn string<'a>(
    object: &'a Map<String, Value>,
    index: Option<usize>,
    field: &'static str,
) -> Result<&'a str, Malformed> {
    let value = object.get(field);
    value.and_then(Value::as_str).ok_or_else(|| Malformed::Field {
        index,
        field,
        found: kind(value),
        expected: "a text",
    })
}

fn number(
    object: &Map<String, Value>,
    index: Option<usize>,
    field: &'static str,
) -> Result<usize, Malformed> {
    let value = object.get(field);
    let number = value.and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| Malformed::Field {
        index,
        field,
        found: kind(value),
        expected: "a whole number from 0",
    })
}

/// What sort of JSON value it is.
fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None => "missing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "true or false",
        Some(Value::Number(_)) => "another number",
        Some(Value::String(_)) => "a text",
        Some(Value::Array(_)) => "a list",
        Some(Value::Object(_)) => "an object",
    }
}

/// A value that can name something.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Every claim is a piece of `text`, and what it says stands there.
fn check<'a>(text: &str, claims: impl Iterator<Item = &'a Claim> + Clone) -> Result<(), Malformed> {
    let places = claims.clone().flat_map(|claim| [claim.span.start, claim.span.end]).collect();
    let places = Places::of(text, places);
    for Claim { index, span, value, .. } in claims {
        let (index, start, end) = (*index, span.start, span.end);
        let outside = || Malformed::Outside { index, start, end, length: text.chars().count() };
        let piece = places.piece(text, span).filter(|piece| !piece.is_empty());
        let piece = piece.ok_or_else(outside)?;
        if value.as_ref().is_some_and(|value| value != piece) {
            return Err(Malformed::Value { index, start, end });
        }
    }
    Ok(())
}

/// Where some code points of a text are in its bytes.
pub(super) struct Places(Vec<(usize, usize)>);

impl Places {
    /// Of the code points `places`, as far as the text has them; its end is one too.
    pub(super) fn of(text: &str, mut places: Vec<usize>) -> Self {
        places.sort_unstable();
        places.dedup();
        let mut places = places.into_iter().peekable();
        let mut found = Vec::new();
        let bytes = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        for (count, at) in bytes.enumerate() {
            if places.next_if_eq(&count).is_some() {
                found.push((count, at));
            } else if places.peek().is_none() {
                break;
            }
        }
        Self(found)
    }

    /// What stands at `span`; `None` if the text has no such piece.
    pub(super) fn piece<'a>(&self, text: &'a str, span: &Span) -> Option<&'a str> {
        let byte = |count: usize| {
            let index = self.0.binary_search_by_key(&count, |(count, _)| *count).ok()?;
            self.0.get(index).map(|(_, at)| *at)
        };
        text.get(byte(span.start)?..byte(span.end)?)
    }
}

#[cfg(test)]
mod tests;
