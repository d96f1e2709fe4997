//! Turns what is written into what holds, once.
//!
//! # Invariants
//! What comes out can be put into force: nothing is checked later that could be checked here.
//!
//! # Failure
//! The first mistake, at its place in the file.

use super::error::{ConfigError, Source};
use super::raw::RawSecurity;
use super::raw::{RawConfig, RawFailMode, RawGuardAction, RawMode, RawPiiAction, RawPreset};
use super::{AuditSettings, Config};
use crate::security::{PiiAction, SecurityConfig, SecurityFailMode, Stage, StageMode, Verdict};
use mofa_kernel::IdError;
use mofa_runtime::Secret;
use std::fmt::Display;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;
use toml::Spanned;

mod callers;
mod limits;
mod phrases;
mod pii;
mod roles;
mod served;
mod tenants;
mod upstreams;
mod vault;

/// The most keys, upstreams or tenants a file may list.
const MAX_ENTRIES: usize = 100_000;

/// Makes sure that everything holds together.
pub(super) fn check(source: &Source<'_>, mut raw: RawConfig) -> Result<Config, ConfigError> {
    let check = Check { source };
    let (policies, contents) = tenants::check(source, &raw)?;
    let callers = callers::check(source, &raw.keys, &policies)?;
    roles::hold(source, &raw, &policies)?;
    let upstreams = upstreams::check(source, std::mem::take(&mut raw.upstreams), raw.llm.take())?;
    let warnings = roles::warnings(source, &raw, &served::Served::new(&upstreams));
    let vault = vault::check(source, raw.vault.take())?;
    let pii = pii::check(source, &raw.security.pii, &raw.tenants)?;
    vault::is_there(source, &raw.security.pii, vault.as_ref())?;
    let audit_path = match raw.audit.path {
        Some(path) => PathBuf::from(path.into_inner()),
        None => AuditSettings::default().path,
    };
    Ok(Config {
        listen: check.listen(raw.gateway.listen.as_ref())?,
        limits: limits::check(source, &raw.gateway.limits)?,
        security: check.security(&raw.security)?,
        pii,
        moderation: contents,
        guard_allowed: phrases::allowed(source, "security.guard", &raw.security.guard.allowed)?
            .map(str::to_owned)
            .collect(),
        guard_threshold: check.threshold(raw.security.guard.threshold.as_ref())?,
        policies: policies.into_iter().collect(),
        callers,
        upstreams,
        audit: AuditSettings { path: audit_path, hash_key: check.hash_key(raw.audit.hash_key)? },
        vault,
        warnings,
    })
}

struct Check<'a> {
    source: &'a Source<'a>,
}

impl Check<'_> {
    fn value(&self, span: &Range<usize>, key: &str, expected: impl Display) -> ConfigError {
        self.source.value(span, key, expected)
    }

    fn listen(&self, listen: Option<&Spanned<String>>) -> Result<SocketAddr, ConfigError> {
        let Some(listen) = listen else { return Ok((Ipv4Addr::LOCALHOST, 8080).into()) };
        let expected = "an address and a port, for instance \"127.0.0.1:8080\"";
        let wrong = |_| self.value(&listen.span(), "gateway.listen", expected);
        listen.get_ref().parse().map_err(wrong)
    }

    fn security(&self, raw: &RawSecurity) -> Result<SecurityConfig, ConfigError> {
        let mut config = match raw.preset {
            Some(RawPreset::Permissive) => SecurityConfig::permissive(),
            Some(RawPreset::Strict) | None => SecurityConfig::strict(),
        };
        match raw.fail_mode {
            Some(RawFailMode::Open) => config = config.with_fail_mode(SecurityFailMode::FailOpen),
            Some(RawFailMode::Closed) => {
                config = config.with_fail_mode(SecurityFailMode::FailClosed);
            }
            None => {}
        }
        config = with_modes(config, raw);
        if let Some(seconds) = &raw.stage_timeout_seconds {
            let key = "security.stage_timeout_seconds";
            let seconds = limits::bounded(self.source, key, seconds, 1, 60)?;
            config = config.with_stage_timeout(Duration::from_secs(seconds));
        }
        if let Some(RawPiiAction::Block) = raw.pii.action {
            config = config.with_pii_action(PiiAction::Block);
        }
        if let Some(action) = raw.guard.action {
            config = config.with_guard_verdict(guard_verdict(action));
        }
        if let Some(action) = raw.guard.output_action {
            config = config.with_guard_output_verdict(guard_verdict(action));
        }
        Ok(config)
    }

    fn threshold(&self, threshold: Option<&Spanned<f64>>) -> Result<f32, ConfigError> {
        let Some(threshold) = threshold else { return Ok(0.5) };
        if !(0.0..=1.0).contains(threshold.get_ref()) {
            let span = threshold.span();
            return Err(self.value(&span, "security.guard.threshold", "a number from 0 to 1"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "a share needs no more digits")]
        Ok(*threshold.get_ref() as f32)
    }

    fn hash_key(&self, key: Option<Spanned<String>>) -> Result<Option<Secret>, ConfigError> {
        let Some(key) = key else { return Ok(None) };
        if key.get_ref().len() < 32 {
            let expected = "at least 32 characters: a shorter key can be guessed";
            return Err(self.value(&key.span(), "audit.hash_key", expected));
        }
        Ok(Some(Secret::new(key.into_inner())))
    }
}

