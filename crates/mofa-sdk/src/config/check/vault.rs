//! Where values are kept that come back in answers.
//!
//! # Invariants
//! A strategy that keeps values has a vault to keep them in.

use super::limits::bounded;
use crate::config::VaultSettings;
use crate::config::error::{ConfigError, Problem, Source};
use crate::config::raw::{RawPii, RawStrategy, RawVault};
use crate::security::{Placeholder, VaultKey};
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;
use toml::Spanned;

/// The longest time that a value may be kept: 30 days.
const MAX_TTL: u64 = 30 * 24 * 3_600;

/// The vault that `raw` asks for.
pub(super) fn check(
    source: &Source<'_>,
    raw: Option<Spanned<RawVault>>,
) -> Result<Option<VaultSettings>, ConfigError> {
    let Some(raw) = raw.map(Spanned::into_inner) else { return Ok(None) };
    let key = VaultKey::parse(raw.key.get_ref()).map_err(|_| {
        let expected = "64 hexadecimal digits, as `openssl rand -hex 32` prints them";
        source.value(&raw.key.span(), "vault.key", expected)
    })?;
    let mut settings = VaultSettings::new(key);
    if let Some(path) = raw.path {
        if path.get_ref().is_empty() {
            let expected = "a file; leave it out to keep values in memory";
            return Err(source.value(&path.span(), "vault.path", expected));
        }
        settings.path = Some(PathBuf::from(path.into_inner()));
    }
    if let Some(seconds) = &raw.ttl_seconds {
        let seconds = bounded(source, "vault.ttl_seconds", seconds, 60, MAX_TTL)?;
        settings.ttl = Duration::from_secs(seconds);
    }
    if let Some(values) = &raw.max_values_per_conversation {
        let most = u64::from(Placeholder::MAX_NUMBER);
        let values = bounded(source, "vault.max_values_per_conversation", values, 1, most)?;
        settings.limits.per_conversation = u32::try_from(values).unwrap_or(u32::MAX);
    }
    if let Some(values) = &raw.max_values {
        settings.limits.total = bounded(source, "vault.max_values", values, 1, 100_000_000)?;
    }
    Ok(Some(settings))
}

/// A vault is there if a strategy needs one.
pub(super) fn is_there(
    source: &Source<'_>,
    raw: &RawPii,
    vault: Option<&VaultSettings>,
) -> Result<(), ConfigError> {
    let Some(span) = keeping(raw).filter(|_| vault.is_none()) else { return Ok(()) };
    let reason = "`tokenize` keeps values and has nowhere to: add `[vault]` with \
                  `key = \"${NAME}\"`";
    Err(source.error(&span, Problem::Conflict { reason: reason.to_owned() }))
}

/// Where a strategy stands that keeps values.
fn keeping(raw: &RawPii) -> Option<Range<usize>> {
    let is_kept = |strategy: &RawStrategy| matches!(strategy, RawStrategy::Tokenize);
    let default = raw.strategy.as_ref().filter(|strategy| is_kept(strategy.get_ref()));
    let own = raw.strategies.iter().find(|(_, strategy)| is_kept(strategy));
    default.map(Spanned::span).or(own.map(|(category, _)| category.span()))
}
