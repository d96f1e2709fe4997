//! From an agent's name to an agent that may be given events, in the only order that is safe.
//!
//! # Invariants
//! Only an agent that has initialised can be put under a service, and only one under a service can
//! be given events: each step is a type of its own. No two tools share a name.
//!
//! # Failure
//! [`RuntimeError`]; the agent is dropped, and there is nothing to shut down.

use super::RuntimeError;
use super::run::AgentRuntime;
use super::run::in_time;
use super::tools::GovernedTools;
use crate::security::{SecurityService, Subject, SubjectId, TenantId};
use mofa_kernel::{Agent, AgentContext, AgentId, Clock, SystemClock, Tool, ToolCaller, ToolName};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Collects what an agent is to have. Next: [`with_agent`](Self::with_agent).
#[must_use]
pub struct AgentBuilder {
    id: String,
    name: String,
    tenant: TenantId,
    clock: Arc<dyn Clock>,
    tools: Vec<Box<dyn Tool>>,
    time_limit: Duration,
}

/// An agent that is loaded and not yet governed: it can be given no event. Next:
/// [`with_security_service`](Self::with_security_service).
#[must_use]
pub struct LoadedAgent {
    pub(super) agent: Box<dyn Agent>,
    pub(super) name: String,
    pub(super) subject: Subject,
    pub(super) context: AgentContext,
    pub(super) tools: Arc<GovernedTools>,
    pub(super) time_limit: Duration,
}

impl AgentBuilder {
    /// An agent that policies know as `id` and people as `name`.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            tenant: TenantId::default(),
            clock: Arc::new(SystemClock),
            tools: Vec::new(),
            time_limit: Duration::from_mins(5),
        }
    }

    /// Whose agent it is; the default tenant's unless set.
    pub fn with_tenant(self, tenant: TenantId) -> Self {
        Self { tenant, ..self }
    }

    /// Gives the agent a tool to ask for. The tool is the runtime's from now on.
    pub fn with_tool(mut self, tool: impl Tool + 'static) -> Self {
        self.tools.push(Box::new(tool));
        self
    }

    /// Where the agent's time comes from; the system's clock unless set.
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// How long the agent may take to initialise, for one event, and to shut down; 5 minutes
    /// unless set.
    pub fn with_time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// Loads and initialises `agent`. While it initialises, no tool runs.
    ///
    /// # Errors
    /// [`RuntimeError`] if a name is none, two tools share one, or the agent cannot initialise.
    pub async fn with_agent(
        self,
        agent: impl Agent + 'static,
    ) -> Result<LoadedAgent, RuntimeError> {
        let id = AgentId::new(&self.id)?;
        let subject = Subject::new(SubjectId::new(&self.id)?, self.tenant);
        let mut tools: HashMap<ToolName, Box<dyn Tool>> = HashMap::with_capacity(self.tools.len());
        for tool in self.tools {
            let name = tool.description().name.clone();
            if tools.insert(name.clone(), tool).is_some() {
                return Err(RuntimeError::DuplicateTool { name });
            }
        }
        let tools = Arc::new(GovernedTools::new(tools, subject.clone()));
        let context = AgentContext::new(id, self.clock, Arc::clone(&tools) as Arc<dyn ToolCaller>);
        let mut agent: Box<dyn Agent> = Box::new(agent);
        let time_limit = self.time_limit;
        in_time(time_limit, agent.initialize(&context)).await??;
        Ok(LoadedAgent { agent, name: self.name, subject, context, tools, time_limit })
    }
}

impl LoadedAgent {
    /// Puts the agent under `service`: from here on it can be given events.
    #[must_use]
    pub fn with_security_service(self, service: Arc<SecurityService>) -> AgentRuntime {
        self.tools.govern(Arc::clone(&service));
        AgentRuntime::new(self, service)
    }
}

impl fmt::Debug for AgentBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentBuilder").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for LoadedAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadedAgent").field("subject", &self.subject).finish_non_exhaustive()
    }
}
