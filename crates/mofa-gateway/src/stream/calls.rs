//! Collects the arguments of tools until they are whole: in pieces nothing can be made of them.
//!
//! # Invariants
//! No more than the limit is held for one stream, over all its calls.

use super::fault::StreamFault;
use crate::chat::Asked;
use crate::wire::openai::chunk::{Field, Flushed};
use crate::wire::openai::response::LIMITS;
use crate::wire::openai::vocabulary::is_word;
use mofa_sdk::llm::KeyWatch;
use mofa_sdk::runtime::Provenance;
use mofa_sdk::security::{
    Direction, DocumentLimits, Exchange, Label, RefusalCause, StreamInspection,
};
use std::collections::BTreeMap;
use std::fmt;

/// What a call holds beside its text.
const OVERHEAD: usize = 64;

/// Arguments that are not whole yet.
pub(super) struct Calls {
    limit: usize,
    held: usize,
    texts: BTreeMap<(u64, Field), String>,
    /// Looks for the key of the model server.
    watch: KeyWatch,
}

/// Sizes only: what is inspected is in no log.
impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Calls");
        debug.field("calls", &self.texts.len()).field("held", &self.held).finish_non_exhaustive()
    }
}

impl Calls {
    pub(super) fn new(limit: usize, watch: KeyWatch) -> Self {
        Self { limit, held: 0, texts: BTreeMap::new(), watch }
    }

    /// Adds `piece` to the arguments of a call, or refuses the stream: they may get too long.
    pub(super) fn add(
        &mut self,
        choice: u64,
        field: &Field,
        piece: &str,
        inspection: &mut StreamInspection,
    ) -> Result<(), StreamFault> {
        let text = self.texts.entry((choice, field.clone())).or_insert_with(|| {
            self.held += OVERHEAD;
            String::new()
        });
        self.held += piece.len();
        if self.held > self.limit.saturating_add(OVERHEAD) {
            let limit = self.limit;
            let reason =
                format!("arguments of tools longer than {limit} bytes cannot be inspected");
            return Err(inspection.refuse(RefusalCause::TooLong, &reason).into());
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
            if self.watch.anew().completes(given.as_bytes()) {
                return Err(StreamFault::Credentials);
            }
            let text = inspect(given, asked, inspection).await?;
            if !text.is_empty() {
                flushed.push(Flushed { field: key.1, text, beside: Vec::new() });
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
