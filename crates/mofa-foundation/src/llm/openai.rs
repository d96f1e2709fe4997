//! OpenAI's Chat Completions, which many other servers speak too.
//!
//! Source: OpenAI API reference, *Chat completions* and *Chat completion chunk*.

mod request;
mod response;

use crate::llm::chat::{ChatRequest, ChatResponse};
use crate::llm::error::LlmError;
use crate::llm::provider::{Fault, Provider, WireFormat};
use request::RequestBody;
use response::Chunks;

/// OpenAI, or any server that speaks its Chat Completions.
pub type OpenAiProvider = Provider<OpenAi>;

/// The wire format.
#[derive(Debug)]
pub struct OpenAi;

/// Where `max_tokens` is out of date: reasoning models refuse it there. Other servers that speak
/// the format know the old name, and not all know the new one.
const OWN_HOST: &str = "api.openai.com";

impl WireFormat for OpenAi {
    const NAME: &'static str = "openai";
    const DEFAULT_BASE: &'static str = "https://api.openai.com/v1";
    const KEY_VARIABLES: &'static [&'static str] = &["OPENAI_API_KEY"];
    const BASE_VARIABLE: &'static str = "OPENAI_BASE_URL";
    const KEY_HEADER: (&'static str, &'static str) = ("authorization", "Bearer ");
    const ORGANIZATION: Option<(&'static str, &'static str)> =
        Some(("openai-organization", "OPENAI_ORG_ID"));
    type Events = Chunks;

    fn path(_: &ChatRequest, _: bool) -> Result<String, LlmError> {
        Ok("/chat/completions".to_owned())
    }

    fn encode(request: &ChatRequest, is_stream: bool, host: &str) -> Result<Vec<u8>, LlmError> {
        let body = RequestBody::new(request, is_stream, host == OWN_HOST);
        serde_json::to_vec(&body)
            .map_err(|_| LlmError::Request { field: "tools", problem: "cannot be written as JSON" })
    }

    fn decode(body: &[u8]) -> Result<ChatResponse, Fault> {
        response::decode(body)
    }
}
