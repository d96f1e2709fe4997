//! The engines behind the security traits of `mofa-runtime`, and language-model providers.

pub mod llm;
pub mod security;
