//! The built-in rules and categories: their names, numbers and descriptions.
//!
//! A rule's position in [`RULES`] is its [`RuleId`]; names appear in audit records, so they are
//! never renamed and numbers never leave the process.

use std::borrow::Cow;

use crate::{Kind, Rule, RuleId};

/// A built-in category; the discriminant is its bit in [`Enabled`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    Email = 1,
    Phone = 2,
    CreditCard = 4,
    Ssn = 8,
    IpAddress = 16,
    ApiKey = 32,
}

/// Every built-in category with the name it is configured by.
pub(super) const CATEGORIES: [(&str, Category); 6] = [
    ("email", Category::Email),
    ("phone", Category::Phone),
    ("credit_card", Category::CreditCard),
    ("ssn", Category::Ssn),
    ("ip_address", Category::IpAddress),
    ("api_key", Category::ApiKey),
];

/// A set of built-in categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Enabled(u8);

impl Enabled {
    pub(super) const fn all() -> Self {
        Self(0x3f)
    }

    pub(super) const fn none() -> Self {
        Self(0)
    }

    #[must_use]
    pub(super) const fn with(self, category: Category) -> Self {
        Self(self.0 | category as u8)
    }

    pub(super) const fn has(self, category: Category) -> bool {
        self.0 & category as u8 != 0
    }

    pub(super) const fn any(self) -> bool {
        self.0 != 0
    }
}

/// The first rule; also what an id of another scanner falls back to.
pub(super) static EMAIL_RULE: Rule =
    rule("email.address", "email", Kind::Pii, "e-mail address (RFC 5321)");

pub(super) const EMAIL: RuleId = RuleId(0);
pub(super) const PHONE_NANP: RuleId = RuleId(1);
pub(super) const PHONE_INTERNATIONAL: RuleId = RuleId(2);
pub(super) const CARD: RuleId = RuleId(3);
pub(super) const SSN: RuleId = RuleId(4);
pub(super) const SSN_CONTEXT: RuleId = RuleId(5);
pub(super) const IPV4: RuleId = RuleId(6);
pub(super) const OPENAI: RuleId = RuleId(7);
pub(super) const ANTHROPIC: RuleId = RuleId(8);
pub(super) const GITHUB: RuleId = RuleId(9);
pub(super) const AWS: RuleId = RuleId(10);
pub(super) const GOOGLE: RuleId = RuleId(11);
pub(super) const SLACK: RuleId = RuleId(12);
pub(super) const STRIPE: RuleId = RuleId(13);
pub(super) const GITLAB: RuleId = RuleId(14);
pub(super) const NPM: RuleId = RuleId(15);
pub(super) const SENDGRID: RuleId = RuleId(16);
pub(super) const TWILIO: RuleId = RuleId(17);
pub(super) const JWT: RuleId = RuleId(18);
pub(super) const PRIVATE_KEY: RuleId = RuleId(19);
pub(super) const BEARER: RuleId = RuleId(20);
pub(super) const ASSIGNMENT: RuleId = RuleId(21);

/// How many built-in rules there are; custom rules are numbered from here.
pub(super) const COUNT: u16 = 22;

/// Every built-in rule, in the order of the constants above.
pub(super) static RULES: [Rule; COUNT as usize] = [
    rule("email.address", "email", Kind::Pii, "e-mail address (RFC 5321)"),
    rule("phone.nanp", "phone", Kind::Pii, "North American phone number"),
    rule("phone.international", "phone", Kind::Pii, "phone number with country code (E.164)"),
    rule("credit_card.number", "credit_card", Kind::Pii, "payment card number (ISO/IEC 7812)"),
    rule("ssn.formatted", "ssn", Kind::Pii, "US Social Security number with separators"),
    rule("ssn.context", "ssn", Kind::Pii, "nine digits after words that announce an SSN"),
    rule("ip_address.v4", "ip_address", Kind::Pii, "IPv4 address"),
    secret("api_key.openai", "OpenAI or compatible API key"),
    secret("api_key.anthropic", "Anthropic API key"),
    secret("api_key.github", "GitHub token"),
    secret("api_key.aws", "AWS access key id"),
    secret("api_key.google", "Google API key"),
    secret("api_key.slack", "Slack token"),
    secret("api_key.stripe", "Stripe key"),
    secret("api_key.gitlab", "GitLab personal access token"),
    secret("api_key.npm", "npm access token"),
    secret("api_key.sendgrid", "SendGrid API key"),
    secret("api_key.twilio", "Twilio API key"),
    secret("api_key.jwt", "JSON Web Token (RFC 7519)"),
    secret("api_key.private_key", "PEM private key (RFC 7468)"),
    secret("api_key.bearer", "bearer token (RFC 6750)"),
    secret("api_key.assignment", "value assigned to a name that means a secret"),
];

const fn secret(id: &'static str, description: &'static str) -> Rule {
    rule(id, "api_key", Kind::Secret, description)
}

const fn rule(
    id: &'static str,
    category: &'static str,
    kind: Kind,
    description: &'static str,
) -> Rule {
    Rule {
        id: Cow::Borrowed(id),
        category: Cow::Borrowed(category),
        kind,
        description: Cow::Borrowed(description),
    }
}
