//! mofa-foundation
