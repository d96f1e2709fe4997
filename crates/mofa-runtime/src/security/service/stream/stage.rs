//! What each content stage says of the piece of a channel that is to go next, and how long that
//! piece may be. Called by [`StreamInspection`].
//!
//! # Invariants
//! What was let go before is context: only what reaches into the new piece counts. A text with JSON
//! escapes is judged as it reads without them too, and never cut inside of one.
//!
//! # Failure
//! A [`StageFailure`] leaves what was found in this piece as it is; of the rest the fail mode says
//! what it means.

use super::channel::{Channel, Window};
use super::{MAX_HELD_BACK, StreamInspection};
use crate::security::config::{PiiAction, Stage, StageMode};
use crate::security::decision::{Finding, MAX_FINDINGS, StageFailure};
use crate::security::exchange::{Direction, PartView, Trust, Unescaped};
use crate::security::service::SecurityService;
use crate::security::service::guarded::{Deadline, guarded};
use crate::security::service::stage::{Noted, Redactor, Report, add_values};
use crate::security::traits::DEFAULT_OPEN_TAIL;
use crate::security::types::{InjectionCheck, Moderation, PiiDetection, Verdict};
use std::sync::Arc;

/// How often a cut moves because it stands inside what another stage finds.
const MAX_ROUNDS: usize = 8;

impl StreamInspection {
    /// Finds personal data in what is to go. If there is any and it is to be taken out, what is
    /// left is put into `released`; `cut` moves behind a value that is longer than what may be
    /// held back.
    pub(super) async fn pii(
        &self,
        channel: &Channel,
        cut: &mut usize,
        released: &mut Option<String>,
    ) -> Report {
        let mut report = Report::default();
        let service = &self.service;
        let mut own: Vec<PiiDetection> = Vec::new();
        if let Err(failure) = self.values(channel, cut, &mut own, &mut report).await {
            service.admit(Stage::Pii, &mut report, failure);
        }
        let text = channel.new_up_to(*cut);
        report.bytes = text.len();
        if own.is_empty() || report.is_over() {
            return report;
        }
        if service.config.pii_action() == PiiAction::Block {
            report.raise(Verdict::Block, "it holds personal data or secrets");
        } else if let Some(redactor) = &service.engines.redactor {
            report.raise(Verdict::Flag, "personal data or secrets were taken out");
            let scope = service.stream_scope(&self.subject, self.conversation.as_ref());
            let redactor = Redactor { engine: &**redactor, scope: scope.as_ref() };
            let redacted = guarded(
                service.config.stage_timeout(),
                redactor.apply_in_json(&channel.json, text, &own),
            )
            .await;
            let is_held = service.config.mode(Stage::Pii) == StageMode::Enforce;
            match redacted.flatten() {
                Ok(redacted) => *released = Some(redacted).filter(|_| is_held),
                Err(failure) => service.admit_left(&mut report, failure),
            }
        }
        report
    }

    /// Puts the values that begin in what is to go into `own`, by where they stand in it.
    async fn values(
        &self,
        channel: &Channel,
        cut: &mut usize,
        own: &mut Vec<PiiDetection>,
        report: &mut Report,
    ) -> Result<(), StageFailure> {
        let service = &self.service;
        let Some(detector) = service.engine(Stage::Pii, service.engines.detector.as_ref()) else {
            return Ok(());
        };
        let limit = service.config.stage_timeout();
        let deadline = Deadline::after(limit);
        let window = channel.before_redaction();
        let mut is_sound = Ok(());
        let tenant = &self.subject.tenant;
        let stands = self.part(&channel.text);
        let mut all = guarded(limit, detector.detect_for(tenant, &stands)).await??;
        if let Some(view) = Unescaped::of(&channel.text) {
            let reads = self.part(&view.text);
            let mut more = guarded(limit, detector.detect_for(tenant, &reads)).await??;
            for found in &mut more {
                found.span = view.places.origin(&found.span);
            }
            add_values(&mut all, more);
        }
        for mut found in all {
            if found.span.start < channel.released || found.span.start >= *cut {
                continue;
            }
            if let Err(failure) = self.note(report, &window, &Noted::of_value(&found)) {
                is_sound = Err(failure);
                continue;
            }
            if found.span.end > *cut {
                *cut = found.span.end;
                report.raise(Verdict::Block, "a value is longer than may be held back");
            }
            found.span = found.span.start - channel.released..found.span.end - channel.released;
            own.push(found);
        }
        deadline.check().and(is_sound)
    }

