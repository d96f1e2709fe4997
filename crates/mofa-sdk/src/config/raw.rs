//! The file as it is written, before anything is believed of it.
//!
//! # Invariants
//! What variables stood for is in these values, keys among it: none of them is printed. Only
//! [`RawConfig`] has a `Debug`, and it counts.

use super::error::{ConfigError, Problem, Source};
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::DeTable;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawConfig {
    pub(super) gateway: RawGateway,
    pub(super) security: RawSecurity,
    pub(super) audit: RawAudit,
    pub(super) vault: Option<Spanned<RawVault>>,
    pub(super) roles: BTreeMap<Spanned<String>, RawRole>,
    pub(super) default_role: Option<Spanned<String>>,
    pub(super) tenants: BTreeMap<Spanned<String>, RawTenant>,
    pub(super) keys: Vec<RawKey>,
    pub(super) llm: Option<Spanned<RawLlm>>,
    pub(super) upstreams: Vec<RawUpstream>,
}

impl fmt::Debug for RawConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawConfig")
            .field("roles", &self.roles.len())
            .field("tenants", &self.tenants.len())
            .field("keys", &self.keys.len())
            .field("upstreams", &self.upstreams.len())
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawGateway {
    pub(super) listen: Option<Spanned<String>>,
    pub(super) limits: RawLimits,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawLimits {
    pub(super) max_body_bytes: Option<Spanned<u64>>,
    pub(super) max_header_bytes: Option<Spanned<u64>>,
    pub(super) header_read_timeout_seconds: Option<Spanned<u64>>,
    pub(super) body_read_timeout_seconds: Option<Spanned<u64>>,
    pub(super) request_timeout_seconds: Option<Spanned<u64>>,
    pub(super) stream_idle_timeout_seconds: Option<Spanned<u64>>,
    pub(super) max_in_flight: Option<Spanned<u64>>,
    pub(super) max_connections: Option<Spanned<u64>>,
    pub(super) max_response_bytes: Option<Spanned<u64>>,
    pub(super) max_stream_duration_seconds: Option<Spanned<u64>>,
    pub(super) max_stream_bytes: Option<Spanned<u64>>,
    pub(super) max_tool_arguments_bytes: Option<Spanned<u64>>,
    pub(super) shutdown_grace_seconds: Option<Spanned<u64>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawSecurity {
    pub(super) preset: Option<RawPreset>,
    pub(super) fail_mode: Option<RawFailMode>,
    pub(super) stage_timeout_seconds: Option<Spanned<u64>>,
    pub(super) rbac: RawRbac,
    pub(super) pii: RawPii,
    pub(super) moderation: RawModeration,
    pub(super) guard: RawGuard,
}

#[derive(Debug, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawPreset {
    Strict,
    Permissive,
}

#[derive(Debug, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawFailMode {
    Open,
    Closed,
}

