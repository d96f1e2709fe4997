//! Decides where the name of a model leads, and what records call it.
//!
//! Called with the name of every request, before anything is inspected.
//!
//! # Invariants
//! A record repeats a name only if a model server has it: in full, or by a pattern and in the form
//! that names of models have. Any other text is the caller's own, and may be anything.

use mofa_sdk::deployment::Upstreams;
use mofa_sdk::llm::Upstream;
use mofa_sdk::security::Act;
use std::sync::Arc;

/// What records call a model that nobody has, or that is not known.
const UNKNOWN: &str = "model:#unknown";

/// Digits in a row, beside those of a date, that no name of a model has: numbers of people and
/// cards are longer.
const MANY_DIGITS: usize = 9;

/// Letters and digits in a row that no name of a model has: keys are longer.
const LONG_SEGMENT: usize = 16;

/// Numbers in a row, beside those of a date, that no name of a model has: an address of a machine.
const MANY_NUMBERS: usize = 4;

/// Where `model` leads, and what the caller wants as it is recorded.
pub(crate) fn find(upstreams: &Upstreams, model: &str) -> (Act, Option<Arc<Upstream>>) {
    let is_listed = upstreams.models().any(|known| known == model);
    let upstream = upstreams.route(model).filter(|_| is_listed || is_plain(model)).cloned();
    let act = upstream.as_ref().map_or_else(unknown, |_| invoke(model));
    (act, upstream)
}

/// What is asked of a model that nobody has, or that is not known.
pub(crate) fn unknown() -> Act {
    Act::new("invoke", UNKNOWN)
}

/// What is asked of `model`.
pub(crate) fn invoke(model: &str) -> Act {
    Act::new("invoke", format!("model:{model}"))
}

/// Whether `model` has the form that names of models have: words, short numbers and dates.
fn is_plain(model: &str) -> bool {
    let name = model.strip_prefix('@').unwrap_or(model);
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:+".contains(&byte);
    if !name.bytes().all(is_usual) {
        return false;
    }
    let segments: Vec<&str> = name.split(['-', '_', '.', '/', ':', '+']).collect();
    let is_number = |segment: &&str| !segment.is_empty() && digits(segment) == segment.len();
    let has_numbers =
        segments.split(|segment| !is_number(segment)).any(|numbers| !is_short(numbers));
    let is_key = |segment: &&str| {
        !is_number(segment)
            && digits(segment) > 0
            && (segment.len() >= LONG_SEGMENT || digits(segment) >= MANY_DIGITS)
    };
    !has_numbers && !segments.iter().any(is_key)
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Whether `numbers`, which follow each other, are no more than a version and a date.
fn is_short(mut numbers: &[&str]) -> bool {
    let (mut count, mut length) = (0, 0);
    while let Some((first, rest)) = numbers.split_first() {
        numbers = match (first.len(), rest) {
            (8, rest) if first.starts_with("20") => rest,
            (4, [month, day, rest @ ..])
                if first.starts_with("20") && month.len() == 2 && day.len() == 2 =>
            {
                rest
            }
            _ => {
                count += 1;
                length += first.len();
                rest
            }
        };
    }
    count < MANY_NUMBERS && length < MANY_DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_models_are_plain() {
        for name in [
            "gpt-4o-2024-08-06",
            "gpt-4.1-2025-04-14",
            "o1-2024-12-17",
            "anthropic.claude-3-5-sonnet-20241022-v2:0",
            "meta-llama/Llama-3.1-8B-Instruct:free",
            "@cf/meta/llama-2-7b-chat-int8",
            "ft:gpt-3.5-turbo-0125:acme::9abcDEF1",
            "accounts/fireworks/models/qwen2p5-72b",
        ] {
            assert!(is_plain(name), "{name}");
        }
    }

    #[test]
    fn what_may_be_somebodys_is_not() {
        for name in [
            "ann.lee@example.com",
            "gpt-ann.lee@example.com",
            "Ann Smith born 1970",
            "gpt-415-555-2671",
            "gpt-123-45-6789",
            "gpt/4111111111111111",
            "gpt-4111.1111.1111.1111",
            "gpt:10.1.2.3",
            concat!("AKIA", "1234567890ABCDEF"),
            "x4155552671",
            "gpt-\u{e9}",
        ] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