    /// What an engine is shown of a stream.
    const fn part<'a>(&'a self, text: &'a str) -> PartView<'a> {
        let (provenance, trust) = (&self.provenance, Trust::Untrusted);
        PartView { text, provenance, trust, editable: true, key: None, holder: None }
    }

    /// Whether what is to go does harm.
    pub(super) async fn moderation(
        &self,
        window: &Window<'_>,
        report: &mut Report,
    ) -> Result<(), StageFailure> {
        let service = &self.service;
        let Some(moderator) = service.engine(Stage::Moderation, service.engines.moderator.as_ref())
        else {
            return Ok(());
        };
        report.bytes = window.text.len() - window.new;
        let limit = service.config.stage_timeout();
        let deadline = Deadline::after(limit);
        let judged = moderator.moderate_for(&self.subject.tenant, window.text);
        let mut is_sound = self.harm(window, guarded(limit, judged).await??, report);
        if let Some(view) = Unescaped::of(window.text).filter(|_| report.verdict < Verdict::Block) {
            let judged = moderator.moderate_for(&self.subject.tenant, &view.text);
            let mut answer = guarded(limit, judged).await??;
            for found in &mut answer.matches {
                found.span = view.places.origin(&found.span);
            }
            is_sound = is_sound.and(self.harm(window, answer, report));
        }
        deadline.check().and(is_sound)
    }

    /// Takes over what a moderator says of `window`, as far as it is new.
    fn harm(
        &self,
        window: &Window<'_>,
        answer: Moderation,
        report: &mut Report,
    ) -> Result<(), StageFailure> {
        let is_whole = answer.matches.is_empty();
        let mut verdict = if is_whole { answer.verdict } else { Verdict::Allow };
        let mut is_sound = Ok(());
        for found in answer.matches.iter().filter(|found| found.span.end > window.new) {
            verdict = verdict.max(found.verdict);
            is_sound = is_sound.and(self.note(report, window, &Noted::of_harm(found)));
        }
        report.raise(verdict, answer.reason);
        is_sound
    }

    /// Whether what is to go is an attack on whatever reads it.
    pub(super) async fn guard(
        &self,
        window: &Window<'_>,
        report: &mut Report,
    ) -> Result<(), StageFailure> {
        let service = &self.service;
        let Some(guard) = service.engine(Stage::Guard, service.engines.guard.as_ref()) else {
            return Ok(());
        };
        report.bytes = window.text.len() - window.new;
        let limit = service.config.stage_timeout();
        let deadline = Deadline::after(limit);
        let answer = guarded(limit, guard.check_part(&self.part(window.text))).await??;
        let is_suspicious = answer.is_suspicious;
        let mut is_sound = self.attack(window, &answer, report);
        if let Some(view) = Unescaped::of(window.text).filter(|_| !is_suspicious) {
            let mut answer = guarded(limit, guard.check_part(&self.part(&view.text))).await??;
            for found in &mut answer.signals {
                found.span = view.places.origin(&found.span);
            }
            is_sound = is_sound.and(self.attack(window, &answer, report));
        }
        deadline.check().and(is_sound)
    }

    /// Takes over what a guard says of `window`, as far as it is new.
    fn attack(
        &self,
        window: &Window<'_>,
        answer: &InjectionCheck,
        report: &mut Report,
    ) -> Result<(), StageFailure> {
        let mut is_sound = Ok(());
        // What has no place is in all of the text.
        let mut has_new = answer.signals.is_empty();
        let signals = answer.signals.iter().filter(|_| answer.is_suspicious);
        for found in signals.filter(|found| found.span.end > window.new) {
            has_new = true;
            is_sound = is_sound.and(self.note(report, window, &Noted::of_attack(found)));
        }
        if answer.is_suspicious && has_new {
            let why = answer.signals.first().map_or("", |signal| &signal.reason);
            let reason = format!("prompt injection, {:.2} sure: {why}", answer.confidence);
            report.raise(self.service.config.guard_verdict(Direction::Output), reason);
        }
        is_sound
    }

