//! What every implementation of a trait must hold to. Each function takes an engine and a text in
//! which the engine finds something, and panics with what is broken.
//!
//! # Invariants
//! Every property can fail: for each one the tests here hold an engine that breaks it and nothing
//! else, and that the contract must refuse.

mod vault;

pub use vault::token_store;

use crate::block_on;
use mofa_kernel::Timestamp;
use mofa_runtime::security::{
    AuditSink, AuthorizationResult, Authorizer, ContentModerator, Engine, PiiDetection,
    PiiDetector, PiiRedactor, PromptGuard, RedactionStrategy, RoleName, SecurityEvent, Subject,
    SubjectId, TenantId, Verdict,
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

/// Every beginning of `text` as a stream may bring it, with its length.
fn beginnings(text: &str) -> impl Iterator<Item = (&str, usize)> {
    (0..=text.len()).filter_map(|end| text.get(..end).map(|seen| (seen, end)))
}

/// Up to where `end` bytes are closed when `open` of them are not.
#[track_caller]
fn closed(end: usize, open: usize) -> usize {
    assert!(open <= end, "an open tail of {open} bytes in {end}");
    end - open
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
        for (seen, end) in beginnings(text) {
            let closed = closed(end, detector.open_tail(seen));
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
        keeps_the_rest(text, &found, &left);
        let whole = block_on(redactor.redact(text, RedactionStrategy::Mask)).unwrap();
        spans(text, whole.detections.iter().map(|found| found.span.clone()));
        assert_eq!(whole.text == text, whole.detections.is_empty(), "says what it did not do");
        keeps_the_rest(text, &whole.detections, &whole.text);
        let missed = found.iter().find(|f| !whole.detections.iter().any(|d| d.span == f.span));
        assert_eq!(missed, None, "finds less by itself than the detector in {text:?}");
    }
}

/// What lies between `found` in `text` is in `left`, in order.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
fn keeps_the_rest(text: &str, found: &[PiiDetection], left: &str) {
    let ends = found.iter().map(|found| found.span.end);
    let starts = found.iter().map(|found| found.span.start).chain([text.len()]);
    let mut rest = left;
    for (from, to) in std::iter::once(0).chain(ends).zip(starts) {
        let kept = text.get(from..to).unwrap();
        let at = rest.find(kept);
        assert!(at.is_some(), "takes more out of {text:?} than it was told");
        let after = at.unwrap() + kept.len();
        rest = rest.get(after..).unwrap();
    }
    let last = found.last().map_or(0, |found| found.span.end);
    assert!(left.ends_with(text.get(last..).unwrap()), "changes the end of {text:?}");
}

/// A moderator's verdict is the harshest of its matches, which lie in the text, are the same each
/// time, and are final outside the open tail.
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
        assert_eq!(answer.verdict, harshest.unwrap_or_default(), "not its harshest match");
        assert_eq!(answer, block_on(moderator.moderate(text)).unwrap(), "not the same each time");
        let tenant = TenantId::default();
        let default = block_on(moderator.moderate_for(&tenant, text)).unwrap();
        assert_eq!(answer, default, "the default tenant is judged by something else");
        for (seen, end) in beginnings(text) {
            let closed = closed(end, moderator.open_tail(seen));
            let early = block_on(moderator.moderate(seen)).unwrap().matches;
            let early: Vec<_> = early.iter().filter(|f| f.span.end <= closed).collect();
            let late: Vec<_> = answer.matches.iter().filter(|f| f.span.end <= closed).collect();
            assert_eq!(early, late, "what is closed at {end} of {text:?} is not final");
            let is_across = |span: &Range<usize>| span.start < closed && span.end > closed;
            let across = answer.matches.iter().find(|f| is_across(&f.span));
            assert_eq!(across, None, "a phrase goes on behind what is closed at {end}");
        }
    }
}

/// A guard's confidence is a share, its signals lie in the text, strongest first, and one
/// threshold parts what is suspicious from what is not.
///
/// # Panics
/// If the guard does not hold to it.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
pub fn prompt_guard(guard: &dyn PromptGuard, positive: &str) {
    guard.ready().unwrap();
    assert!(block_on(guard.check_injection(positive)).unwrap().is_suspicious);
    let (mut lowest, mut highest) = (f32::INFINITY, f32::NEG_INFINITY);
    // Beginnings of an attack are attacks of growing certainty: they come near the threshold.
    for text in HARD.into_iter().chain(beginnings(positive).map(|(seen, _)| seen)) {
        let answer = block_on(guard.check_injection(text)).unwrap();
        assert!((0.0..=1.0).contains(&answer.confidence), "no share: {}", answer.confidence);
        spans(text, answer.signals.iter().map(|found| found.span.clone()));
        let is_sorted = answer.signals.is_sorted_by(|a, b| a.weight >= b.weight);
        assert!(is_sorted, "the strongest signal is not first in {text:?}");
        let again = block_on(guard.check_injection(text)).unwrap();
        assert_eq!(answer, again, "not the same each time");
        if answer.is_suspicious {
            lowest = lowest.min(answer.confidence);
        } else {
            highest = highest.max(answer.confidence);
        }
    }
    assert!(highest < lowest, "{highest} is not suspicious and {lowest} is");
}

