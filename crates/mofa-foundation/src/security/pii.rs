//! Finds personal data and secrets and takes them out: [`RegexPiiDetector`], [`RegexPiiRedactor`].
//!
//! Both stand on `mofa-scan`'s single pass; patterns of your own are regular expressions beside it.
//!
//! # Invariants
//! Detections are sorted, do not overlap, and lie on character boundaries. A text that was
//! redacted has nothing left to detect, and redacting it again changes nothing.
//!
//! # Failure
//! A pattern that does not compile is an error when it is added; detecting itself cannot fail.
//!
//! # Example
//! ```
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! use mofa_foundation::security::{PiiDetector, PiiRedactor, RegexPiiDetector, RegexPiiRedactor};
//! use mofa_runtime::security::types::RedactionStrategy;
//!
//! let detector = RegexPiiDetector::new();
//! let redactor = RegexPiiRedactor::new().with_default_strategy(RedactionStrategy::Mask);
//!
//! let text = "Contact: user@example.com";
//! let detections = detector.detect(text).await?;
//! assert_eq!(detections[0].category.as_str(), "email");
//! let redacted = redactor.redact(text, RedactionStrategy::Mask).await?;
//! assert_eq!(redacted.text, "Contact: [REDACTED]");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod detector;
mod hashing;
mod mark;
mod reading;
mod redactor;

pub use detector::{PiiDetectorBuilder, RegexPiiDetector};
pub use mofa_scan::pii::{Check, CustomRule, Exception, UnknownCheck};
pub use redactor::RegexPiiRedactor;

#[cfg(test)]
mod tests;