    fn note(
        &self,
        report: &mut Report,
        window: &Window<'_>,
        noted: &Noted<'_>,
    ) -> Result<(), StageFailure> {
        let value = window.text.get(noted.span.clone()).ok_or(StageFailure::Span)?;
        report.found += 1;
        if report.findings.len() < MAX_FINDINGS {
            let (name, provenance) = (window.name.to_owned(), self.provenance.to_string());
            let finding: Finding =
                self.service.finding(noted, value, name, provenance, window.offset);
            report.findings.push(finding);
        }
        Ok(())
    }
}

impl SecurityService {
    fn engine<'a, E: ?Sized>(
        &self,
        stage: Stage,
        engine: Option<&'a Arc<E>>,
    ) -> Option<&'a Arc<E>> {
        engine.filter(|_| self.config.mode(stage) != StageMode::Off)
    }

    /// Up to where nothing of a channel is still going on. What one stage holds back may begin
    /// inside what another one finds: that one is asked again about the text before it, so that
    /// nothing is judged by its first half.
    pub(super) fn safe_cut(&self, channel: &Channel) -> usize {
        let text = channel.text.as_str();
        let text = text.get(..text.len() - Unescaped::open_tail(text)).unwrap_or_default();
        let cut = self.cut_of(text);
        let Some(view) = Unescaped::of(text) else {
            return channel.before_number(cut.max(channel.released));
        };
        // As it reads something may be going on that is over as it stands, and the other way round.
        let read = view.places.origin(&(0..self.cut_of(&view.text))).end;
        let cut = self.cut_of_both(text, cut, read);
        let cut = text.floor_char_boundary(cut.max(closed(text, MAX_HELD_BACK)));
        channel.before_number(view.places.before_escape(cut).max(channel.released))
    }

    /// The lesser of where nothing is going on as `text` stands and as it reads. What one of them
    /// holds back may begin inside what the other one finds: that one is asked again about the text
    /// before it.
    fn cut_of_both(&self, text: &str, stands: usize, reads: usize) -> usize {
        let mut cut = stands.min(reads);
        for _ in 0..MAX_ROUNDS {
            let seen = text.get(..cut).unwrap_or_default();
            let seen = seen.get(..seen.len() - Unescaped::open_tail(seen)).unwrap_or_default();
            let as_it_stands = if stands > cut { self.cut_of(seen) } else { cut };
            let as_it_reads = match Unescaped::of(seen) {
                Some(view) if reads > cut => view.places.origin(&(0..self.cut_of(&view.text))).end,
                None if reads > cut => self.cut_of(seen),
                _ => cut,
            };
            let next = as_it_stands.min(as_it_reads).min(cut);
            if next == cut {
                break;
            }
            cut = next;
        }
        cut
    }

    /// Up to where nothing of `text` is still going on.
    fn cut_of(&self, text: &str) -> usize {
        let detector = self.engine(Stage::Pii, self.engines.detector.as_ref());
        let moderator = self.engine(Stage::Moderation, self.engines.moderator.as_ref());
        let value = |text| closed(text, detector.map_or(0, |engine| engine.open_tail(text)));
        let phrase = |text| closed(text, moderator.map_or(0, |engine| engine.open_tail(text)));
        let blocks = self.config.guard_verdict(Direction::Output) == Verdict::Block;
        let guard = self.engine(Stage::Guard, self.engines.guard.as_ref()).filter(|_| blocks);
        let attack = |text| closed(text, guard.map_or(0, |engine| engine.open_tail(text)));
        let mut before_attack = attack(text);
        let (mut before_value, mut before_phrase) = (value(text), phrase(text));
        let mut cut = before_value.min(before_phrase).min(before_attack);
        for _ in 0..MAX_ROUNDS {
            let seen = text.get(..cut).unwrap_or_default();
            if before_value > cut {
                before_value = value(seen);
            }
            if before_phrase > cut {
                before_phrase = phrase(seen);
            }
            if before_attack > cut && guard.is_some() {
                // A guard always holds that much back: what it says is of the text before it.
                let seen = text.ceil_char_boundary(cut.saturating_add(DEFAULT_OPEN_TAIL));
                before_attack = attack(text.get(..seen).unwrap_or_default());
            }
            let earlier = before_value.min(before_phrase).min(before_attack).min(cut);
            if earlier == cut {
                break;
            }
            cut = earlier;
        }
        cut.max(closed(text, MAX_HELD_BACK))
    }
}

/// Up to where `text` is not among its last `open` bytes.
fn closed(text: &str, open: usize) -> usize {
    text.floor_char_boundary(text.len().saturating_sub(open))
}
