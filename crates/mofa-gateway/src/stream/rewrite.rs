//! Has each chunk of a streamed answer inspected and writes what may go on.
//!
//! A chunk is taken apart into a frame and pieces of texts that go on from chunk to chunk. A frame
//! is inspected whole when it differs from the one before; a piece goes through the channel of its
//! text, which holds back what may not be over yet. A name stays in its frame; what a reader may
//! make of the names of several chunks, equal ones also, is inspected too.
//!
//! # Invariants
//! What was held back goes out with the chunk that ends its choice: in its own place if the chunk
//! has one for it, or else before the chunk, in one of our own. So a role or the head of a call,
//! which a chunk may bring together with all the rest, is never behind what belongs to it, and
//! nothing of a choice is behind its end. When another text of a choice goes on, a text has ended
//! for now, and its rest is before that.

use super::calls::Calls;
use super::fault::StreamFault;
use super::names::Names;
use super::output::Output;
use super::texts::{Texts, are_joined};
use crate::chat::Asked;
use crate::wire::openai::chunk::{self, Chunk, Field, Flushed, Piece, Step, quoted, synthesised};
use crate::wire::openai::response;
use mofa_sdk::llm::KeyWatch;
use mofa_sdk::security::{Document, RefusalCause, Stage, StreamInspection};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

/// Rewrites the chunks of one stream.
pub(super) struct Rewriter {
    inspection: StreamInspection,
    asked: Asked,
    keep_logprobs: bool,
    frame: Frame,
    texts: Texts,
    calls: Calls,
    names: Names,
    /// Choices that have begun and not ended.
    unfinished: BTreeSet<u64>,
    finished: BTreeSet<u64>,
    output: Output,
}

/// The last frame that was inspected: hundreds of chunks have the same.
#[derive(Default)]
struct Frame {
    given: String,
    clean: String,
    /// Where the pieces go, in `clean`.
    places: Vec<Range<usize>>,
    /// What chunks of our own say of the stream, once there is one.
    envelope: Option<String>,
}

impl Frame {
    fn envelope(&mut self) -> &str {
        self.envelope.get_or_insert_with(|| chunk::envelope(&self.clean))
    }
}

/// Sizes only: what is inspected is in no log.
impl fmt::Debug for Rewriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Rewriter");
        debug.field("frame_bytes", &self.frame.given.len()).field("texts", &self.texts);
        debug.field("calls", &self.calls).field("names", &self.names);
        debug.field("output", &self.output).finish_non_exhaustive()
    }
}

impl Rewriter {
    pub(super) fn new(
        inspection: StreamInspection,
        asked: Asked,
        keep_logprobs: bool,
        max_arguments: usize,
        watch: KeyWatch,
    ) -> Self {
        Self {
            inspection,
            asked,
            keep_logprobs,
            frame: Frame::default(),
            texts: Texts::new(watch.anew()),
            calls: Calls::new(max_arguments, watch.anew()),
            names: Names::new(watch),
            unfinished: BTreeSet::new(),
            finished: BTreeSet::new(),
            output: Output::default(),
        }
    }

    /// Takes the chunk `data` in.
    pub(super) async fn event(&mut self, data: &str) -> Result<(), StreamFault> {
        let mut chunk = chunk::read(data, self.keep_logprobs).map_err(|error| {
            tracing::warn!(%error, "the model server sent no chunk");
            StreamFault::Invalid
        })?;
        let has_ended = |piece: &Piece| self.finished.contains(&piece.choice);
        if chunk.pieces.iter().any(|piece| !piece.text.trim().is_empty() && has_ended(piece)) {
            tracing::warn!("the model server went on with a choice that had ended");
            return Err(StreamFault::Invalid);
        }
        for &choice in &chunk.choices {
            if !self.finished.contains(&choice) {
                self.unfinished.insert(choice);
            }
        }
        let is_new = self.frame.given != chunk.frame;
        if is_new {
            self.frame = self.inspect_frame(chunk.frame.clone()).await?;
        }
        // Also those of a frame that is not new: a reader may append them.
        let names = std::mem::take(&mut chunk.names);
        self.names.read(names, &self.asked, &mut self.inspection).await?;
        if self.frame.places.len() != chunk.pieces.len() {
            let reason = "a number that has to be taken out stands where a text goes on";
            let cause = RefusalCause::Stage(Stage::Pii);
            return Err(self.inspection.refuse(cause, reason).into());
        }
        self.make_way(&chunk.pieces).await?;
        let mut released = self.release(&chunk).await?;
        self.finish(&chunk, &mut released).await?;
        let is_held = released.iter().all(String::is_empty)
            && chunk.pieces.iter().any(|piece| !piece.text.is_empty());
        if is_new || !is_held || !chunk.finished.is_empty() {
            self.write(data, &chunk, &released);
        }
        Ok(())
    }

    /// Sends what is still held back of any choice.
    pub(super) async fn end(&mut self) -> Result<(), StreamFault> {
        let choices: BTreeSet<u64> = self.texts.choices().chain(self.calls.choices()).collect();
        let mut flushed = Vec::new();
        for choice in choices {
            flushed.extend(self.flush(choice).await?);
        }
        self.send(&flushed);
        Ok(())
    }

    /// Whether every choice that began has ended, and any has.
    pub(super) fn is_finished(&self) -> bool {
        self.unfinished.is_empty() && !self.finished.is_empty()
    }

    pub(super) fn output(&mut self) -> &mut Output {
        &mut self.output
    }

