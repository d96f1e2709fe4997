//! Which runs and words could be an encoding of text: their first bytes tell of most.

use super::bits::{Bits, Set};
use super::{Anchors, Kind, OVERLAP};
use crate::bytes::run_len_back;
use crate::layers::{run, run85};

/// A shorter run without a capital or a digit is a word: text encoded has them, all but always.
const LEAST_SMALL: usize = 16;

impl Anchors<'_> {
    pub(super) fn encoded(&mut self, part: &[u8], bits: &Bits) {
        // A run that what was seen before ended in goes on.
        if let Some((start, end)) = self.last_of(Kind::Run)
            && end == self.seen
            && end < part.len()
        {
            let line = end - run_len_back(part, end, OVERLAP, run::is_run);
            self.note(Kind::Run, start, run::lines_end(part, line));
        }
        let mut at = bits.from;
        while let Some((start, end)) = bits.next_long(Set::Run, at) {
            let word = part.get(start..end).unwrap_or_default();
            let tells = word.len() >= LEAST_SMALL || bits.tells(start, end);
            if tells && run::may_hold(word) {
                self.note(Kind::Run, start, run::lines_end(part, start));
            }
            at = end;
        }
        let mut at = bits.from;
        while let Some((start, end)) = bits.next_long(Set::Solid, at) {
            let word = part.get(start..end).unwrap_or_default();
            if bits.tells(start, end) && run85::may_decode(word) {
                self.note(Kind::Run85, start, end);
            }
            at = end;
        }
        for at in bits.low_words() {
            if run85::may_be_line(part, at) {
                self.note(Kind::Run85, at, run85::lines_end(part, at));
            }
        }
    }
}
