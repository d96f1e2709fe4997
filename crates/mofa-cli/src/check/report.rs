//! What a configuration enforces: [`Report`].

use super::detection::Detection;
use super::warnings;
use crate::error::CliError;
use mofa_gateway as gateway;
use mofa_sdk::config::{Config, ModelPattern, PiiSettings, VaultSettings};
use mofa_sdk::security::{
    DefaultAuthorizer, Direction, PiiAction, Stage, StageMode, TenantId, Verdict,
};
use serde::Serialize;
use std::collections::HashSet;
use std::fmt::Write;
use std::path::Path;

/// What a configuration enforces, where, and what it does not.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(super) config: String,
    pub(super) listen: String,
    pub(super) fail_mode: &'static str,
    pub(super) routes: Vec<Route>,
    pub(super) callers: Vec<Caller>,
    pub(super) upstreams: Vec<UpstreamLine>,
    pub(super) tenants: Vec<String>,
    pub(super) detection: Detection,
    pub(super) audit: Audit,
    /// Where values are kept that come back in answers; none are if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vault: Option<Vault>,
    pub(super) warnings: Vec<String>,
}

/// A route of the gateway.
#[derive(Debug, Serialize)]
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// Whether a caller needs a key.
    pub(super) needs_key: bool,
    /// What is done with what goes through it; none if no text does.
    pub(super) stages: Vec<StageLine>,
}

