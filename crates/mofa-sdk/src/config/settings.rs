//! The parts of a configuration, checked.
//!
//! A program that has no file makes them itself: from their defaults, or with `new`, and then
//! changes fields.
//!
//! # Invariants
//! Keys are [`Secret`]s: none is printed.
//!
//! # Example
//! ```
//! use mofa_sdk::config::{Limits, ModelPattern, UpstreamSettings};
//!
//! let mut limits = Limits::default();
//! limits.max_in_flight = 64;
//! let models = ModelPattern::new("gpt-*").into_iter().collect();
//! let upstream = UpstreamSettings::new("main", "https://api.openai.com/v1", models);
//! assert!(upstream.api_key.is_none());
//! ```

use super::{KeyDigest, ModelPattern};
use crate::security::{
    CustomRule, Exception, PiiCategory, RedactionStrategy, Subject, TenantId, VaultKey, VaultLimits,
};
use mofa_runtime::Secret;
use mofa_runtime::security::DEFAULT_TTL;
use std::path::PathBuf;
use std::time::Duration;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// What the gateway takes on. Each limit has its own status.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
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
    /// How long a stream may last; then it ends with an error.
    pub max_stream_duration: Duration,
    /// The largest streamed answer of an upstream, in bytes; more ends the stream with an error.
    pub max_stream_bytes: usize,
    /// The longest arguments of tool calls in a stream, of all calls together, in bytes; more ends
    /// the stream.
    pub max_tool_arguments_bytes: usize,
    /// How long requests under way may take to finish when the gateway stops.
    pub shutdown_grace: Duration,
}

/// How personal data is found and taken out.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PiiSettings {
    /// Which categories are looked for; if empty, all but those that are guesses
    /// (`postal_address`, `person_name`).
    pub categories: Vec<PiiCategory>,
    /// How closely is looked, and for whose numbers.
    pub detection: DetectionSettings,
    /// What is put in the place of a value.
    pub strategy: RedactionStrategy,
    /// What is put in the place of a value of one category.
    pub strategies: Vec<(PiiCategory, RedactionStrategy)>,
    /// Rules beside the built-in ones, and exceptions.
    pub own: OwnRules,
    /// What tenants have of their own.
    pub tenants: Vec<(TenantId, TenantPiiSettings)>,
    /// Whether a card number must pass the Luhn check.
    pub luhn: bool,
}

/// How closely is looked for personal data and secrets, and for whose numbers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DetectionSettings {
    /// The countries (ISO 3166-1) whose ids and phone numbers are looked for, or `all`. If empty,
    /// the ids of every country, and phone numbers with a country code, of North America, or behind
    /// a word for one.
    pub countries: Vec<String>,
    /// Whether values are found too that are written so that only a person or a model sees them.
    pub layers: bool,
    /// How sure a finding must be, 0 to 1.
    pub min_confidence: f32,
}

/// What a tenant has of its own.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct TenantPiiSettings {
    /// Rules and exceptions beside those of everybody.
    pub own: OwnRules,
    /// In the place of what holds for everybody.
    pub detection: DetectionSettings,
}

/// Rules for personal data and secrets beside the built-in ones.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct OwnRules {
    /// What is looked for as well.
    pub rules: Vec<CustomRule>,
    /// What may stand wherever it is found.
    pub allowed: Vec<Exception>,
}

/// Someone who may call the gateway.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CallerSettings {
    /// Names the key, in records too.
    pub id: String,
    /// What a key must hash to.
    pub digest: KeyDigest,
    /// Who the caller is, with the roles of this key and of no other.
    pub subject: Subject,
}

/// Where some models are.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UpstreamSettings {
    /// Names the upstream in the log of the process and in reports; records name the model.
    pub name: String,
    /// The address before `/chat/completions`.
    pub base_url: String,
    /// The upstream's own key, if it asks for one.
    pub api_key: Option<Secret>,
    /// Which models it has.
    pub models: Vec<ModelPattern>,
    /// Its name as it is written, with the names of variables and not with what they stand for.
    pub(crate) written: Option<String>,
}

/// Where records are kept.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AuditSettings {
    /// The file.
    pub path: PathBuf,
    /// The key under which values are hashed in records; a random one if there is none.
    pub hash_key: Option<Secret>,
}

/// Where the values of [`RedactionStrategy::Tokenize`] are kept, and for how long.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VaultSettings {
    /// The file; in memory if there is none.
    pub path: Option<PathBuf>,
    /// The key that they are sealed under.
    pub key: VaultKey,
    /// How long a value is kept after it was last seen.
    pub ttl: Duration,
    /// How many values there may be.
    pub limits: VaultLimits,
}

impl VaultSettings {
    /// In memory, for 24 hours, with the default limits.
    #[must_use]
    pub fn new(key: VaultKey) -> Self {
        Self { path: None, key, ttl: DEFAULT_TTL, limits: VaultLimits::default() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 4 * MIB,
            max_header_bytes: 16 * KIB,
            header_read_timeout: Duration::from_secs(10),
            body_read_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_mins(5),
            stream_idle_timeout: Duration::from_mins(1),
            max_in_flight: 512,
            max_connections: 4_096,
            max_response_bytes: 16 * MIB,
            max_stream_duration: Duration::from_mins(10),
            max_stream_bytes: 64 * MIB,
            max_tool_arguments_bytes: MIB,
            shutdown_grace: Duration::from_secs(30),
        }
    }
}

impl Default for DetectionSettings {
    /// The ids of every country, as they stand, at least 0.5 sure.
    fn default() -> Self {
        Self { countries: Vec::new(), layers: false, min_confidence: 0.5 }
    }
}

impl Default for PiiSettings {
    /// Everything but guesses is looked for, and replaced by its category.
    fn default() -> Self {
        Self {
            categories: Vec::new(),
            detection: DetectionSettings::default(),
            strategy: RedactionStrategy::Replace,
            strategies: Vec::new(),
            own: OwnRules::default(),
            tenants: Vec::new(),
            luhn: true,
        }
    }
}

impl CallerSettings {
    /// The caller `subject`, by the key `id` that hashes to `digest`.
    #[must_use]
    pub fn new(id: impl Into<String>, digest: KeyDigest, subject: Subject) -> Self {
        Self { id: id.into(), digest, subject }
    }
}

impl UpstreamSettings {
    /// An upstream without a key.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        base_url: impl Into<String>,
        models: Vec<ModelPattern>,
    ) -> Self {
        let (name, base_url) = (name.into(), base_url.into());
        Self { name, base_url, api_key: None, models, written: None }
    }

    /// With the upstream's own key.
    #[must_use]
    pub fn with_api_key(self, key: Secret) -> Self {
        Self { api_key: Some(key), ..self }
    }
}

impl Default for AuditSettings {
    /// `audit.jsonl` in the present folder, and a random key.
    fn default() -> Self {
        Self { path: PathBuf::from("audit.jsonl"), hash_key: None }
    }
}