/// The contract of [`prompt_guard`], with the threshold known: a text is suspicious exactly if the
/// confidence has reached it.
///
/// # Panics
/// If the guard does not hold to it.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
pub fn prompt_guard_at(guard: &dyn PromptGuard, threshold: f32, positive: &str) {
    prompt_guard(guard, positive);
    for text in HARD.into_iter().chain(beginnings(positive).map(|(seen, _)| seen)) {
        let answer = block_on(guard.check_injection(text)).unwrap();
        let has_reached = answer.confidence >= threshold;
        assert_eq!(answer.is_suspicious, has_reached, "{} at {threshold}", answer.confidence);
    }
}

/// An authorizer denies what nobody granted, and what is no name at all; it says the same of a
/// subject of the default tenant as of its id; and asking changes nothing.
///
/// # Panics
/// If the authorizer does not hold to it.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
pub fn authorizer(authorizer: &dyn Authorizer, granted: [&str; 3]) {
    authorizer.ready().unwrap();
    let rules = (authorizer.revision(), authorizer.fingerprint());
    let [subject, action, resource] = granted;
    let check = |subject: &str, action: &str, resource: &str| {
        let by_id = block_on(authorizer.check_permission(subject, action, resource));
        let by_id = by_id.is_ok_and(AuthorizationResult::is_allowed);
        if let Ok(id) = SubjectId::new(subject) {
            let whole = Subject::new(id, TenantId::default());
            let by_subject = may(authorizer, &whole, action, resource);
            assert_eq!(by_subject, by_id, "`{subject}` may by its id, or not, and not as subject");
        }
        by_id
    };
    assert!(check(subject, action, resource), "denies what is granted");
    for other in ["", "*", "nobody", "\0", ":", "a:b", "é"] {
        assert!(!check(other, action, resource), "`{other}` may");
        assert!(!check(subject, other, resource), "`{other}` is an action");
        assert!(!check(subject, action, other), "`{other}` is a resource");
    }
    let mut stranger = Subject::new(SubjectId::new("nobody").unwrap(), TenantId::default());
    stranger.roles = vec![RoleName::new("no-such-role").unwrap()];
    assert!(!may(authorizer, &stranger, action, resource), "a role that is none grants");
    assert_eq!(rules, (authorizer.revision(), authorizer.fingerprint()), "asking changes rules");
}

/// The contract of [`authorizer`], for one that knows tenants: what is granted to a subject of the
/// default tenant is not granted to its namesake in `elsewhere`.
///
/// # Panics
/// If the authorizer does not hold to it.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
pub fn authorizer_of_tenants(engine: &dyn Authorizer, granted: [&str; 3], elsewhere: &TenantId) {
    authorizer(engine, granted);
    let [subject, action, resource] = granted;
    let namesake = Subject::new(SubjectId::new(subject).unwrap(), elsewhere.clone());
    assert!(!may(engine, &namesake, action, resource), "a grant holds in another tenant");
}

/// After `change`, which changes its rules, the engine has a higher revision.
///
/// # Panics
/// If the engine does not hold to it.
#[track_caller]
pub fn change_of_rules(engine: &dyn Engine, change: impl FnOnce()) {
    let before = engine.revision();
    change();
    assert!(engine.revision() > before, "a change of rules is not counted");
}

fn may(authorizer: &dyn Authorizer, subject: &Subject, action: &str, resource: &str) -> bool {
    let answer = block_on(authorizer.authorize(subject, action, resource));
    answer.is_ok_and(AuthorizationResult::is_allowed)
}

/// What a sink said it stored is there when it says so, once, in order, and as it was: `stored`
/// reads back the types and agents of all events, not through the sink.
///
/// # Panics
/// If the sink does not hold to it.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a broken contract panics")]
pub fn audit_sink(sink: &dyn AuditSink, stored: impl Fn() -> Vec<(String, String)>) {
    let mut expected = stored();
    for (micros, event_type, agent) in
        [(1, "test", "agent-1"), (2, "é\n\"", "agent-1"), (2, "test", "b")]
    {
        let event = SecurityEvent::new(event_type, agent, Timestamp::from_micros(micros));
        block_on(sink.record(&event)).unwrap();
        expected.push((event_type.to_owned(), agent.to_owned()));
        assert_eq!(stored(), expected, "what was stored is not there");
    }
}

#[cfg(test)]
mod tests;