    /// Hands over what is needed to end the stream: after a refusal, the last chunk of the choices
    /// that have none.
    pub(super) fn into_ending(
        mut self,
        is_refusal: bool,
    ) -> (StreamInspection, Output, Option<String>) {
        // What was let go before the refusal may go; what comes with it may not.
        let is_open = is_refusal && !self.unfinished.is_empty();
        let open = self.unfinished.iter().copied();
        let ending = is_open.then(|| chunk::refused(self.frame.envelope(), open));
        (self.inspection, self.output, ending)
    }

    async fn inspect_frame(&mut self, given: String) -> Result<Frame, StreamFault> {
        let Asked { subject, act, .. } = &self.asked;
        let exchange = response::read(subject, act, given.as_str());
        let mut exchange = exchange.map_err(|_| StreamFault::Invalid)?;
        self.inspection.whole(&mut exchange).await?;
        let clean = exchange.into_document().into_owned();
        let places = chunk::places(&clean).map_err(|_| StreamFault::Invalid)?;
        Ok(Frame { given, clean, places, envelope: None })
    }

    /// Ends the texts of each choice that goes on with others.
    async fn make_way(&mut self, pieces: &[Piece]) -> Result<(), StreamFault> {
        let going = || pieces.iter().filter(|piece| !piece.text.is_empty());
        let is_over = |choice: u64, path: &[Step]| {
            let mut own = going().filter(|piece| piece.choice == choice).peekable();
            own.peek().is_some() && !own.any(|piece| piece.field.is_at(path))
        };
        let (asked, inspection) = (&self.asked, &mut self.inspection);
        let flushed = self.texts.end(is_over, asked, inspection).await?;
        self.send(&flushed);
        Ok(())
    }

    /// Has the pieces of `chunk` inspected and gives what of each text may go now.
    async fn release(&mut self, chunk: &Chunk) -> Result<Vec<String>, StreamFault> {
        let (asked, inspection) = (&self.asked, &mut self.inspection);
        let mut released = Vec::with_capacity(chunk.pieces.len());
        let mut heads = chunk.heads.iter().peekable();
        let mut own = Vec::new();
        for (at, piece) in chunk.pieces.iter().enumerate() {
            let mut ended = Vec::new();
            while let Some(head) = heads.next_if(|head| head.at <= at) {
                ended.append(&mut self.calls.begin(head, asked, inspection).await?);
            }
            let is_over = piece.text.is_empty() || self.finished.contains(&piece.choice);
            let goes = match &piece.field {
                _ if is_over => String::new(),
                Field::Text { path } => {
                    let is_before = |choice: u64, other: &[Step]| {
                        choice == piece.choice && other != path && are_joined(other, path)
                    };
                    ended.append(&mut self.texts.end(is_before, asked, inspection).await?);
                    self.texts.push(piece, path, asked, inspection).await?
                }
                field => {
                    self.calls.add(piece.choice, field, &piece.text, inspection)?;
                    String::new()
                }
            };
            own.append(&mut elsewhere(ended, &chunk.pieces, &mut released));
            released.push(goes);
        }
        for head in heads {
            let ended = self.calls.begin(head, asked, inspection).await?;
            own.append(&mut elsewhere(ended, &chunk.pieces, &mut released));
        }
        self.send(&own);
        Ok(released)
    }

    /// Lets go what is held back of the choices that end with `chunk`, with what it lets go of: to
    /// where it goes on with the same text, or in a chunk of our own.
    async fn finish(&mut self, chunk: &Chunk, released: &mut [String]) -> Result<(), StreamFault> {
        let mut held = Vec::new();
        for &choice in &chunk.finished {
            self.unfinished.remove(&choice);
            self.finished.insert(choice);
            let flushed = self.flush(choice).await?;
            held.append(&mut elsewhere(flushed, &chunk.pieces, released));
        }
        self.send(&held);
        Ok(())
    }

    /// What is held back of `choice`, which ends.
    async fn flush(&mut self, choice: u64) -> Result<Vec<Flushed>, StreamFault> {
        let (asked, inspection) = (&self.asked, &mut self.inspection);
        let mut flushed = self.texts.end(|of, _| of == choice, asked, inspection).await?;
        self.texts.forget(choice);
        flushed.extend(self.calls.flush(choice, asked, inspection).await?);
        Ok(flushed)
    }

    /// Writes `flushed` in chunks of our own.
    fn send(&mut self, flushed: &[Flushed]) {
        if !flushed.is_empty() {
            for chunk in synthesised(self.frame.envelope(), flushed) {
                self.output.event(&chunk);
            }
        }
    }

    fn write(&mut self, data: &str, chunk: &Chunk, released: &[String]) {
        let is_same = chunk.pieces.iter().zip(released).all(|(piece, text)| piece.text == *text);
        if is_same && !chunk.is_reduced && self.frame.clean == self.frame.given {
            return self.output.event(data);
        }
        let texts = released.iter().map(|text| Cow::Owned(quoted(text)));
        let edits: Vec<_> = self.frame.places.iter().cloned().zip(texts).collect();
        self.output.event(&Document::splice(&self.frame.clean, &edits));
    }
}

/// Puts each of `flushed` to the last of `pieces` that is of the same text, among those of which
/// it is known what is `released`. Gives what has no place there.
fn elsewhere(mut flushed: Vec<Flushed>, pieces: &[Piece], released: &mut [String]) -> Vec<Flushed> {
    flushed.retain(|flushed| {
        let mut places = pieces.iter().zip(&mut *released).rev();
        let place = places
            .find(|(piece, _)| piece.choice == flushed.choice && piece.field == flushed.field);
        place.map(|(_, place)| place.push_str(&flushed.text)).is_none()
    });
    flushed
}
