//! What is recorded.

/// Something that is recorded.
#[derive(Debug, Clone)]
pub struct SecurityEvent;
