//! The table `moderation`: does one of 2,000 listed words stand in 1 KB of English.

use crate::measure::{Effort, Work, figures};
use crate::table::Table;
use crate::text;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use mofa_foundation::security::KeywordModerator;
use mofa_runtime::security::{TenantId, Verdict};
use regex::{RegexSet, RegexSetBuilder};
use std::error::Error;
use thiserror::Error;

const WORDS: usize = 2_000;
const BYTES: usize = 1_024;

/// Two engines answer the same question differently.
#[derive(Debug, Error)]
#[error("`{engine}` and the product disagree on text {text}")]
struct Disagreement {
    engine: &'static str,
    text: usize,
}

/// Says of a text whether a listed word stands in it.
type Engine = Box<dyn Fn(&str) -> bool>;

pub(crate) fn table(effort: Effort) -> Result<Table, Box<dyn Error>> {
    let words = text::words(WORDS);
    let engines = engines(&words)?;
    let texts = texts(&words);
    for (number, text) in texts.iter().enumerate() {
        let mut answers = engines.iter().map(|(name, engine)| (*name, engine(text)));
        let first = answers.next().is_some_and(|(_, answer)| answer);
        if let Some((engine, _)) = answers.find(|(_, answer)| *answer != first) {
            return Err(Disagreement { engine, text: number }.into());
        }
    }
    let clean = text::prose(BYTES);
    let mut works: Vec<Work<'_>> = engines
        .iter()
        .map(|(_, engine)| -> Work<'_> {
            Box::new(|times| (0..times).map(|_| usize::from(engine(&clean))).sum())
        })
        .collect();
    let figures = figures(effort, &mut works);
    let rows = engines.iter().map(|(name, _)| (*name, texts.len()));
    let setting = format!("{WORDS} words, {BYTES} bytes of English without any of them");
    Ok(Table::new("moderation", setting, "text", rows, &figures))
}

/// Texts with and without a listed word, as a word and as a part of one, in either case.
fn texts(words: &[String]) -> Vec<String> {
    let prose = text::prose(BYTES);
    let with = |word: &String| {
        let (before, after) = prose.split_at(prose.len() / 2);
        [
            format!("{before} {word} {after}"),
            format!("{before} {} {after}", word.to_uppercase()),
            format!("{before} x{word} {after}"),
            format!("{before} {word}s {after}"),
        ]
    };
    words.iter().step_by(50).flat_map(with).chain([prose.clone()]).collect()
}

fn engines(words: &[String]) -> Result<Vec<(&'static str, Engine)>, Box<dyn Error>> {
    let moderator = words.iter().fold(KeywordModerator::new(), KeywordModerator::add_blocked);
    let tenant = TenantId::default();
    let ours = move |text: &str| {
        moderator.judge(&tenant, text).is_ok_and(|answer| answer.verdict == Verdict::Block)
    };
    let automaton = AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(words)?;
    let bare = move |text: &str| {
        automaton.find_iter(text).any(|found| is_word(text, found.start(), found.end()))
    };
    let patterns = words.iter().map(|word| format!(r"\b{word}\b"));
    let set: RegexSet =
        RegexSetBuilder::new(patterns).case_insensitive(true).size_limit(1 << 30).build()?;
    let list = words.to_vec();
    let naive = move |text: &str| {
        let lower = text.to_lowercase();
        list.iter().any(|word| {
            lower.match_indices(word).any(|(at, found)| is_word(&lower, at, at + found.len()))
        })
    };
    Ok(vec![
        ("KeywordModerator::judge", Box::new(ours)),
        ("aho-corasick DFA, word check by hand", Box::new(bare)),
        ("regex RegexSet", Box::new(move |text| set.is_match(text))),
        ("one search a word", Box::new(naive)),
    ])
}

fn is_word(text: &str, start: usize, end: usize) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let after = text.get(end..).and_then(|text| text.chars().next());
    !before.is_some_and(is_word) && !after.is_some_and(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_agree_and_all_are_timed() {
        let table = table(Effort::Quick).unwrap();
        assert_eq!(table.rows.len(), 4);
        assert!(table.rows.iter().all(|row| row.nanos > 0.0 && row.agreed == 161), "{table}");
    }
}
