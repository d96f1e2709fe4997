//! The pipeline does what its configuration says, whatever its engines do.

use super::*;
use crate::security::{
    Act, AuthorizationResult, BuildError, DenyReason, Engine, InjectionCheck, InjectionSignal,
    Label, Moderation, ModerationMatch, PermitError, PiiAction, PiiCategory, PiiDetection,
    Redaction, RedactionStrategy, SecurityError, StageFailure, StreamEnd, Subject, SubjectId,
    TenantId,
};
use async_trait::async_trait;
use mofa_kernel::{ManualClock, Provenance, Timestamp};
use proptest::prelude::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

mod failures;
mod pipeline;
mod seams;
mod streams;
mod unread;

/// How an engine behaves when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Works,
    Fails,
    Panics,
    Hangs,
    /// Works, but fails on `trip`, panics on `boom`, hangs on `hang`, and cannot take anything out
    /// of a text with `stuck`.
    Trips,
    /// Works, but has to wait.
    Waits,
}

/// How long a stage may take that is asked about a `slow` text.
const LIMIT: Duration = Duration::from_millis(1);

/// Engines over a toy language: `pii` is personal, `bad` is blocked, `meh` is flagged, `inject`
/// is an attack, `sly` makes a whole text one, and only `ann` may. They write down what they see.
#[derive(Debug)]
struct Toy {
    stage: Stage,
    mood: Mood,
    seen: Mutex<Vec<String>>,
    /// Whether personal data is removed; else `[X]` stands in its place.
    removes: bool,
}

impl Toy {
    async fn see(&self, text: &str) -> Result<(), SecurityError> {
        self.seen.lock().unwrap().push(text.to_owned());
        match self.mood {
            Mood::Fails => Err(down()),
            Mood::Panics => panic!("a bug"),
            Mood::Hangs => std::future::pending().await,
            Mood::Trips if text.contains("boom") => panic!("a bug"),
            Mood::Trips if text.contains("hang") => std::future::pending().await,
            Mood::Trips if text.contains("trip") => Err(down()),
            Mood::Works | Mood::Trips => Ok(()),
            Mood::Waits => {
                // Before the timer runs an engine is polled once more.
                tokio::task::yield_now().await;
                tokio::task::yield_now().await;
                Ok(())
            }
        }
    }

    fn find<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = std::ops::Range<usize>> + 'a {
        text.match_indices(word).map(|(at, found)| at..at + found.len())
    }
}

fn down() -> SecurityError {
    SecurityError::Unavailable { engine: "toy", reason: "down".to_owned() }
}

impl Engine for Toy {
    fn ready(&self) -> Result<(), SecurityError> {
        Ok(())
    }
}

#[async_trait]
impl Authorizer for Toy {
    async fn check_permission(
        &self,
        subject: &str,
        action: &str,
        resource: &str,
    ) -> Result<AuthorizationResult, SecurityError> {
        self.see(&format!("{subject} {action} {resource}")).await?;
        let denied = AuthorizationResult::Denied(DenyReason::NotGranted);
        Ok(if subject == "ann" { AuthorizationResult::Allowed } else { denied })
    }
}

#[async_trait]
impl PiiDetector for Toy {
    async fn detect(&self, text: &str) -> Result<Vec<PiiDetection>, SecurityError> {
        self.see(text).await?;
        let found = |span| PiiDetection {
            category: PiiCategory::EMAIL,
            span,
            rule: "toy".into(),
            confidence: 1.0,
        };
        // `<kkk…` is one long value.
        let long = text.find('<').map(|at| at..text.len());
        Ok(Self::find(text, "pii").chain(long).map(found).collect())
    }

    fn open_tail(&self, text: &str) -> usize {
        if let Some(at) = text.find('<') {
            return text.len() - at;
        }
        ["pi", "p"].into_iter().find(|tail| text.ends_with(tail)).map_or(0, str::len)
    }
}

#[async_trait]
impl PiiRedactor for Toy {
    async fn redact(&self, _: &str, _: RedactionStrategy) -> Result<Redaction, SecurityError> {
        unreachable!("the pipeline detects and applies")
    }

    async fn apply(&self, text: &str, _: &[PiiDetection]) -> Result<String, SecurityError> {
        if self.mood == Mood::Trips && text.contains("stuck") {
            return Err(down());
        }
        Ok(text.replace("pii", if self.removes { "" } else { "[X]" }))
    }
}

#[async_trait]
impl ContentModerator for Toy {
    async fn moderate(&self, text: &str) -> Result<Moderation, SecurityError> {
        self.see(text).await?;
        let mut answer = Moderation::default();
        for (word, verdict) in [("bad", Verdict::Block), ("meh", Verdict::Flag)] {
            for span in Self::find(text, word) {
                answer.verdict = answer.verdict.max(verdict);
                answer.reason = "it is listed".to_owned();
                let (category, rule) = ("toy".into(), "toy.0".into());
                let found = ModerationMatch { category, rule, verdict, span, score: 1.0 };
                answer.matches.push(found);
            }
        }
        Ok(answer)
    }

