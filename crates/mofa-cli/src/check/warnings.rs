//! What a configuration leaves open.

use super::report::is_default;
use crate::error::CliError;
use mofa_sdk::config::Config;
use mofa_sdk::security::{
    AuthorizationResult, DefaultAuthorizer, DenyReason, Direction, SecurityFailMode, Stage,
    StageMode, Verdict,
};

/// What should be changed, most dangerous first.
pub(super) fn of(config: &Config, authorizer: &DefaultAuthorizer) -> Result<Vec<String>, CliError> {
    let mut warnings = Vec::new();
    pipeline(config, &mut warnings);
    network(config, &mut warnings);
    callers(config, authorizer, &mut warnings)?;
    warnings.extend(config.warnings.iter().map(ToString::to_string));
    if config.audit.hash_key.is_none() {
        warnings.push(
            "`audit.hash_key` is not set: a random key is used, and hashes in records cannot be \
             compared over restarts"
                .to_owned(),
        );
    }
    Ok(warnings)
}

fn pipeline(config: &Config, warnings: &mut Vec<String>) {
    let security = &config.security;
    if Stage::ALL.iter().all(|stage| security.mode(*stage) != StageMode::Enforce) {
        warnings.push("nothing is enforced".to_owned());
    }
    for stage in Stage::ALL {
        match security.mode(stage) {
            StageMode::Off => warnings.push(format!("`security.{stage}` is off")),
            StageMode::Shadow => warnings
                .push(format!("`security.{stage}` is in shadow: it records and blocks nothing")),
            StageMode::Enforce => {}
        }
    }
    if security.fail_mode() == SecurityFailMode::FailOpen {
        warnings.push("`security.fail_mode` is open: what cannot be decided passes".to_owned());
    }
    let guards = security.mode(Stage::Guard) == StageMode::Enforce;
    if guards && security.guard_verdict(Direction::Input) != Verdict::Block {
        warnings.push("`security.guard.action` is not `block`: injections pass".to_owned());
    }
    let moderates = security.mode(Stage::Moderation) == StageMode::Enforce;
    for (tenant, _) in config.moderation.iter().filter(|(_, policy)| policy.is_empty()) {
        if moderates && is_default(tenant) {
            warnings.push("`security.moderation` lists no phrase: nothing is moderated".to_owned());
        } else if moderates {
            warnings.push(format!("`tenants.{tenant}.moderation` lists no phrase"));
        }
    }
    if !config.pii.categories.is_empty() {
        let looked_for: Vec<_> = config.pii.categories.iter().map(ToString::to_string).collect();
        let looked_for = looked_for.join(", ");
        warnings.push(format!("`security.pii.categories`: only {looked_for} are looked for"));
    }
}

fn network(config: &Config, warnings: &mut Vec<String>) {
    if !config.listen.ip().is_loopback() {
        warnings.push(format!(
            "`gateway.listen` {} is not a loopback address: keys travel in plain text unless \
             TLS is ended in front of it, and /metrics is open to all",
            config.listen
        ));
    }
    if config.upstreams.is_empty() {
        warnings.push("there are no `[[upstreams]]`: no model can be reached".to_owned());
    }
    for upstream in &config.upstreams {
        let is_plain = upstream.base_url.starts_with("http://");
        if is_plain && !is_local(&upstream.base_url) {
            warnings.push(format!(
                "upstream `{}` is reached over plain HTTP: what is sent can be read on the way",
                upstream.name
            ));
        }
    }
}

fn is_local(url: &str) -> bool {
    let authority = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let host = if authority.starts_with('[') {
        authority.split(']').next().unwrap_or_default().trim_start_matches('[')
    } else {
        authority.split(':').next().unwrap_or_default()
    };
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn callers(
    config: &Config,
    authorizer: &DefaultAuthorizer,
    warnings: &mut Vec<String>,
) -> Result<(), CliError> {
    if config.callers.is_empty() {
        warnings.push(
            "there are no `[[keys]]`: nobody can call; `mofa key new` makes a key".to_owned(),
        );
    }
    if config.security.mode(Stage::Rbac) != StageMode::Enforce {
        return Ok(());
    }
    for caller in &config.callers {
        // Any resource will do: whoever has no role may do nothing.
        let answer = authorizer.explain(&caller.subject, "invoke", "model:any")?.result();
        if answer == AuthorizationResult::Denied(DenyReason::NoRole) {
            warnings.push(format!("key `{}` gives no role: its holder may do nothing", caller.id));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_local() {
        for local in ["http://127.0.0.1:9/v1", "http://localhost/v1", "http://[::1]:80"] {
            assert!(is_local(local), "{local}");
        }
        for remote in ["http://10.0.0.1/v1", "http://localhost.evil/v1", "http://[::2]/"] {
            assert!(!is_local(remote), "{remote}");
        }
    }
}
