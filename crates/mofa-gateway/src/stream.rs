//! Relays a streamed answer: reads it from the model server, has it inspected piece by piece, and
//! sends on what may go.
//!
//! # Invariants
//! Memory is bounded: what is held back, one event, and a few pieces that the caller has not read
//! yet; so are the length of the stream and the time it takes. The record of the stream is stored
//! before `[DONE]` leaves. Nothing follows an error but the end that clients know. No piece is read
//! on that completes the model server's key.
//!
//! # Failure
//! [`StreamFault`] becomes the last event of the stream. If the caller is gone the call to the
//! model server ends, and the record says so: at once, or, where it has closed in good order,
//! after two [probes](probe).

mod calls;
mod fault;
mod names;
mod output;
mod probe;
mod rewrite;
mod texts;
mod trail;

use crate::answer::{Answer, ApiError, Decided, name_decisions, with_type};
use crate::body::AnswerBody;
use crate::chat::Asked;
use crate::peer::Peer;
use crate::sse::SseParser;
use crate::state::Shared;
use bytes::Bytes;
use fault::StreamFault;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue};
use mofa_sdk::llm::{KeyWatch, UpstreamBody};
use mofa_sdk::security::{Stage, StageMode, StreamEnd, StreamInspection};
use output::{COMMENT, DONE};
use probe::Probe;
use rewrite::Rewriter;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until, timeout};

/// How many pieces may wait for the caller to read them.
const WAITING: usize = 4;

/// The most bytes of one event that are read, beside the arguments of tools in it.
const MAX_EVENT: usize = 1024 * 1024;

/// Where a streamed answer comes from.
pub(crate) struct Source {
    /// The answer.
    pub(crate) body: UpstreamBody,
    /// Looks in it for the key of the model server.
    pub(crate) watch: KeyWatch,
}

/// Where a streamed answer goes.
pub(crate) struct Caller {
    /// The other side of the connection.
    pub(crate) peer: Arc<Peer>,
    /// Its place among the requests under way, kept until the stream ends.
    pub(crate) place: OwnedSemaphorePermit,
}

/// Begins to relay the answer from `source` to what was `asked`.
pub(crate) fn start(
    shared: &Arc<Shared>,
    asked: Asked,
    inspection: StreamInspection,
    source: Source,
    caller: Caller,
) -> Answer {
    let decided = Decided { request: asked.decision, answer: inspection.decision() };
    let (sender, pieces) = mpsc::channel(WAITING);
    let Source { body, watch } = source;
    let Caller { peer, place } = caller;
    let config = shared.deployment.service.config();
    // The probabilities of tokens spell out what a stage may yet take out or block.
    let is_enforced = |stage: &Stage| config.mode(*stage) == StageMode::Enforce;
    let keep_logprobs = !Stage::ALL.iter().filter(|stage| **stage != Stage::Rbac).any(is_enforced);
    let limits = &shared.deployment.limits;
    let max_arguments = limits.max_tool_arguments_bytes;
    let texts = watch.anew();
    let relay = Relay {
        rewriter: Rewriter::new(inspection, asked, keep_logprobs, max_arguments, texts),
        parser: SseParser::new(MAX_EVENT.saturating_add(max_arguments)),
        shared: Arc::clone(shared),
        body,
        watch,
        sender,
        probe: Probe::of(peer),
        // A sum that no clock can show means no end.
        end: Instant::now().checked_add(limits.max_stream_duration),
        left: limits.max_stream_bytes,
    };
    shared.lifecycle.tasks.spawn(async move {
        relay.run().await;
        drop(place);
    });
    let content_type = "text/event-stream; charset=utf-8";
    let mut answer = with_type(StatusCode::OK, content_type, AnswerBody::stream(pieces));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    name_decisions(&mut answer, decided);
    answer
}

/// One stream on its way.
struct Relay {
    shared: Arc<Shared>,
    body: UpstreamBody,
    watch: KeyWatch,
    parser: SseParser,
    rewriter: Rewriter,
    sender: mpsc::Sender<Bytes>,
    probe: Probe,
    /// When it has taken too long.
    end: Option<Instant>,
    /// How many bytes more may come.
    left: usize,
}

