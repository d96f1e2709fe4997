//! An Aho-Corasick automaton, stepped by hand so that the text can be folded on the way.
//!
//! Called by the keyword scanner and by the injection scanner for its trigger words.
//!
//! # Invariants
//!
//! A list of up to [`DFA_BUDGET`] bytes of phrases becomes a DFA, which takes one look-up a byte;
//! a larger one becomes a contiguous NFA, several times smaller and slower.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous;
use aho_corasick::{Anchored, MatchKind, StartKind, dfa};

use crate::ScanError;

/// The most bytes of phrases for which a DFA is built: about 10 MiB of table.
const DFA_BUDGET: usize = 64 << 10;

/// A state of the machine it came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State(StateID);

/// The automaton of all phrases.
#[derive(Debug)]
pub(crate) struct Machine {
    engine: Engine,
    start: StateID,
}

#[derive(Debug)]
enum Engine {
    Dfa(dfa::DFA),
    Nfa(contiguous::NFA),
}

impl Machine {
    pub(crate) fn build(phrases: &[impl AsRef<str>]) -> Result<Self, ScanError> {
        let refused = |error: aho_corasick::BuildError| ScanError::KeywordSetTooLarge {
            reason: error.to_string(),
        };
        let bytes: usize = phrases.iter().map(|phrase| phrase.as_ref().len()).sum();
        let texts = phrases.iter().map(|phrase| phrase.as_ref().as_bytes());
        let engine = if bytes <= DFA_BUDGET {
            let built = dfa::Builder::new()
                .match_kind(MatchKind::Standard)
                .start_kind(StartKind::Unanchored)
                .prefilter(false)
                .build(texts);
            Engine::Dfa(built.map_err(refused)?)
        } else {
            let built = contiguous::Builder::new()
                .match_kind(MatchKind::Standard)
                .prefilter(false)
                .build(texts);
            Engine::Nfa(built.map_err(refused)?)
        };
        let start = match &engine {
            Engine::Dfa(dfa) => dfa.start_state(Anchored::No),
            Engine::Nfa(nfa) => nfa.start_state(Anchored::No),
        };
        let start =
            start.map_err(|error| ScanError::KeywordSetTooLarge { reason: error.to_string() })?;
        Ok(Self { engine, start })
    }

    pub(crate) const fn start(&self) -> State {
        State(self.start)
    }

    /// Whether nothing that was read so far is the beginning of a phrase.
    #[inline]
    pub(crate) fn is_start(&self, state: State) -> bool {
        state.0 == self.start
    }

    #[inline]
    pub(crate) fn step(&self, state: State, byte: u8) -> State {
        State(match &self.engine {
            Engine::Dfa(dfa) => dfa.next_state(Anchored::No, state.0, byte),
            Engine::Nfa(nfa) => nfa.next_state(Anchored::No, state.0, byte),
        })
    }

    #[inline]
    pub(crate) fn is_match(&self, state: State) -> bool {
        match &self.engine {
            Engine::Dfa(dfa) => dfa.is_special(state.0) && dfa.is_match(state.0),
            Engine::Nfa(nfa) => nfa.is_special(state.0) && nfa.is_match(state.0),
        }
    }

    /// The phrases that end in a match state, the longest first.
    pub(crate) fn matches(&self, state: State) -> impl Iterator<Item = usize> + '_ {
        let count = match &self.engine {
            Engine::Dfa(dfa) => dfa.match_len(state.0),
            Engine::Nfa(nfa) => nfa.match_len(state.0),
        };
        (0..count).map(move |index| {
            let pattern = match &self.engine {
                Engine::Dfa(dfa) => dfa.match_pattern(state.0, index),
                Engine::Nfa(nfa) => nfa.match_pattern(state.0, index),
            };
            pattern.as_usize()
        })
    }
}
