//! Lists of phrases: each is one that can be looked for.

use crate::config::error::{ConfigError, Source};
use crate::security::Verdict;
use mofa_foundation::security::ContentPolicy;
use toml::Spanned;

/// The longest phrase that can be looked for, in bytes.
const MAX_PHRASE: usize = 1024;

/// What texts are judged by; `path` is where the lists stand.
pub(super) fn policy(
    source: &Source<'_>,
    path: &str,
    blocked: &[Spanned<String>],
    flagged: &[Spanned<String>],
) -> Result<ContentPolicy, ConfigError> {
    let blocked = checked(source, path, "blocked", blocked)?;
    let flagged = checked(source, path, "flagged", flagged)?;
    let policy = ContentPolicy::new();
    let policy =
        blocked.fold(policy, |policy, phrase| policy.with("blocked", phrase, Verdict::Block));
    Ok(flagged.fold(policy, |policy, phrase| policy.with("flagged", phrase, Verdict::Flag)))
}

/// The phrases of the list `key`, if each holds.
pub(super) fn checked<'a>(
    source: &Source<'_>,
    path: &str,
    key: &str,
    phrases: &'a [Spanned<String>],
) -> Result<impl Iterator<Item = &'a str>, ConfigError> {
    for (index, phrase) in phrases.iter().enumerate() {
        let expected = match phrase.get_ref() {
            text if text.trim().is_empty() => "a word or a phrase, found none",
            text if text.len() > MAX_PHRASE => "a phrase of at most 1024 bytes",
            _ => continue,
        };
        return Err(source.value(&phrase.span(), &format!("{path}.{key}[{index}]"), expected));
    }
    Ok(phrases.iter().map(|phrase| phrase.get_ref().as_str()))
}
