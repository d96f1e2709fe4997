//! What an agent gets to see, and what leaves it.

use super::*;
use crate::security::{
    AuditError, AuditSink, AuthorizationResult, Authorizer, ContentModerator, Coverage, DenyReason,
    Direction, Engine, InjectionCheck, InjectionSignal, Moderation, ModerationMatch, PiiCategory,
    PiiDetection, PiiDetector, PiiRedactor, PromptGuard, Redaction, RedactionStrategy,
    RefusalCause, SecurityConfig, SecurityError, SecurityEvent, SecurityService, Stage, Verdict,
};
use async_trait::async_trait;
use mofa_kernel::{
    Agent, AgentContext, Content, Event, ManualClock, Provenance, Tool, ToolCall, ToolDescription,
    ToolError,
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

mod errors;

use errors::{complaint, deep};

type Seen = Arc<Mutex<Vec<Content>>>;

/// Does what it is told, and writes down what it sees.
struct Puppet {
    seen: Seen,
}

#[async_trait]
impl Agent for Puppet {
    async fn handle(
        &mut self,
        event: Event,
        context: &AgentContext,
    ) -> Result<Content, mofa_kernel::AgentError> {
        self.seen.lock().unwrap().push(event.content.clone());
        match &event.content {
            Content::Text(text) if text.starts_with("say ") => {
                Ok(text.replacen("say ", "", 1).replace('_', "").into())
            }
            Content::Text(text) if text == "deep" => Ok(deep().into()),
            Content::Json(value) if value == "ask deep" => {
                let call = ToolCall { name: "mirror".try_into().unwrap(), arguments: deep() };
                Ok(context.call_tool(call).await?)
            }
            Content::Text(text) if text == "crash" => panic!("a bug"),
            Content::Text(text) if text == "sleep" => std::future::pending().await,
            Content::Text(text) if text.starts_with("complain") => {
                Err(complaint(text.trim_start_matches("complain ")))
            }
            Content::Json(value) if value.get("tool").is_some() => {
                let name = value["tool"].as_str().unwrap();
                let arguments = value["arguments"].clone();
                let call = ToolCall { name: name.try_into().unwrap(), arguments };
                Ok(context.call_tool(call).await?)
            }
            other => Ok(other.clone()),
        }
    }

    async fn shutdown(&mut self, _: &AgentContext) -> Result<(), mofa_kernel::AgentError> {
        match self.seen.lock().unwrap().last() {
            Some(Content::Text(text)) if text == "stay" => Err(complaint("failed p_i_i")),
            _ => Ok(()),
        }
    }
}

/// Gives its arguments back, and writes them down.
struct Mirror {
    description: ToolDescription,
    seen: Seen,
}

#[async_trait]
impl Tool for Mirror {
    fn description(&self) -> &ToolDescription {
        &self.description
    }

    async fn run(&self, arguments: Value) -> Result<Content, ToolError> {
        self.seen.lock().unwrap().push(arguments.clone().into());
        match arguments.as_str() {
            Some("leak") => Ok("p_i_i".replace('_', "").into()),
            Some("deep") => Ok(deep().into()),
            Some("poison") => Ok("b_a_d".replace('_', "").into()),
            Some("hang") => std::future::pending().await,
            Some("crash") => panic!("a bug"),
            Some(what) if what.starts_with("complain") => {
                let error = complaint(what.trim_start_matches("complain "));
                let mofa_kernel::AgentError::Tool(error) = error else { panic!("{error}") };
                Err(error)
            }
            _ => Ok(arguments.into()),
        }
    }
}

/// `pii` is personal, `bad` blocked, `inject` an attack; everything but `tool:secret` and the
/// event kind `admin` is permitted.
struct Toy;

impl Engine for Toy {}

#[async_trait]
impl Authorizer for Toy {
    async fn check_permission(
        &self,
        _: &str,
        action: &str,
        resource: &str,
    ) -> Result<AuthorizationResult, SecurityError> {
        assert_eq!(action, "execute");
        let is_denied = matches!(resource, "tool:secret" | "event:admin");
        let denied = AuthorizationResult::Denied(DenyReason::NotGranted);
        Ok(if is_denied { denied } else { AuthorizationResult::Allowed })
    }
}

#[async_trait]
impl PiiDetector for Toy {
    async fn detect(&self, text: &str) -> Result<Vec<PiiDetection>, SecurityError> {
        let found = |(at, _)| PiiDetection {
            category: PiiCategory::EMAIL,
            span: at..at + 3,
            rule: "toy".into(),
            confidence: 1.0,
        };
        Ok(text.match_indices("pii").map(found).collect())
    }
}

#[async_trait]
impl PiiRedactor for Toy {
    async fn redact(&self, _: &str, _: RedactionStrategy) -> Result<Redaction, SecurityError> {
        unreachable!("the pipeline detects and applies")
    }

    async fn apply(&self, text: &str, _: &[PiiDetection]) -> Result<String, SecurityError> {
        Ok(text.replace("pii", "[X]"))
    }
}

#[async_trait]
impl ContentModerator for Toy {
    async fn moderate(&self, text: &str) -> Result<Moderation, SecurityError> {
        let Some(at) = text.find("bad") else { return Ok(Moderation::default()) };
        let found = ModerationMatch {
            category: "toy".into(),
            rule: "toy.0".into(),
            verdict: Verdict::Block,
            span: at..at + 3,
            score: 1.0,
        };
        Ok(Moderation { verdict: Verdict::Block, reason: "listed".into(), matches: vec![found] })
    }
}

#[async_trait]
impl PromptGuard for Toy {
    async fn check_injection(&self, prompt: &str) -> Result<InjectionCheck, SecurityError> {
        let signal = |at| InjectionSignal {
            family: "override".into(),
            rule: "toy".into(),
            reason: "it says so".into(),
            span: at..at + 6,
            weight: 0.9,
        };
        let signals: Vec<_> = prompt.find("inject").map(signal).into_iter().collect();
        Ok(InjectionCheck { is_suspicious: !signals.is_empty(), confidence: 0.9, signals })
    }
}

/// Keeps what it is given; nothing of what could not be read once it is down.
#[derive(Default)]
struct Sink(Mutex<Vec<SecurityEvent>>, AtomicBool);

#[async_trait]
impl AuditSink for Sink {
    async fn record(&self, event: &SecurityEvent) -> Result<(), AuditError> {
        if self.1.load(Ordering::Relaxed) && !event.metadata.is_null() {
            return Err(AuditError::Store { reason: "no space left on device".to_owned() });
        }
        self.0.lock().unwrap().push(event.clone());
        Ok(())
    }
}

struct House {
    runtime: AgentRuntime,
    agent_saw: Seen,
    tool_saw: Seen,
    sink: Arc<Sink>,
}

fn service(sink: &Arc<Sink>) -> Arc<SecurityService> {
    let config = SecurityConfig::strict().with_tool_timeout(std::time::Duration::from_millis(5));
    let service = SecurityService::builder(config)
        .with_authorizer(Arc::new(Toy))
        .with_pii_detector(Arc::new(Toy))
        .with_pii_redactor(Arc::new(Toy))
        .with_content_moderator(Arc::new(Toy))
        .with_prompt_guard(Arc::new(Toy))
        .with_audit_sink(Arc::clone(sink) as Arc<_>);
    Arc::new(service.build().unwrap())
}

fn mirror(name: &str, seen: &Seen) -> Mirror {
    let description = ToolDescription {
        name: name.try_into().unwrap(),
        description: "Gives its arguments back".into(),
        parameters: json!({}),
    };
    Mirror { description, seen: Arc::clone(seen) }
}

async fn house() -> House {
    let (agent_saw, tool_saw, sink) = (Seen::default(), Seen::default(), Arc::new(Sink::default()));
    let runtime = AgentBuilder::new("agent-1", "My Agent")
        .with_tool(mirror("mirror", &tool_saw))
        .with_tool(mirror("secret", &tool_saw))
        .with_agent(Puppet { seen: Arc::clone(&agent_saw) })
        .await
        .unwrap()
        .with_security_service(service(&sink));
    House { runtime, agent_saw, tool_saw, sink }
}

impl House {
    async fn handle(&mut self, content: impl Into<Content>) -> Result<Content, RuntimeError> {
        self.runtime.handle_event(Event::chat(content, &ManualClock::default())).await
    }

    fn agent_saw(&self) -> Vec<Content> {
        self.agent_saw.lock().unwrap().clone()
    }

    fn tool_saw(&self) -> Vec<Content> {
        self.tool_saw.lock().unwrap().clone()
    }
}

#[track_caller]
fn cause(answer: Result<Content, RuntimeError>) -> RefusalCause {
    match answer {
        Err(RuntimeError::Refused(refusal)) => refusal.cause,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn an_event_passes_all_stages_on_every_text_in_it() {
    let mut house = house().await;
    let content = json!({"a": "pii", "b": ["x", {"d": "{\"c\":\"pii\"}"}], "n": 1.5});
    let expected = json!({"a": "[X]", "b": ["x", {"d": "{\"c\":\"[X]\"}"}], "n": 1.5});
    assert_eq!(house.handle(content).await.unwrap(), Content::Json(expected.clone()));
    assert_eq!(house.agent_saw(), [Content::Json(expected)]);
    let events = house.sink.0.lock().unwrap();
    let decision = events[0].decision.as_ref().unwrap();
    assert!(decision.stages.iter().all(|receipt| receipt.coverage == Coverage::Full));
    assert_eq!(decision.act.to_string(), "execute:event:chat");
    assert_eq!(events[1].decision.as_ref().unwrap().stages[0].coverage, Coverage::NotOnOutput);
}

#[tokio::test]
async fn a_blocked_event_reaches_neither_agent_nor_tool() {
    for (text, stage) in [("so bad", Stage::Moderation), ("inject", Stage::Guard)] {
        let mut house = house().await;
        assert_eq!(cause(house.handle(text).await), RefusalCause::Stage(stage));
        let tool = json!({"tool": "mirror", "arguments": text});
        assert_eq!(cause(house.handle(tool).await), RefusalCause::Stage(stage));
        let hidden = json!({"deep": [[[{"x": format!("[{{\"{text}\":1}}]")}]]]});
        assert_eq!(cause(house.handle(hidden).await), RefusalCause::Stage(stage));
        assert_eq!((house.agent_saw(), house.tool_saw()), (vec![], vec![]));
    }
    let mut house = house().await;
    let clock = ManualClock::default();
    let admin = Event::new("admin".try_into().unwrap(), Provenance::User, "hello", &clock);
    let answer = house.runtime.handle_event(admin).await;
    assert_eq!(cause(answer), RefusalCause::Stage(Stage::Rbac));
    assert_eq!(house.agent_saw(), []);
}

#[tokio::test]
async fn what_the_agent_returns_is_inspected() {
    let mut house = house().await;
    assert_eq!(house.handle("say p_ii!").await.unwrap(), Content::from("[X]!"));
    assert_eq!(cause(house.handle("say b_ad").await), RefusalCause::Stage(Stage::Moderation));
    assert_eq!(house.agent_saw().len(), 2, "the agent had handled both");
}

#[tokio::test]
async fn a_tool_sees_only_what_was_permitted() {
    let mut house = house().await;
    let call = |tool: &str, arguments: Value| json!({"tool": tool, "arguments": arguments});
    let answer = house.handle(call("mirror", json!({"q": "to pii"}))).await.unwrap();
    assert_eq!(answer, Content::Json(json!({"q": "to [X]"})));
    assert_eq!(house.tool_saw(), [Content::Json(json!({"q": "to [X]"}))]);

    let error = house.handle(call("secret", json!("x"))).await.unwrap_err();
    let RuntimeError::Agent(mofa_kernel::AgentError::Tool(ToolError::Refused { reason, .. })) =
        error
    else {
        panic!("{error}");
    };
    assert!(reason.contains("permission denied"), "{reason}");
    assert_eq!(house.tool_saw().len(), 1, "the refused call did not reach the tool");
    assert!(house.handle(call("nothing", json!("x"))).await.is_err());
}

#[tokio::test]
async fn what_a_tool_returns_is_inspected() {
    let mut house = house().await;
    let call = |arguments: &str| json!({"tool": "mirror", "arguments": arguments});
    assert_eq!(house.handle(call("leak")).await.unwrap(), Content::from("[X]"));
    let error = house.handle(call("poison")).await.unwrap_err();
    let said = error.to_string();
    assert!(said.contains("ran, and its result is withheld: blocked by moderation"), "{said}");
    let error = house.handle(call("hang")).await.unwrap_err();
    assert!(error.to_string().contains("took longer"), "{error}");
    let error = house.handle(call("crash")).await.unwrap_err();
    assert!(error.to_string().contains("panicked"), "{error}");
    assert_eq!(house.runtime.state(), AgentState::Ready, "a tool's panic is not the agent's");
}

#[tokio::test]
async fn a_panic_ends_the_agent_and_not_the_program() {
    let mut house = house().await;
    assert!(matches!(house.handle("crash").await, Err(RuntimeError::Panicked)));
    assert_eq!(house.runtime.state(), AgentState::Failed);
    let again = house.handle("hello").await;
    assert!(matches!(again, Err(RuntimeError::NotReady { state: AgentState::Failed })));
    assert_eq!(house.agent_saw().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_agent_does_not_wait_for_ever() {
    let mut house = house().await;
    assert!(matches!(house.handle("sleep").await, Err(RuntimeError::TimeOut { .. })));
    assert!(house.handle("hello").await.is_ok(), "the next event is handled");
}

#[tokio::test]
async fn a_key_is_not_replaced_but_refused() {
    let mut house = house().await;
    let answer = house.handle(json!({"pii": 1, "other": 2})).await;
    assert_eq!(cause(answer), RefusalCause::Stage(Stage::Pii));
}

#[tokio::test]
async fn after_shutdown_there_is_no_event() {
    let mut house = house().await;
    house.runtime.shutdown().await.unwrap();
    assert_eq!(house.runtime.state(), AgentState::Stopped);
    assert!(matches!(house.handle("hello").await, Err(RuntimeError::NotReady { .. })));
    assert!(house.runtime.shutdown().await.is_err());
}

#[tokio::test]
async fn names_are_checked_and_tools_have_their_own() {
    let agent = || Puppet { seen: Seen::default() };
    let unnamed = AgentBuilder::new("", "x").with_agent(agent()).await;
    assert!(matches!(unnamed, Err(RuntimeError::Id(_))));
    let twice = AgentBuilder::new("a", "x")
        .with_tool(mirror("m", &Seen::default()))
        .with_tool(mirror("m", &Seen::default()))
        .with_agent(agent())
        .await;
    assert!(matches!(twice, Err(RuntimeError::DuplicateTool { .. })));
    let names: Vec<_> =
        house().await.runtime.tools().into_iter().map(|t| t.name.to_string()).collect();
    assert_eq!(names, ["mirror", "secret"]);
}

/// Calls a tool while it initialises.
struct Early;

#[async_trait]
impl Agent for Early {
    async fn initialize(&mut self, context: &AgentContext) -> Result<(), mofa_kernel::AgentError> {
        let call = ToolCall { name: "mirror".try_into().unwrap(), arguments: json!("x") };
        context.call_tool(call).await?;
        Ok(())
    }

    async fn handle(
        &mut self,
        event: Event,
        _: &AgentContext,
    ) -> Result<Content, mofa_kernel::AgentError> {
        Ok(event.content)
    }
}

#[tokio::test]
async fn no_tool_runs_before_there_is_a_service() {
    let seen = Seen::default();
    let early =
        AgentBuilder::new("a", "x").with_tool(mirror("mirror", &seen)).with_agent(Early).await;
    assert!(early.unwrap_err().to_string().contains("not under a security service"));
    assert!(seen.lock().unwrap().is_empty());
}
