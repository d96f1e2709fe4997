//! Puts a service together, and refuses one that could not do what its configuration says.
//!
//! # Invariants
//! A service that builds has an engine for every stage that is on, a redactor if something may be
//! taken out, and a sink unless the fail mode is open.
//!
//! # Failure
//! [`BuildError`] names the stage and the builder's method that is missing.

use super::{Engines, SecurityService};
use crate::security::config::{PiiAction, SecurityConfig, SecurityFailMode, Stage, StageMode};
use crate::security::error::SecurityError;
use crate::security::traits::{
    AuditSink, Authorizer, ContentModerator, Engine, EventObserver, PiiDetector, PiiRedactor,
    PromptGuard,
};
use crate::security::vault::TokenVault;
use hmac::{Hmac, KeyInit};
use mofa_kernel::{Clock, SystemClock};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use thiserror::Error;
use zeroize::Zeroizing;

/// Why a service cannot be built.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A stage is on and has nothing to run.
    #[error("`{stage}` is enabled and has no engine: add one by `{method}`, or disable it")]
    MissingEngine {
        /// The stage.
        stage: Stage,
        /// The builder's method that adds its engine.
        method: &'static str,
    },
    /// An engine's rules do not hold together.
    #[error("`{stage}` cannot be used: {source}")]
    Engine {
        /// The stage.
        stage: Stage,
        /// What the engine says.
        source: SecurityError,
    },
    /// Decisions would go unrecorded.
    #[error(
        "the fail mode is closed and there is nowhere to record decisions: add a sink by \
         `with_audit_sink`, or say `danger::without_audit()` there"
    )]
    MissingAuditSink,
    /// The system gave no random bytes for the hash key.
    #[error("no random bytes for the hash key")]
    Random,
}

/// Collects what a service is made of.
#[must_use]
pub struct SecurityServiceBuilder {
    config: SecurityConfig,
    engines: Engines,
    sink: Option<Arc<dyn AuditSink>>,
    observer: Option<Arc<dyn EventObserver>>,
    clock: Arc<dyn Clock>,
    hash_key: Option<Zeroizing<[u8; 32]>>,
}

impl fmt::Debug for SecurityServiceBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecurityServiceBuilder")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl SecurityServiceBuilder {
    pub(super) fn new(config: SecurityConfig) -> Self {
        Self {
            config,
            engines: Engines::default(),
            sink: None,
            observer: None,
            clock: Arc::new(SystemClock),
            hash_key: None,
        }
    }

    /// Who may do what.
    pub fn with_authorizer(mut self, authorizer: Arc<dyn Authorizer>) -> Self {
        self.engines.authorizer = Some(authorizer);
        self
    }

    /// What finds personal data.
    pub fn with_pii_detector(mut self, detector: Arc<dyn PiiDetector>) -> Self {
        self.engines.detector = Some(detector);
        self
    }

    /// What takes personal data out.
    pub fn with_pii_redactor(mut self, redactor: Arc<dyn PiiRedactor>) -> Self {
        self.engines.redactor = Some(redactor);
        self
    }

    /// What keeps the values that come back in answers, for subjects that may
    /// `reveal:pii:CATEGORY`. The redactor needs it too.
    pub fn with_token_vault(mut self, vault: Arc<TokenVault>) -> Self {
        self.engines.vault = Some(vault);
        self
    }

    /// What judges content.
    pub fn with_content_moderator(mut self, moderator: Arc<dyn ContentModerator>) -> Self {
        self.engines.moderator = Some(moderator);
        self
    }

    /// What finds attacks on the model.
    pub fn with_prompt_guard(mut self, guard: Arc<dyn PromptGuard>) -> Self {
        self.engines.guard = Some(guard);
        self
    }

    /// Where records are kept.
    pub fn with_audit_sink(self, sink: Arc<dyn AuditSink>) -> Self {
        Self { sink: Some(sink), ..self }
    }

    /// What else is told of every event: metrics, alerts.
    pub fn with_observer(self, observer: Arc<dyn EventObserver>) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// Where the time comes from; the system's clock unless set.
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The key under which values are hashed in records. Without one a random key is made, and
    /// the hashes of one run cannot be compared with those of another.
    pub fn with_hash_key(self, key: Zeroizing<[u8; 32]>) -> Self {
        Self { hash_key: Some(key), ..self }
    }

    /// Makes the service.
    ///
    /// # Errors
    /// [`BuildError`] if it could not do what its configuration says.
    pub fn build(self) -> Result<SecurityService, BuildError> {
        let policy = self.check_engines()?;
        let sink = match (self.sink, self.config.fail_mode()) {
            (Some(sink), _) => sink,
            (None, SecurityFailMode::FailOpen) => super::super::danger::without_audit(),
            (None, SecurityFailMode::FailClosed) => return Err(BuildError::MissingAuditSink),
        };
        let key = self.hash_key.map_or_else(random_key, Ok)?;
        Ok(SecurityService {
            config: self.config,
            engines: self.engines,
            sink,
            observer: self.observer,
            clock: self.clock,
            hasher: keyed(&key),
            policy: policy.into(),
        })
    }

    /// Makes sure that every stage that is on has a usable engine; gives the policy's hash.
    fn check_engines(&self) -> Result<String, BuildError> {
        let redacts = self.config.pii_action() == PiiAction::Redact;
        let engines = &self.engines;
        let needed = [
            (Stage::Rbac, "with_authorizer", view(engines.authorizer.as_ref()), true),
            (Stage::Pii, "with_pii_detector", view(engines.detector.as_ref()), true),
            (Stage::Pii, "with_pii_redactor", view(engines.redactor.as_ref()), redacts),
            (Stage::Moderation, "with_content_moderator", view(engines.moderator.as_ref()), true),
            (Stage::Guard, "with_prompt_guard", view(engines.guard.as_ref()), true),
        ];
        let mut hash = Sha256::new();
        hash.update(format!("{:?}", self.config));
        for (stage, method, engine, is_needed) in needed {
            if self.config.mode(stage) == StageMode::Off {
                continue;
            }
            match engine {
                Some((ready, fingerprint)) => {
                    ready.map_err(|source| BuildError::Engine { stage, source })?;
                    hash.update(fingerprint.len().to_le_bytes());
                    hash.update(fingerprint);
                }
                None if is_needed => return Err(BuildError::MissingEngine { stage, method }),
                None => {}
            }
        }
        let digest = hash.finalize();
        Ok(digest.iter().take(8).fold("sha256:".to_owned(), |hex, byte| format!("{hex}{byte:02x}")))
    }
}

fn random_key() -> Result<Zeroizing<[u8; 32]>, BuildError> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *key).map_err(|_| BuildError::Random)?;
    Ok(key)
}

/// HMAC-SHA-256 under `key`, which RFC 2104 fills up with zeros to a block of 64 bytes.
fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0; 64]);
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    Hmac::<Sha256>::new((&*block).into())
}

/// Whether an engine is ready, and what its rules are.
fn view<E: Engine + ?Sized>(
    engine: Option<&Arc<E>>,
) -> Option<(Result<(), SecurityError>, String)> {
    engine.map(|engine| (engine.ready(), engine.fingerprint()))
}
