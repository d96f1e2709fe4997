//! Where models are: addresses that can be called, under names of their own.
//!
//! # Invariants
//! No address has a user, a query or a port that there is not. `[llm]` is last.

use super::few;
use crate::config::error::{ConfigError, Problem, Source};
use crate::config::raw::{RawLlm, RawProvider, RawUpstream};
use crate::config::{ModelPattern, UpstreamSettings};
use mofa_runtime::Secret;
use std::collections::BTreeSet;
use toml::Spanned;

/// The upstreams, in the order of the file.
pub(super) fn check(
    source: &Source<'_>,
    raw: Vec<RawUpstream>,
    llm: Option<Spanned<RawLlm>>,
) -> Result<Vec<UpstreamSettings>, ConfigError> {
    few(source, "upstreams", raw.iter().map(|upstream| &upstream.name))?;
    let mut seen = BTreeSet::new();
    let mut upstreams = Vec::with_capacity(raw.len());
    for upstream in raw {
        let name = upstream.name.get_ref();
        if name.is_empty() || !seen.insert(name.clone()) {
            let written = source.written(&upstream.name);
            let reason = format!("an upstream needs a name of its own, `{written}` is none");
            return Err(source.error(&upstream.name.span(), Problem::Conflict { reason }));
        }
        upstreams.push(one(source, upstream)?);
    }
    // Last: it has every model that no other upstream has.
    if let Some(llm) = llm {
        let (span, provider) = (llm.span(), provider(llm.into_inner()));
        if seen.contains(&provider.name) {
            let reason = format!("`[llm]` is the upstream `{0}`: name yours else", provider.name);
            return Err(source.error(&span, Problem::Conflict { reason }));
        }
        upstreams.push(provider);
    }
    Ok(upstreams)
}

fn one(source: &Source<'_>, upstream: RawUpstream) -> Result<UpstreamSettings, ConfigError> {
    if let Some(expected) = wrong(upstream.base_url.get_ref()) {
        return Err(source.value(&upstream.base_url.span(), "upstreams.base_url", expected));
    }
    let span = upstream.models.span();
    let mut models = Vec::new();
    for model in upstream.models.into_inner() {
        let expected = "a model's name, or the beginning of one and `*`";
        let wrong = || source.value(&model.span(), "upstreams.models", expected);
        models.push(ModelPattern::new(model.get_ref()).ok_or_else(wrong)?);
    }
    if models.is_empty() {
        return Err(source.value(&span, "upstreams.models", "at least one model, or \"*\""));
    }
    let written = source.written(&upstream.name).into_owned();
    Ok(UpstreamSettings {
        written: Some(written),
        name: upstream.name.into_inner(),
        base_url: upstream.base_url.into_inner(),
        api_key: upstream.api_key.map(|key| Secret::new(key.into_inner())),
        models,
    })
}

/// What `url` should be, if it is not.
fn wrong(url: &str) -> Option<&'static str> {
    const SHAPE: &str =
        "`http://` or `https://`, a host and a path, without user, query or fragment";
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let Some(rest) = rest.filter(|rest| !rest.contains(['?', '#', '@'])) else {
        return Some(SHAPE);
    };
    let authority = rest.split('/').next().unwrap_or_default();
    // An address of IPv6 stands in brackets and has colons of its own.
    let after_host = authority.rsplit_once(']').map_or(authority, |(_, after)| after);
    let (host, port) = match after_host.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (after_host, None),
    };
    if url.chars().any(|c| c.is_whitespace() || c.is_control())
        || host.is_empty() && !authority.starts_with('[')
    {
        return Some(SHAPE);
    }
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse().is_ok_and(|port: u16| port > 0)
    };
    port.is_some_and(|port| !is_port(port)).then_some("a port from 1 to 65535 behind the host")
}

/// The upstream that `llm` is short for.
fn provider(llm: RawLlm) -> UpstreamSettings {
    let (name, base_url) = match llm.provider {
        RawProvider::OpenAi => ("openai", "https://api.openai.com/v1"),
    };
    UpstreamSettings {
        name: name.to_owned(),
        base_url: base_url.to_owned(),
        api_key: Some(Secret::new(llm.api_key.into_inner())),
        models: ModelPattern::new("*").into_iter().collect(),
        written: None,
    }
}
