//! Tools under governance: owned here, run only with a permit. Called by agents, as the
//! [`ToolCaller`] in their context.
//!
//! # Invariants
//! A tool runs with exactly the arguments that were inspected, and an agent sees of its result or
//! its error only what the pipeline let go. Only the runtime says that a call was refused or a
//! result withheld. Until there is a service, no tool runs.
//!
//! # Failure
//! [`ToolError`]: `Refused` before the tool ran, `Withheld` after. A panic or a tool that takes
//! too long is `Failed`.

use super::RuntimeError;
use super::content::{UNREADABLE, exchange, replaced};
use crate::caught::caught;
use crate::security::{
    Act, Direction, Exchange, Label, Permit, PermitError, Refusal, SecurityService, Subject,
};
use async_trait::async_trait;
use mofa_kernel::{
    Content, Provenance, Tool, ToolCall, ToolCaller, ToolDescription, ToolError, ToolName,
};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// The tools of one agent.
pub(super) struct GovernedTools {
    tools: HashMap<ToolName, Box<dyn Tool>>,
    subject: Subject,
    /// Set when the agent is put under a service; until then no tool runs.
    service: OnceLock<Arc<SecurityService>>,
    /// The last refusals that the agent was told of: what looks like one and is not among them is
    /// the agent's own words.
    told: Mutex<VecDeque<ToolError>>,
}

/// How many refusals are remembered.
const MAX_TOLD: usize = 16;

impl GovernedTools {
    pub(super) fn new(tools: HashMap<ToolName, Box<dyn Tool>>, subject: Subject) -> Self {
        Self { tools, subject, service: OnceLock::new(), told: Mutex::default() }
    }

    pub(super) fn govern(&self, service: Arc<SecurityService>) {
        // The builder is consumed by this step, so there is no second service to lose.
        let _ = self.service.set(service);
    }

    /// Whether `error` is a refusal that came from here not long ago.
    pub(super) fn has_told(&self, error: &ToolError) -> bool {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).contains(error)
    }

    /// Remembers `error` if it is a refusal.
    fn remember(&self, error: &ToolError) {
        if !matches!(error, ToolError::Refused { .. } | ToolError::Withheld { .. }) {
            return;
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() == MAX_TOLD {
            told.pop_front();
        }
        told.push_back(error.clone());
    }

    pub(super) fn descriptions(&self) -> Vec<ToolDescription> {
        let mut all: Vec<_> = self.tools.values().map(|tool| tool.description().clone()).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// What a tool is to be called with, taken apart. What cannot be leaves a record of that.
    async fn asked(
        &self,
        service: &SecurityService,
        act: &Act,
        name: &ToolName,
        arguments: &Value,
    ) -> Result<Exchange<'static>, ToolError> {
        let (subject, raw) = (self.subject.clone(), arguments.to_string());
        match Exchange::json(subject, act.clone(), Direction::Input, raw) {
            Ok(asked) => {
                Ok(asked.labelled(Label::untrusted(Provenance::Model)).into_parts().bound())
            }
            Err(error) => {
                let recorded =
                    service.reject(&self.subject, act, Direction::Input, UNREADABLE).await;
                recorded.map_err(|refusal| refused(name, &refusal))?;
                let reason = error.to_string();
                Err(ToolError::Arguments { name: name.clone(), reason })
            }
        }
    }

    /// What of a tool's result may be seen.
    async fn release(
        &self,
        service: &SecurityService,
        act: &Act,
        name: &ToolName,
        result: Content,
    ) -> Result<Content, ToolError> {
        let label = Label::untrusted(Provenance::Tool(name.clone()));
        let unseen = |error: RuntimeError| match error {
            RuntimeError::Refused(refusal) => withheld(name, &refusal),
            other => failed(name, other.to_string()),
        };
        let answered = exchange(service, &self.subject, act, Direction::Output, &result, label);
        let mut answered = answered.await.map_err(unseen)?;
        let _released =
            service.inspect(&mut answered).await.map_err(|refusal| withheld(name, &refusal))?;
        replaced(result, answered).map_err(unseen)
    }

    /// Runs a tool. `permit` must be for this tool and exactly these arguments. The outer error is
    /// the runtime's; everything inside is the tool's own words.
    async fn run(
        &self,
        permit: Permit,
        name: &ToolName,
        arguments: &str,
        limit: Duration,
    ) -> Result<Result<Content, ToolError>, ToolError> {
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
        let run = tokio::time::timeout(limit, caught(tool.run(arguments))).await;
        let run = run.map_err(|_| failed(name, format!("it took longer than {limit:?}")))?;
        run.map_err(|_| failed(name, "it panicked".to_owned()))
    }

    /// What of a tool's own words, with which it says why there is no result, may be seen. Whatever
    /// a tool returns, it cannot speak for another one or for the pipeline: it has failed, or could
    /// not take its arguments.
    async fn clear(
        &self,
        service: &SecurityService,
        act: Act,
        name: &ToolName,
        error: ToolError,
    ) -> Result<ToolError, ToolError> {
        let (words, is_failure) = match error {
            ToolError::Failed { reason, .. } => (reason, true),
            ToolError::Arguments { reason, .. } => (reason, false),
            other => (other.to_string(), true),
        };
        let label = Label::untrusted(Provenance::Tool(name.clone()));
        let mut said = Exchange::text(self.subject.clone(), act, Direction::Output, words)
            .labelled(label)
            .into_parts();
        let _released =
            service.inspect(&mut said).await.map_err(|refusal| withheld(name, &refusal))?;
        let reason = said.into_document().into_owned();
        Ok(if is_failure {
            failed(name, reason)
        } else {
            ToolError::Arguments { name: name.clone(), reason }
        })
    }
}

#[async_trait]
impl ToolCaller for GovernedTools {
    async fn call(&self, call: ToolCall) -> Result<Content, ToolError> {
        self.govern_call(call).await.inspect_err(|error| self.remember(error))
    }
}

impl GovernedTools {
    async fn govern_call(&self, call: ToolCall) -> Result<Content, ToolError> {
        let name = call.name;
        let Some(service) = self.service.get() else {
            let reason = "the agent is not under a security service yet".to_owned();
            return Err(ToolError::Refused { name, reason, record: "none".to_owned() });
        };
        let act = Act::new("execute", format!("tool:{name}"));
        let mut asked = self.asked(service, &act, &name, &call.arguments).await?;
        let permit =
            service.inspect(&mut asked).await.map_err(|refusal| refused(&name, &refusal))?;
        let arguments = asked.into_document();
        let limit = service.config().tool_timeout();
        match self.run(permit, &name, &arguments, limit).await? {
            Ok(result) => self.release(service, &act, &name, result).await,
            Err(error) => Err(self.clear(service, act, &name, error).await?),
        }
    }
}

fn failed(name: &ToolName, reason: String) -> ToolError {
    ToolError::Failed { name: name.clone(), reason }
}

fn refused(name: &ToolName, refusal: &Refusal) -> ToolError {
    ToolError::Refused {
        name: name.clone(),
        reason: format!("{}: {}", refusal.cause, refusal.reason),
        record: refusal.decision.to_string(),
    }
}

fn withheld(name: &ToolName, refusal: &Refusal) -> ToolError {
    ToolError::Withheld {
        name: name.clone(),
        reason: format!("{}: {}", refusal.cause, refusal.reason),
        record: refusal.decision.to_string(),
    }
}
