//! A request as Gemini has it.
//!
//! System messages stand apart there, what one role says in a row is one content, and a tool's
//! result names the tool.

use super::OWN_ID;
use crate::llm::chat::{ChatMessage, ChatRequest, ChatRole, ChatToolCall};
use crate::llm::error::LlmError;
use mofa_kernel::ToolDescription;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestBody<'a> {
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Instruction<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tools<'a>>,
    #[serde(skip_serializing_if = "GenerationConfig::is_default")]
    generation_config: GenerationConfig<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    role: &'static str,
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
struct Instruction<'a> {
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase", untagged)]
enum Part<'a> {
    Text {
        text: &'a str,
    },
    #[serde(rename_all = "camelCase")]
    Call {
        function_call: FunctionCall<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        thought_signature: Option<&'a str>,
    },
    #[serde(rename_all = "camelCase")]
    Result {
        function_response: FunctionResponse<'a>,
    },
}

#[derive(Serialize)]
struct FunctionCall<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    args: Value,
}

#[derive(Serialize)]
struct FunctionResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    response: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tools<'a> {
    function_declarations: Vec<Declaration<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declaration<'a> {
    name: &'a str,
    description: &'a str,
    parameters_json_schema: &'a Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
}

impl GenerationConfig<'_> {
    fn is_default(&self) -> bool {
        self.temperature.is_none()
            && self.top_p.is_none()
            && self.max_output_tokens.is_none()
            && self.stop_sequences.is_empty()
    }
}

impl<'a> RequestBody<'a> {
    pub(super) fn new(request: &'a ChatRequest) -> Result<Self, LlmError> {
        let mut instruction = Vec::new();
        let mut contents: Vec<Content<'a>> = Vec::new();
        for message in &request.messages {
            let role = match message.role {
                ChatRole::System => {
                    instruction.extend(text(&message.content));
                    continue;
                }
                ChatRole::Assistant => "model",
                ChatRole::User | ChatRole::Tool => "user",
            };
            let parts = parts(message)?;
            match contents.last_mut() {
                Some(last) if last.role == role => last.parts.extend(parts),
                _ if parts.is_empty() => {}
                _ => contents.push(Content { role, parts }),
            }
        }
        let declarations: Vec<_> = request.tools.iter().map(Declaration::new).collect();
        let tools =
            (!declarations.is_empty()).then_some(Tools { function_declarations: declarations });
        Ok(Self {
            contents,
            system_instruction: (!instruction.is_empty())
                .then_some(Instruction { parts: instruction }),
            tools: tools.into_iter().collect(),
            generation_config: GenerationConfig {
                temperature: request.temperature,
                top_p: request.top_p,
                max_output_tokens: request.max_tokens,
                stop_sequences: &request.stop,
            },
        })
    }
}

fn parts(message: &ChatMessage) -> Result<Vec<Part<'_>>, LlmError> {
    if message.role == ChatRole::Tool {
        let name = message.name.as_deref().ok_or(LlmError::Request {
            field: "name",
            problem: "is missing from a tool's result: Gemini wants the tool's name",
        })?;
        let id = message.tool_call_id.as_deref().and_then(sent_id);
        let response = match serde_json::from_str(&message.content) {
            Ok(object @ Value::Object(_)) => object,
            _ => json!({ "result": message.content }),
        };
        let function_response = FunctionResponse { id, name, response };
        return Ok(vec![Part::Result { function_response }]);
    }
    let mut parts: Vec<Part<'_>> = text(&message.content).into_iter().collect();
    for call in &message.tool_calls {
        parts.push(self::call(call)?);
    }
    Ok(parts)
}

fn call(call: &ChatToolCall) -> Result<Part<'_>, LlmError> {
    let args = call.parsed_arguments()?;
    if !args.is_object() {
        let problem = "is no JSON object";
        return Err(LlmError::Request { field: "tool_calls.arguments", problem });
    }
    let function_call = FunctionCall { id: sent_id(&call.id), name: &call.name, args };
    Ok(Part::Call { function_call, thought_signature: call.signature.as_deref() })
}

/// A part of text; an empty one is refused by Gemini.
fn text(text: &str) -> Option<Part<'_>> {
    (!text.is_empty()).then_some(Part::Text { text })
}

/// An id, if Gemini knows it.
fn sent_id(id: &str) -> Option<&str> {
    (!id.is_empty() && !id.starts_with(OWN_ID)).then_some(id)
}

impl<'a> Declaration<'a> {
    fn new(tool: &'a ToolDescription) -> Self {
        Self {
            name: tool.name.as_str(),
            description: &tool.description,
            parameters_json_schema: &tool.parameters,
        }
    }
}
