//! The fixed words of the OpenAI chat format and of JSON Schema.
//!
//! Taken from the OpenAI API reference (`POST /chat/completions`: members and values of requests,
//! answers and chunks) and from JSON Schema, draft 2020-12 (keywords and types). Nobody chose
//! these words, so a string or key that is one of them needs no inspection.
//!
//! # Invariants
//! No word here was chosen by a caller, a tool or a model. The list is sorted.

/// The words, in the order of their bytes.
#[rustfmt::skip]
const WORDS: [&str; 186] = [
    "$defs", "$ref", "$schema", "accepted_prediction_tokens", "additionalItems",
    "additionalProperties", "allOf", "allowed_tools", "annotations", "anyOf", "arguments",
    "array", "assistant", "audio", "audio_tokens", "auto", "b64_json", "boolean", "bytes",
    "cached_tokens", "chat.completion", "chat.completion.chunk", "choices", "completion_tokens",
    "completion_tokens_details", "const", "content", "contentEncoding", "contentMediaType",
    "content_filter", "created", "custom", "data", "default", "definitions", "delta",
    "dependentRequired", "dependentSchemas", "deprecated", "description", "detail", "developer",
    "effort", "else", "enum", "ephemeral", "error", "examples", "exclusiveMaximum",
    "exclusiveMinimum", "file", "file_data", "file_id", "file_url", "filename", "finish_reason",
    "flex", "format", "frequency_penalty", "function", "function_call", "functions", "grammar",
    "high", "id", "if", "image", "image_url", "include_usage", "index", "input", "input_audio",
    "integer", "items", "json_object", "json_schema", "length", "list", "logit_bias", "logprob",
    "logprobs", "low", "maxContains", "maxItems", "maxLength", "maxProperties",
    "max_completion_tokens", "max_output_tokens", "max_tokens", "maximum", "medium", "message",
    "messages", "metadata", "minContains", "minItems", "minLength", "minProperties", "min_p",
    "minimal", "minimum", "modalities", "mode", "model", "mp3", "multipleOf", "n", "name", "none",
    "not", "null", "nullable", "number", "object", "oneOf", "output", "owned_by",
    "parallel_tool_calls", "param", "parameters", "pattern", "patternProperties", "pcm16", "png",
    "prediction", "prefixItems", "presence_penalty", "priority", "prompt_cache_key",
    "prompt_tokens", "prompt_tokens_details", "properties", "propertyNames", "readOnly",
    "reasoning", "reasoning_content", "reasoning_effort", "reasoning_tokens", "refusal",
    "rejected_prediction_tokens", "repetition_penalty", "required", "response_format", "role",
    "safety_identifier", "schema", "search_context_size", "seed", "service_tier", "stop", "store",
    "stream", "stream_options", "strict", "string", "summary", "system", "system_fingerprint",
    "temperature", "text", "then", "title", "token", "tool", "tool_call_id", "tool_calls",
    "tool_choice", "tools", "top_k", "top_logprobs", "top_p", "total_tokens", "transcript",
    "type", "unevaluatedItems", "unevaluatedProperties", "uniqueItems", "url", "usage", "user",
    "user_location", "verbosity", "voice", "wav", "web_search_options", "writeOnly",
];

/// Whether `text` is a word of the wire format.
pub(crate) fn is_word(text: &str) -> bool {
    WORDS.binary_search(&text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_and_found() {
        assert!(WORDS.is_sorted());
        assert!(WORDS.iter().all(|word| is_word(word)));
    }

    #[test]
    fn what_somebody_chose_is_no_word() {
        for text in ["", "get_weather", "Messages", "gpt-4o", "user@example.com", "password"] {
            assert!(!is_word(text), "{text}");
        }
    }
}
