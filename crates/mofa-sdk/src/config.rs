//! One file, `mofa.toml`, checked once: what comes out of [`Config::load`] can be put into force
//! as it is.
//!
//! Text values may name environment variables: `${NAME}`. Credentials must: one that stands in the
//! file is refused.
//!
//! # Invariants
//! Unknown keys are errors. Nothing is clamped or guessed: a value either holds or is refused.
//!
//! # Failure
//! [`ConfigError`] names the file, line and column, the key, what was expected, and never a value
//! that may be secret. What a variable stands for is never named: an error repeats what is
//! written, `${NAME}`.
//!
//! # Example
//! ```
//! use mofa_sdk::config::Config;
//! use mofa_sdk::security::{Stage, StageMode};
//!
//! let text = r#"
//!     [security.moderation]
//!     mode = "shadow"
//!
//!     [[upstreams]]
//!     name = "local"
//!     base_url = "http://127.0.0.1:9000/v1"
//!     models = ["*"]
//! "#;
//! let config = Config::parse(text, "mofa.toml", &|_| None)?;
//! assert_eq!(config.security.mode(Stage::Moderation), StageMode::Shadow);
//! assert_eq!(config.security.mode(Stage::Rbac), StageMode::Enforce);
//!
//! let error = Config::parse("[gatway]", "mofa.toml", &|_| None).unwrap_err();
//! assert!(error.to_string().starts_with("mofa.toml:1:2: unknown key `gatway`"));
//! # Ok::<(), mofa_sdk::config::ConfigError>(())
//! ```

mod check;
mod error;
mod key;
mod pattern;
mod raw;
mod substitute;
mod url;

pub use error::{ConfigError, Problem};
pub use key::{ApiKey, ApiKeyError, KeyDigest};
pub use pattern::ModelPattern;

use crate::security::{
    PiiCategory, RbacPolicy, RedactionStrategy, SecurityConfig, Subject, TenantId,
};
use mofa_foundation::security::ContentPolicy;
use mofa_runtime::Secret;
use std::fs::File;
use std::io::{self, ErrorKind::InvalidData, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The largest configuration file, in bytes.
pub const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// A configuration that can be put into force.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Where the gateway listens.
    pub listen: SocketAddr,
    /// What the gateway takes on.
    pub limits: Limits,
    /// What the pipeline does.
    pub security: SecurityConfig,
    /// How personal data is found and taken out.
    pub pii: PiiSettings,
    /// What each tenant's texts are judged by; the default tenant's holds for all without one.
    pub moderation: Vec<(TenantId, ContentPolicy)>,
    /// From which confidence on a text is suspicious.
    pub guard_threshold: f32,
    /// Phrases in which the guard finds nothing.
    pub guard_allowed: Vec<String>,
    /// Who may do what, by tenant.
    pub policies: Vec<(TenantId, RbacPolicy)>,
    /// Who may call the gateway.
    pub callers: Vec<CallerSettings>,
    /// Where models are.
    pub upstreams: Vec<UpstreamSettings>,
    /// Where records are kept.
    pub audit: AuditSettings,
    /// What holds, and has no effect on a gateway: see [`Problem::NeverAsked`] and
    /// [`Problem::NoUpstream`].
    pub warnings: Vec<ConfigError>,
}

/// What the gateway takes on. Each limit has its own status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The largest request body, in bytes; more is 413.
    pub max_body_bytes: usize,
    /// The largest request head, in bytes; more is 431.
    pub max_header_bytes: usize,
    /// How long a client may take to send a request's head; then the connection is closed.
    pub header_read_timeout: Duration,
    /// How long a client may take to send a request's body; more is 408.
    pub body_read_timeout: Duration,
    /// How long an upstream may take to answer; more is 504.
    pub request_timeout: Duration,
    /// How long an upstream may be silent in a stream; then the stream ends with an error.
    pub stream_idle_timeout: Duration,
    /// How many requests may be under way; more is 503.
    pub max_in_flight: usize,
    /// How many connections may be open; more wait to be accepted.
    pub max_connections: usize,
    /// The largest answer of an upstream that is not streamed, in bytes; more is 502.
    pub max_response_bytes: usize,
    /// The longest arguments of one tool call in a stream, in bytes; more ends the stream.
    pub max_tool_arguments_bytes: usize,
    /// How long requests under way may take to finish when the gateway stops.
    pub shutdown_grace: Duration,
}

/// How personal data is found and taken out.
#[derive(Debug, Clone)]
pub struct PiiSettings {
    /// Which categories are looked for; all if empty.
    pub categories: Vec<PiiCategory>,
    /// What is put in the place of a value.
    pub strategy: RedactionStrategy,
    /// What is put in the place of a value of one category.
    pub strategies: Vec<(PiiCategory, RedactionStrategy)>,
    /// Patterns beside the built-in ones: category, rule, regular expression.
    pub patterns: Vec<(PiiCategory, String, String)>,
    /// Whether a card number must pass the Luhn check.
    pub luhn: bool,
}

/// Someone who may call the gateway.
#[derive(Debug, Clone)]
pub struct CallerSettings {
    /// Names the key in records.
    pub id: String,
    /// What a key must hash to.
    pub digest: KeyDigest,
    /// Who the caller is, with the roles of this key and of no other.
    pub subject: Subject,
}

/// Where some models are.
#[derive(Debug, Clone)]
pub struct UpstreamSettings {
    /// Names the upstream in records and metrics.
    pub name: String,
    /// The address before `/chat/completions`.
    pub base_url: String,
    /// The upstream's own key, if it asks for one.
    pub api_key: Option<Secret>,
    /// Which models it has.
    pub models: Vec<ModelPattern>,
}

/// Where records are kept.
#[derive(Debug, Clone)]
pub struct AuditSettings {
    /// The file.
    pub path: PathBuf,
    /// The key under which values are hashed in records; a random one if there is none.
    pub hash_key: Option<Secret>,
}

impl Config {
    /// Reads and checks the file at `path`, with the process's environment.
    ///
    /// # Errors
    /// [`ConfigError`] if it cannot be read or does not hold.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let unreadable = |error: std::io::Error| ConfigError::unreadable(&name, &error);
        let mut bytes = Vec::new();
        // What is no plain file says nothing of its size, so the reading itself is bounded.
        let file = File::open(path).map_err(unreadable)?;
        file.take(MAX_CONFIG_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > MAX_CONFIG_BYTES {
            return Err(ConfigError::whole(&name, Problem::TooLarge { limit: MAX_CONFIG_BYTES }));
        }
        let text = String::from_utf8(bytes)
            .map_err(|_| unreadable(io::Error::new(InvalidData, "it is not UTF-8")))?;
        let mut config = Self::parse(&text, &name, &mofa_runtime::env::var)?;
        if config.audit.path.is_relative()
            && let Some(folder) = path.parent()
        {
            config.audit.path = folder.join(&config.audit.path);
        }
        Ok(config)
    }

    /// Checks `text`; `name` stands for the file in errors, `environment` for the environment.
    ///
    /// # Errors
    /// [`ConfigError`] if it does not hold.
    pub fn parse(
        text: &str,
        name: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let source = error::Source { name, text };
        let table = substitute::read(&source, environment)?;
        let raw = raw::read(&source, table)?;
        check::check(&source, raw)
    }
}

#[cfg(test)]
mod tests;