/// What a stage does on a route: what is asked, what is answered, what is answered in a stream.
#[derive(Debug, Serialize)]
pub(super) struct StageLine {
    pub(super) stage: &'static str,
    pub(super) mode: &'static str,
    pub(super) input: String,
    pub(super) output: String,
    pub(super) stream: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Caller {
    pub(super) key: String,
    pub(super) subject: String,
    pub(super) tenant: String,
    /// Which of the models that are named in full the caller may use.
    pub(super) models: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct UpstreamLine {
    pub(super) name: String,
    pub(super) base_url: String,
    pub(super) has_key: bool,
    pub(super) models: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Audit {
    pub(super) path: String,
    /// Whether hashes in records can be compared over restarts.
    pub(super) has_hash_key: bool,
}

/// Where `tokenize` keeps values.
#[derive(Debug, Serialize)]
pub(super) struct Vault {
    /// The file; in memory if there is none.
    pub(super) path: Option<String>,
    /// Names the key without telling it.
    pub(super) key_id: String,
    pub(super) ttl_seconds: u64,
    pub(super) max_values_per_conversation: u32,
    pub(super) max_values: u64,
}

impl Vault {
    fn of(settings: &VaultSettings) -> Self {
        Self {
            path: settings.path.as_ref().map(|path| path.display().to_string()),
            key_id: settings.key.id().to_string(),
            ttl_seconds: settings.ttl.as_secs(),
            max_values_per_conversation: settings.limits.per_conversation,
            max_values: settings.limits.total,
        }
    }
}

impl Report {
    pub(crate) fn new(
        path: &Path,
        config: &Config,
        authorizer: &DefaultAuthorizer,
    ) -> Result<Self, CliError> {
        Ok(Self {
            config: path.display().to_string(),
            listen: config.listen.to_string(),
            fail_mode: config.security.fail_mode().as_str(),
            routes: routes(config),
            callers: callers(config, authorizer)?,
            upstreams: upstreams(config),
            tenants: config.policies.iter().map(|(tenant, _)| tenant.to_string()).collect(),
            detection: Detection::of(&config.pii)?,
            audit: Audit {
                path: config.audit.path.display().to_string(),
                has_hash_key: config.audit.hash_key.is_some(),
            },
            vault: config.vault.as_ref().map(Vault::of),
            warnings: warnings::of(config, authorizer)?,
        })
    }

    /// What is enforced, in one line.
    pub(crate) fn summary(&self) -> String {
        let stages = self.routes.first().map_or(&[][..], |route| &route.stages);
        let modes: Vec<_> =
            stages.iter().map(|line| format!("{} {}", line.stage, line.mode)).collect();
        format!("{}; what cannot be decided fails {}", modes.join(", "), self.fail_mode)
    }

    /// What should be changed.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

fn routes(config: &Config) -> Vec<Route> {
    let line = |route: gateway::Route| Route {
        method: route.method(),
        path: route.path(),
        needs_key: route.needs_key(),
        stages: match route {
            gateway::Route::ChatCompletions => {
                Stage::ALL.map(|stage| stage_line(config, stage)).into()
            }
            gateway::Route::Models => vec![models_line(config)],
            gateway::Route::Health | gateway::Route::Ready | gateway::Route::Metrics => Vec::new(),
        },
    };
    gateway::Route::all().map(line).collect()
}

fn stage_line(config: &Config, stage: Stage) -> StageLine {
    let mode = config.security.mode(stage);
    let does = |direction: Direction| match mode {
        StageMode::Off => "nothing".to_owned(),
        StageMode::Shadow => format!("records only: would {}", effect(config, stage, direction)),
        StageMode::Enforce => effect(config, stage, direction),
    };
    let output = match stage {
        Stage::Rbac => "not on answers".to_owned(),
        _ => does(Direction::Output),
    };
    StageLine {
        stage: stage.as_str(),
        mode: mode.as_str(),
        input: does(Direction::Input),
        stream: output.clone(),
        output,
    }
}

/// The list of models leaves out what the caller may not use, if that is enforced.
fn models_line(config: &Config) -> StageLine {
    let mode = config.security.mode(Stage::Rbac);
    let output = match mode {
        StageMode::Enforce => "lists only models that the caller may use",
        StageMode::Off | StageMode::Shadow => "lists every model",
    };
    StageLine {
        stage: Stage::Rbac.as_str(),
        mode: mode.as_str(),
        input: "nothing".to_owned(),
        output: output.to_owned(),
        stream: "no streams".to_owned(),
    }
}

fn effect(config: &Config, stage: Stage, direction: Direction) -> String {
    let effect = match stage {
        Stage::Rbac => "block models that the caller may not use",
        Stage::Pii => match config.security.pii_action() {
            PiiAction::Redact => return redaction(&config.pii),
            PiiAction::Block => "block personal data and secrets",
        },
        Stage::Moderation => "block and flag listed phrases",
        Stage::Guard => match config.security.guard_verdict(direction) {
            Verdict::Block if direction == Direction::Output => "block injections",
            // What a trusted role says is at most flagged.
            Verdict::Block => "block injections, flag them in system and developer messages",
            Verdict::Flag => "flag injections",
            Verdict::Allow => "allow injections",
        },
        later => later.as_str(),
    };
    effect.to_owned()
}

/// What is put in the place of a value, and what in the place of one of a category.
fn redaction(pii: &PiiSettings) -> String {
    let mut text = format!("redact ({}", pii.strategy.as_str());
    for (category, strategy) in &pii.strategies {
        let _ = write!(text, ", {category}: {}", strategy.as_str());
    }
    text.push(')');
    text
}

fn callers(config: &Config, authorizer: &DefaultAuthorizer) -> Result<Vec<Caller>, CliError> {
    let mut known = HashSet::new();
    let patterns = config.upstreams.iter().flat_map(|upstream| &upstream.models);
    let models: Vec<&str> =
        patterns.filter_map(ModelPattern::as_model).filter(|model| known.insert(*model)).collect();
    let mut callers = Vec::with_capacity(config.callers.len());
    for caller in &config.callers {
        let mut permitted = Vec::new();
        for model in &models {
            let resource = format!("model:{model}");
            let answer = authorizer.explain(&caller.subject, "invoke", &resource)?;
            if answer.result().is_allowed() {
                permitted.push((*model).to_owned());
            }
        }
        callers.push(Caller {
            key: caller.id.clone(),
            subject: caller.subject.id.to_string(),
            tenant: caller.subject.tenant.to_string(),
            models: permitted,
        });
    }
    Ok(callers)
}

fn upstreams(config: &Config) -> Vec<UpstreamLine> {
    let line = |upstream: &mofa_sdk::config::UpstreamSettings| UpstreamLine {
        name: upstream.name.clone(),
        base_url: upstream.base_url.clone(),
        has_key: upstream.api_key.is_some(),
        models: upstream.models.iter().map(ToString::to_string).collect(),
    };
    config.upstreams.iter().map(line).collect()
}

/// Whether `tenant` is the one that needs no section.
pub(super) fn is_default(tenant: &TenantId) -> bool {
    *tenant == TenantId::default()
}
