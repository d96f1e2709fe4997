//! An engine of every kind that is right, but for one flaw.

use async_trait::async_trait;
use mofa_runtime::security::{
    AuditError, AuditSink, AuthorizationResult, Authorizer, ContentModerator, DenyReason, Engine,
    InjectionCheck, InjectionSignal, Moderation, ModerationMatch, PiiCategory, PiiDetection,
    PiiDetector, PiiRedactor, PromptGuard, Redaction, RedactionStrategy, SecurityError,
    SecurityEvent, Subject, TenantId, Verdict,
};
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is wrong with a [`Fake`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    None,
    NotReady,
    FindsNothing,
    EmptySpan,
    SpanOutside,
    Overlap,
    NoShare,
    /// Says something else the second time.
    Forgetful,
    NoTail,
    TailTooLong,
    ChangesNothing,
    TakesFirstOnly,
    TakesAll,
    Harsher,
    Milder,
    OtherForTenants,
    WeakestFirst,
    /// Decides by something else than the confidence.
    NoThreshold,
    OtherThreshold,
    DeniesAll,
    AllowsAnySubject,
    AllowsAnyAction,
    AllowsAnyResource,
    OtherForSubjects,
    AllowsAnyRole,
    NotCounted,
    StoresNothing,
    StoresTwice,
    /// Has an event on the disk only when the next one comes.
    StoresLate,
}

/// Finds the word `secret`; lets `agent-1` read `docs`; keeps events.
pub(super) struct Fake {
    flaw: Flaw,
    calls: AtomicU64,
    changes: AtomicU64,
    events: Mutex<Vec<(String, String)>>,
}

const WORD: &str = "secret";

impl Fake {
    pub(super) fn new(flaw: Flaw) -> Self {
        let (calls, changes) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { flaw, calls, changes, events: Mutex::default() }
    }

    pub(super) fn change(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn stored(&self) -> Vec<(String, String)> {
        let events = self.events.lock().unwrap();
        let kept = events.len() - usize::from(self.is(Flaw::StoresLate) && !events.is_empty());
        events[..kept].to_vec()
    }

    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    /// How often this was asked before, if that makes a difference.
    fn memory(&self) -> u64 {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        if self.is(Flaw::Forgetful) { calls % 2 } else { 0 }
    }

    fn words(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<_> =
            text.match_indices(WORD).map(|(at, word)| at..at + word.len()).collect();
        if self.memory() == 1 {
            found.pop();
        }
        match self.flaw {
            Flaw::FindsNothing => found.clear(),
            Flaw::EmptySpan => found.iter_mut().for_each(|span| span.end = span.start),
            Flaw::SpanOutside => found.iter_mut().for_each(|span| span.end = text.len() + 1),
            Flaw::Overlap => found = found.iter().flat_map(|s| [s.clone(), s.clone()]).collect(),
            _ => {}
        }
        found
    }

    fn tail(&self, text: &str) -> usize {
        match self.flaw {
            Flaw::NoTail => 0,
            Flaw::TailTooLong => text.len() + 1,
            _ => (1..WORD.len())
                .rev()
                .find(|len| WORD.get(..*len).is_some_and(|begun| text.ends_with(begun)))
                .unwrap_or(0),
        }
    }

    fn share(&self, share: f32) -> f32 {
        if self.is(Flaw::NoShare) { share + 1.0 } else { share }
    }

    fn judge(&self, text: &str, harshest: Verdict) -> Moderation {
        let found = self.words(text);
        let is_found = !found.is_empty();
        let matches = found.into_iter().map(|span| {
            ModerationMatch::new(
                "secret",
                "word",
                if self.is(Flaw::Milder) { Verdict::Block } else { Verdict::Flag },
                span,
                1.0,
            )
        });
        let verdict = if is_found { harshest } else { Verdict::Allow };
        Moderation::new(verdict, "", matches.collect())
    }
}

impl Engine for Fake {
    fn ready(&self) -> Result<(), SecurityError> {
        match self.flaw {
            Flaw::NotReady => Err(unavailable()),
            _ => Ok(()),
        }
    }

    fn revision(&self) -> u64 {
        let changes = self.changes.load(Ordering::Relaxed);
        if self.is(Flaw::NotCounted) { 0 } else { changes + self.memory() }
    }
}

fn unavailable() -> SecurityError {
    SecurityError::Unavailable { engine: "fake", reason: "not ready".to_owned() }
}

#[async_trait]
impl PiiDetector for Fake {
    async fn detect(&self, text: &str) -> Result<Vec<PiiDetection>, SecurityError> {
        let detection =
            |span| PiiDetection::new(PiiCategory::API_KEY, span, "word", self.share(0.5));
        Ok(self.words(text).into_iter().map(detection).collect())
    }

