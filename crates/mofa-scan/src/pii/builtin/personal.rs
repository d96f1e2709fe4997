//! The rules for personal data that no state or register issues.

use super::PERSONAL;
use crate::{Kind, Rule, RuleId};

/// The number of the first of them.
const FIRST: u16 = PERSONAL;

pub(in crate::pii) const PHONE_NATIONAL: RuleId = RuleId(FIRST);
pub(in crate::pii) const EMAIL_INTERNATIONAL: RuleId = RuleId(FIRST + 1);
pub(in crate::pii) const IBAN: RuleId = RuleId(FIRST + 2);
pub(in crate::pii) const BIC: RuleId = RuleId(FIRST + 3);
pub(in crate::pii) const ROUTING: RuleId = RuleId(FIRST + 4);
pub(in crate::pii) const ACCOUNT: RuleId = RuleId(FIRST + 5);
pub(in crate::pii) const IPV6: RuleId = RuleId(FIRST + 6);
pub(in crate::pii) const EUI48: RuleId = RuleId(FIRST + 7);
pub(in crate::pii) const EUI64: RuleId = RuleId(FIRST + 8);
pub(in crate::pii) const BITCOIN: RuleId = RuleId(FIRST + 9);
pub(in crate::pii) const BITCOIN_CASH: RuleId = RuleId(FIRST + 10);
pub(in crate::pii) const LITECOIN: RuleId = RuleId(FIRST + 11);
pub(in crate::pii) const DOGECOIN: RuleId = RuleId(FIRST + 12);
pub(in crate::pii) const ETHEREUM: RuleId = RuleId(FIRST + 13);
pub(in crate::pii) const RIPPLE: RuleId = RuleId(FIRST + 14);
pub(in crate::pii) const TRON: RuleId = RuleId(FIRST + 15);
pub(in crate::pii) const MONERO: RuleId = RuleId(FIRST + 16);
pub(in crate::pii) const SOLANA: RuleId = RuleId(FIRST + 17);
pub(in crate::pii) const CARDANO: RuleId = RuleId(FIRST + 18);
pub(in crate::pii) const BIRTH: RuleId = RuleId(FIRST + 19);
pub(in crate::pii) const STREET: RuleId = RuleId(FIRST + 20);
pub(in crate::pii) const NAME: RuleId = RuleId(FIRST + 21);

/// How many there are.
pub(super) const COUNT: u16 = 22;

/// Every one, in the order of the constants above.
pub(super) static RULES: [Rule; COUNT as usize] = [
    rule("phone.national", "phone", "phone number as it is written in its own country"),
    rule("email.international", "email", "e-mail address with other than ASCII letters (RFC 6531)"),
    rule("iban.number", "iban", "International Bank Account Number (ISO 13616)"),
    rule("bic.code", "bic", "Business Identifier Code (ISO 9362)"),
    rule("bank_account.aba_routing", "bank_account", "US routing transit number (ABA)"),
    rule("bank_account.number", "bank_account", "digits after words that announce a bank account"),
    rule("ip_address.v6", "ip_address", "IPv6 address (RFC 4291)"),
    rule("mac_address.eui48", "mac_address", "MAC address of six octets (EUI-48)"),
    rule("mac_address.eui64", "mac_address", "MAC address of eight octets (EUI-64)"),
    rule(
        "crypto_address.bitcoin",
        "crypto_address",
        "Bitcoin address (Base58Check, BIP 173, BIP 350)",
    ),
    rule("crypto_address.bitcoin_cash", "crypto_address", "Bitcoin Cash address (CashAddr)"),
    rule("crypto_address.litecoin", "crypto_address", "Litecoin address"),
    rule("crypto_address.dogecoin", "crypto_address", "Dogecoin address"),
    rule("crypto_address.ethereum", "crypto_address", "Ethereum address (ERC-55)"),
    rule("crypto_address.ripple", "crypto_address", "XRP Ledger account (Base58Check)"),
    rule("crypto_address.tron", "crypto_address", "Tron address (Base58Check)"),
    rule("crypto_address.monero", "crypto_address", "Monero address"),
    rule("crypto_address.solana", "crypto_address", "Solana address after words that announce one"),
    rule("crypto_address.cardano", "crypto_address", "Cardano address (CIP 19)"),
    rule("date_of_birth.date", "date_of_birth", "date after words that announce a birth"),
    rule("postal_address.street", "postal_address", "street, house number and postal code"),
    rule(
        "person_name.introduced",
        "person_name",
        "name after a title, a greeting or an introduction",
    ),
];

const fn rule(id: &'static str, category: &'static str, description: &'static str) -> Rule {
    Rule::new(id, category, Kind::Pii, description)
}
