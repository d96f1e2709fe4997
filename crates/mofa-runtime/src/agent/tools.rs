//! Tools under governance: owned here, run only with a permit. Called by agents, as the
//! [`ToolCaller`] in their context.
//!
//! # Invariants
//! A tool runs with exactly the arguments that were inspected, and an agent sees of its result or
//! its error only what the pipeline let go. Until there is a service, no tool runs.
//!
//! # Failure
//! [`ToolError`]: `Refused` before the tool ran, `Withheld` after. A panic or a tool that takes
//! too long is `Failed`.

use crate::caught::caught;
use crate::security::{
    Act, Direction, Exchange, Label, Permit, PermitError, Refusal, SecurityService, Subject,
};
use async_trait::async_trait;
use mofa_kernel::{
    Content, Provenance, Tool, ToolCall, ToolCaller, ToolDescription, ToolError, ToolName,
};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// The tools of one agent.
pub(super) struct GovernedTools {
    tools: HashMap<ToolName, Box<dyn Tool>>,
    subject: Subject,
    /// Set when the agent is put under a service; until then no tool runs.
    service: OnceLock<Arc<SecurityService>>,
}

impl GovernedTools {
    pub(super) fn new(tools: HashMap<ToolName, Box<dyn Tool>>, subject: Subject) -> Self {
        Self { tools, subject, service: OnceLock::new() }
    }

    pub(super) fn govern(&self, service: Arc<SecurityService>) {
        // The builder is consumed by this step, so there is no second service to lose.
        let _ = self.service.set(service);
    }

    pub(super) fn descriptions(&self) -> Vec<ToolDescription> {
        let mut all: Vec<_> = self.tools.values().map(|tool| tool.description().clone()).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// Runs a tool. `permit` must be for this tool and exactly these arguments.
    async fn run(
        &self,
        permit: Permit,
        name: &ToolName,
        arguments: &str,
        limit: std::time::Duration,
    ) -> Result<Content, ToolError> {
        let covered = permit
            .require("execute", &format!("tool:{name}"))
            .and_then(|()| permit.require_document(arguments));
        covered.map_err(|error: PermitError| ToolError::Refused {
            name: name.clone(),
            reason: error.to_string(),
            record: permit.decision().to_string(),
        })?;
        let Some(tool) = self.tools.get(name) else {
            return Err(ToolError::Unknown { name: name.clone() });
        };
        let arguments: Value = serde_json::from_str(arguments).map_err(|error| {
            let reason = format!("they are no JSON ({:?})", error.classify());
            ToolError::Arguments { name: name.clone(), reason }
        })?;
        let failed = |reason: String| ToolError::Failed { name: name.clone(), reason };
        let run = tokio::time::timeout(limit, caught(tool.run(arguments))).await;
        let run = run.map_err(|_| failed(format!("it took longer than {limit:?}")))?;
        run.map_err(|_| failed("it panicked".to_owned()))?
    }

    /// What of a tool's own words, with which it says why there is no result, may be seen.
    async fn clear(
        &self,
        service: &SecurityService,
        act: Act,
        error: ToolError,
    ) -> Result<ToolError, ToolError> {
        let (name, words, is_failure) = match error {
            ToolError::Failed { name, reason } => (name, reason, true),
            ToolError::Arguments { name, reason } => (name, reason, false),
            other => return Ok(other),
        };
        let label = Label::untrusted(Provenance::Tool(name.clone()));
        let mut said = Exchange::text(self.subject.clone(), act, Direction::Output, words)
            .labelled(label)
            .into_parts();
        let _released =
            service.inspect(&mut said).await.map_err(|refusal| withheld(&name, &refusal))?;
        let reason = said.into_document().into_owned();
        Ok(if is_failure {
            ToolError::Failed { name, reason }
        } else {
            ToolError::Arguments { name, reason }
        })
    }
}

#[async_trait]
impl ToolCaller for GovernedTools {
    async fn call(&self, call: ToolCall) -> Result<Content, ToolError> {
        let name = call.name;
        let refused = |refusal: Refusal| ToolError::Refused {
            name: name.clone(),
            reason: format!("{}: {}", refusal.cause, refusal.reason),
            record: refusal.decision.to_string(),
        };
        let Some(service) = self.service.get() else {
            let reason = "the agent is not under a security service yet".to_owned();
            return Err(ToolError::Refused { name, reason, record: "none".to_owned() });
        };
        let act = Act::new("execute", format!("tool:{name}"));
        let raw = call.arguments.to_string();
        let label = Label::untrusted(Provenance::Model);
        let mut asked = Exchange::json(self.subject.clone(), act.clone(), Direction::Input, raw)
            .map_err(|error| ToolError::Arguments {
                name: name.clone(),
                reason: error.to_string(),
            })?
            .labelled(label)
            .into_parts()
            .bound();
        let permit = service.inspect(&mut asked).await.map_err(refused)?;
        let arguments = asked.into_document();
        let limit = service.config().tool_timeout();
        let result = match self.run(permit, &name, &arguments, limit).await {
            Ok(result) => result,
            Err(error) => return Err(self.clear(service, act, error).await?),
        };

        let label = Label::untrusted(Provenance::Tool(name.clone()));
        let unreadable = |error: super::RuntimeError| ToolError::Failed {
            name: name.clone(),
            reason: error.to_string(),
        };
        let subject = self.subject.clone();
        let mut answered =
            super::content::exchange(subject, act, Direction::Output, &result, label)
                .map_err(unreadable)?;
        let _released =
            service.inspect(&mut answered).await.map_err(|refusal| withheld(&name, &refusal))?;
        super::content::replaced(result, answered).map_err(unreadable)
    }
}

fn withheld(name: &ToolName, refusal: &Refusal) -> ToolError {
    ToolError::Withheld {
        name: name.clone(),
        reason: format!("{}: {}", refusal.cause, refusal.reason),
        record: refusal.decision.to_string(),
    }
}
