//! Calls language models: one chat API over OpenAI, Anthropic and Gemini, and a raw way to any
//! OpenAI-compatible server for the gateway.
//!
//! Agents call a [`ChatModel`]; the gateway calls an [`Upstream`]. Both take a
//! [`Permit`](mofa_runtime::security::Permit) for `invoke` on `model:NAME` by value, and refuse
//! before anything is sent if it is for something else: another act, or another text than the one
//! that was inspected. [`ChatRequest::inspect`] gives it.
//!
//! # Invariants
//! A key goes to its own provider in a header and nowhere else: not into a URL, an error, `Debug` or
//! a log. Answers, single events and error bodies have a limit; every wait has a limit.
//!
//! # Failure
//! [`LlmError`], typed by who is at fault. A call is tried again only while nothing of its answer
//! has been handed out.
//!
//! # Example
//! ```
//! use mofa_foundation::llm::{ChatMessage, ChatModel, ChatRequest, ScriptedModel};
//! use mofa_kernel::SystemClock;
//! use mofa_runtime::security::{Act, Subject, SubjectId, TenantId, danger};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! let model = ScriptedModel::new().with_reply("weather", "Sunny.");
//! let request = ChatRequest::new("small", [ChatMessage::user("How is the weather?")]);
//! // In a deployment the permit comes from `ChatRequest::inspect`.
//! let subject = Subject::new(SubjectId::new("demo")?, TenantId::default());
//! let act = Act::new("invoke", "model:small");
//! let permit = danger::permit_without_inspection(subject, act, &SystemClock, "an example");
//! assert_eq!(model.chat(permit, &request).await?.message.content, "Sunny.");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod anthropic;
mod chat;
mod document;
mod endpoint;
mod error;
mod gemini;
mod inspect;
mod limits;
mod model;
mod openai;
mod provider;
mod scripted;
mod shared;
mod sse;
mod transport;
mod upstream;

pub use anthropic::AnthropicProvider;
pub use chat::{
    ChatDelta, ChatMessage, ChatRequest, ChatResponse, ChatRole, ChatToolCall, FinishReason,
    ToolCallDelta, Usage,
};
pub use error::{LlmError, Phase};
pub use gemini::GeminiProvider;
pub use inspect::InspectError;
pub use limits::{Retries, TimeOuts};
pub use model::{ChatModel, ChatStream};
pub use openai::OpenAiProvider;
pub use provider::{Provider, ProviderBuilder};
pub use scripted::{ScriptedModel, ScriptedReply};
pub use shared::SharedModel;
pub use upstream::{KeyWatch, Upstream, UpstreamBody, UpstreamBuilder, UpstreamResponse};

/// OpenAI, with `OPENAI_API_KEY`, and `OPENAI_ORG_ID` and `OPENAI_BASE_URL` where they are set.
///
/// # Errors
/// [`LlmError::Configuration`] naming the variable that is missing or malformed.
pub fn openai_from_env() -> Result<OpenAiProvider, LlmError> {
    OpenAiProvider::from_source(mofa_runtime::env::var)
}

/// Anthropic, with `ANTHROPIC_API_KEY`, and `ANTHROPIC_BASE_URL` where it is set.
///
/// # Errors
/// [`LlmError::Configuration`] naming the variable that is missing or malformed.
pub fn anthropic_from_env() -> Result<AnthropicProvider, LlmError> {
    AnthropicProvider::from_source(mofa_runtime::env::var)
}

/// Gemini, with `GOOGLE_API_KEY` or else `GEMINI_API_KEY`, and `GOOGLE_GEMINI_BASE_URL` where it is
/// set.
///
/// # Errors
/// [`LlmError::Configuration`] naming the variable that is missing or malformed.
pub fn gemini_from_env() -> Result<GeminiProvider, LlmError> {
    GeminiProvider::from_source(mofa_runtime::env::var)
}
