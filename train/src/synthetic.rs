//! Own texts, made from grammars: attacks, and above all harmless texts in the same words.
//!
//! Called before training. Each root of a grammar is a source of its own, with a name such as
//! `attack override`.
//!
//! # Invariants
//! The seed is fixed: the same grammars give the same texts.

mod grammar;

use crate::data::{Corpus, Example};
use crate::random::Random;
use crate::source::{FOLDS, Source, Use};

pub(crate) use grammar::{Grammar, GrammarError};

/// The grammars; they share their symbols.
const GRAMMARS: &[&str] = &[
    include_str!("synthetic/attacks.grammar"),
    include_str!("synthetic/benign.grammar"),
    include_str!("synthetic/languages.grammar"),
    include_str!("synthetic/prose.grammar"),
    include_str!("synthetic/everyday.grammar"),
];

/// How many texts each root gives.
const TEXTS: usize = 400;

/// What an own text counts beside one of another author.
const TRUST_ATTACK: f32 = 0.7;
const TRUST_BENIGN: f32 = 1.0;

/// The group of every own source: never left out.
pub(crate) const GROUP: &str = "synthetic";

/// Makes all texts.
pub(crate) fn corpora() -> Result<Vec<Corpus>, GrammarError> {
    let grammar = Grammar::read(GRAMMARS)?;
    let mut random = Random::new(2024);
    let mut corpora = Vec::new();
    for root in grammar.roots() {
        let mut examples = Vec::new();
        for _ in 0..TEXTS {
            let text = cased(&grammar.expand(root, &mut random)?, &mut random);
            examples.push(Example { text, attack: root.attack, weight: 1.0 });
        }
        let source = Source {
            name: root.name,
            folder: GROUP,
            group: GROUP,
            fold: FOLDS,
            usage: Use::Learn,
            trust: if root.attack { TRUST_ATTACK } else { TRUST_BENIGN },
            licence: "own",
            goal: None,
        };
        corpora.push(Corpus { source, examples, damaged: 0 });
    }
    Ok(corpora)
}

/// People write in lower case, or shout.
fn cased(text: &str, random: &mut Random) -> String {
    match random.below(20) {
        0 | 1 => text.to_lowercase(),
        2 => text.to_uppercase(),
        _ => {
            let mut characters = text.chars();
            let first = characters.next().into_iter().flat_map(char::to_uppercase);
            first.chain(characters).collect()
        }
    }
}
