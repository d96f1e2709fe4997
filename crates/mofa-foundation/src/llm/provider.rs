//! A provider: what all of them have in common, over the wire format of one.
//!
//! # Invariants
//! The permit is asked before anything is sent. The format's part is pure: requests to bytes,
//! bytes to answers.

mod events;
mod format;

pub(super) use format::{EventDecoder, Fault, Progress, WireFormat};

use crate::llm::chat::{ChatRequest, ChatResponse};
use crate::llm::endpoint::{BaseUrl, header, key_header};
use crate::llm::error::{LlmError, Phase};
use crate::llm::limits::{MAX_ANSWER, Retries, TimeOuts};
use crate::llm::model::{ChatModel, ChatStream, require_request};
use crate::llm::transport::{Body, Post, Transport};
use crate::llm::upstream::SENDER;
use async_trait::async_trait;
use events::Events;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use mofa_runtime::Secret;
use mofa_runtime::security::Permit;
use std::fmt;
use std::marker::PhantomData;
use tokio::time::timeout;

/// A model provider that speaks the wire format `F`.
pub struct Provider<F: WireFormat> {
    transport: Transport,
    base: BaseUrl,
    headers: HeaderMap,
    retries: Retries,
    format: PhantomData<F>,
}

impl<F: WireFormat> Provider<F> {
    /// A provider at its public address, for which only a key is missing.
    pub fn builder() -> ProviderBuilder<F> {
        ProviderBuilder {
            base_url: F::DEFAULT_BASE.to_owned(),
            key: None,
            organization: None,
            time_outs: TimeOuts::default(),
            retries: Retries::default(),
            variables: Variables { base: "base_url", key: "api_key", organization: "organization" },
            format: PhantomData,
        }
    }

    /// A provider from variables: its key, and its base URL and organization where they are set.
    ///
    /// # Errors
    /// [`LlmError::Configuration`] naming the variable that is missing or malformed.
    pub fn from_source(source: impl Fn(&str) -> Option<String>) -> Result<Self, LlmError> {
        let mut builder = Self::builder();
        let key = F::KEY_VARIABLES.iter().find_map(|name| Some((*name, source(name)?)));
        let Some((variable, key)) = key else {
            let variable = F::KEY_VARIABLES.first().copied().unwrap_or_default();
            let problem = "is not set: it holds the provider's key";
            return Err(LlmError::Configuration { variable: variable.to_owned(), problem });
        };
        builder.key = Some(Secret::new(key));
        builder.variables.key = variable;
        if let Some(base_url) = source(F::BASE_VARIABLE) {
            builder.base_url = base_url;
            builder.variables.base = F::BASE_VARIABLE;
        }
        if let Some((_, variable)) = F::ORGANIZATION {
            builder.organization = source(variable);
            builder.variables.organization = variable;
        }
        builder.build()
    }

    async fn send(&self, request: &ChatRequest, is_stream: bool) -> Result<Body, LlmError> {
        let uri = self.base.uri(&F::path(request, is_stream)?)?;
        let body = F::encode(request, is_stream, self.base.host())?;
        let post = Post { uri: &uri, headers: &self.headers, body: body.into() };
        self.transport.send_until_accepted(&post, self.retries).await
    }

    async fn answer(&self, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
        let body = self.send(request, false).await?.collect(MAX_ANSWER).await?;
        F::decode(&body).map_err(|fault| fault.into_error(&self.transport))
    }
}

impl<F: WireFormat> fmt::Debug for Provider<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("name", &F::NAME)
            .field("host", &self.base.host())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl<F: WireFormat> ChatModel for Provider<F> {
    async fn chat(&self, permit: Permit, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
        require_request(&permit, request)?;
        let limit = self.transport.time_outs().total;
        let answer = timeout(limit, self.answer(request)).await;
        answer.unwrap_or_else(|_| Err(self.transport.time_out(Phase::Total, limit)))
    }

    async fn chat_stream(
        &self,
        permit: Permit,
        request: &ChatRequest,
    ) -> Result<ChatStream, LlmError> {
        require_request(&permit, request)?;
        let body = self.send(request, true).await?;
        Ok(ChatStream::new(Events::<F::Events>::new(body, self.transport.clone())))
    }
}

/// Makes a [`Provider`].
#[must_use]
pub struct ProviderBuilder<F: WireFormat> {
    base_url: String,
    key: Option<Secret>,
    organization: Option<String>,
    time_outs: TimeOuts,
    retries: Retries,
    variables: Variables,
    format: PhantomData<F>,
}

/// What errors call the settings.
struct Variables {
    base: &'static str,
    key: &'static str,
    organization: &'static str,
}

impl<F: WireFormat> ProviderBuilder<F> {
    /// Sets where the provider is.
    pub fn with_base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Sets the key, which the provider needs.
    pub fn with_api_key(mut self, key: Secret) -> Self {
        self.key = Some(key);
        self
    }

    /// Names the organization that pays. Only OpenAI has such a thing: for others `build` refuses.
    pub fn with_organization(mut self, organization: impl Into<String>) -> Self {
        self.organization = Some(organization.into());
        self
    }

    /// Sets how long each part of a call may take.
    pub fn with_timeouts(mut self, limits: TimeOuts) -> Self {
        self.time_outs = limits;
        self
    }

    /// Sets how often a call is tried again.
    pub fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    /// [`LlmError::Configuration`] naming the setting that is missing or malformed.
    pub fn build(self) -> Result<Provider<F>, LlmError> {
        let wrong = |variable: &str, problem| {
            Err(LlmError::Configuration { variable: variable.to_owned(), problem })
        };
        let base = BaseUrl::parse(self.variables.base, &self.base_url)?;
        let Some(key) = self.key else {
            return wrong(self.variables.key, "is not set: it holds the provider's key");
        };
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(USER_AGENT, SENDER);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        for (name, value) in F::HEADERS {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        let (name, prefix) = F::KEY_HEADER;
        headers.insert(name, key_header(self.variables.key, prefix, &key)?);
        match (F::ORGANIZATION, &self.organization) {
            (_, None) => {}
            (Some((name, _)), Some(organization)) => {
                let value = header(self.variables.organization, "", organization)?;
                headers.insert(name, value);
            }
            (None, Some(_)) => {
                return wrong(self.variables.organization, "is something this provider lacks");
            }
        }
        let transport = Transport::new(F::NAME, &base, Some(key), self.time_outs)?;
        Ok(Provider { transport, base, headers, retries: self.retries, format: PhantomData })
    }
}

impl<F: WireFormat> fmt::Debug for ProviderBuilder<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The base URL has not been checked yet and may hold a password.
        f.debug_struct("ProviderBuilder").field("name", &F::NAME).finish_non_exhaustive()
    }
}
