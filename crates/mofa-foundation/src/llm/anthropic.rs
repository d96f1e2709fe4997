//! Anthropic's Messages.
//!
//! Source: Anthropic API reference, *Messages* and *Streaming messages*.

mod request;
mod response;

use crate::llm::chat::{ChatRequest, ChatResponse};
use crate::llm::error::LlmError;
use crate::llm::provider::{Fault, Provider, WireFormat};
use request::RequestBody;
use response::MessageEvents;

/// Anthropic.
pub type AnthropicProvider = Provider<Anthropic>;

/// The wire format.
#[derive(Debug)]
pub struct Anthropic;

impl WireFormat for Anthropic {
    const NAME: &'static str = "anthropic";
    const DEFAULT_BASE: &'static str = "https://api.anthropic.com";
    const KEY_VARIABLES: &'static [&'static str] = &["ANTHROPIC_API_KEY"];
    const BASE_VARIABLE: &'static str = "ANTHROPIC_BASE_URL";
    const KEY_HEADER: (&'static str, &'static str) = ("x-api-key", "");
    const HEADERS: &'static [(&'static str, &'static str)] = &[("anthropic-version", "2023-06-01")];
    type Events = MessageEvents;

    fn path(_: &ChatRequest, _: bool) -> Result<String, LlmError> {
        Ok("/v1/messages".to_owned())
    }

    fn encode(request: &ChatRequest, is_stream: bool, _: &str) -> Result<Vec<u8>, LlmError> {
        let body = RequestBody::new(request, is_stream)?;
        serde_json::to_vec(&body)
            .map_err(|_| LlmError::Request { field: "tools", problem: "cannot be written as JSON" })
    }

    fn decode(body: &[u8]) -> Result<ChatResponse, Fault> {
        response::decode(body)
    }
}
