//! Remembers the names in a stream: names of tools, and whatever else stays in its frame. A reader
//! may put together what comes in several chunks, so what that makes is inspected like a name.
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
    joined: String,
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

    /// Takes the names of a frame in, which was inspected with them.
    pub(super) async fn read(
        &mut self,
        names: &[Name],
        asked: &Asked,
        inspection: &mut StreamInspection,
    ) -> Result<(), StreamFault> {
        for name in names {
            let known = self.known.entry((name.choice, name.path.clone())).or_default();
            self.held = self.held.saturating_sub(known.last.len()).saturating_add(name.text.len());
            // Some servers repeat a text from its beginning: it was inspected as it is.
            let goes_on = !name.text.starts_with(&known.last);
            if goes_on {
                known.joined.push_str(&name.text);
                let (subject, act) = (asked.subject.clone(), asked.act.clone());
                let whole = Exchange::text(subject, act, Direction::Output, &known.joined);
                let label = Label::untrusted(Provenance::Model).fixed();
                inspection.whole(&mut whole.labelled(label).into_parts()).await?;
            } else {
                known.joined.clone_from(&name.text);
            }
            if self.watch.anew().completes(known.joined.as_bytes()) {
                return Err(StreamFault::Credentials);
            }
            let from = known.joined.len().saturating_sub(MAX_JOINED);
            known.joined.drain(..known.joined.ceil_char_boundary(from));
            known.last.clone_from(&name.text);
            if self.known.len() > MAX_NAMES || self.held > MAX_HELD {
                tracing::warn!("the model server sent more names than can be inspected");
                return Err(StreamFault::Invalid);
            }
        }
        Ok(())
    }
}
