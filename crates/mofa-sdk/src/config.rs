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
mod settings;
mod substitute;
mod url;

pub use error::{ConfigError, Problem};
pub use key::{ApiKey, ApiKeyError, KeyDigest};
pub use pattern::ModelPattern;
pub use settings::{
    AuditSettings, CallerSettings, DetectionSettings, Limits, OwnRules, PiiSettings,
    TenantPiiSettings, UpstreamSettings, VaultSettings,
};

use crate::security::{RbacPolicy, SecurityConfig, TenantId};
use mofa_foundation::security::ContentPolicy;
use std::fs::File;
use std::io::{self, ErrorKind::InvalidData, Read};
use std::net::SocketAddr;
use std::path::Path;

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
    /// Where values are kept that come back in answers; `None` if none are.
    pub vault: Option<VaultSettings>,
    /// What holds, and has no effect on a gateway: see [`Problem::NeverAsked`] and
    /// [`Problem::NoUpstream`].
    pub warnings: Vec<ConfigError>,
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
        let vault = config.vault.as_mut().and_then(|vault| vault.path.as_mut());
        for file in [&mut config.audit.path].into_iter().chain(vault) {
            if file.is_relative()
                && let Some(folder) = path.parent()
            {
                *file = folder.join(&*file);
            }
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
