//! Google's Gemini: `generateContent` and `streamGenerateContent`.
//!
//! Source: Gemini API reference, *Generating content*, version `v1beta`, which has
//! `parametersJsonSchema`.

mod request;
mod response;

use crate::llm::chat::{ChatRequest, ChatResponse};
use crate::llm::error::LlmError;
use crate::llm::provider::{Fault, Provider, WireFormat};
use request::RequestBody;
use response::Candidates;

/// Gemini.
pub type GeminiProvider = Provider<Gemini>;

/// The wire format.
#[derive(Debug)]
pub struct Gemini;

/// What stands before the number of a call that Gemini gave no id of its own. It is not sent back.
const OWN_ID: &str = "gemini-call-";

impl WireFormat for Gemini {
    const NAME: &'static str = "gemini";
    const DEFAULT_BASE: &'static str = "https://generativelanguage.googleapis.com";
    const KEY_VARIABLES: &'static [&'static str] = &["GOOGLE_API_KEY", "GEMINI_API_KEY"];
    const BASE_VARIABLE: &'static str = "GOOGLE_GEMINI_BASE_URL";
    const KEY_HEADER: (&'static str, &'static str) = ("x-goog-api-key", "");
    type Events = Candidates;

    fn path(request: &ChatRequest, is_stream: bool) -> Result<String, LlmError> {
        let (folder, name) = request.model.split_once('/').unwrap_or(("models", &request.model));
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let is_name = !name.is_empty() && name != "." && name != ".." && name.bytes().all(is_word);
        if !is_name || !["models", "tunedModels"].contains(&folder) {
            return Err(LlmError::Request {
                field: "model",
                problem: "is no Gemini model: `NAME`, `models/NAME` or `tunedModels/NAME` is \
                          expected",
            });
        }
        let method = if is_stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
        Ok(format!("/v1beta/{folder}/{name}:{method}"))
    }

    fn encode(request: &ChatRequest, _: bool, _: &str) -> Result<Vec<u8>, LlmError> {
        let body = RequestBody::new(request)?;
        serde_json::to_vec(&body)
            .map_err(|_| LlmError::Request { field: "tools", problem: "cannot be written as JSON" })
    }

    fn decode(body: &[u8]) -> Result<ChatResponse, Fault> {
        response::decode(body)
    }
}

#[cfg(test)]
mod tests {
    use super::Gemini;
    use crate::llm::chat::ChatRequest;
    use crate::llm::provider::WireFormat as _;

    #[test]
    fn a_model_is_one_segment_of_the_path() {
        let path = |model| Gemini::path(&ChatRequest::new(model, []), false).ok();
        let expect = Some("/v1beta/models/gemini-2.0-flash:generateContent".to_owned());
        assert_eq!(path("gemini-2.0-flash"), expect);
        assert_eq!(path("models/gemini-2.0-flash"), expect);
        assert!(path("tunedModels/mine").is_some());
        for model in ["", ".", "..", "models/..", "a/b", "models/a/b", "a?key=1", "a b", "a:b", "é"]
        {
            assert_eq!(path(model), None, "{model}");
        }
    }
}
