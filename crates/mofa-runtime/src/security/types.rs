//! The values that engines take and give: subjects, verdicts, detections, strategies.
//!
//! They hold no behaviour beyond their own meaning.
//!
//! # Invariants
//! None of them is `Serialize`: what goes on a wire or into a record is a type of its own there. A
//! [`PiiDetection`] and its like name a place and never hold the text that stands there.

use crate::security::error::SecurityError;
use mofa_kernel::define_name;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// Who acts: an agent, a person or a program, within a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    /// The name that policies assign roles to.
    pub id: SubjectId,
    /// Whose policies hold for it.
    pub tenant: TenantId,
    /// Roles that its credential brings along, over those that the policy assigns.
    pub roles: Vec<RoleName>,
    /// Which credential that is, if it has a name: for records, no policy asks for it.
    pub key: Option<KeyId>,
}

impl Subject {
    /// A subject of `tenant` without a credential or roles of its own.
    #[must_use]
    pub fn new(id: SubjectId, tenant: TenantId) -> Self {
        Self { id, tenant, roles: Vec::new(), key: None }
    }
}

define_name!(
    /// Names a subject within its tenant.
    SubjectId, "subject"
);
define_name!(
    /// Names a tenant: one customer, team or environment, apart from all others.
    TenantId, "tenant"
);
define_name!(
    /// Names a role within a tenant.
    RoleName, "role"
);
define_name!(
    /// Names a credential in records; it is not the credential.
    KeyId, "key"
);

impl Default for TenantId {
    /// The tenant of deployments that have only one: `default`.
    fn default() -> Self {
        Self("default".into())
    }
}

/// What is to happen with a text, from mild to harsh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[must_use]
pub enum Verdict {
    /// It may pass.
    #[default]
    Allow,
    /// It may pass, and someone should know.
    Flag,
    /// It must not pass.
    Block,
}

impl Verdict {
    /// `allow`, `flag` or `block`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Flag => "flag",
            Self::Block => "block",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The answer of an [`Authorizer`](super::Authorizer).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum AuthorizationResult {
    /// The subject may.
    Allowed,
    /// The subject may not.
    Denied(DenyReason),
}

impl AuthorizationResult {
    /// Whether the subject may.
    #[must_use]
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed)
    }
}

/// Why a subject may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DenyReason {
    /// No policy is known for the subject's tenant.
    UnknownTenant,
    /// The subject has no role, and there is no default role.
    NoRole,
    /// None of the subject's roles grants it.
    NotGranted,
    /// One of the subject's roles denies it, which wins over every grant.
    ExplicitDeny,
}

impl DenyReason {
    /// A stable word for records and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownTenant => "unknown_tenant",
            Self::NoRole => "no_role",
            Self::NotGranted => "not_granted",
            Self::ExplicitDeny => "explicit_deny",
        }
    }
}

impl fmt::Display for DenyReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownTenant => "the tenant has no policy",
            Self::NoRole => "the subject has no role",
            Self::NotGranted => "none of the subject's roles grants it",
            Self::ExplicitDeny => "a role of the subject denies it",
        })
    }
}

/// A kind of personal data or secret, for instance `email`; an open set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PiiCategory(Cow<'static, str>);

impl PiiCategory {
    /// E-mail addresses.
    pub const EMAIL: Self = Self(Cow::Borrowed("email"));
    /// Telephone numbers.
    pub const PHONE: Self = Self(Cow::Borrowed("phone"));
    /// Payment card numbers.
    pub const CREDIT_CARD: Self = Self(Cow::Borrowed("credit_card"));
    /// United States Social Security Numbers.
    pub const SSN: Self = Self(Cow::Borrowed("ssn"));
    /// IP addresses.
    pub const IP_ADDRESS: Self = Self(Cow::Borrowed("ip_address"));
    /// API keys, tokens, passwords and private keys.
    pub const API_KEY: Self = Self(Cow::Borrowed("api_key"));

    /// A category of your own.
    ///
    /// # Errors
    /// [`SecurityError::Invalid`] unless the name is 1 to 64 of `a-z`, `0-9` and `_`: it becomes a
    /// placeholder in texts and a label in metrics.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, SecurityError> {
        let name = name.into();
        let fits = (1..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if fits {
            Ok(Self(name))
        } else {
            Err(SecurityError::Invalid {
                field: "category",
                found: name.into_owned(),
                expected: "1 to 64 of `a-z`, `0-9` and `_`",
            })
        }
    }

    /// The category's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What [`RedactionStrategy::Replace`] puts in the place of a value: `[EMAIL]`.
    #[must_use]
    pub fn placeholder(&self) -> String {
        format!("[{}]", self.0.to_ascii_uppercase())
    }
}

impl fmt::Display for PiiCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where in a text something was found, and what. The text itself is not in it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PiiDetection {
    /// What kind of value it is.
    pub category: PiiCategory,
    /// Which bytes of the text it is; on character boundaries.
    pub span: Range<usize>,
    /// The rule that found it.
    pub rule: Cow<'static, str>,
    /// How sure the rule is, 0 to 1.
    pub confidence: f32,
}

