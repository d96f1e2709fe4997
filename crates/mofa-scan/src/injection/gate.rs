//! Says around which places of a text a trigger may stand, so that the automaton runs only there.
//!
//! Called by the searcher. Of every four bytes that begin at an even offset a hash is looked up;
//! the table knows the hashes of all that can stand there if a trigger begins at that offset or
//! at the odd one beside it.
//!
//! # Invariants
//!
//! No trigger is missed: a trigger that begins at or after the place from which [`Gate::next`] was
//! asked begins at most one byte before its answer. Triggers too short for the table open the gate
//! everywhere.

/// How many bits of a hash number a slot of the table.
const SLOT_BITS: u32 = 15;
/// How many bytes one look covers: four even offsets.
const STRIDE: usize = 8;
/// The bytes a look needs: the last even offset and the four bytes there.
const LOOK: usize = STRIDE + 2;
/// Keeps of every byte what letters of either case have in common.
const FOLD: u64 = 0x1f1f_1f1f_1f1f_1f1f;

/// The beginnings of all triggers.
#[derive(Debug)]
pub(super) struct Gate {
    /// 1 where a hash is known, else 0.
    known: Box<[u8; 1 << SLOT_BITS]>,
}

impl Gate {
    #[expect(clippy::large_stack_arrays, reason = "32 KiB, once in a process")]
    pub(super) fn new(triggers: &[&str]) -> Self {
        let mut gate = Self { known: Box::new([0; 1 << SLOT_BITS]) };
        for trigger in triggers.iter().map(|trigger| trigger.as_bytes()) {
            let [first, second, third, fourth] = [0, 1, 2, 3].map(|i| trigger.get(i));
            gate.learn([first, second, third, fourth]);
            // A trigger of five bytes is known by its second to fifth, a shorter one by its first
            // three behind any byte.
            gate.learn(match trigger.get(4) {
                Some(fifth) => [second, third, fourth, Some(fifth)],
                None => [None, first, second, third],
            });
        }
        gate
    }

    /// Enters four bytes; `None` stands for any.
    fn learn(&mut self, bytes: [Option<&u8>; 4]) {
        if bytes.iter().filter(|byte| byte.is_none()).count() > 1 {
            self.known.fill(1);
            return;
        }
        for any in 0..32 {
            let four = bytes.map(|byte| byte.copied().unwrap_or(any) & 0x1f);
            if let Some(known) = self.known.get_mut(slot(u32::from_le_bytes(four))) {
                *known = 1;
            }
        }
    }

    /// The first place at or after `from` around which a trigger may begin: at it, or one byte
    /// before or behind it. `from` is moved to an even offset; the last bytes of the text, too few
    /// for a look, are such a place.
    #[inline]
    pub(super) fn next(&self, text: &[u8], from: usize) -> usize {
        let mut at = from & !1;
        while let Some(look) = text.get(at..at.saturating_add(LOOK)) {
            let seen = self.look(look);
            if seen != 0 {
                return at + seen.trailing_zeros() as usize;
            }
            at += STRIDE;
        }
        at
    }

    /// Sets bit 0, 2, 4 or 6 for every place at which four known bytes stand.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "four bytes are taken out of eight")]
    fn look(&self, look: &[u8]) -> u8 {
        let (Some(head), Some(tail)) = (look.first_chunk(), look.last_chunk()) else { return 1 };
        let head = u64::from_le_bytes(*head) & FOLD;
        let tail = u32::from_le_bytes(*tail) & FOLD as u32;
        let known = |four: u32| self.known.get(slot(four)).copied().unwrap_or(1);
        known(head as u32)
            | known((head >> 16) as u32) << 2
            | known((head >> 32) as u32) << 4
            | known(tail) << 6
    }
}

#[inline]
const fn slot(four: u32) -> usize {
    (four.wrapping_mul(0x9e37_79b1) >> (32 - SLOT_BITS)) as usize
}
