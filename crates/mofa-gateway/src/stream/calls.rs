//! Collects the arguments of tools until they are whole: in pieces nothing can be made of them.
//!
//! # Invariants
//! No more than the limit is held for one stream, over all its calls.

use super::fault::StreamFault;
use crate::chat::Asked;
use crate::wire::openai::chunk::{Field, Flushed};
use crate::wire::openai::response::LIMITS;
use crate::wire::openai::vocabulary::is_word;
use mofa_sdk::runtime::Provenance;
use mofa_sdk::security::{Direction, DocumentLimits, Exchange, Label, StreamInspection};
use std::collections::BTreeMap;

/// What a call holds beside its text.
const OVERHEAD: usize = 64;

/// Arguments that are not whole yet.
#[derive(Debug)]
pub(super) struct Calls {
    limit: usize,
    held: usize,
    texts: BTreeMap<(u64, Field), String>,
}

impl Calls {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, held: 0, texts: BTreeMap::new() }
    }

    /// Adds `piece` to the arguments of a call.
    pub(super) fn add(
        &mut self,
        choice: u64,
        field: Field,
        piece: &str,
    ) -> Result<(), StreamFault> {
        let text = self.texts.entry((choice, field)).or_insert_with(|| {
            self.held += OVERHEAD;
            String::new()
        });
        self.held += piece.len();
        if self.held > self.limit.saturating_add(OVERHEAD) {
            return Err(StreamFault::TooLong { limit: self.limit });
        }
        text.push_str(piece);
        Ok(())
    }

    /// The choices that have arguments.
    pub(super) fn choices(&self) -> impl Iterator<Item = u64> {
        self.texts.keys().map(|(choice, _)| *choice)
    }

    /// Inspects the arguments of `choice` and gives what is left of them, in the order of the
    /// calls.
    pub(super) async fn flush(
        &mut self,
        choice: u64,
        asked: &Asked,
        inspection: &mut StreamInspection,
    ) -> Result<Vec<Flushed>, StreamFault> {
        let mut flushed = Vec::new();
        while let Some(key) = self.texts.keys().find(|(of, _)| *of == choice).cloned() {
            let Some(given) = self.texts.remove(&key) else { break };
            self.held = self.held.saturating_sub(given.len() + OVERHEAD);
            let text = inspect(given, asked, inspection).await?;
            if !text.is_empty() {
                flushed.push(Flushed { field: key.1, text });
            }
        }
        Ok(flushed)
    }
}

/// Inspects arguments: as JSON, which they should be, or else as the text that they are.
async fn inspect(
    text: String,
    asked: &Asked,
    inspection: &mut StreamInspection,
) -> Result<String, StreamFault> {
    // Readers take the one or the other of two members of the same name: both are inspected.
    let limits = DocumentLimits { allow_duplicate_keys: true, ..LIMITS };
    let (subject, act) = (&asked.subject, &asked.act);
    let read =
        Exchange::json_with(subject.clone(), act.clone(), Direction::Output, text.as_str(), limits);
    let labelling = read.map_or_else(
        |_| Exchange::text(subject.clone(), act.clone(), Direction::Output, text.as_str()),
        |labelling| labelling.vocabulary(is_word),
    );
    let mut exchange = labelling.labelled(Label::untrusted(Provenance::Model)).into_parts();
    inspection.whole(&mut exchange).await?;
    let edited = exchange.is_edited().then(|| exchange.into_document().into_owned());
    Ok(edited.unwrap_or(text))
}
