//! What every implementation of a trait must hold to. Each function takes an engine and a text in
//! which the engine finds something, and panics with what is broken.

use crate::block_on;
use mofa_kernel::Timestamp;
use mofa_runtime::security::{
    AuditSink, Authorizer, ContentModerator, PiiDetector, PiiRedactor, PromptGuard, SecurityEvent,
    Verdict,
};
use std::ops::Range;

/// Texts that break careless code.
const HARD: [&str; 8] = [
    "",
    " ",
    "\0",
    "é",
    "\u{1F600}\u{200d}\u{1F600}",
    "\u{feff}\u{202e}abc",
    "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@",
    "1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1",
];

/// Spans lie in `text`, on character boundaries, and are not empty.
#[track_caller]
fn spans(text: &str, found: impl Iterator<Item = Range<usize>>) {
    for span in found {
        assert!(!span.is_empty(), "an empty span in {text:?}");
        assert!(text.get(span.clone()).is_some(), "{span:?} is no span of {text:?}");
    }
}

/// A detector gives sorted spans without overlaps, the same each time, and says how much of a
/// text is still open.
///
/// # Panics
/// If the detector does not hold to it.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
pub fn pii_detector(detector: &dyn PiiDetector, positive: &str) {
    detector.ready().unwrap();
    assert!(!block_on(detector.detect(positive)).unwrap().is_empty(), "finds nothing");
    for text in HARD.into_iter().chain([positive]) {
        let found = block_on(detector.detect(text)).unwrap();
        spans(text, found.iter().map(|found| found.span.clone()));
        let is_sorted = found.is_sorted_by(|a, b| a.span.end <= b.span.start);
        assert!(is_sorted, "unsorted or overlapping in {text:?}");
        assert!(found.iter().all(|found| (0.0..=1.0).contains(&found.confidence)));
        assert_eq!(found, block_on(detector.detect(text)).unwrap(), "not the same each time");
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            let seen = text.get(..end).unwrap();
            let closed = end - detector.open_tail(seen);
            let early = block_on(detector.detect(seen)).unwrap();
            let early: Vec<_> = early.iter().filter(|f| f.span.end <= closed).collect();
            let late: Vec<_> = found.iter().filter(|f| f.span.end <= closed).collect();
            assert_eq!(early, late, "what is closed at {end} of {text:?} is not final");
            let across = found.iter().find(|f| f.span.start < closed && f.span.end > closed);
            assert_eq!(across, None, "a value goes on behind what is closed at {end} of {text:?}");
        }
    }
}

/// A redactor leaves nothing that the detector finds, and nothing else changes.
///
/// # Panics
/// If the redactor does not hold to it.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
pub fn pii_redactor(detector: &dyn PiiDetector, redactor: &dyn PiiRedactor, positive: &str) {
    redactor.ready().unwrap();
    for text in HARD.into_iter().chain([positive]) {
        let found = block_on(detector.detect(text)).unwrap();
        let left = block_on(redactor.apply(text, &found)).unwrap();
        assert_eq!(left == text, found.is_empty(), "changes what it should not: {text:?}");
        assert!(block_on(detector.detect(&left)).unwrap().is_empty(), "left something: {left:?}");
    }
}

/// A moderator's verdict is the harshest of its matches, which lie in the text.
///
/// # Panics
/// If the moderator does not hold to it.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
pub fn content_moderator(moderator: &dyn ContentModerator, positive: &str) {
    moderator.ready().unwrap();
    assert_ne!(block_on(moderator.moderate(positive)).unwrap().verdict, Verdict::Allow);
    for text in HARD.into_iter().chain([positive]) {
        let answer = block_on(moderator.moderate(text)).unwrap();
        spans(text, answer.matches.iter().map(|found| found.span.clone()));
        let harshest = answer.matches.iter().map(|found| found.verdict).max();
        assert!(answer.verdict >= harshest.unwrap_or_default(), "milder than its matches");
        assert!(moderator.open_tail(text) <= text.len());
    }
}

/// A guard's confidence is a share, and its signals lie in the text.
///
/// # Panics
/// If the guard does not hold to it.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
pub fn prompt_guard(guard: &dyn PromptGuard, positive: &str) {
    guard.ready().unwrap();
    assert!(block_on(guard.check_injection(positive)).unwrap().is_suspicious);
    for text in HARD.into_iter().chain([positive]) {
        let answer = block_on(guard.check_injection(text)).unwrap();
        assert!((0.0..=1.0).contains(&answer.confidence));
        spans(text, answer.signals.iter().map(|found| found.span.clone()));
    }
}

/// An authorizer denies what nobody granted, and what is no name at all.
///
/// # Panics
/// If the authorizer does not hold to it.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
pub fn authorizer(authorizer: &dyn Authorizer, granted: [&str; 3]) {
    authorizer.ready().unwrap();
    let [subject, action, resource] = granted;
    let check = |subject: &str, action: &str, resource: &str| {
        block_on(authorizer.check_permission(subject, action, resource))
            .is_ok_and(mofa_runtime::security::AuthorizationResult::is_allowed)
    };
    assert!(check(subject, action, resource), "denies what is granted");
    for other in ["", "*", "nobody", "\0", ":", "a:b", "é"] {
        assert!(!check(other, action, resource), "`{other}` may");
        assert!(!check(subject, other, resource), "`{other}` is an action");
        assert!(!check(subject, action, other), "`{other}` is a resource");
    }
}

/// A sink takes events.
///
/// # Panics
/// If the sink does not hold to it.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
pub fn audit_sink(sink: &dyn AuditSink) {
    let event = SecurityEvent::new("test", "agent-1", Timestamp::from_micros(1));
    block_on(sink.record(&event)).unwrap();
}
