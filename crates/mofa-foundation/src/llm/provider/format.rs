//! What a provider's wire format must tell; implemented once for each provider, and by nobody else.

use crate::llm::chat::{ChatDelta, ChatRequest, ChatResponse};
use crate::llm::error::LlmError;
use crate::llm::transport::Transport;

/// A provider's wire format. It does no input or output.
pub trait WireFormat: Send + Sync + 'static {
    /// What errors call the provider.
    const NAME: &'static str;
    /// The provider's public address.
    const DEFAULT_BASE: &'static str;
    /// The variables that may hold the key; the first that is set counts.
    const KEY_VARIABLES: &'static [&'static str];
    /// The variable that may hold another address.
    const BASE_VARIABLE: &'static str;
    /// The header that carries the key, and what stands before the key in it.
    const KEY_HEADER: (&'static str, &'static str);
    /// The header for an organization, and its variable.
    const ORGANIZATION: Option<(&'static str, &'static str)> = None;
    /// Headers of every request.
    const HEADERS: &'static [(&'static str, &'static str)] = &[];
    /// Reads the events of a streamed answer.
    type Events: EventDecoder;

    /// The path that follows the base URL.
    ///
    /// # Errors
    /// [`LlmError::Request`] if the model's name cannot stand in it.
    fn path(request: &ChatRequest, is_stream: bool) -> Result<String, LlmError>;

    /// The request's body, for the provider at `host`.
    ///
    /// # Errors
    /// [`LlmError::Request`] if the format cannot say it.
    fn encode(request: &ChatRequest, is_stream: bool, host: &str) -> Result<Vec<u8>, LlmError>;

    /// The answer in a body.
    ///
    /// # Errors
    /// [`Fault`] if there is none.
    fn decode(body: &[u8]) -> Result<ChatResponse, Fault>;
}

/// Reads the events of one streamed answer, in order.
pub trait EventDecoder: Default + Send + Unpin + 'static {
    /// What an event adds to the answer.
    ///
    /// # Errors
    /// [`Fault`] if it is an error, or no event of this format.
    fn event(&mut self, data: &str) -> Result<ChatDelta, Fault>;

    /// How far the answer has come.
    fn progress(&self) -> Progress;
}

/// How far a streamed answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Progress {
    /// Something is missing: the stream must not end here.
    #[default]
    Partial,
    /// The stream may end here.
    Complete,
    /// Nothing that still comes matters.
    Ended,
}

/// Why a body or an event is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is not what the format says.
    Malformed(&'static str),
    /// It is an error, with the provider's word for it.
    Aborted(Option<String>),
}

impl Fault {
    /// The error that names the provider, without its key.
    pub(in crate::llm) fn into_error(self, transport: &Transport) -> LlmError {
        let provider = transport.provider().to_owned();
        match self {
            Self::Malformed(problem) => LlmError::Protocol { provider, problem },
            Self::Aborted(code) => {
                LlmError::Aborted { provider, code: code.map(|code| transport.scrubbed(&code)) }
            }
        }
    }
}

impl From<serde_json::Error> for Fault {
    /// The parser's message may show the text, so it is not kept.
    fn from(_: serde_json::Error) -> Self {
        Self::Malformed("is not the JSON that its format asks for")
    }
}
