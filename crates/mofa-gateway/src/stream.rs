//! Relays a streamed answer: reads it from the model server, has it inspected piece by piece, and
//! sends on what may go.
//!
//! # Invariants
//! Memory is bounded: what is held back, one event, and a few pieces that the caller has not read
//! yet. The record of the stream is stored before `[DONE]` leaves. Nothing follows an error but the
//! end that clients know.
//!
//! # Failure
//! [`StreamFault`] becomes the last event of the stream. If the caller is gone the call to the
//! model server ends at once, and the record says so.

mod calls;
mod fault;
mod names;
mod output;
mod rewrite;

use crate::answer::{Answer, ApiError, Decided, name_decisions, with_type};
use crate::body::AnswerBody;
use crate::chat::Asked;
use crate::sse::SseParser;
use crate::state::Shared;
use bytes::Bytes;
use fault::StreamFault;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue};
use mofa_sdk::llm::UpstreamBody;
use mofa_sdk::security::{Stage, StageMode, StreamEnd, StreamInspection};
use output::DONE;
use rewrite::Rewriter;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;

/// How many pieces may wait for the caller to read them.
const WAITING: usize = 4;

/// The most bytes of one event that are read, beside the arguments of tools in it.
const MAX_EVENT: usize = 1024 * 1024;

/// Begins to relay the answer `body` to what was `asked`; `place` is kept until it ends.
pub(crate) fn start(
    shared: &Arc<Shared>,
    asked: Asked,
    inspection: StreamInspection,
    body: UpstreamBody,
    place: OwnedSemaphorePermit,
) -> Answer {
    let decided = Decided { request: asked.decision, answer: inspection.decision() };
    let (sender, pieces) = mpsc::channel(WAITING);
    let config = shared.deployment.service.config();
    // The probabilities of tokens spell out what a stage may yet take out or block.
    let is_enforced = |stage: &Stage| config.mode(*stage) == StageMode::Enforce;
    let keep_logprobs = !Stage::ALL.iter().filter(|stage| **stage != Stage::Rbac).any(is_enforced);
    let limit = shared.deployment.limits.max_tool_arguments_bytes;
    let relay = Relay {
        rewriter: Rewriter::new(inspection, asked, keep_logprobs, limit),
        parser: SseParser::new(MAX_EVENT.saturating_add(limit)),
        shared: Arc::clone(shared),
        body,
        sender,
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
    parser: SseParser,
    rewriter: Rewriter,
    sender: mpsc::Sender<Bytes>,
}

impl Relay {
    async fn run(mut self) {
        let ended = self.pump().await;
        let Self { shared, body, rewriter, sender, .. } = self;
        // Whatever comes now is not wanted any more.
        drop(body);
        let (mut inspection, mut output, ending) = rewriter.into_ending(ended.as_ref().err());
        let end = match &ended {
            Ok(()) => StreamEnd::Complete,
            Err(fault) => fault.end(),
        };
        if let Some(why) = ended.as_ref().err().and_then(StreamFault::why) {
            inspection.breaks_off(why);
        }
        let decision = inspection.decision();
        let stored = inspection.finish(end).await;
        shared.audit_health.observe(&stored);
        match (ended, stored) {
            (Err(StreamFault::CallerGone), _) => return,
            (_, Err(refusal)) => output.event(&ApiError::refused(&refusal).to_json()),
            (Ok(()), Ok(_)) => output.event(DONE),
            (Err(fault), Ok(_)) => {
                output.event(&fault.error(decision).to_json());
                if fault.is_refusal() {
                    for chunk in &ending {
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
        let idle = self.shared.deployment.limits.stream_idle_timeout;
        let ending = self.shared.lifecycle.ending.clone();
        loop {
            let piece = tokio::select! {
                biased;
                () = ending.cancelled() => return Err(StreamFault::Ending),
                () = self.sender.closed() => return Err(StreamFault::CallerGone),
                piece = timeout(idle, self.body.next_chunk()) => piece,
            };
            let piece = match piece.map_err(|_| StreamFault::Idle)? {
                Some(piece) => {
                    piece.map_err(|error| StreamFault::Upstream(ApiError::upstream(&error)))?
                }
                None if self.rewriter.is_finished() => return self.rewriter.end().await,
                None => return Err(StreamFault::Cut),
            };
            let mut is_done = false;
            for event in self.parser.push(&piece).map_err(|_| StreamFault::Invalid)? {
                if event.trim() == DONE {
                    is_done = true;
                    break;
                }
                self.rewriter.event(&event).await?;
            }
            if is_done {
                return self.rewriter.end().await;
            }
            self.send().await?;
        }
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
