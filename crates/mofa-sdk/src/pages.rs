//! The Rust of README.md and of every page under docs/, compiled and run as documentation tests.
//!
//! Called by rustdoc alone. A page's examples stand as readers see them: no hidden lines.
//!
//! # Invariants
//! Every page is named here; `tests/pages.rs` compares this list with the folder.

#[doc = include_str!("../../../README.md")]
mod readme {}

#[doc = include_str!("../../../docs/audit.md")]
mod audit {}

#[doc = include_str!("../../../docs/benchmarks.md")]
mod benchmarks {}

#[doc = include_str!("../../../docs/configuration.md")]
mod configuration {}

#[doc = include_str!("../../../docs/detection.md")]
mod detection {}

#[doc = include_str!("../../../docs/eval.md")]
mod eval {}

#[doc = include_str!("../../../docs/gateway.md")]
mod gateway {}

#[doc = include_str!("../../../docs/guard-model.md")]
mod guard_model {}

#[doc = include_str!("../../../docs/library.md")]
mod library {}

#[doc = include_str!("../../../docs/measured.md")]
mod measured {}

#[doc = include_str!("../../../docs/rbac.md")]
mod rbac {}

#[doc = include_str!("../../../docs/redaction.md")]
mod redaction {}

#[doc = include_str!("../../../docs/scan.md")]
mod scan {}

#[doc = include_str!("../../../docs/secrets.md")]
mod secrets {}
