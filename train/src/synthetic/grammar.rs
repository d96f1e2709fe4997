//! A small notation for families of texts.
//!
//! `[name]` begins a symbol, each line below it is one way to write it. `[! attack name]` and
//! `[! benign name]` begin roots. In a line `{name}` stands for a symbol, `{this|that|}` for one of
//! several texts, which may hold braces themselves, and `\n` for a line break; `\(` and `\)` are
//! braces of the text. `# ` begins a comment. Blanks in a row, and before a full stop or a comma,
//! are put right.
//!
//! # Failure
//! An unknown symbol or a root without lines is a [`GrammarError`], as is nesting that has no end.

use std::collections::HashMap;

use crate::random::Random;

/// Why a grammar gives no text.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum GrammarError {
    #[error("line `{0}` stands below no symbol")]
    Stray(String),
    #[error("root `{0}` is neither `attack` nor `benign`")]
    Root(String),
    #[error("symbol `{0}` stands for nothing")]
    Empty(String),
    #[error("symbol `{0}` holds itself without end")]
    Endless(String),
}

/// A symbol that texts are made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Root {
    /// Such as `attack override`.
    pub(crate) name: &'static str,
    pub(crate) attack: bool,
}

/// Symbols and roots.
#[derive(Debug, Default)]
pub(crate) struct Grammar {
    symbols: HashMap<&'static str, Vec<&'static str>>,
    roots: Vec<Root>,
}

/// How deep braces and symbols may lie in one another.
const MAX_DEPTH: usize = 24;

/// What is put right in a text, in this order.
const PUT_RIGHT: &[(&str, &str)] = &[
    ("  ", " "),
    (" .", "."),
    (" ,", ","),
    ("..", "."),
    (".!", "!"),
    ("?.", "?"),
    ("\\n", "\n"),
    ("\\(", "{"),
    ("\\)", "}"),
];

impl Grammar {
    /// Reads grammars that share their symbols.
    pub(crate) fn read(texts: &[&'static str]) -> Result<Self, GrammarError> {
        let mut grammar = Self::default();
        let mut symbol = None;
        for line in texts.iter().flat_map(|text| text.lines()) {
            if line.is_empty() || line.starts_with("# ") {
                continue;
            }
            if let Some(name) = head(line) {
                symbol = Some(grammar.begin(name)?);
                continue;
            }
            let below = symbol.ok_or_else(|| GrammarError::Stray(line.to_owned()))?;
            grammar.symbols.entry(below).or_default().push(line);
        }
        Ok(grammar)
    }

    fn begin(&mut self, name: &'static str) -> Result<&'static str, GrammarError> {
        if let Some(name) = name.strip_prefix("! ") {
            let attack = match name.split(' ').next() {
                Some("attack") => true,
                Some("benign") => false,
                _ => return Err(GrammarError::Root(name.to_owned())),
            };
            self.roots.push(Root { name, attack });
            return Ok(name);
        }
        Ok(name)
    }

    pub(crate) fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// One text of `root`.
    pub(crate) fn expand(&self, root: &Root, random: &mut Random) -> Result<String, GrammarError> {
        let mut text = String::new();
        self.symbol(root.name, random, &mut text, 0)?;
        for (written, meant) in PUT_RIGHT {
            text = text.replace(written, meant);
        }
        Ok(text.trim().to_owned())
    }

    fn symbol(
        &self,
        name: &str,
        random: &mut Random,
        out: &mut String,
        depth: usize,
    ) -> Result<(), GrammarError> {
        let lines = self.symbols.get(name).map(Vec::as_slice).unwrap_or_default();
        let line = lines.get(random.below(lines.len()));
        let line = line.ok_or_else(|| GrammarError::Empty(name.to_owned()))?;
        if depth > MAX_DEPTH {
            return Err(GrammarError::Endless(name.to_owned()));
        }
        self.line(line, random, out, depth + 1)
    }

    fn line(
        &self,
        line: &str,
        random: &mut Random,
        out: &mut String,
        depth: usize,
    ) -> Result<(), GrammarError> {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((inside, after)) = closed(after) else {
                out.push('{');
                rest = after;
                continue;
            };
            rest = after;
            let ways = alternatives(inside);
            if ways.len() > 1 {
                let way = ways.get(random.below(ways.len())).copied().unwrap_or_default();
                self.line(way, random, out, depth + 1)?;
            } else if self.symbols.contains_key(inside) {
                self.symbol(inside, random, out, depth)?;
            } else {
                self.line(inside, random, out, depth + 1)?;
            }
        }
        out.push_str(rest);
        Ok(())
    }
}

fn head(line: &'static str) -> Option<&'static str> {
    let name = line.strip_prefix('[')?.strip_suffix(']')?;
    let plain = |c: char| c.is_ascii_lowercase() || c == '_' || c == ' ' || c == '!';
    name.chars().all(plain).then_some(name)
}

/// What stands before the brace that closes, and what after it.
fn closed(text: &str) -> Option<(&str, &str)> {
    let mut open = 1_usize;
    for (at, character) in text.char_indices() {
        match character {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return text.get(..at).zip(text.get(at + 1..));
        }
    }
    None
}

/// The parts between bars that stand in no inner brace.
fn alternatives(text: &str) -> Vec<&str> {
    let mut open = 0_usize;
    text.split(|character| {
        match character {
            '{' => open += 1,
            '}' => open = open.saturating_sub(1),
            _ => {}
        }
        character == '|' && open == 0
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{Grammar, GrammarError};
    use crate::random::Random;

    fn check(grammar: &'static str, expect: &Result<&str, GrammarError>) {
        let text = Grammar::read(&[grammar]).and_then(|grammar| {
            let root = grammar.roots()[0];
            grammar.expand(&root, &mut Random::new(1))
        });
        assert_eq!(text.as_deref(), expect.as_ref().map(|text| &**text), "{grammar}");
    }

    #[test]
    fn symbols_alternatives_and_braces_are_put_in() {
        check("[! benign a]\nsay {b}.\n[b]\n{{c}|{c}}\n[c]\nhi", &Ok("say hi."));
        check("[! attack a]\n\\({b}\\)\\n{|}.\n[b]\nx", &Ok("{x}\n."));
    }

    #[test]
    fn a_grammar_without_sense_is_refused() {
        check("[! good a]\nx", &Err(GrammarError::Root("good a".to_owned())));
        check("x", &Err(GrammarError::Stray("x".to_owned())));
        check("[! benign a]\n[b]\nx", &Err(GrammarError::Empty("benign a".to_owned())));
        check("[! benign a]\n{b}\n[b]\n{b}", &Err(GrammarError::Endless("b".to_owned())));
    }
}
