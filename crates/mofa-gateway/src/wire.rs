//! Wire formats: what of a document is whose, and how an answer is written.
//!
//! Called by the routes. An adapter only translates: it decides nothing about content.

pub(crate) mod openai;
