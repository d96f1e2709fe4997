//! Reads what a model server answers, whole or in chunks, and says of every text who produced it.
//!
//! # Invariants
//! Everything that the model or its server wrote is a part, but for numbers and ids that the
//! server makes up. Texts of one content are read one after another.
//!
//! # Failure
//! [`DocumentError`] if it is not acceptable JSON; half of a surrogate pair reads as U+FFFD.

use super::marks::{Marks, Reading, holds_media, untrusted};
use super::vocabulary::is_word;
use mofa_sdk::runtime::Provenance;
use mofa_sdk::security::{
    Act, Direction, Document, DocumentError, DocumentLimits, Exchange, JsonRef, Label, Subject,
};
use std::borrow::Cow;
use std::sync::Arc;

/// What an answer may ask of the reader: probabilities of tokens make many small values, and texts
/// that are cut into tokens may be cut within a surrogate pair.
pub(crate) const LIMITS: DocumentLimits =
    DocumentLimits::new().with_max_nodes(1 << 20).with_lone_surrogates(true);

/// Reads the answer `raw` to what `subject` asked by `act`.
///
/// # Errors
/// [`DocumentError`] if it is not acceptable JSON.
pub(crate) fn read<'a>(
    subject: &Arc<Subject>,
    act: &Act,
    raw: impl Into<Cow<'a, str>>,
) -> Result<Exchange<'a>, DocumentError> {
    let (subject, act) = (subject.clone(), act.clone());
    let labelling = Exchange::json_with(subject, act, Direction::Output, raw, LIMITS)?;
    let model = untrusted(Provenance::Model);
    let mut marks = Marks::default();
    if let Some(root) = labelling.root() {
        answer(root, &model, &mut marks);
    }
    let labelling = marks.apply(labelling.labelled(model)).vocabulary(is_word);
    Ok(labelling.into_parts())
}

/// `document` without the probabilities of its tokens: they spell out what was taken out of it.
pub(crate) fn without_logprobs(document: String) -> String {
    let Ok(read) = Document::parse(&document, LIMITS) else { return document };
    let root = read.root(&document);
    let choices = root.get("choices").into_iter().flat_map(JsonRef::elements);
    let found = choices.filter_map(|choice| choice.get("logprobs"));
    let edits: Vec<_> = found.map(|value| (value.span(), "null")).collect();
    Document::splice(&document, &edits)
}

fn answer(root: JsonRef<'_>, model: &Label, marks: &mut Marks) {
    for (key, value) in root.entries() {
        match key.as_str().as_deref() {
            Some("id" | "system_fingerprint") => {
                marks.fixed(value, model);
                marks.wire_id(value);
            }
            Some("model" | "object" | "service_tier") => marks.fixed(value, model),
            Some("created" | "usage") => marks.wire_number(value),
            Some("choices") => value.elements().for_each(|it| choice(it, model, marks)),
            _ => {}
        }
    }
}

fn choice(choice: JsonRef<'_>, model: &Label, marks: &mut Marks) {
    for (key, value) in choice.entries() {
        match key.as_str().as_deref() {
            Some("finish_reason") => marks.fixed(value, model),
            Some("logprobs") => marks.wire_number(value),
            Some("message" | "delta") => message(value, model, marks),
            _ => {}
        }
    }
}

fn message(message: JsonRef<'_>, model: &Label, marks: &mut Marks) {
    for (key, value) in message.entries() {
        match key.as_str().as_deref() {
            Some("role") => marks.fixed(value, model),
            Some("tool_calls") => value.elements().for_each(|it| marks.tool_call(it, model)),
            Some("function_call") => {
                if let Some(name) = value.get("name") {
                    marks.fixed(name, model);
                }
            }
            Some(member) if holds_media(member) => {
                marks.content_part(value);
                if member == "content" {
                    let mut texts = Reading::default();
                    texts.content(value, false);
                    marks.joined(texts);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
