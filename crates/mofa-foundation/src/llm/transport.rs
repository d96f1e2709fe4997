//! Sends requests over pooled connections and reads answers within their limits; called by every
//! provider and by the gateway's upstream.
//!
//! # Invariants
//! A connection is kept and used again. A request is sent again only as long as nothing of its
//! answer has been handed out. No answer is read past its limit, and every wait has one.

mod body;
mod failure;

pub(super) use body::Body;
pub(super) use failure::error_code;

use crate::llm::endpoint::BaseUrl;
use crate::llm::error::{LlmError, Phase, scrubbed};
use crate::llm::limits::{MAX_ERROR_BODY, Retries, TimeOuts, chance, is_transient, retry_after};
use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Builder, Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use mofa_kernel::{Clock, SystemClock};
use mofa_runtime::Secret;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long a connection is kept that nobody uses.
const POOL_IDLE: Duration = Duration::from_mins(1);

/// How many connections are kept that nobody uses.
const POOL_CONNECTIONS: usize = 1_024;

/// How much of an answer a connection buffers: its head must fit, its body flows through.
const CONNECTION_BUFFER: usize = 64 * 1024;

/// The way to one provider. Copies share their connections.
#[derive(Clone)]
pub(super) struct Transport {
    provider: Arc<str>,
    client: Connections,
    /// Taken out of what the provider says of an error.
    key: Option<Secret>,
    time_outs: TimeOuts,
    clock: Arc<dyn Clock>,
}

/// The pool of connections to one server, and how to make one more.
#[derive(Clone)]
enum Connections {
    Plain(HttpConnector, Client<HttpConnector, Full<Bytes>>),
    Tls(Tls, Client<Tls, Full<Bytes>>),
}

type Tls = HttpsConnector<HttpConnector>;

/// What is sent: the same bytes at every attempt.
pub(super) struct Post<'a> {
    pub(super) uri: &'a Uri,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: Bytes,
}

impl Transport {
    /// The way to `base`, with nothing connected yet.
    pub(super) fn new(
        provider: &str,
        base: &BaseUrl,
        key: Option<Secret>,
        time_outs: TimeOuts,
    ) -> Result<Self, LlmError> {
        if key.is_some() && !base.is_https() && !base.is_loopback() {
            tracing::warn!(provider, "the key travels unencrypted: the base URL is plain http");
        }
        Ok(Self {
            provider: provider.into(),
            client: Connections::new(base, time_outs.connect)?,
            key,
            time_outs,
            clock: Arc::new(SystemClock),
        })
    }

    /// The same way, with nothing connected yet.
    pub(super) fn with_own_connections(&self) -> Self {
        Self { client: self.client.anew(), ..self.clone() }
    }

    pub(super) fn provider(&self) -> &str {
        &self.provider
    }

    pub(super) fn time_outs(&self) -> TimeOuts {
        self.time_outs
    }

    pub(super) fn key(&self) -> Option<&Secret> {
        self.key.as_ref()
    }

    /// What may be shown of a provider's `code`.
    pub(super) fn scrubbed(&self, code: &str) -> String {
        scrubbed(code, self.key.as_ref())
    }

    /// Sends once; whatever the status, an answer is an answer.
    pub(super) async fn send(&self, post: &Post<'_>) -> Result<Response<Incoming>, LlmError> {
        let mut request = Request::new(Full::new(post.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = post.uri.clone();
        *request.headers_mut() = post.headers.clone();
        let limit = self.time_outs.headers;
        match timeout(limit, self.client.send(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(failure::of(&error, &self.provider, self.time_outs.connect)),
            Err(_) => Err(self.time_out(Phase::Headers, limit)),
        }
    }

    /// Sends until the provider accepts, at most `retries.attempts` times more.
    pub(super) async fn send_until_accepted(
        &self,
        post: &Post<'_>,
        retries: Retries,
    ) -> Result<Body, LlmError> {
        let mut attempt = 0;
        loop {
            let error = match self.send(post).await {
                Ok(response) if response.status().is_success() => return Ok(self.body(response)),
                Ok(response) => self.refused(response).await,
                Err(error) => error,
            };
            let may_pass = is_connect(&error)
                || matches!(&error, LlmError::Status { status, .. } if is_transient(*status));
            if !may_pass || attempt >= retries.attempts {
                return Err(error);
            }
            let asked = match &error {
                LlmError::Status { retry_after, .. } => *retry_after,
                _ => None,
            };
            let wait = retries.wait(attempt, asked, chance());
            tracing::debug!(provider = &*self.provider, attempt, ?wait, "trying again");
            sleep(wait).await;
            attempt += 1;
        }
    }

    /// The body of an answer, read with the idle limit.
    pub(super) fn body(&self, response: Response<Incoming>) -> Body {
        Body::new(response.into_body(), Arc::clone(&self.provider), self.time_outs.idle)
    }

    /// How long the provider asks to wait.
    pub(super) fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        headers.get(RETRY_AFTER).and_then(|value| retry_after(value, self.clock.now()))
    }

    pub(super) fn time_out(&self, phase: Phase, limit: Duration) -> LlmError {
        LlmError::TimeOut { provider: self.provider.to_string(), phase, limit }
    }

    /// The error that a refusal stands for; its body is read for the code alone.
    async fn refused(&self, response: Response<Incoming>) -> LlmError {
        let status = response.status();
        let retry_after = self.retry_after(response.headers());
        let body = self.body(response).collect(MAX_ERROR_BODY).await;
        let code = body
            .ok()
            .and_then(|body| serde_json::from_slice::<serde_json::Value>(&body).ok())
            .and_then(|body| error_code(&body).map(|code| self.scrubbed(code)));
        LlmError::Status { provider: self.provider.to_string(), status, code, retry_after }
    }
}

/// Whether no connection came about.
pub(super) fn is_connect(error: &LlmError) -> bool {
    matches!(error, LlmError::Connect { .. } | LlmError::TimeOut { phase: Phase::Connect, .. })
}

impl Connections {
    fn new(base: &BaseUrl, connect: Duration) -> Result<Self, LlmError> {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect));
        if !base.is_https() {
            return Ok(Self::plain(tcp));
        }
        tcp.enforce_http(false);
        let tls = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|_| base.unfit("is `https`, and this machine has no root certificates"))?
            .https_only()
            .enable_all_versions()
            .wrap_connector(tcp);
        Ok(Self::tls(tls))
    }

    fn plain(tcp: HttpConnector) -> Self {
        let client = pool().build(tcp.clone());
        Self::Plain(tcp, client)
    }

    fn tls(tls: Tls) -> Self {
        let client = pool().build(tls.clone());
        Self::Tls(tls, client)
    }

    /// An empty pool of connections that are made in the same way.
    fn anew(&self) -> Self {
        match self {
            Self::Plain(tcp, _) => Self::plain(tcp.clone()),
            Self::Tls(tls, _) => Self::tls(tls.clone()),
        }
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Error> {
        match self {
            Self::Plain(_, client) => client.request(request).await,
            Self::Tls(_, client) => client.request(request).await,
        }
    }
}

/// How connections are kept.
fn pool() -> Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(POOL_CONNECTIONS)
        .http1_max_buf_size(CONNECTION_BUFFER);
    builder
}