impl PiiDetection {
    /// A value of `category` at the bytes `span`, that `rule` found.
    #[must_use]
    pub fn new(
        category: PiiCategory,
        span: Range<usize>,
        rule: impl Into<Cow<'static, str>>,
        confidence: f32,
    ) -> Self {
        Self { category, span, rule: rule.into(), confidence }
    }
}

/// What is put in the place of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum RedactionStrategy {
    /// `[REDACTED]`.
    #[default]
    Mask,
    /// A keyed hash: the same value gives the same hash, so that it can be followed in an audit
    /// trail, and without the key it cannot be found by trying all values.
    Hash,
    /// Nothing.
    Remove,
    /// The category: `[EMAIL]`.
    Replace,
    /// The last four characters of the value, as in `[****1111]`; never more than two fifths of
    /// it, so of nine characters three.
    PartialMask,
    /// A placeholder, `[EMAIL_1]`, from which the value comes back for a subject that may see it:
    /// see [`TokenVault`](super::TokenVault). A text that belongs to no conversation has `[EMAIL]`
    /// in its place, as [`Replace`](Self::Replace) puts it.
    Tokenize,
}

impl RedactionStrategy {
    /// `mask`, `hash`, `remove`, `replace`, `partial_mask` or `tokenize`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mask => "mask",
            Self::Hash => "hash",
            Self::Remove => "remove",
            Self::Replace => "replace",
            Self::PartialMask => "partial_mask",
            Self::Tokenize => "tokenize",
        }
    }
}

/// A text without its personal data.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Redaction {
    /// The text that is left.
    pub text: String,
    /// What was taken out; spans are those of the text before.
    pub detections: Vec<PiiDetection>,
}

impl Redaction {
    /// The text that is left without `detections`.
    #[must_use]
    pub fn new(text: impl Into<String>, detections: Vec<PiiDetection>) -> Self {
        Self { text: text.into(), detections }
    }
}

/// The answer of a [`ContentModerator`](super::ContentModerator).
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
#[non_exhaustive]
pub struct Moderation {
    /// What is to happen with the text.
    pub verdict: Verdict,
    /// Why, in words for a person; empty if there is nothing to say.
    pub reason: String,
    /// What was found.
    pub matches: Vec<ModerationMatch>,
}

impl Moderation {
    /// What is to happen, why, and what was found.
    pub fn new(verdict: Verdict, reason: impl Into<String>, matches: Vec<ModerationMatch>) -> Self {
        Self { verdict, reason: reason.into(), matches }
    }
}

/// Something a moderator found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ModerationMatch {
    /// The kind of harm, for instance `spam`.
    pub category: Cow<'static, str>,
    /// The rule that found it; never the matched text.
    pub rule: Cow<'static, str>,
    /// What the policy says of it.
    pub verdict: Verdict,
    /// Which bytes of the text it is; on character boundaries.
    pub span: Range<usize>,
    /// How sure the rule is, 0 to 1.
    pub score: f32,
}

impl ModerationMatch {
    /// What `rule` found at the bytes `span`.
    #[must_use]
    pub fn new(
        category: impl Into<Cow<'static, str>>,
        rule: impl Into<Cow<'static, str>>,
        verdict: Verdict,
        span: Range<usize>,
        score: f32,
    ) -> Self {
        Self { category: category.into(), rule: rule.into(), verdict, span, score }
    }
}

/// The answer of a [`PromptGuard`](super::PromptGuard).
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
#[non_exhaustive]
pub struct InjectionCheck {
    /// Whether `confidence` has reached the guard's threshold.
    pub is_suspicious: bool,
    /// How probably the text is an attack, 0 to 1.
    pub confidence: f32,
    /// What speaks for it, strongest first; empty if nothing in particular does, but the text as a
    /// whole.
    pub signals: Vec<InjectionSignal>,
}

impl InjectionCheck {
    /// Whether it is suspicious, how probably it is an attack, and what speaks for it.
    pub const fn new(is_suspicious: bool, confidence: f32, signals: Vec<InjectionSignal>) -> Self {
        Self { is_suspicious, confidence, signals }
    }
}

/// One thing that speaks for an attack.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct InjectionSignal {
    /// The kind of attack, for instance `override`.
    pub family: Cow<'static, str>,
    /// The rule that found it.
    pub rule: Cow<'static, str>,
    /// Why this is suspicious, in words for a person.
    pub reason: Cow<'static, str>,
    /// Which bytes of the text it is; on character boundaries.
    pub span: Range<usize>,
    /// How probable this alone makes an attack, 0 to 1.
    pub weight: f32,
}

impl InjectionSignal {
    /// What `rule` found at the bytes `span`, and why it is suspicious.
    #[must_use]
    pub fn new(
        family: impl Into<Cow<'static, str>>,
        rule: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
        span: Range<usize>,
        weight: f32,
    ) -> Self {
        Self { family: family.into(), rule: rule.into(), reason: reason.into(), span, weight }
    }
}
