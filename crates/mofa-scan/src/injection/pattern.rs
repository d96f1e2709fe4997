//! The notation of the rules: names in braces stand for vocabulary, separators and word gaps.
//!
//! `{S}` is what may stand between two words, `{W}` a word, `{G5}` up to five words with what
//! follows each, `{US}` a separator in texts outside ASCII. Everything else is `regex` syntax,
//! case ignored.

use regex::{Regex, RegexBuilder};

/// The most memory one rule may take, in bytes.
const MAX_COMPILED: usize = 4 << 20;

/// What the names in braces stand for.
pub(super) const VOCABULARY: &[(&str, &str)] = &[
    (
        "{DISMISS}",
        "\\b(?:ignor(?:e|ing|es)|disregard(?:ing|s)?|forget(?:ting)?|overrid(?:e|ing)|bypass(?:ing)?|neglect|discard(?:ing)?|dismiss|(?:do not|don't|stop) (?:follow|following|obey|obeying)|pay no attention to|do not obey|erase)",
    ),
    (
        "{EARLIER}",
        "(?:previous(?:ly)?|prior|earlier|preceding|above|foregoing|former|past|initial|original|existing|all(?: of)?(?: (?:the|your|my|these|those))?|any(?: of)?(?: (?:the|your))?|every|these|current|aforementioned|last|old)",
    ),
    (
        "{ORDERS}",
        "(?:instructions?|instruct|prompts?|rules?|guidelines?|directives?|commands?|orders?|directions?|constraints?|restrictions?|programming|guidance|requirements|polic(?:y|ies)|safeguards|guardrails)\\b",
    ),
    (
        "{TELL}",
        "\\b(?:reveal|show|print|repeat|display|output|tell|give|share|disclose|expose|leak|dump|return|write|recite|spell|copy|translate|summari[sz]e|provide|echo|list|describe|paste|send|type|quote|reproduce|read|spit|restate|state)(?:ing|s)?\\b",
    ),
    (
        "{PLAY}",
        "\\b(?:act(?:s|ing)?{S}(?:as|like)|pretend(?:ing|s)?(?:{S}(?:to be|you are|you're|that you(?: are|'re)|like you are|as if you are|to))?|role-?{S0}play(?:ing)?(?:{S}as)?|you(?: are|'re){S}(?:now|going to (?:be|act as|pretend))|imagine{S}(?:that{S})?you(?: are|'re)?|simulate|take{S}on{S}the{S}role{S}of|play(?:ing)?{S}the{S}role{S}of|behave{S}(?:as|like)|you{S}(?:are|will be){S}an?|assume{S}the{S}(?:role|identity|persona){S}of|become|impersonate|(?:respond|answer){S}as)",
    ),
    (
        "{ENTER}",
        "\\b(?:enter(?:ing)?|enabl(?:e|ing)|activat(?:e|ing)|switch{S}(?:in)?to|go{S}into|turn{S}on|engage|you{S}(?:are|will be){S}(?:now{S})?(?:in|entering)|start|simulate)",
    ),
    ("{W}", "[a-z0-9'_-]{1,24}"),
    ("{S0}", "[\\s]{0,3}"),
    ("{S}", "[\\s,.:;!*_\"'()\\[\\]/-]{1,4}"),
    ("{US}", "[\\s\\p{P}]{1,3}"),
];

/// Compiles a rule's pattern.
pub(super) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    let ascii = pattern.is_ascii() && !pattern.contains("{US}");
    RegexBuilder::new(&expand(pattern))
        .case_insensitive(true)
        .unicode(!ascii || pattern.contains("\\w"))
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .build()
}

fn expand(pattern: &str) -> String {
    let mut text = pattern.to_owned();
    for (name, meaning) in VOCABULARY.iter().take(6) {
        text = text.replace(name, meaning);
    }
    for words in [1, 2, 3, 4, 5, 6, 8, 12] {
        text = text.replace(&format!("{{G{words}}}"), &format!("(?:{{W}}{{S}}){{0,{words}}}?"));
    }
    for (name, meaning) in VOCABULARY {
        text = text.replace(name, meaning);
    }
    text
}
