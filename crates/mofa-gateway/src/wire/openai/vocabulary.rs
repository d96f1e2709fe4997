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
const WORDS: [&str; 196] = [
    "$defs", "$ref", "$schema", "accepted_prediction_tokens", "additionalItems",
    "additionalProperties", "allOf", "allowed_tools", "annotations", "anyOf", "arguments", "array",
    "assistant", "audio", "audio_tokens", "audio_url", "auto", "b64_json", "boolean", "bytes",
    "cached_tokens", "chat.completion", "chat.completion.chunk", "choices", "completion_tokens",
    "completion_tokens_details", "const", "content", "contentEncoding", "contentMediaType",
    "content_filter", "created", "custom", "data", "default", "definitions", "delta",
    "dependentRequired", "dependentSchemas", "deprecated", "description", "detail", "developer",
    "document", "effort", "else", "enum", "ephemeral", "error", "examples", "exclusiveMaximum",
    "exclusiveMinimum", "file", "file_data", "file_id", "file_url", "filename", "finish_reason",
    "flex", "format", "frequency_penalty", "function", "function_call", "functions", "grammar",
    "high", "id", "if", "image", "image_url", "images", "include_usage", "index", "input",
    "input_audio", "input_file", "input_image", "integer", "items", "json_object", "json_schema",
    "length", "list", "logit_bias", "logprob", "logprobs", "low", "maxContains", "maxItems",
    "maxLength", "maxProperties", "max_completion_tokens", "max_output_tokens", "max_tokens",
    "maximum", "medium", "message", "messages", "metadata", "minContains", "minItems", "minLength",
    "minProperties", "min_p", "minimal", "minimum", "modalities", "mode", "model", "mp3",
    "multipleOf", "n", "name", "none", "not", "null", "nullable", "number", "object", "oneOf",
    "output", "owned_by", "parallel_tool_calls", "param", "parameters", "pattern",
    "patternProperties", "pcm16", "png", "prediction", "prefixItems", "presence_penalty",
    "priority", "prompt_cache_key", "prompt_tokens", "prompt_tokens_details", "properties",
    "propertyNames", "readOnly", "reasoning", "reasoning.text", "reasoning_content",
    "reasoning_details", "reasoning_effort", "reasoning_tokens", "refusal",
    "rejected_prediction_tokens", "repetition_penalty", "required", "response_format", "role",
    "safety_identifier", "schema", "search_context_size", "seed", "service_tier", "stop", "store",
    "stream", "stream_options", "strict", "string", "summary", "system", "system_fingerprint",
    "temperature", "text", "then", "thinking", "title", "token", "tool", "tool_call_id",
    "tool_calls", "tool_choice", "tools", "top_k", "top_logprobs", "top_p", "total_tokens",
    "transcript", "type", "unevaluatedItems", "unevaluatedProperties", "uniqueItems", "url",
    "usage", "user", "user_location", "verbosity", "video", "video_url", "voice", "wav",
    "web_search_options", "writeOnly",
];

/// A word's place is looked for from here on; most words are found at the first.
const PLACES: usize = 1024;

/// Where each word stands in [`WORDS`], by [`place`]; [`EMPTY`] where there is none.
static TABLE: [u8; PLACES] = table();

const EMPTY: u8 = u8::MAX;

/// Whether `text` is a word of the wire format.
///
/// Asked for every string and key of a document, so it looks at one word, seldom at two.
pub(crate) fn is_word(text: &str) -> bool {
    let first = place(text.as_bytes());
    let places = TABLE.iter().skip(first).chain(&TABLE);
    let numbers = places.take_while(|number| **number != EMPTY);
    numbers.filter_map(|number| WORDS.get(usize::from(*number))).any(|word| *word == text)
}

/// Where to look for `word`: from its length, its ends and its middle.
#[expect(clippy::indexing_slicing, reason = "const functions have no other way; all are in bounds")]
const fn place(word: &[u8]) -> usize {
    let length = word.len();
    if length == 0 {
        return 0;
    }
    let (first, middle, last) = (word[0], word[length / 2], word[length - 1]);
    let mixed = (first as usize) * 31 + (middle as usize) * 7 + (last as usize) * 131 + length * 67;
    mixed % PLACES
}

#[expect(clippy::indexing_slicing, reason = "const functions have no other way; all are in bounds")]
#[expect(clippy::cast_possible_truncation, reason = "there are fewer words than places in a byte")]
const fn table() -> [u8; PLACES] {
    assert!(WORDS.len() < EMPTY as usize);
    let mut table = [EMPTY; PLACES];
    let mut number = 0;
    while number < WORDS.len() {
        let mut at = place(WORDS[number].as_bytes());
        while table[at] != EMPTY {
            at = (at + 1) % PLACES;
        }
        table[at] = number as u8;
        number += 1;
    }
    table
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
