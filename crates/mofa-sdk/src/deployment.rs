//! A configuration put into force: engines, records, callers and upstreams, wired together.
//!
//! # Invariants
//! What the configuration says is enforced, or [`Deployment::open`] fails.
//!
//! # Failure
//! [`DeploymentError`] says what could not be put into force.

mod callers;
mod upstreams;

pub use callers::Callers;
pub use upstreams::Upstreams;

use crate::config::{Config, DetectionSettings, Limits, OwnRules, PiiSettings};
use crate::security::{BuildError, PolicyError, SecurityError, SecurityService};
use mofa_foundation::llm::LlmError;
use mofa_foundation::security::{
    DefaultAuthorizer, KeywordModerator, MemoryTokenStore, PiiDetectorBuilder, RegexPiiDetector,
    RegexPiiRedactor, RegexPromptGuard,
};
use mofa_monitoring::audit::AuditLogError;
use mofa_monitoring::{JsonlAuditLog, Metrics};
use mofa_runtime::security::{TenantId, TokenStore, TokenVault, VaultError};
use mofa_scan::pii::{CustomRule, PiiScanner};
use mofa_store::SqliteTokenStore;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use thiserror::Error;
use zeroize::Zeroizing;

/// Everything that a gateway or a program needs.
#[derive(Debug)]
#[non_exhaustive]
pub struct Deployment {
    /// The pipeline.
    pub service: Arc<SecurityService>,
    /// Who may do what; changes take effect at once.
    pub authorizer: Arc<DefaultAuthorizer>,
    /// Where records are kept.
    pub audit: Arc<JsonlAuditLog>,
    /// What keeps the values that come back in answers, if anything does.
    pub vault: Option<Arc<TokenVault>>,
    /// Counts of everything.
    pub metrics: Arc<Metrics>,
    /// Who may call.
    pub callers: Callers,
    /// Where models are.
    pub upstreams: Upstreams,
    /// What the gateway takes on.
    pub limits: Limits,
    /// Where the gateway listens.
    pub listen: SocketAddr,
}

/// What could not be put into force.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeploymentError {
    /// The rules of who may do what do not hold together.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// An engine's rules do not hold together.
    #[error(transparent)]
    Engine(#[from] SecurityError),
    /// The pipeline could not do what the configuration says.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Values cannot be kept.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The audit log cannot be written.
    #[error(transparent)]
    Audit(#[from] AuditLogError),
    /// An upstream's address or key is not usable.
    #[error("upstream `{name}`: {source}")]
    Upstream {
        /// Which upstream, as the configuration writes its name.
        name: String,
        /// What is wrong with it.
        source: LlmError,
    },
}

impl Deployment {
    /// Puts `config` into force.
    ///
    /// # Errors
    /// [`DeploymentError`] if anything in it could not be enforced.
    pub fn open(config: Config) -> Result<Self, DeploymentError> {
        let audit = Arc::new(JsonlAuditLog::open(&config.audit.path)?);
        let metrics = Arc::new(Metrics::new());
        let vault = vault(&config)?;
        let (service, authorizer) = build_service(&config, &audit, &metrics, vault.as_ref())?;
        Ok(Self {
            service: Arc::new(service),
            authorizer,
            audit,
            vault,
            metrics,
            callers: Callers::new(config.callers),
            upstreams: Upstreams::open(config.upstreams, &config.limits)?,
            limits: config.limits,
            listen: config.listen,
        })
    }
}

fn build_service(
    config: &Config,
    audit: &Arc<JsonlAuditLog>,
    metrics: &Arc<Metrics>,
    vault: Option<&Arc<TokenVault>>,
) -> Result<(SecurityService, Arc<DefaultAuthorizer>), DeploymentError> {
    let authorizer = Arc::new(authorizer(config)?);
    let detector = detector(config)?;
    let hash_key = config.audit.hash_key.as_ref().map(|key| derive(key.expose(), "audit"));
    let mut redactor = redactor(config, &detector);
    if let Some(vault) = vault {
        redactor = redactor.with_token_vault(Arc::clone(vault));
    }
    let mut builder = SecurityService::builder(config.security.clone())
        .with_authorizer(Arc::clone(&authorizer) as Arc<_>)
        .with_pii_redactor(Arc::new(redactor))
        .with_pii_detector(Arc::new(detector))
        .with_content_moderator(Arc::new(moderator(config)))
        .with_prompt_guard(Arc::new(guard(config)))
        .with_audit_sink(Arc::clone(audit) as Arc<_>)
        .with_observer(Arc::clone(metrics) as Arc<_>);
    if let Some(key) = hash_key {
        builder = builder.with_hash_key(key);
    }
    if let Some(vault) = vault {
        builder = builder.with_token_vault(Arc::clone(vault));
    }
    Ok((builder.build()?, authorizer))
}

/// The authorizer that `config` asks for; also what `mofa check` asks. What a key's roles allow it
/// knows only with the key's subject, which brings them: see
/// [`CallerSettings`](crate::config::CallerSettings).
///
/// # Errors
/// [`PolicyError`] if a policy does not hold together.
///
/// # Example
/// ```
/// use mofa_sdk::config::Config;
/// use mofa_sdk::deployment;
/// use mofa_sdk::security::{Subject, SubjectId, TenantId};
///
/// let text = r#"
///     default_role = "guest"
///     roles.guest.permissions = ["invoke:model:small"]
/// "#;
/// let config = Config::parse(text, "mofa.toml", &|_| None)?;
/// let authorizer = deployment::authorizer(&config)?;
/// let subject = Subject::new(SubjectId::new("ann")?, TenantId::default());
/// assert!(authorizer.check(&subject, "invoke", "model:small")?.is_allowed());
/// assert!(!authorizer.check(&subject, "invoke", "model:large")?.is_allowed());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn authorizer(config: &Config) -> Result<DefaultAuthorizer, PolicyError> {
    let tenants = config.policies.iter().cloned();
    let builder = tenants.fold(DefaultAuthorizer::builder(), |builder, (tenant, policy)| {
        builder.with_tenant(tenant, policy)
    });
    builder.build()
}