/// What `make` makes of `name`.
fn named<T>(
    source: &Source<'_>,
    key: &str,
    name: &Spanned<String>,
    make: impl Fn(&str) -> Result<T, IdError>,
) -> Result<T, ConfigError> {
    let expected = "a name of 1 to 256 bytes without spaces";
    make(name.get_ref()).map_err(|_| source.value(&name.span(), key, expected))
}

/// The entries of a list, each by its name, are no more than may be: the first too many is named.
fn few<'a>(
    source: &Source<'_>,
    key: &str,
    names: impl ExactSizeIterator<Item = &'a Spanned<String>>,
) -> Result<(), ConfigError> {
    if names.len() <= MAX_ENTRIES {
        return Ok(());
    }
    // A table's entries come by name, not in the order of the file.
    let mut spans: Vec<_> = names.map(Spanned::span).collect();
    spans.sort_unstable_by_key(|span| span.start);
    let first = spans.get(MAX_ENTRIES).cloned().unwrap_or_default();
    Err(source.value(&first, key, format!("at most {MAX_ENTRIES} entries")))
}

fn with_modes(config: SecurityConfig, raw: &RawSecurity) -> SecurityConfig {
    let modes = [
        (Stage::Rbac, raw.rbac.mode),
        (Stage::Pii, raw.pii.mode),
        (Stage::Moderation, raw.moderation.mode),
        (Stage::Guard, raw.guard.mode),
    ];
    modes.into_iter().fold(config, |config, (stage, mode)| match mode {
        Some(RawMode::Off) => config.with_stage_mode(stage, StageMode::Off),
        Some(RawMode::Shadow) => config.with_stage_mode(stage, StageMode::Shadow),
        Some(RawMode::Enforce) => config.with_stage_mode(stage, StageMode::Enforce),
        None => config,
    })
}

fn guard_verdict(action: RawGuardAction) -> Verdict {
    match action {
        RawGuardAction::Flag => Verdict::Flag,
        RawGuardAction::Block => Verdict::Block,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_entry_too_many_is_named() {
        let text = "x\n".repeat(MAX_ENTRIES + 3);
        let source = Source { name: "mofa.toml", text: &text };
        let entries = |count: usize| -> Vec<_> {
            (0..count).rev().map(|at| Spanned::new(2 * at..2 * at + 1, "x".to_owned())).collect()
        };
        assert!(few(&source, "keys", entries(MAX_ENTRIES).iter()).is_ok());
        let error = few(&source, "keys", entries(MAX_ENTRIES + 2).iter()).unwrap_err();
        let expected = "mofa.toml:100001:1: `keys`: expected at most 100000 entries";
        assert_eq!(error.to_string(), expected);
    }
}
