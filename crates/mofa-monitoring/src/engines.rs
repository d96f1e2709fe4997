//! Small real engines, and services over them.

use async_trait::async_trait;
use mofa_runtime::security::{
    Act, AuditSink, AuthorizationResult, Authorizer, ContentModerator, DenyReason, Direction,
    Engine, EventObserver, Exchange, InjectionCheck, InjectionSignal, Moderation, ModerationMatch,
    PiiCategory, PiiDetection, PiiDetector, PiiRedactor, PromptGuard, Redaction, RedactionStrategy,
    SecurityConfig, SecurityError, SecurityService, SecurityServiceBuilder, Skip, Subject,
    SubjectId, TenantId, Verdict,
};
use std::ops::Range;
use std::sync::Arc;

/// Finds runs of four digits and more; takes them out; everybody may `invoke`, nobody else; a text
/// with `harm` is flagged, one with `ignore` is an attack, and one with `fail` makes it fail.
pub(crate) struct Digits;

impl Engine for Digits {
    fn fingerprint(&self) -> String {
        "digits".into()
    }
}

fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = None;
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        match (start, byte.is_ascii_digit()) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                start = None;
                if at - from >= 4 {
                    runs.push(from..at);
                }
            }
            _ => {}
        }
    }
    runs
}

#[async_trait]
impl Authorizer for Digits {
    async fn check_permission(
        &self,
        _: &str,
        action: &str,
        _: &str,
    ) -> Result<AuthorizationResult, SecurityError> {
        Ok(match action {
            "invoke" => AuthorizationResult::Allowed,
            _ => AuthorizationResult::Denied(DenyReason::NotGranted),
        })
    }
}

#[async_trait]
impl PiiDetector for Digits {
    async fn detect(&self, text: &str) -> Result<Vec<PiiDetection>, SecurityError> {
        let detection = |span| PiiDetection::new(PiiCategory::PHONE, span, "digits", 0.5);
        Ok(runs(text).into_iter().map(detection).collect())
    }
}

#[async_trait]
impl PiiRedactor for Digits {
    async fn redact(&self, text: &str, _: RedactionStrategy) -> Result<Redaction, SecurityError> {
        let detections = self.detect(text).await?;
        Ok(Redaction::new(self.apply(text, &detections).await?, detections))
    }

    async fn apply(&self, text: &str, found: &[PiiDetection]) -> Result<String, SecurityError> {
        let mut text = text.to_owned();
        for detection in found.iter().rev() {
            text.replace_range(detection.span.clone(), "#");
        }
        Ok(text)
    }
}

#[async_trait]
impl ContentModerator for Digits {
    async fn moderate(&self, text: &str) -> Result<Moderation, SecurityError> {
        if text.contains("fail") {
            let reason = "no connection".to_owned();
            return Err(SecurityError::Unavailable { engine: "moderator", reason });
        }
        let matches = text.find("harm").map(|at| {
            ModerationMatch::new("harm", "word", Verdict::Flag, at..text.len(), f32::NAN)
        });
        let verdict = if matches.is_some() { Verdict::Flag } else { Verdict::Allow };
        Ok(Moderation::new(verdict, "", matches.into_iter().collect()))
    }
}

#[async_trait]
impl PromptGuard for Digits {
    async fn check_injection(&self, prompt: &str) -> Result<InjectionCheck, SecurityError> {
        let signals = prompt.find("ignore").map(|at| {
            InjectionSignal::new(
                "override",
                "ignore",
                "asks to ignore something",
                at..prompt.len(),
                0.9,
            )
        });
        let confidence = if signals.is_some() { 0.9 } else { 0.0 };
        let signals: Vec<_> = signals.into_iter().collect();
        Ok(InjectionCheck::new(!signals.is_empty(), confidence, signals))
    }
}

/// A service with `config` that has an engine for everything and records into `sink`.
pub(crate) fn service(
    config: SecurityConfig,
    sink: Arc<dyn AuditSink>,
    observer: Option<Arc<dyn EventObserver>>,
) -> SecurityService {
    let with = |builder: SecurityServiceBuilder, observer| match observer {
        Some(observer) => builder.with_observer(observer),
        None => builder,
    };
    let builder = SecurityService::builder(config)
        .with_authorizer(Arc::new(Digits))
        .with_pii_detector(Arc::new(Digits))
        .with_pii_redactor(Arc::new(Digits))
        .with_content_moderator(Arc::new(Digits))
        .with_prompt_guard(Arc::new(Digits))
        .with_audit_sink(sink);
    with(builder, observer).build().unwrap()
}

/// A phone number, and beside it content that no engine can read.
pub(crate) fn with_opaque_content() -> Exchange<'static> {
    let subject = Subject::new(SubjectId::new("agent-1").unwrap(), TenantId::default());
    let act = Act::new("invoke", "model:small");
    let document = r#"{"text":"5551234","image":"AAAA"}"#;
    let labelling = Exchange::json(subject, act, Direction::Input, document).unwrap();
    let image = labelling.root().unwrap().get("image").unwrap().index();
    labelling.skips([(image, Skip::Opaque)]).into_parts()
}
