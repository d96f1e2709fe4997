//! The raw way to an OpenAI-compatible server: bytes in, bytes out; the gateway's hot path.
//!
//! # Invariants
//! Nothing of a caller's headers is passed on, and the key goes to this server only. Bodies are not
//! copied; the URL and the headers are made once.
//!
//! # Failure
//! The server's status is the caller's to judge: only what is no HTTP answer is an [`LlmError`].

mod key_watch;

pub use key_watch::KeyWatch;

use crate::llm::endpoint::{BaseUrl, key_header};
use crate::llm::error::LlmError;
use crate::llm::limits::{Retries, TimeOuts, chance, is_retry_after, is_transient};
use crate::llm::model::require;
use crate::llm::transport::{Body, Post, Transport, is_connect};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use mofa_runtime::Secret;
use mofa_runtime::security::{Permit, PermitError};
use std::fmt;
use std::time::Duration;

/// What every request says of its sender.
pub(super) const SENDER: HeaderValue =
    HeaderValue::from_static(concat!("mofa/", env!("CARGO_PKG_VERSION")));

/// How often a connection is tried again that did not come about.
const CONNECT_RETRIES: u32 = 1;

/// The longest wait before that.
const CONNECT_DELAY: Duration = Duration::from_millis(50);

/// An OpenAI-compatible server. Copies share their connections.
#[derive(Clone)]
pub struct Upstream {
    transport: Transport,
    uri: Uri,
    plain: HeaderMap,
    streamed: HeaderMap,
    retries: Retries,
}

impl Upstream {
    /// The server at `base_url`, for instance `https://api.openai.com/v1`; `name` stands in errors.
    pub fn builder(name: impl Into<String>, base_url: impl Into<String>) -> UpstreamBuilder {
        UpstreamBuilder {
            name: name.into(),
            base_url: base_url.into(),
            key: None,
            time_outs: TimeOuts::default(),
            retries: Retries::new(0),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.transport.provider()
    }

    /// The same server over connections of its own, none of which is open yet.
    #[must_use]
    pub fn with_own_connections(&self) -> Self {
        Self { transport: self.transport.with_own_connections(), ..self.clone() }
    }

    /// Posts `body` to `{base}/chat/completions`.
    ///
    /// # Errors
    /// [`LlmError::Permit`] unless `permit` is for `invoke` on `model:NAME` and for exactly
    /// `body`; nothing is sent then.
    /// Otherwise what kept an answer from coming; a status is no error.
    pub async fn forward(
        &self,
        permit: Permit,
        model: &str,
        body: Bytes,
        accept_stream: bool,
    ) -> Result<UpstreamResponse, LlmError> {
        require(&permit, model)?;
        let text = std::str::from_utf8(&body).map_err(|_| PermitError::Document)?;
        permit.require_document(text)?;
        let headers = if accept_stream { &self.streamed } else { &self.plain };
        let post = Post { uri: &self.uri, headers, body };
        let mut attempt = 0;
        loop {
            let (retries, asked) = match self.transport.send(&post).await {
                Ok(response)
                    if is_transient(response.status()) && attempt < self.retries.attempts =>
                {
                    (self.retries, self.transport.retry_after(response.headers()))
                }
                Ok(mut response) => {
                    let mut take = |name| response.headers_mut().remove(name);
                    let content_type = take(CONTENT_TYPE);
                    let retry_after = take(RETRY_AFTER).filter(is_retry_after);
                    let status = response.status();
                    let body = UpstreamBody(self.transport.body(response));
                    return Ok(UpstreamResponse { status, content_type, retry_after, body });
                }
                Err(error) if is_connect(&error) && attempt < self.connect_retries() => {
                    (Retries::default().with_base_delay(CONNECT_DELAY), None)
                }
                Err(error) => return Err(error),
            };
            tokio::time::sleep(retries.wait(attempt, asked, chance())).await;
            attempt += 1;
        }
    }

    fn connect_retries(&self) -> u32 {
        self.retries.attempts.max(CONNECT_RETRIES)
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// Makes an [`Upstream`].
#[derive(Debug, Clone)]
#[must_use]
pub struct UpstreamBuilder {
    name: String,
    base_url: String,
    key: Option<Secret>,
    time_outs: TimeOuts,
    retries: Retries,
}

impl UpstreamBuilder {
    /// Sends `key` as a bearer token.
    pub fn with_api_key(mut self, key: Secret) -> Self {
        self.key = Some(key);
        self
    }

    /// Sets how long each part of a call may take; the limit for a whole call is the gateway's.
    pub fn with_timeouts(mut self, limits: TimeOuts) -> Self {
        self.time_outs = limits;
        self
    }

    /// Sends again on 429, 500, 502, 503 and 504; unless set, the caller sees these at once. A
    /// connection that did not come about is tried again once in any case.
    pub fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    /// [`LlmError::Configuration`] naming `base_url` or `api_key` if it cannot be used.
    pub fn build(self) -> Result<Upstream, LlmError> {
        let base = BaseUrl::parse("base_url", &self.base_url)?;
        let mut plain = HeaderMap::with_capacity(8);
        if !base.is_https() {
            // Over TLS it may become HTTP/2, which has a field of its own for it.
            let host = HeaderValue::try_from(base.authority());
            plain.insert(HOST, host.map_err(|_| base.unfit("has a malformed host"))?);
        }
        plain.insert(USER_AGENT, SENDER);
        plain.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = &self.key {
            plain.insert(AUTHORIZATION, key_header("api_key", "Bearer ", key)?);
        }
        let mut streamed = plain.clone();
        plain.insert(ACCEPT, HeaderValue::from_static("application/json"));
        streamed.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        Ok(Upstream {
            transport: Transport::new(&self.name, &base, self.key, self.time_outs)?,
            uri: base.uri("/chat/completions")?,
            plain,
            streamed,
            retries: self.retries,
        })
    }
}

/// What the server answered, its body still on the way.
#[derive(Debug)]
#[non_exhaustive]
pub struct UpstreamResponse {
    /// The server's status.
    pub status: StatusCode,
    /// Its `Content-Type`, as sent.
    pub content_type: Option<HeaderValue>,
    /// Its `Retry-After`, as sent; `None` if it is neither digits nor an HTTP date.
    pub retry_after: Option<HeaderValue>,
    /// The rest.
    pub body: UpstreamBody,
}

/// The body of an answer. Dropping it ends the call.
pub struct UpstreamBody(Body);

impl UpstreamBody {
    /// The next piece as it came; `None` when the body is complete.
    pub async fn next_chunk(&mut self) -> Option<Result<Bytes, LlmError>> {
        self.0.next_chunk().await
    }

    /// All of the rest, at most `limit` bytes.
    ///
    /// # Errors
    /// [`LlmError::TooLarge`], as soon as it is known; otherwise what ended the body early.
    pub async fn collect(self, limit: usize) -> Result<Bytes, LlmError> {
        self.0.collect(limit).await
    }
}

impl fmt::Debug for UpstreamBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UpstreamBody").field(&self.0.provider()).finish()
    }
}
