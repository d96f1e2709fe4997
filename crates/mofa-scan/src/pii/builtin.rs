//! The built-in rules and categories: their names, numbers and descriptions.
//!
//! Rules come in families, one after the other. A rule's position among all of them is its
//! [`RuleId`]; names appear in audit records, so they are never renamed, and numbers never leave
//! the process.

pub(super) mod personal;

use super::{id, secret};
use crate::{Kind, Rule, RuleId};

/// A built-in category; the discriminant is its bit in [`Enabled`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Category {
    Email,
    Phone,
    CreditCard,
    Ssn,
    IpAddress,
    ApiKey,
    NationalId,
    TaxId,
    HealthId,
    Passport,
    DrivingLicence,
    CompanyId,
    VehicleId,
    Iban,
    Bic,
    BankAccount,
    MacAddress,
    UrlCredentials,
    CryptoAddress,
    DateOfBirth,
    PostalAddress,
    PersonName,
}

/// Every built-in category with the name it is configured by, and whether it is on unless the
/// caller chooses: names and addresses are guesses.
pub(super) const CATEGORIES: [(&str, Category, bool); 22] = [
    ("email", Category::Email, true),
    ("phone", Category::Phone, true),
    ("credit_card", Category::CreditCard, true),
    ("ssn", Category::Ssn, true),
    ("ip_address", Category::IpAddress, true),
    ("api_key", Category::ApiKey, true),
    ("national_id", Category::NationalId, true),
    ("tax_id", Category::TaxId, true),
    ("health_id", Category::HealthId, true),
    ("passport", Category::Passport, true),
    ("driving_licence", Category::DrivingLicence, true),
    ("company_id", Category::CompanyId, true),
    ("vehicle_id", Category::VehicleId, true),
    ("iban", Category::Iban, true),
    ("bic", Category::Bic, true),
    ("bank_account", Category::BankAccount, true),
    ("mac_address", Category::MacAddress, true),
    ("url_credentials", Category::UrlCredentials, true),
    ("crypto_address", Category::CryptoAddress, true),
    ("date_of_birth", Category::DateOfBirth, true),
    ("postal_address", Category::PostalAddress, false),
    ("person_name", Category::PersonName, false),
];

/// A set of built-in categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Enabled(u32);

impl Enabled {
    /// What is on unless the caller chooses.
    pub(super) fn usual() -> Self {
        let usual = CATEGORIES.iter().filter(|(.., is_usual)| *is_usual);
        usual.fold(Self::none(), |enabled, (_, category, _)| enabled.with(*category))
    }

    pub(super) const fn none() -> Self {
        Self(0)
    }

    #[must_use]
    pub(super) const fn with(self, category: Category) -> Self {
        Self(self.0 | 1 << category as u8)
    }

    pub(super) const fn has(self, category: Category) -> bool {
        self.0 >> category as u8 & 1 != 0
    }

    pub(super) fn has_any(self, categories: &[Category]) -> bool {
        categories.iter().any(|category| self.has(*category))
    }

    /// Those of them that are in `categories`, too.
    #[must_use]
    pub(super) fn only(self, categories: &[Category]) -> Self {
        let chosen = categories.iter().filter(|category| self.has(**category));
        chosen.fold(Self::none(), |all, category| all.with(*category))
    }

    pub(super) const fn any(self) -> bool {
        self.0 != 0
    }
}

/// The first rule; also what an id of another scanner falls back to.
pub(super) static EMAIL_RULE: Rule =
    Rule::new("email.address", "email", Kind::Pii, "e-mail address (RFC 5321)");

pub(super) const EMAIL: RuleId = RuleId(0);
pub(super) const PHONE_NANP: RuleId = RuleId(1);
pub(super) const PHONE_INTERNATIONAL: RuleId = RuleId(2);
pub(super) const CARD: RuleId = RuleId(3);
pub(super) const SSN: RuleId = RuleId(4);
pub(super) const SSN_CONTEXT: RuleId = RuleId(5);
pub(super) const IPV4: RuleId = RuleId(6);
/// How many rules of the first family there are.
const CORE: u16 = 7;

/// Where the rules for secrets begin.
pub(super) const SECRETS: u16 = CORE;

/// How many built-in rules there are; custom rules are numbered from here.
pub(super) const COUNT: u16 = IDS + id::COUNT;

/// Where the rules for other personal data begin.
const PERSONAL: u16 = SECRETS + secret::COUNT;

/// The first rule of the numbers that a state or a register issues.
pub(super) const IDS: u16 = PERSONAL + personal::COUNT;

/// Every built-in rule, in the order of their numbers.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().chain(secret::rules()).chain(&personal::RULES).chain(id::rules())
}

/// The first family, in the order of the constants above.
static RULES: [Rule; CORE as usize] = [
    Rule::new("email.address", "email", Kind::Pii, "e-mail address (RFC 5321)"),
    Rule::new("phone.nanp", "phone", Kind::Pii, "North American phone number"),
    Rule::new("phone.international", "phone", Kind::Pii, "phone number with country code (E.164)"),
    Rule::new("credit_card.number", "credit_card", Kind::Pii, "payment card number (ISO/IEC 7812)"),
    Rule::new("ssn.formatted", "ssn", Kind::Pii, "US Social Security number with separators"),
    Rule::new("ssn.context", "ssn", Kind::Pii, "nine digits after words that announce an SSN"),
    Rule::new("ip_address.v4", "ip_address", Kind::Pii, "IPv4 address"),
];