    fn open_tail(&self, text: &str) -> usize {
        self.tail(text)
    }
}

#[async_trait]
impl PiiRedactor for Fake {
    async fn redact(&self, text: &str, _: RedactionStrategy) -> Result<Redaction, SecurityError> {
        let detections = self.detect(text).await?;
        let text = if self.is(Flaw::Overlap) {
            text.to_owned()
        } else {
            self.apply(text, &detections).await?
        };
        Ok(Redaction::new(text, detections))
    }

    async fn apply(&self, text: &str, found: &[PiiDetection]) -> Result<String, SecurityError> {
        let taken = match self.flaw {
            Flaw::ChangesNothing => 0,
            Flaw::TakesFirstOnly => found.len().min(1),
            Flaw::TakesAll if !found.is_empty() => return Ok("#".to_owned()),
            _ => found.len(),
        };
        let mut text = text.to_owned();
        for detection in found[..taken].iter().rev() {
            text.replace_range(detection.span.clone(), "#");
        }
        Ok(text)
    }
}

#[async_trait]
impl ContentModerator for Fake {
    async fn moderate(&self, text: &str) -> Result<Moderation, SecurityError> {
        let harsher = self.is(Flaw::Harsher);
        Ok(self.judge(text, if harsher { Verdict::Block } else { Verdict::Flag }))
    }

    async fn moderate_for(&self, _: &TenantId, text: &str) -> Result<Moderation, SecurityError> {
        if self.is(Flaw::OtherForTenants) {
            return Ok(Moderation::default());
        }
        self.moderate(text).await
    }

    fn open_tail(&self, text: &str) -> usize {
        self.tail(text)
    }
}

#[async_trait]
impl PromptGuard for Fake {
    async fn check_injection(&self, prompt: &str) -> Result<InjectionCheck, SecurityError> {
        let found = self.words(prompt);
        let weights: &[f32] = if self.is(Flaw::WeakestFirst) { &[0.2, 0.3] } else { &[0.3, 0.2] };
        let signals: Vec<_> = found
            .into_iter()
            .zip(weights)
            .map(|(span, weight)| {
                InjectionSignal::new("secret", "word", "names a secret", span, *weight)
            })
            .collect();
        let confidence = match signals.len() {
            0 => 0.0,
            1 => 0.4,
            _ => 0.6,
        };
        let is_suspicious = match self.flaw {
            Flaw::NoThreshold => signals.len() != 1 && prompt.len().is_multiple_of(2),
            Flaw::OtherThreshold => confidence >= 0.3,
            _ => confidence >= 0.5,
        };
        Ok(InjectionCheck::new(is_suspicious, self.share(confidence), signals))
    }
}

#[async_trait]
impl Authorizer for Fake {
    async fn check_permission(
        &self,
        subject: &str,
        action: &str,
        resource: &str,
    ) -> Result<AuthorizationResult, SecurityError> {
        let is_granted = (subject == "agent-1" || self.is(Flaw::AllowsAnySubject))
            && (action == "read" || self.is(Flaw::AllowsAnyAction))
            && (resource == "docs" || self.is(Flaw::AllowsAnyResource))
            && !self.is(Flaw::DeniesAll);
        if is_granted {
            Ok(AuthorizationResult::Allowed)
        } else {
            Ok(AuthorizationResult::Denied(DenyReason::NotGranted))
        }
    }

    async fn authorize(
        &self,
        subject: &Subject,
        action: &str,
        resource: &str,
    ) -> Result<AuthorizationResult, SecurityError> {
        let has_role = !subject.roles.is_empty() && self.is(Flaw::AllowsAnyRole);
        let is_home = subject.tenant == TenantId::default() || self.is(Flaw::OtherForTenants);
        if has_role {
            return Ok(AuthorizationResult::Allowed);
        }
        if !is_home || self.is(Flaw::OtherForSubjects) {
            return Ok(AuthorizationResult::Denied(DenyReason::UnknownTenant));
        }
        self.check_permission(subject.id.as_str(), action, resource).await
    }
}

#[async_trait]
impl AuditSink for Fake {
    async fn record(&self, event: &SecurityEvent) -> Result<(), AuditError> {
        if self.is(Flaw::NotReady) {
            return Err(AuditError::Store { reason: "not ready".to_owned() });
        }
        let stored = (event.event_type.to_string(), event.agent_id.clone());
        let times = match self.flaw {
            Flaw::StoresNothing => 0,
            Flaw::StoresTwice => 2,
            _ => 1,
        };
        self.events.lock().unwrap().extend(std::iter::repeat_n(stored, times));
        Ok(())
    }
}
