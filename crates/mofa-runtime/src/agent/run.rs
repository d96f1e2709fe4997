//! Gives events to an agent, through the pipeline both ways.
//!
//! # Invariants
//! An agent sees only what the pipeline left of an event, and of its answer or any of its errors
//! only what the pipeline left goes out; an error in which something was replaced, and a refusal
//! that did not come from the pipeline, is [`AgentError::Failed`]. An agent that has panicked or was shut down gets no further event.
//!
//! # Failure
//! [`RuntimeError`]: `Refused` if the event or the answer must not pass; after a panic the agent is
//! [`AgentState::Failed`].

use super::RuntimeError;
use super::build::LoadedAgent;
use super::content::{exchange, replaced};
use crate::caught::caught;
use crate::security::{Act, Direction, Exchange, Label, Permit, SecurityService, Subject};
use mofa_kernel::{AgentError, AgentState, Content, Event, Provenance, ToolDescription, ToolError};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// An agent under governance.
pub struct AgentRuntime {
    loaded: LoadedAgent,
    service: Arc<SecurityService>,
    state: AgentState,
}

impl AgentRuntime {
    pub(super) fn new(loaded: LoadedAgent, service: Arc<SecurityService>) -> Self {
        Self { loaded, service, state: AgentState::Ready }
    }

    /// What people call the agent.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.loaded.name
    }

    /// Who the agent is to policies.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.loaded.subject
    }

    /// Where the agent is in its life.
    #[must_use]
    pub fn state(&self) -> AgentState {
        self.state
    }

    /// How the agent's tools present themselves, by name.
    #[must_use]
    pub fn tools(&self) -> Vec<ToolDescription> {
        self.loaded.tools.descriptions()
    }

    /// Inspects `event` on all stages and, if it may pass, has the agent handle what is left of
    /// it; inspects the agent's answer on the content stages.
    ///
    /// The permission asked for is `execute:event:KIND`.
    ///
    /// # Errors
    /// [`RuntimeError::Refused`] if the event or the answer must not pass.
    pub async fn handle_event(&mut self, mut event: Event) -> Result<Content, RuntimeError> {
        if self.state != AgentState::Ready {
            return Err(RuntimeError::NotReady { state: self.state });
        }
        let subject = self.loaded.subject.clone();
        let act = Act::new("execute", format!("event:{}", event.kind));
        let label = label_of(event.provenance.clone());
        let service = Arc::clone(&self.service);
        let mut asked =
            exchange(&service, &subject, &act, Direction::Input, &event.content, label).await?;
        let permit = service.inspect(&mut asked).await?;
        event.content = replaced(event.content, asked)?;

        let answer = match self.run(permit, event).await {
            Err(RuntimeError::Agent(error)) => return Err(self.clear(act, error).await?.into()),
            answer => answer?,
        };

        let label = Label::untrusted(Provenance::Agent(self.loaded.context.id().clone()));
        let mut answered =
            exchange(&service, &subject, &act, Direction::Output, &answer, label).await?;
        let _released = service.inspect(&mut answered).await?;
        replaced(answer, answered)
    }

    /// Ends the agent's life. It gets no further event, whether this fails or not.
    ///
    /// # Errors
    /// [`RuntimeError`] if the agent could not let go of something; what it says of that is
    /// inspected like an answer.
    pub async fn shutdown(&mut self) -> Result<(), RuntimeError> {
        if self.state != AgentState::Ready {
            return Err(RuntimeError::NotReady { state: self.state });
        }
        let LoadedAgent { agent, context, time_limit, .. } = &mut self.loaded;
        let outcome = in_time(*time_limit, agent.shutdown(context)).await;
        let is_done = matches!(outcome, Ok(Ok(())));
        self.state = if is_done { AgentState::Stopped } else { AgentState::Failed };
        let Err(error) = outcome? else { return Ok(()) };
        let act = Act::new("shutdown", format!("agent:{}", self.loaded.context.id()));
        Err(self.clear(act, error).await?.into())
    }

    /// Has the agent handle `event`, which `permit` was given for.
    async fn run(&mut self, permit: Permit, event: Event) -> Result<Content, RuntimeError> {
        permit
            .require("execute", &format!("event:{}", event.kind))
            .map_err(|error| RuntimeError::Content { reason: error.to_string() })?;
        let LoadedAgent { agent, context, time_limit, .. } = &mut self.loaded;
        let outcome = in_time(*time_limit, agent.handle(event, context)).await;
        if matches!(outcome, Err(RuntimeError::Panicked)) {
            self.state = AgentState::Failed;
        }
        outcome?.map_err(RuntimeError::Agent)
    }

    /// What of an agent's own words, with which it says why it failed, may be seen. It makes errors
    /// as it likes, those of tools too, so all the text of any is its own words; of a refusal that
    /// the runtime told it, only the name. Any other refusal is a failure.
    async fn clear(&self, act: Act, error: AgentError) -> Result<AgentError, RuntimeError> {
        let is_told = matches!(&error, AgentError::Tool(it) if self.loaded.tools.has_told(it));
        let words = match &error {
            AgentError::Failed { reason } => reason.clone(),
            // The id of a record is no text: only the name is the agent's choice.
            AgentError::Tool(
                ToolError::Refused { name, .. } | ToolError::Withheld { name, .. },
            ) if is_told => name.to_string(),
            other => other.to_string(),
        };
        let is_refusal = matches!(
            error,
            AgentError::Tool(ToolError::Refused { .. } | ToolError::Withheld { .. })
        );
        let label = Label::untrusted(Provenance::Agent(self.loaded.context.id().clone()));
        let subject = self.loaded.subject.clone();
        let mut said =
            Exchange::text(subject, act, Direction::Output, words).labelled(label).into_parts();
        let _released = self.service.inspect(&mut said).await?;
        if !said.is_edited() && is_told == is_refusal {
            return Ok(error);
        }
        Ok(AgentError::Failed { reason: said.into_document().into_owned() })
    }
}

impl fmt::Debug for AgentRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("AgentRuntime");
        debug.field("subject", &self.loaded.subject).field("state", &self.state);
        debug.finish_non_exhaustive()
    }
}

/// The operator's and the developer's words are trusted, everybody else's are not.
fn label_of(provenance: Provenance) -> Label {
    match provenance {
        Provenance::System | Provenance::Developer => Label::trusted(provenance),
        other => Label::untrusted(other),
    }
}

/// The output of an agent's own code, if it comes in time and does not panic.
pub(super) async fn in_time<F: Future>(
    limit: Duration,
    future: F,
) -> Result<F::Output, RuntimeError> {
    let outcome = tokio::time::timeout(limit, caught(future)).await;
    Ok(outcome.map_err(|_| RuntimeError::TimeOut { limit })??)
}