/// The detector that `config` asks for; also what `mofa scan` looks with.
///
/// # Errors
/// [`SecurityError`] if a pattern does not compile or a category has no rule.
pub fn detector(config: &Config) -> Result<RegexPiiDetector, SecurityError> {
    detector_of(&config.pii)
}

/// The detector that `settings` ask for.
///
/// # Errors
/// [`SecurityError`] if a pattern does not compile, or a category or a country has no rule.
pub fn detector_of(settings: &PiiSettings) -> Result<RegexPiiDetector, SecurityError> {
    let none = OwnRules::default();
    let set = |tenant: &OwnRules, detection: &DetectionSettings| {
        let builder = RegexPiiDetector::builder()
            .with_luhn_validation(settings.luhn)
            .with_layers(detection.layers)
            .with_min_confidence(detection.min_confidence);
        let builder = if detection.countries.is_empty() {
            builder
        } else {
            builder.with_countries(&detection.countries)
        };
        let builder = with_own(with_own(builder, &settings.own), tenant);
        if settings.categories.is_empty() {
            return builder;
        }
        // What only another tenant has a rule for is nothing to look for.
        let built_in = PiiScanner::default();
        let of_rules = settings.own.rules.iter().chain(&tenant.rules).map(CustomRule::category);
        let known: BTreeSet<&str> =
            built_in.rules().iter().map(|rule| rule.category.as_ref()).chain(of_rules).collect();
        let wanted = settings.categories.iter().filter(|wanted| known.contains(wanted.as_str()));
        builder.only(wanted.cloned())
    };
    let everybody = set(&none, &settings.detection);
    let builder = settings.tenants.iter().fold(everybody, |builder, (tenant, its)| {
        builder.for_tenant(tenant.clone(), set(&its.own, &its.detection))
    });
    builder.build()
}

/// `builder` with the rules and exceptions of `own`.
pub(crate) fn with_own(builder: PiiDetectorBuilder, own: &OwnRules) -> PiiDetectorBuilder {
    let builder = own.rules.iter().cloned().fold(builder, PiiDetectorBuilder::with_rule);
    own.allowed.iter().cloned().fold(builder, PiiDetectorBuilder::allow)
}

/// The vault that `config` asks for.
fn vault(config: &Config) -> Result<Option<Arc<TokenVault>>, VaultError> {
    let Some(settings) = &config.vault else { return Ok(None) };
    let store: Arc<dyn TokenStore> = match &settings.path {
        Some(path) => Arc::new(SqliteTokenStore::open(path)?),
        None => Arc::new(MemoryTokenStore::new()),
    };
    let vault = TokenVault::open(store, &settings.key)?;
    Ok(Some(Arc::new(vault.with_ttl(settings.ttl).with_limits(settings.limits))))
}

/// Makes sure that the vault that `config` asks for opens with its key, if it is there; none is
/// made. It blocks.
///
/// # Errors
/// [`DeploymentError::Vault`] if [`Deployment::open`] would refuse it.
pub fn could_keep(config: &Config) -> Result<(), DeploymentError> {
    let Some(settings) = &config.vault else { return Ok(()) };
    if let Some(path) = settings.path.as_ref().filter(|path| path.symlink_metadata().is_ok()) {
        SqliteTokenStore::open(path)?.unlock(&settings.key.id())?;
    }
    Ok(())
}

/// The redactor that `config` asks for, without a vault.
#[must_use]
pub fn redactor(config: &Config, detector: &RegexPiiDetector) -> RegexPiiRedactor {
    let redactor = redactor_of(&config.pii, detector);
    match &config.audit.hash_key {
        Some(key) => redactor.with_hash_key(derive(key.expose(), "redaction")),
        None => redactor,
    }
}

/// The redactor that `settings` ask for, with a random key and without a vault.
#[must_use]
pub fn redactor_of(settings: &PiiSettings, detector: &RegexPiiDetector) -> RegexPiiRedactor {
    let redactor = RegexPiiRedactor::new()
        .with_default_strategy(settings.strategy)
        .with_detector(detector.clone());
    settings.strategies.iter().fold(redactor, |redactor, (category, strategy)| {
        redactor.with_strategy(category.clone(), *strategy)
    })
}

/// The moderator that `config` asks for.
#[must_use]
pub fn moderator(config: &Config) -> KeywordModerator {
    config.moderation.iter().cloned().fold(KeywordModerator::new(), |all, (tenant, policy)| {
        if tenant == TenantId::default() {
            all.with_policy(policy)
        } else {
            all.with_tenant_policy(tenant, policy)
        }
    })
}

/// The guard that `config` asks for.
#[must_use]
pub fn guard(config: &Config) -> RegexPromptGuard {
    let guard = RegexPromptGuard::new().with_threshold(config.guard_threshold);
    config.guard_allowed.iter().fold(guard, RegexPromptGuard::add_allowed)
}

/// A key of its own for each purpose, so that a hash in a text is none in a record.
fn derive(key: &str, purpose: &str) -> Zeroizing<[u8; 32]> {
    let mut hash = Sha256::new();
    hash.update(purpose.as_bytes());
    hash.update([0]);
    hash.update(key.as_bytes());
    let mut derived = Zeroizing::new([0; 32]);
    // Into its place, so that no copy is left behind.
    hash.finalize_into((&mut *derived).into());
    derived
}
