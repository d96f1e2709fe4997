//! Lists of phrases: each is one that can be looked for, and they are not too many.
//!
//! # Failure
//! A phrase that is empty, too long or one too many is named by its place in the list.

use super::MAX_ENTRIES;
use crate::config::error::{ConfigError, Source};
use crate::config::raw::{RawModeration, RawTenantModeration};
use crate::security::Verdict;
use mofa_foundation::security::{ContentPolicy, MAX_ALLOWED};
use toml::Spanned;

/// The longest phrase that can be looked for, in bytes.
const MAX_PHRASE: usize = 1024;

/// The lists of one policy, as they are written.
pub(super) struct Lists<'a> {
    pub(super) blocked: &'a [Spanned<String>],
    pub(super) flagged: &'a [Spanned<String>],
    pub(super) allowed: &'a [Spanned<String>],
}

impl<'a> From<&'a RawModeration> for Lists<'a> {
    fn from(raw: &'a RawModeration) -> Self {
        Self { blocked: &raw.blocked, flagged: &raw.flagged, allowed: &raw.allowed }
    }
}

impl<'a> From<&'a RawTenantModeration> for Lists<'a> {
    fn from(raw: &'a RawTenantModeration) -> Self {
        Self { blocked: &raw.blocked, flagged: &raw.flagged, allowed: &raw.allowed }
    }
}

/// What texts are judged by; `path` is where the lists stand.
pub(super) fn policy(
    source: &Source<'_>,
    path: &str,
    lists: &Lists<'_>,
) -> Result<ContentPolicy, ConfigError> {
    let blocked = checked(source, path, "blocked", lists.blocked)?;
    let flagged = checked(source, path, "flagged", lists.flagged)?;
    let allowed = allowed(source, path, lists.allowed)?;
    let policy = allowed.fold(ContentPolicy::new(), ContentPolicy::allow);
    let policy =
        blocked.fold(policy, |policy, phrase| policy.with("blocked", phrase, Verdict::Block));
    Ok(flagged.fold(policy, |policy, phrase| policy.with("flagged", phrase, Verdict::Flag)))
}

/// The exceptions of the section `path`, if each holds.
pub(super) fn allowed<'a>(
    source: &Source<'_>,
    path: &str,
    phrases: &'a [Spanned<String>],
) -> Result<impl Iterator<Item = &'a str>, ConfigError> {
    if let Some(extra) = phrases.get(MAX_ALLOWED) {
        let expected = format!("at most {MAX_ALLOWED} phrases");
        return Err(source.value(&extra.span(), &format!("{path}.allowed"), expected));
    }
    checked(source, path, "allowed", phrases)
}

/// The phrases of the list `key`, if each holds.
fn checked<'a>(
    source: &Source<'_>,
    path: &str,
    key: &str,
    phrases: &'a [Spanned<String>],
) -> Result<impl Iterator<Item = &'a str>, ConfigError> {
    if let Some(extra) = phrases.get(MAX_ENTRIES) {
        let expected = format!("at most {MAX_ENTRIES} phrases");
        return Err(source.value(&extra.span(), &format!("{path}.{key}"), expected));
    }
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