impl Relay {
    async fn run(mut self) {
        let ended = self.pump().await;
        let Self { shared, body, rewriter, sender, .. } = self;
        // Whatever comes now is not wanted any more.
        drop(body);
        let fault = ended.err();
        let error = fault.as_ref().map(StreamFault::to_error);
        let is_refusal = fault.as_ref().is_some_and(StreamFault::is_refusal);
        let (mut inspection, mut output, ending) = rewriter.into_ending(is_refusal);
        if let Some(error) = error.as_ref().filter(|_| !is_refusal) {
            inspection.breaks_off(error.code().to_owned());
        }
        let decision = inspection.decision();
        let end = fault.as_ref().map_or(StreamEnd::Complete, StreamFault::end);
        let stored = inspection.finish(end).await;
        shared.audit_health.observe(&stored);
        match (error, stored) {
            _ if matches!(fault, Some(StreamFault::CallerGone)) => return,
            (_, Err(refusal)) => output.event(&ApiError::refused(&refusal).to_json()),
            (None, Ok(_)) => output.event(DONE),
            (Some(error), Ok(_)) => {
                output.event(&error.with_decision(decision).to_json());
                if is_refusal {
                    if let Some(chunk) = &ending {
                        output.event(chunk);
                    }
                    output.event(DONE);
                }
            }
        }
        let idle = shared.deployment.limits.stream_idle_timeout;
        let _ = timeout(idle, sender.send(output.take())).await;
    }

    /// Relays until the end of the answer.
    async fn pump(&mut self) -> Result<(), StreamFault> {
        loop {
            let Some(piece) = self.receive().await? else {
                if self.rewriter.is_finished() {
                    return self.rewriter.end().await;
                }
                return Err(StreamFault::Cut);
            };
            let mut is_done = false;
            for event in self.parser.push(&piece).map_err(|_| StreamFault::Invalid)? {
                match event.trim() {
                    DONE => {
                        is_done = true;
                        break;
                    }
                    "" => continue,
                    _ => self.rewriter.event(&event).await?,
                }
                self.check_output()?;
                // Many events may come at once: others have their turn between them.
                yield_now().await;
            }
            if is_done {
                return self.rewriter.end().await;
            }
            self.send().await?;
        }
    }

    /// The next piece of the answer, as long as it may go on; `None` at its end.
    async fn receive(&mut self) -> Result<Option<Bytes>, StreamFault> {
        let limits = &self.shared.deployment.limits;
        let now = Instant::now();
        if self.end.is_some_and(|end| end <= now) {
            return Err(StreamFault::Overtime);
        }
        let idle = timeout(limits.stream_idle_timeout, pending::<()>());
        let overtime = sleep_until(self.end.unwrap_or(now));
        let (mut idle, mut overtime) = (pin!(idle), pin!(overtime));
        let ending = &self.shared.lifecycle.ending;
        let piece = loop {
            tokio::select! {
                biased;
                () = ending.cancelled() => return Err(StreamFault::Ending),
                () = self.sender.closed() => return Err(StreamFault::CallerGone),
                piece = self.body.next_chunk() => break piece,
                () = self.probe.is_due() => {
                    // A caller that has something to read yet needs no more.
                    let _ = self.sender.try_send(Bytes::from_static(COMMENT));
                }
                _ = &mut idle => return Err(StreamFault::Idle),
                () = &mut overtime, if self.end.is_some() => return Err(StreamFault::Overtime),
            }
        };
        let Some(piece) = piece else { return Ok(None) };
        let piece = piece.map_err(|error| StreamFault::Upstream(ApiError::upstream(&error)))?;
        let limit = limits.max_stream_bytes;
        let too_large = StreamFault::TooLarge { limit };
        self.left = self.left.checked_sub(piece.len()).ok_or(too_large)?;
        if self.watch.completes(&piece) {
            return Err(StreamFault::Credentials);
        }
        Ok(Some(piece))
    }

    /// Makes sure that no more is written than may be read.
    fn check_output(&mut self) -> Result<(), StreamFault> {
        let limit = self.shared.deployment.limits.max_stream_bytes;
        let is_within = self.rewriter.output().written() <= limit;
        is_within.then_some(()).ok_or(StreamFault::TooLarge { limit })
    }

    /// Sends on what has been let go; a caller that does not read is as good as gone.
    async fn send(&mut self) -> Result<(), StreamFault> {
        let output = self.rewriter.output();
        if output.is_empty() {
            return Ok(());
        }
        let idle = self.shared.deployment.limits.stream_idle_timeout;
        let ending = self.shared.lifecycle.ending.clone();
        tokio::select! {
            biased;
            sent = timeout(idle, self.sender.send(output.take())) => match sent {
                Ok(Ok(())) => Ok(()),
                _ => Err(StreamFault::CallerGone),
            },
            () = ending.cancelled() => Err(StreamFault::Ending),
        }
    }
}

#[cfg(test)]
mod tests;
