//! The properties of layers that the scanner's own tests ask of made-up text, for the targets.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::maybe_infinite_iter,
    reason = "a property tells what does not hold by panicking"
)]

#[path = "../../crates/mofa-scan/tests/layers/properties.rs"]
mod properties;

pub(crate) use properties::*;
