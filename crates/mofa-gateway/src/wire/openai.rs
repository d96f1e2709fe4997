//! The OpenAI chat completions format: requests, answers and the chunks of streamed answers.
//!
//! # Invariants
//! Every text of a document is a part, wherever it stands; what is left out is said by
//! [`vocabulary`] and [`marks`].

pub(crate) mod chunk;
pub(crate) mod marks;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod vocabulary;