    fn open_tail(&self, text: &str) -> usize {
        let tails = ["ba", "me", "b", "m"];
        tails.into_iter().find(|tail| text.ends_with(tail)).map_or(0, str::len)
    }
}

#[async_trait]
impl PromptGuard for Toy {
    async fn check_injection(&self, prompt: &str) -> Result<InjectionCheck, SecurityError> {
        self.see(prompt).await?;
        let since = Instant::now();
        while prompt.contains("slow") && since.elapsed() <= LIMIT {
            std::hint::spin_loop();
        }
        let signal = |span| InjectionSignal {
            family: "override".into(),
            rule: "toy".into(),
            reason: "it says so".into(),
            span,
            weight: 0.9,
        };
        let signals: Vec<_> = Self::find(prompt, "inject").map(signal).collect();
        let is_suspicious = !signals.is_empty() || prompt.contains("sly");
        Ok(InjectionCheck { is_suspicious, confidence: 0.9, signals })
    }
}

/// Keeps what it is given, or fails.
#[derive(Debug, Default)]
struct Sink {
    kept: Mutex<Vec<SecurityEvent>>,
    is_down: AtomicBool,
}

#[async_trait]
impl AuditSink for Sink {
    async fn record(&self, event: &SecurityEvent) -> Result<(), AuditError> {
        if self.is_down.load(Ordering::Relaxed) {
            return Err(AuditError::Store { reason: "no space left on device".to_owned() });
        }
        self.kept.lock().unwrap().push(event.clone());
        Ok(())
    }
}

impl Sink {
    fn last(&self) -> Decision {
        let kept = self.kept.lock().unwrap();
        *kept.last().unwrap().decision.clone().unwrap()
    }

    fn metadata(&self) -> serde_json::Value {
        self.kept.lock().unwrap().last().unwrap().metadata.clone()
    }
}

/// A service over toys, and what they saw.
struct House {
    service: Arc<SecurityService>,
    toys: [Arc<Toy>; 4],
    sink: Arc<Sink>,
}

impl House {
    fn new(config: SecurityConfig) -> Self {
        Self::with_mood(config, Stage::Rbac, Mood::Works)
    }

    /// A house in which the engine of `stage` is in `mood`.
    fn with_mood(config: SecurityConfig, stage: Stage, mood: Mood) -> Self {
        Self::of(config, |own| Toy {
            stage: own,
            mood: if own == stage { mood } else { Mood::Works },
            seen: Mutex::default(),
            removes: false,
        })
    }

    /// A house in which personal data is removed without a trace.
    fn with_removal(config: SecurityConfig) -> Self {
        let (mood, removes) = (Mood::Works, true);
        Self::of(config, |stage| Toy { stage, mood, seen: Mutex::default(), removes })
    }

    fn of(config: SecurityConfig, toy: impl Fn(Stage) -> Toy) -> Self {
        let toys = Stage::ALL.map(|stage| Arc::new(toy(stage)));
        let [rbac, pii, moderation, guard] = toys.clone();
        let sink = Arc::new(Sink::default());
        let at = Timestamp::from_micros(1_740_000_000_000_000);
        let service = SecurityService::builder(config)
            .with_authorizer(rbac)
            .with_pii_detector(pii.clone())
            .with_pii_redactor(pii)
            .with_content_moderator(moderation)
            .with_prompt_guard(guard)
            .with_audit_sink(Arc::clone(&sink) as Arc<_>)
            .with_clock(Arc::new(ManualClock::new(at)))
            .with_hash_key([7; 32].into())
            .build()
            .unwrap();
        Self { service: Arc::new(service), toys, sink }
    }

    /// What was seen on each stage.
    fn seen(&self) -> [Vec<String>; 4] {
        self.toys.clone().map(|toy| toy.seen.lock().unwrap().clone())
    }

    async fn inspect(&self, who: &str, document: &str) -> (Result<Permit, Refusal>, String) {
        let mut exchange = exchange(who, document);
        let answer = self.service.inspect(&mut exchange).await;
        (answer, exchange.into_document().into_owned())
    }
}

fn exchange<'a>(who: &str, document: &'a str) -> Exchange<'a> {
    let subject = Subject::new(SubjectId::new(who).unwrap(), TenantId::default());
    let act = Act::new("invoke", "model:m");
    Exchange::json(subject, act, Direction::Input, document)
        .unwrap()
        .labelled(Label::untrusted(Provenance::User))
        .into_parts()
}

fn strict() -> SecurityConfig {
    SecurityConfig::strict().with_stage_timeout(Duration::from_secs(5))
}