#[derive(Debug, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawMode {
    Off,
    Shadow,
    Enforce,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawRbac {
    pub(super) mode: Option<RawMode>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawPii {
    pub(super) mode: Option<RawMode>,
    pub(super) action: Option<RawPiiAction>,
    pub(super) categories: Vec<Spanned<String>>,
    pub(super) strategy: Option<Spanned<RawStrategy>>,
    pub(super) strategies: BTreeMap<Spanned<String>, RawStrategy>,
    pub(super) patterns: Vec<RawPattern>,
    pub(super) allowed: RawAllowedValues,
    pub(super) luhn: Option<bool>,
    pub(super) countries: Option<Spanned<RawCountries>>,
    pub(super) layers: Option<bool>,
    pub(super) min_confidence: Option<Spanned<f64>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawAllowedValues {
    pub(super) values: Vec<Spanned<String>>,
    pub(super) sha256: Vec<Spanned<String>>,
    pub(super) patterns: Vec<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawTenantPii {
    pub(super) patterns: Vec<RawPattern>,
    pub(super) allowed: RawAllowedValues,
    pub(super) countries: Option<Spanned<RawCountries>>,
    pub(super) layers: Option<bool>,
    pub(super) min_confidence: Option<Spanned<f64>>,
}

/// Codes of countries, or one for all of them.
pub(super) enum RawCountries {
    One(String),
    List(Vec<Spanned<String>>),
}

impl<'de> Deserialize<'de> for RawCountries {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Codes;
        impl<'de> Visitor<'de> for Codes {
            type Value = RawCountries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`\"all\"` or a list of codes such as `[\"de\", \"fr\"]`")
            }

            fn visit_str<E: de::Error>(self, code: &str) -> Result<RawCountries, E> {
                Ok(RawCountries::One(code.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut codes: A) -> Result<RawCountries, A::Error> {
                let mut list = Vec::new();
                while let Some(code) = codes.next_element()? {
                    list.push(code);
                }
                Ok(RawCountries::List(list))
            }
        }
        input.deserialize_any(Codes)
    }
}

#[derive(Debug, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawPiiAction {
    Redact,
    Block,
}

#[derive(Debug, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawStrategy {
    Mask,
    Hash,
    Remove,
    Replace,
    PartialMask,
    Tokenize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPattern {
    pub(super) category: Spanned<String>,
    pub(super) rule: Spanned<String>,
    pub(super) regex: Spanned<String>,
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) is_secret: bool,
    pub(super) check: Option<Spanned<String>>,
    pub(super) min_entropy: Option<Spanned<f64>>,
    #[serde(default)]
    pub(super) words: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) matches: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) not: Vec<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawModeration {
    pub(super) mode: Option<RawMode>,
    pub(super) blocked: Vec<Spanned<String>>,
    pub(super) flagged: Vec<Spanned<String>>,
    pub(super) allowed: Vec<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawGuard {
    pub(super) mode: Option<RawMode>,
    pub(super) threshold: Option<Spanned<f64>>,
    pub(super) action: Option<RawGuardAction>,
    pub(super) output_action: Option<RawGuardAction>,
    pub(super) allowed: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawGuardAction {
    Flag,
    Block,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawAudit {
    pub(super) path: Option<Spanned<String>>,
    pub(super) hash_key: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawVault {
    pub(super) path: Option<Spanned<String>>,
    pub(super) key: Spanned<String>,
    pub(super) ttl_seconds: Option<Spanned<u64>>,
    pub(super) max_values_per_conversation: Option<Spanned<u64>>,
    pub(super) max_values: Option<Spanned<u64>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawRole {
    pub(super) permissions: Vec<Spanned<String>>,
    pub(super) denied: Vec<Spanned<String>>,
    pub(super) parents: Vec<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawTenant {
    pub(super) roles: BTreeMap<Spanned<String>, RawRole>,
    pub(super) default_role: Option<Spanned<String>>,
    pub(super) moderation: Option<RawTenantModeration>,
    pub(super) pii: Option<RawTenantPii>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawTenantModeration {
    pub(super) blocked: Vec<Spanned<String>>,
    pub(super) flagged: Vec<Spanned<String>>,
    pub(super) allowed: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawKey {
    pub(super) id: Spanned<String>,
    pub(super) hash: Spanned<String>,
    pub(super) subject: Spanned<String>,
    pub(super) tenant: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) roles: Vec<Spanned<String>>,
}

/// The guide's short form of an upstream: a provider at its public address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLlm {
    pub(super) provider: RawProvider,
    pub(super) api_key: Spanned<String>,
}

#[derive(Debug, Deserialize, Clone, Copy)]
pub(super) enum RawProvider {
    #[serde(rename = "openai")]
    OpenAi,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawUpstream {
    pub(super) name: Spanned<String>,
    pub(super) base_url: Spanned<String>,
    pub(super) api_key: Option<Spanned<String>>,
    pub(super) models: Spanned<Vec<Spanned<String>>>,
}

/// Turns a table into the types above; names what does not fit.
pub(super) fn read(
    source: &Source<'_>,
    table: Spanned<DeTable<'_>>,
) -> Result<RawConfig, ConfigError> {
    RawConfig::deserialize(toml::de::Deserializer::from(table)).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        source.error(&span, explain(error.message(), source, &span))
    })
}

/// What serde says, without the value that it says it of.
fn explain(message: &str, source: &Source<'_>, span: &Range<usize>) -> Problem {
    let mut quoted = message.split('`').skip(1).step_by(2).map(str::to_owned);
    if message.starts_with("unknown field") {
        let key = quoted.next().unwrap_or_default();
        let known: Vec<String> = quoted.collect();
        let hint = nearest(&key, &known);
        return Problem::UnknownKey { key, hint };
    }
    if message.starts_with("missing field") {
        return Problem::MissingKey { key: quoted.next().unwrap_or_default() };
    }
    let expected = match expected_of(message) {
        Some(expected) => expected.to_owned(),
        None => names_at(source.text, span).unwrap_or_else(|| "another value".to_owned()),
    };
    Problem::Value { key: key_before(source.text, span), expected }
}

/// What would fit, in words of TOML.
fn expected_of(message: &str) -> Option<&str> {
    let (_, expected) = message.rsplit_once("expected ")?;
    Some(match expected {
        "f64" => "a number",
        "u64" => "a whole number",
        "a map" => "a table, such as `{ name = \"value\" }`",
        "a sequence" => "a list, such as `[\"value\"]`",
        expected => expected,
    })
}

/// The names that may stand in the place of the value at `span`, which is no string: what is said of
/// a string that is none of them.
fn names_at(text: &str, span: &Range<usize>) -> Option<String> {
    let (before, after) = (text.get(..span.start)?, text.get(span.end..)?);
    let other = format!("{before}\"\"{after}");
    let table = DeTable::parse(&other).ok()?;
    let error = RawConfig::deserialize(toml::de::Deserializer::from(table)).err()?;
    // An earlier mistake says nothing of this place.
    error.span().filter(|found| found.start == span.start)?;
    expected_of(error.message()).map(str::to_owned)
}

/// The key that the value at `span` stands behind.
fn key_before(text: &str, span: &Range<usize>) -> String {
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.rsplit('\n').find(|line| line.contains('=')).unwrap_or(before);
    let key = line.split('=').next().unwrap_or_default().trim();
    key.chars().take(64).collect()
}

/// The known key most like `key`, or all of them.
pub(super) fn nearest(key: &str, known: &[String]) -> String {
    let near = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(key, known), known))
        .filter(|(distance, known)| *distance <= known.len() / 2)
        .min();
    match near {
        Some((_, near)) => format!("did you mean `{near}`?"),
        None => format!("known here: `{}`", known.join("`, `")),
    }
}
