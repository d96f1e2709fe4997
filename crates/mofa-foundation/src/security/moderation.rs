//! Judges content by lists of words: [`KeywordModerator`], [`ContentPolicy`].
//!
//! # Invariants
//! A phrase matches whole words only, in any case. The harshest verdict of all matches holds. A
//! tenant that has a policy is judged by it alone, every other tenant by the default policy.
//! One pass over the text, whatever the number of phrases; two more where something was found and
//! there are exceptions. A match that lies within an allowed phrase does not count, and takes no
//! room from others. In a stream, what may still become an allowed phrase is held back.
//!
//! # Failure
//! Lists that do not compile make every answer a typed error, and a service does not build.
//!
//! # Example
//! ```
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! use mofa_foundation::security::{ContentModerator, KeywordModerator};
//! use mofa_runtime::security::Verdict;
//!
//! let moderator = KeywordModerator::new().add_blocked("spam").add_flagged("urgent");
//! let result = moderator.moderate("This is spam content").await?;
//! assert_eq!(result.verdict, Verdict::Block);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod keyword;
mod policy;

pub use keyword::KeywordModerator;
pub use policy::ContentPolicy;

#[cfg(test)]
mod tests;
