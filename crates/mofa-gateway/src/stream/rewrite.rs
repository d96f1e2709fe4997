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
//! nothing of a choice is behind its end.

use super::calls::Calls;
use super::fault::StreamFault;
use super::names::Names;
use super::output::Output;
use crate::chat::Asked;
use crate::wire::openai::chunk::{
    self, Beside, Chunk, Field, Flushed, Piece, Step, channel, quoted, synthesised,
};
use crate::wire::openai::response;
use mofa_sdk::llm::KeyWatch;
use mofa_sdk::security::{Document, StreamInspection};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

/// How many texts may go on at once.
const MAX_TEXTS: usize = 256;

/// Rewrites the chunks of one stream.
pub(super) struct Rewriter {
    inspection: StreamInspection,
    asked: Asked,
    keep_logprobs: bool,
    frame: Frame,
    texts: Vec<Text>,
    /// How many texts there were: names of channels are not used twice.
    numbered: usize,
    calls: Calls,
    names: Names,
    /// Choices that have begun and not ended.
    unfinished: BTreeSet<u64>,
    finished: BTreeSet<u64>,
    output: Output,
    /// Looks for the key of the model server in texts.
    watch: KeyWatch,
}

/// The last frame that was inspected: hundreds of chunks have the same.
#[derive(Default)]
struct Frame {
    given: String,
    clean: String,
    /// Where the pieces go, in `clean`.
    places: Vec<Range<usize>>,
}

/// A text that goes on.
struct Text {
    choice: u64,
    path: Vec<Step>,
    beside: Vec<Beside>,
    channel: String,
    watch: KeyWatch,
}

/// Sizes only: what is inspected is in no log.
impl fmt::Debug for Rewriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Rewriter");
        debug.field("frame_bytes", &self.frame.given.len()).field("texts", &self.texts.len());
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
            texts: Vec::new(),
            numbered: 0,
            calls: Calls::new(max_arguments, watch.anew()),
            names: Names::new(watch.anew()),
            watch,
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
        if chunk.pieces.iter().any(|piece| !piece.text.is_empty() && has_ended(piece)) {
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
            return Err(StreamFault::Invalid);
        }
        let mut released = self.release(&chunk.pieces).await?;
        for &choice in &chunk.finished {
            self.unfinished.remove(&choice);
            self.finished.insert(choice);
            self.flush(choice, &chunk.pieces, &mut released).await?;
        }
        let is_held = released.iter().all(String::is_empty)
            && chunk.pieces.iter().any(|piece| !piece.text.is_empty());
        if is_new || !is_held || !chunk.finished.is_empty() {
            self.write(data, &chunk, &released);
        }
        Ok(())
    }

    /// Sends what is still held back of any choice.
    pub(super) async fn end(&mut self) -> Result<(), StreamFault> {
        let texts = self.texts.iter().map(|text| text.choice);
        let choices: BTreeSet<u64> = texts.chain(self.calls.choices()).collect();
        for choice in choices {
            self.flush(choice, &[], &mut []).await?;
        }
        Ok(())
    }

    /// Whether every choice that began has ended, and any has.
    pub(super) fn is_finished(&self) -> bool {
        self.unfinished.is_empty() && !self.finished.is_empty()
    }

    pub(super) fn output(&mut self) -> &mut Output {
        &mut self.output
    }

    /// Hands over what is needed to end the stream: after a refusal, the last chunk of each choice
    /// that has none.
    pub(super) fn into_ending(self, is_refusal: bool) -> (StreamInspection, Output, Vec<String>) {
        // What was let go before the refusal may go; what comes with it may not.
        let frame = &self.frame.clean;
        let open = self.unfinished.iter().filter(|_| is_refusal);
        let ending = open.map(|choice| chunk::refused(frame, *choice)).collect();
        (self.inspection, self.output, ending)
    }

    async fn inspect_frame(&mut self, given: String) -> Result<Frame, StreamFault> {
        let Asked { subject, act, .. } = &self.asked;
        let exchange = response::read(subject, act, given.as_str());
        let mut exchange = exchange.map_err(|_| StreamFault::Invalid)?;
        self.inspection.whole(&mut exchange).await?;
        let clean = exchange.into_document().into_owned();
        let places = chunk::places(&clean).map_err(|_| StreamFault::Invalid)?;
        Ok(Frame { given, clean, places })
    }

    /// Has `pieces` inspected and gives what of each text may go now.
    async fn release(&mut self, pieces: &[Piece]) -> Result<Vec<String>, StreamFault> {
        let mut released = Vec::with_capacity(pieces.len());
        for piece in pieces {
            released.push(match &piece.field {
                Field::Text { path } => {
                    let channel = self.text(piece, path)?;
                    self.inspection.push(&channel, &piece.text).await?
                }
                field => {
                    let (calls, inspection) = (&mut self.calls, &mut self.inspection);
                    calls.add(piece.choice, field, &piece.text, inspection)?;
                    String::new()
                }
            });
        }
        Ok(released)
    }

    /// The channel of a text, which may begin here, unless the model server's key is in it.
    fn text(&mut self, piece: &Piece, path: &[Step]) -> Result<String, StreamFault> {
        let choice = piece.choice;
        let known = self.texts.iter_mut().find(|text| text.choice == choice && text.path == path);
        if let Some(text) = known {
            check(&mut text.watch, &piece.text)?;
            return Ok(text.channel.clone());
        }
        if self.texts.len() >= MAX_TEXTS {
            return Err(StreamFault::Invalid);
        }
        let channel = channel(choice, path, self.numbered);
        self.numbered += 1;
        let (path, beside) = (path.to_owned(), piece.beside.clone());
        let mut watch = self.watch.anew();
        check(&mut watch, &piece.text)?;
        self.texts.push(Text { choice, path, beside, channel: channel.clone(), watch });
        Ok(channel)
    }

    /// Lets go what is held back of `choice`, with what its last chunk lets go of: to where the
    /// chunk goes on with the same text, or in a chunk of our own.
    async fn flush(
        &mut self,
        choice: u64,
        pieces: &[Piece],
        released: &mut [String],
    ) -> Result<(), StreamFault> {
        let mut flushed = Vec::new();
        while let Some(at) = self.texts.iter().position(|text| text.choice == choice) {
            let Text { path, beside, channel, .. } = self.texts.remove(at);
            let text = self.inspection.end(&channel).await?;
            flushed.push(Flushed { field: Field::Text { path }, text, beside });
        }
        flushed.extend(self.calls.flush(choice, &self.asked, &mut self.inspection).await?);
        flushed.retain_mut(|flushed| {
            !flushed.text.is_empty() && !placed(flushed, choice, pieces, released)
        });
        for chunk in synthesised(&self.frame.clean, choice, &flushed) {
            self.output.event(&chunk);
        }
        Ok(())
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

/// Makes sure that `piece` does not complete the key that `watch` looks for.
fn check(watch: &mut KeyWatch, piece: &str) -> Result<(), StreamFault> {
    if watch.completes(piece.as_bytes()) { Err(StreamFault::Credentials) } else { Ok(()) }
}

/// Puts `flushed` to the last of `pieces` that is of the same text, if there is one.
fn placed(flushed: &Flushed, choice: u64, pieces: &[Piece], released: &mut [String]) -> bool {
    let is_same = |piece: &Piece| piece.choice == choice && piece.field == flushed.field;
    let Some(at) = pieces.iter().rposition(is_same) else { return false };
    let Some(place) = released.get_mut(at) else { return false };
    place.push_str(&flushed.text);
    true
}
