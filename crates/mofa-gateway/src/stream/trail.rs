//! Remembers the end of what has been let go of a text, so that what goes on behind it is
//! inspected with it: a reader puts both together.
//!
//! # Invariants
//! Memory is bounded by [`SPAN`] and one piece. Nothing is inspected twice where a text goes on
//! without a break.
//!
//! # Failure
//! What the two make together cannot be taken out any more: the stream is refused for it.

use super::fault::StreamFault;
use crate::chat::Asked;
use mofa_sdk::runtime::Provenance;
use mofa_sdk::security::{Direction, Exchange, Label, StreamInspection};
use std::fmt;

/// How many bytes on both sides of a break are read together, as stages do for what was let go.
pub(super) const SPAN: usize = 512;

/// The end of what was let go.
#[derive(Default)]
pub(super) struct Trail {
    text: String,
    /// Where in it something went on after a break, as long as little came after it.
    joint: Option<usize>,
}

/// Sizes only: what is inspected is in no log.
impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trail({} bytes)", self.text.len())
    }
}

impl Trail {
    /// What comes next goes on after a break.
    pub(super) fn breaks(&mut self) {
        if !self.text.is_empty() {
            self.joint = Some(self.text.len());
        }
    }

    /// Takes in `output`, which is to go now, unless it makes something with what is before the
    /// last break.
    pub(super) async fn add(
        &mut self,
        output: &str,
        asked: &Asked,
        inspection: &mut StreamInspection,
    ) -> Result<(), StreamFault> {
        if output.is_empty() {
            return Ok(());
        }
        self.text.push_str(output);
        if let Some(joint) = self.joint {
            let (subject, act) = (asked.subject.clone(), asked.act.clone());
            let read = Exchange::text(subject, act, Direction::Output, self.around(joint));
            let label = Label::untrusted(Provenance::Model).fixed();
            inspection.whole(&mut read.labelled(label).into_parts()).await?;
        }
        self.shorten();
        Ok(())
    }

    /// What stands on both sides of `joint`, by whole words: a part of one may be another.
    fn around(&self, joint: usize) -> &str {
        let start = self.text.ceil_char_boundary(joint.saturating_sub(SPAN));
        let end = self.text.floor_char_boundary(joint.saturating_add(SPAN));
        let (before, after) = (self.text.get(start..joint), self.text.get(joint..end));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        let is_space = char::is_whitespace;
        let words = before.find(is_space).filter(|_| start > 0);
        let start = words.map_or(start, |at| start + at);
        let words = after.rfind(is_space).filter(|_| end < self.text.len());
        let end = words.map_or(end, |at| joint + at);
        self.text.get(start..end).unwrap_or_default()
    }

    /// Forgets what is too long ago. One byte more than is read says that more was before.
    fn shorten(&mut self) {
        self.joint = self.joint.filter(|joint| self.text.len() - joint <= SPAN);
        let kept = self.joint.unwrap_or(self.text.len());
        let from = self.text.floor_char_boundary(kept.saturating_sub(SPAN + 1));
        self.text.drain(..from);
        self.joint = self.joint.map(|joint| joint - from);
    }
}
