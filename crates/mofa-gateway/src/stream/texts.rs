//! Holds the texts of a stream that go on from chunk to chunk, and has them inspected.
//!
//! When something else of its choice goes on, a text has ended for now: what was held back of it
//! is let go before that, as it came. If it goes on later, that is inspected with the end of what
//! was before. So are the texts in one content: a reader shows them one after another.
//!
//! # Invariants
//! Memory is bounded: so many texts, and of each what its channel holds back and a [`Trail`].

use super::fault::StreamFault;
use super::trail::Trail;
use crate::chat::Asked;
use crate::wire::openai::chunk::{Beside, Field, Flushed, Piece, Step, channel};
use mofa_sdk::llm::KeyWatch;
use mofa_sdk::security::{RestoreTail, StreamInspection};
use std::fmt;

/// How many texts there may be at once.
const MAX_TEXTS: usize = 256;

/// The texts so far.
pub(super) struct Texts {
    known: Vec<Text>,
    contents: Vec<Content>,
    /// How many texts there were: names of channels are not used twice.
    numbered: usize,
    /// Looks for the key of the model server.
    watch: KeyWatch,
}

/// A text that goes on.
struct Text {
    choice: u64,
    path: Vec<Step>,
    beside: Vec<Beside>,
    channel: String,
    /// Whether nothing of its choice went on since.
    is_open: bool,
    trail: Trail,
    watch: KeyWatch,
    /// What may go on as a placeholder.
    tail: RestoreTail,
}

/// The content of a choice, whose parts are read one after another.
struct Content {
    choice: u64,
    /// The way to the part that went on last.
    last: Vec<Step>,
    trail: Trail,
    watch: KeyWatch,
}

/// Sizes only: what is inspected is in no log.
impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Texts({})", self.known.len())
    }
}

impl Texts {
    pub(super) fn new(watch: KeyWatch) -> Self {
        Self { known: Vec::new(), contents: Vec::new(), numbered: 0, watch }
    }

    /// The choices that have texts.
    pub(super) fn choices(&self) -> impl Iterator<Item = u64> {
        self.known.iter().map(|text| text.choice)
    }

    /// Forgets `choice`, which has ended.
    pub(super) fn forget(&mut self, choice: u64) {
        self.known.retain(|text| text.choice != choice);
        self.contents.retain(|content| content.choice != choice);
    }

    /// Ends the texts that `ends` names by their choice and path, and gives what was held back of
    /// them.
    pub(super) async fn end(
        &mut self,
        ends: impl Fn(u64, &[Step]) -> bool,
        asked: &Asked,
        inspection: &mut StreamInspection,
    ) -> Result<Vec<Flushed>, StreamFault> {
        let mut flushed = Vec::new();
        for text in self.known.iter_mut().filter(|text| text.is_open) {
            if !ends(text.choice, &text.path) {
                continue;
            }
            text.is_open = false;
            let held = inspection.end(&text.channel).await?;
            let content = content_of(&mut self.contents, text.choice, &text.path);
            let_go(&held, &mut text.trail, content, asked, inspection).await?;
            // What comes back was not the model's to say: nothing is made of it with what follows.
            let mut held = inspection.restore(&mut text.tail, held).await;
            held.push_str(&text.tail.take());
            if !held.is_empty() {
                let field = Field::Text { path: text.path.clone() };
                let (choice, beside) = (text.choice, text.beside.clone());
                flushed.push(Flushed { choice, field, text: held, beside });
            }
        }
        Ok(flushed)
    }

    /// Adds `piece` to its text, which may begin here, and gives what of it may go now.
    pub(super) async fn push(
        &mut self,
        piece: &Piece,
        path: &[Step],
        asked: &Asked,
        inspection: &mut StreamInspection,
    ) -> Result<String, StreamFault> {
        let at = self.find(piece, path)?;
        self.join(piece, path)?;
        let Some(text) = self.known.get_mut(at) else { return Err(StreamFault::Invalid) };
        check(&mut text.watch, &piece.text)?;
        if !text.is_open {
            text.is_open = true;
            text.trail.breaks();
        }
        let released = inspection.push(&text.channel, &piece.text).await?;
        let content = content_of(&mut self.contents, piece.choice, path);
        let_go(&released, &mut text.trail, content, asked, inspection).await?;
        Ok(inspection.restore(&mut text.tail, released).await)
    }

    /// Where the text of `piece` is among those that are known, as which it may begin here.
    fn find(&mut self, piece: &Piece, path: &[Step]) -> Result<usize, StreamFault> {
        let choice = piece.choice;
        let is_same = |text: &Text| text.choice == choice && text.path == path;
        if let Some(at) = self.known.iter().position(is_same) {
            return Ok(at);
        }
        if self.known.len() >= MAX_TEXTS {
            tracing::warn!("the model server sent more texts than can be inspected");
            return Err(StreamFault::Invalid);
        }
        let channel = channel(choice, path, self.numbered);
        self.numbered += 1;
        let (path, beside) = (path.to_owned(), piece.beside.clone());
        let (trail, watch, tail) = (Trail::default(), self.watch.anew(), RestoreTail::default());
        let is_open = true;
        self.known.push(Text { choice, path, beside, channel, is_open, trail, watch, tail });
        Ok(self.known.len() - 1)
    }

    /// Notes that its content goes on with `piece`, if it is in one.
    fn join(&mut self, piece: &Piece, path: &[Step]) -> Result<(), StreamFault> {
        if !is_in_content(path) {
            return Ok(());
        }
        let choice = piece.choice;
        let known = self.contents.iter_mut().find(|content| content.choice == choice);
        let Some(content) = known else {
            let (last, trail, mut watch) = (path.to_owned(), Trail::default(), self.watch.anew());
            check(&mut watch, &piece.text)?;
            self.contents.push(Content { choice, last, trail, watch });
            return Ok(());
        };
        if content.last != path {
            path.clone_into(&mut content.last);
            content.trail.breaks();
        }
        check(&mut content.watch, &piece.text)
    }
}

/// Takes note of `output`, which is to go now.
async fn let_go(
    output: &str,
    trail: &mut Trail,
    content: Option<&mut Content>,
    asked: &Asked,
    inspection: &mut StreamInspection,
) -> Result<(), StreamFault> {
    trail.add(output, asked, inspection).await?;
    match content {
        Some(content) => content.trail.add(output, asked, inspection).await,
        None => Ok(()),
    }
}

fn content_of<'a>(
    contents: &'a mut [Content],
    choice: u64,
    path: &[Step],
) -> Option<&'a mut Content> {
    let mut contents = contents.iter_mut();
    contents.find(|content| is_in_content(path) && content.choice == choice)
}

/// Whether two ways lead to texts that are read one after another.
pub(super) fn are_joined(one: &[Step], other: &[Step]) -> bool {
    is_in_content(one) && is_in_content(other)
}

/// Whether `path` leads to the content of a delta, or to what a part of it says.
fn is_in_content(path: &[Step]) -> bool {
    let is = |step: &Step, words: &[&str]| matches!(step, Step::Member(it) if words.contains(&it.as_str()));
    match path {
        [delta, content] => is(delta, &["delta"]) && is(content, &["content"]),
        [delta, content, Step::Element(_), said] => {
            is(delta, &["delta"]) && is(content, &["content"]) && is(said, &["text", "refusal"])
        }
        _ => false,
    }
}

/// Makes sure that `piece` does not complete the key that `watch` looks for.
fn check(watch: &mut KeyWatch, piece: &str) -> Result<(), StreamFault> {
    if watch.completes(piece.as_bytes()) { Err(StreamFault::Credentials) } else { Ok(()) }
}
