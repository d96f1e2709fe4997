//! Remembers the names in a stream: names of tools, and whatever else stays in its frame. A reader
//! may put together what comes in several chunks, so what that makes is inspected like a name.
//!
//! There are two ways to read them: each value goes on where the last one ended, or a value that
//! begins with the last one repeats it and takes its place. Both are inspected.
//!
//! # Invariants
//! Memory is bounded: so many names, and of each no more than its last value and [`MAX_JOINED`]
//! bytes.

use super::fault::StreamFault;
use crate::chat::Asked;
use crate::wire::openai::chunk::{Name, Step};
use mofa_sdk::llm::KeyWatch;
use mofa_sdk::runtime::Provenance;
use mofa_sdk::security::{Direction, Exchange, Label, StreamInspection};
use std::collections::BTreeMap;
use std::fmt;

/// How many names one stream may have.
const MAX_NAMES: usize = 1024;

/// How many bytes of their values may be remembered.
const MAX_HELD: usize = 1024 * 1024;

/// How much of what several values make is remembered.
const MAX_JOINED: usize = 4096;

/// How far a value is inspected that comes again and again: more of the same says nothing new, and
/// some servers name a tool in each of hundreds of chunks.
const MAX_REPEATED: usize = 512;

/// The names so far.
pub(super) struct Names {
    known: BTreeMap<(u64, Vec<Step>), Known>,
    held: usize,
    /// Looks for the key of the model server.
    watch: KeyWatch,
}

#[derive(Default)]
struct Known {
    last: String,
    /// The values one after another.
    joined: String,
    /// Where in `joined` a reader begins who takes repetitions for what they are.
    begins: usize,
    /// How many bytes at the end are the same value over and over.
    repeated: usize,
}

impl Known {
    /// Takes `text` in; gives whether something new can be read with it.
    fn add(&mut self, text: String) -> bool {
        let is_first = self.last.is_empty();
        let is_same = text == self.last;
        if text.starts_with(&self.last) {
            self.begins = self.joined.len();
        }
        self.joined.push_str(&text);
        self.repeated = if is_same { self.repeated.saturating_add(text.len()) } else { text.len() };
        self.last = text;
        // The first was inspected with its frame.
        let is_known = is_same && self.repeated > MAX_REPEATED.saturating_add(self.last.len());
        !is_first && !is_known
    }

    /// What can be read and was not inspected with its frame.
    fn readings(&self) -> impl Iterator<Item = &str> {
        let latest = self.joined.get(self.begins..);
        let latest = latest.filter(|text| self.begins > 0 && text.len() > self.last.len());
        [self.joined.as_str()].into_iter().chain(latest)
    }

    /// Forgets what is too long ago.
    fn shorten(&mut self) {
        let from = self.joined.len().saturating_sub(MAX_JOINED);
        let from = self.joined.ceil_char_boundary(from);
        self.joined.drain(..from);
        self.begins = self.begins.saturating_sub(from);
    }
}

/// Sizes only: what is inspected is in no log.
impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Names");
        debug.field("names", &self.known.len()).field("held", &self.held).finish_non_exhaustive()
    }
}

impl Names {
    pub(super) fn new(watch: KeyWatch) -> Self {
        Self { known: BTreeMap::new(), held: 0, watch }
    }

    /// Takes the names of a chunk in, whose frame was inspected with them.
    pub(super) async fn read(
        &mut self,
        names: Vec<Name>,
        asked: &Asked,
        inspection: &mut StreamInspection,
    ) -> Result<(), StreamFault> {
        for Name { choice, path, text } in names {
            let known = self.known.entry((choice, path)).or_default();
            self.held = self.held.saturating_sub(known.last.len()).saturating_add(text.len());
            if known.add(text) {
                for reading in known.readings() {
                    let (subject, act) = (asked.subject.clone(), asked.act.clone());
                    let whole = Exchange::text(subject, act, Direction::Output, reading);
                    let label = Label::untrusted(Provenance::Model).fixed();
                    inspection.whole(&mut whole.labelled(label).into_parts()).await?;
                }
            }
            if self.watch.anew().completes(known.joined.as_bytes()) {
                return Err(StreamFault::Credentials);
            }
            known.shorten();
            if self.known.len() > MAX_NAMES || self.held > MAX_HELD {
                tracing::warn!("the model server sent more names than can be inspected");
                return Err(StreamFault::Invalid);
            }
        }
        Ok(())
    }
}
