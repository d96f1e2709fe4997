//! Collects the arguments of tools until they are whole: in pieces nothing can be made of them.
//!
//! # Invariants
//! No more than the limit is held for one stream, over all its calls. The arguments of a call that
//! takes the place of another are inspected by themselves, and then with the end of the other's:
//! some readers put them together.

use super::fault::StreamFault;
use super::trail::{SPAN, Trail};
use crate::chat::Asked;
use crate::wire::openai::chunk::{Field, Flushed, Head};
use crate::wire::openai::response::LIMITS;
use crate::wire::openai::vocabulary::is_word;
use mofa_sdk::llm::KeyWatch;
use mofa_sdk::runtime::Provenance;
use mofa_sdk::security::{Direction, Exchange, Label, RefusalCause, StreamInspection};
use std::collections::BTreeMap;
use std::fmt;

/// What a call holds beside its text.
const OVERHEAD: usize = 64;

/// Arguments that are not whole yet.
pub(super) struct Calls {
    limit: usize,
    held: usize,
    texts: BTreeMap<(u64, Field), String>,
    /// The last id of each call.
    ids: BTreeMap<(u64, u64), String>,
    /// What was let go of calls whose place another took.
    trails: BTreeMap<(u64, Field), Trail>,
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
        let (texts, ids, trails) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { limit, held: 0, texts, ids, trails, watch }
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

    /// Takes `head` in. If another call had its place, inspects that one's arguments, which are
    /// whole now, and gives what is left of them.
    pub(super) async fn begin(
        &mut self,
        head: &Head,
        asked: &Asked,
        inspection: &mut StreamInspection,
    ) -> Result<Vec<Flushed>, StreamFault> {
        let &Head { choice, call, ref id, .. } = head;
        let earlier = self.ids.insert((choice, call), id.clone());
        let mut flushed = Vec::new();
        if earlier.is_some_and(|earlier| earlier != *id) {
            for field in [Field::Arguments { call }, Field::CustomInput { call }] {
                let key = (choice, field);
                if self.texts.contains_key(&key) && !self.trails.contains_key(&key) {
                    self.held += OVERHEAD + 2 * SPAN;
                    self.trails.insert(key.clone(), Trail::default());
                }
                flushed.extend(self.take(key, asked, inspection).await?);
            }
        }
        Ok(flushed)
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
            flushed.extend(self.take(key, asked, inspection).await?);
        }
        Ok(flushed)
    }

    /// Inspects the arguments `key`, if there are any, and gives what is left of them.
    async fn take(
        &mut self,
        key: (u64, Field),
        asked: &Asked,
        inspection: &mut StreamInspection,
    ) -> Result<Option<Flushed>, StreamFault> {
        let Some(given) = self.texts.remove(&key) else { return Ok(None) };
        self.held = self.held.saturating_sub(given.len() + OVERHEAD);
        if self.watch.anew().completes(given.as_bytes()) {
            return Err(StreamFault::Credentials);
        }
        let text = inspect(given, asked, inspection).await?;
        if let Some(trail) = self.trails.get_mut(&key) {
            trail.breaks();
            trail.add(&text, asked, inspection).await?;
        }
        let text = restored(text, asked, inspection).await;
        let (choice, field) = key;
        let flushed = Flushed { choice, field, text, beside: Vec::new() };
        Ok(Some(flushed).filter(|flushed| !flushed.text.is_empty()))
    }
}

/// Inspects arguments and gives what is left of them.
async fn inspect(
    text: String,
    asked: &Asked,
    inspection: &mut StreamInspection,
) -> Result<String, StreamFault> {
    let mut exchange = read(&text, asked);
    inspection.whole(&mut exchange).await?;
    let edited = exchange.is_edited().then(|| exchange.into_document().into_owned());
    Ok(edited.unwrap_or(text))
}

/// Inspected arguments with the values that the caller may see.
async fn restored(text: String, asked: &Asked, inspection: &mut StreamInspection) -> String {
    if asked.conversation.is_none() {
        return text;
    }
    let mut exchange = read(&text, asked);
    inspection.restore_whole(&mut exchange).await;
    let edited = exchange.is_edited().then(|| exchange.into_document().into_owned());
    edited.unwrap_or(text)
}

/// Reads arguments: as JSON, which they should be, or else as the text that they are.
fn read<'a>(text: &'a str, asked: &Asked) -> Exchange<'a> {
    // Readers take the one or the other of two members of the same name: both are inspected.
    let limits = LIMITS.with_duplicate_keys(true);
    let (subject, act) = (&asked.subject, &asked.act);
    let read = Exchange::json_with(subject.clone(), act.clone(), Direction::Output, text, limits);
    let labelling = read.map_or_else(
        |_| Exchange::text(subject.clone(), act.clone(), Direction::Output, text),
        |labelling| labelling.vocabulary(is_word),
    );
    let exchange = labelling.labelled(Label::untrusted(Provenance::Model)).into_parts();
    exchange.in_conversation(asked.conversation.clone())
}
