//! Serves one connection: HTTP/1.1, kept alive.
//!
//! # Invariants
//! No peer holds its place without end: the head and the body of a request have their limits, and a
//! peer that reads nothing of what is written for as long as a body may take is given up, whether
//! it has a key or not.

use super::LAST_WORDS;
use super::stall::StallLimited;
use crate::answer::ApiError;
use crate::handler;
use crate::state::Shared;
use http::StatusCode;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How much is read or written at once at most; hyper needs 8 KiB.
const BUFFER: usize = 64 * 1024;

/// Answers the requests of `peer` until it goes away or the gateway ends.
pub(super) async fn run(shared: Arc<Shared>, stream: TcpStream, peer: IpAddr) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "small packets will be held back");
    }
    let lifecycle = shared.lifecycle.clone();
    let limits = &shared.deployment.limits;
    let header_limit = limits.max_header_bytes.saturating_mul(2);
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read_timeout)
        // Between the limit and twice of it our own answer can say what is wrong.
        .max_header_size(header_limit)
        .max_buf_size(BUFFER.max(header_limit));
    let service = service_fn(|request| {
        let answer = handler::answer(Arc::clone(&shared), peer, request);
        async { Ok::<_, Infallible>(answer.await) }
    });
    let stream = StallLimited::new(stream, limits.body_read_timeout);
    let mut connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut is_draining = false;
    let ended = loop {
        tokio::select! {
            ended = &mut connection => break ended,
            () = lifecycle.draining.cancelled(), if !is_draining => {
                is_draining = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
            () = lifecycle.ending.cancelled() => {
                let _ = timeout(LAST_WORDS, &mut connection).await;
                return;
            }
        }
    };
    match ended {
        Err(error) if error.is_timeout() => {
            let parts = connection.into_parts();
            // Nothing of a request has come: the connection was only kept open.
            if !parts.read_buf.is_empty() {
                refuse_slow_head(parts.io.into_inner()).await;
            }
        }
        Err(error) => tracing::debug!(%error, "a connection ended early"),
        Ok(()) => {}
    }
}

/// Says to a peer that took too long for the head of its request why nothing more is read.
async fn refuse_slow_head(mut stream: StallLimited<TcpStream>) {
    let message = "the head of the request did not arrive in time";
    let error = ApiError::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", message);
    let body = error.to_json();
    let answer = format!(
        "HTTP/1.1 {}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        error.status(),
        body.len(),
    );
    let said = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await
    };
    if !matches!(timeout(LAST_WORDS, said).await, Ok(Ok(()))) {
        tracing::debug!("a slow peer is gone");
    }
}
