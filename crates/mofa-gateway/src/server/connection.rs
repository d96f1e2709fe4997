//! Serves one connection: HTTP/1.1, kept alive.
//!
//! # Invariants
//! No peer holds its place without end: the head and the body of a request have their limits, and a
//! peer that reads next to nothing of what is written for as long as a body may take is given up,
//! whether it has a key or not.
//!
//! # Failure
//! Who sends what is no request gets an error like every other, as JSON, and the connection ends.

use super::LAST_WORDS;
use super::peer_stream::PeerStream;
use super::stall::StallLimited;
use crate::answer::ApiError;
use crate::handler;
use crate::peer::Peer;
use crate::state::Shared;
use http::StatusCode;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use mofa_sdk::config::Limits;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How much is read or written at once at most; hyper needs 8 KiB.
const BUFFER: usize = 64 * 1024;

/// How far a clock may go on before the last head of a connection has come.
const MARGIN: Duration = Duration::from_hours(24 * 36_525);

/// How much of what a refused peer goes on sending is read and thrown away.
const MAX_UNREAD: usize = 1024 * 1024;

/// Answers the requests of `peer` until it goes away or the gateway ends.
pub(super) async fn run(shared: Arc<Shared>, stream: TcpStream, peer: IpAddr) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "small packets will be held back");
    }
    let lifecycle = shared.lifecycle.clone();
    let limits = &shared.deployment.limits;
    let peer = Peer::new(peer);
    let service = service_fn(|request| {
        // It is large, and would be copied whenever it changes hands.
        let answer = Box::pin(handler::answer(Arc::clone(&shared), peer.serve(), request));
        async { Ok::<_, Infallible>(answer.await) }
    });
    let stream = StallLimited::new(stream, limits.body_read_timeout);
    let stream = PeerStream::new(stream, Arc::clone(&peer));
    let mut connection = protocol(limits).serve_connection(TokioIo::new(stream), service);
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
    let Err(error) = ended else { return };
    let parts = connection.into_parts();
    finish(parts.io.into_inner(), &error, !parts.read_buf.is_empty()).await;
}

/// HTTP as hyper is to speak it.
fn protocol(limits: &Limits) -> Builder {
    let header_limit = limits.max_header_bytes.saturating_mul(2);
    // A sum that no clock can show means no limit.
    let head = limits.header_read_timeout;
    let head = Instant::now().checked_add(head.saturating_add(MARGIN)).map(|_| head);
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        // Between the limit and twice of it our own answer can say what is wrong.
        .max_header_size(header_limit)
        .max_buf_size(BUFFER.max(header_limit));
    builder
}

/// Ends a connection that came to `error`; says why, if it was for a head that cannot be read.
async fn finish(
    stream: PeerStream<StallLimited<TcpStream>>,
    error: &hyper::Error,
    has_head_begun: bool,
) {
    let (stream, status) = stream.into_parts();
    // Where nothing of a head has come, the connection was only kept open.
    let is_slow = error.is_timeout() && has_head_begun;
    let status = status.or(is_slow.then_some(StatusCode::REQUEST_TIMEOUT));
    // To the beginning of HTTP/2 hyper says nothing.
    let status = status.or(error.is_parse_version_h2().then_some(StatusCode::BAD_REQUEST));
    if let Some(status) = status {
        refuse(stream, &refusal(status)).await;
    } else {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// What is said to a peer whose request cannot be read at all.
fn refusal(status: StatusCode) -> ApiError {
    let (code, message) = match status {
        StatusCode::REQUEST_TIMEOUT => {
            ("request_timeout", "the head of the request did not arrive in time")
        }
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE | StatusCode::URI_TOO_LONG => {
            ("headers_too_large", "the head of the request is too long or has too many headers")
        }
        _ => ("invalid_request", "this is no HTTP/1.1 request that can be read"),
    };
    ApiError::new(status, code, message)
}

/// Says why nothing more is read, and gives the peer some time to read it.
async fn refuse(mut stream: StallLimited<TcpStream>, error: &ApiError) {
    let body = error.to_json();
    let answer = format!(
        "HTTP/1.1 {}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        error.status(),
        body.len(),
    );
    let said = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        // Closed over what is still unread, the connection would be reset and the answer lost.
        let mut rest = [0; 4096];
        let mut left = MAX_UNREAD;
        while left > 0 {
            match stream.read(&mut rest).await? {
                0 => break,
                length => left = left.saturating_sub(length),
            }
        }
        Ok::<_, std::io::Error>(())
    };
    if !matches!(timeout(LAST_WORDS, said).await, Ok(Ok(()))) {
        tracing::debug!("a refused peer is gone");
    }
}
