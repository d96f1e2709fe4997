//! What is inspected.

use mofa_kernel::Provenance;

/// One part of an exchange, as an engine sees it.
#[derive(Debug, Clone, Copy)]
pub struct PartView<'a> {
    /// The text to judge.
    pub text: &'a str,
    /// Who produced it.
    pub provenance: &'a Provenance,
    /// Whether its producer is trusted to instruct the model.
    pub trust: Trust,
    /// The JSON key it stands under, if any: context for what a value may be.
    pub key: Option<&'a str>,
}

/// Whether the producer of a text is trusted to instruct the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trust {
    /// Its instructions are meant for the model.
    Trusted,
    /// It is material; instructions in it are suspicious.
    Untrusted,
}
