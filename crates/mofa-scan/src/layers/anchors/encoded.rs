//! Which runs and words could be an encoding of text: their first bytes tell of most.

use super::bits::{Bits, Set};
use super::{Anchors, Kind};
use crate::layers::{run, run85};

impl Anchors {
    pub(super) fn encoded(&mut self, part: &[u8], bits: &Bits) {
        let mut at = bits.from;
        while let Some((start, end)) = bits.next_long(Set::Run, at) {
            let word = part.get(start..end).unwrap_or_default();
            if run::may_hold(word) {
                self.note(Kind::Run, end - 1);
            }
            at = end;
        }
        let mut at = bits.from;
        while let Some((start, end)) = bits.next_long(Set::Solid, at) {
            let word = part.get(start..end).unwrap_or_default();
            if run85::may_decode(word) {
                self.note(Kind::Run85, end - 1);
            }
            at = end;
        }
        for at in bits.low_words() {
            if run85::may_be_line(part, at) {
                self.note(Kind::Run85, at);
            }
        }
    }
}
