//! Where values are kept.

use super::*;
use crate::security::{PiiCategory, RedactionStrategy};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, "mofa.toml", &|name| match name {
        "VAULT_KEY" => Some(KEY.to_owned()),
        "SHORT" => Some("0123".to_owned()),
        _ => None,
    })
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let error = parse(text).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
    assert!(!error.contains("0a0b0c") && !error.contains("0123"), "{error}");
}

#[test]
fn a_vault_is_what_is_written() {
    let config = parse(
        "[security.pii]\nstrategy = \"tokenize\"\n\
                        strategies = { ssn = \"partial_mask\" }\n\
                        [vault]\nkey = \"${VAULT_KEY}\"\n",
    )
    .unwrap();
    assert_eq!(config.pii.strategy, RedactionStrategy::Tokenize);
    assert_eq!(config.pii.strategies, [(PiiCategory::SSN, RedactionStrategy::PartialMask)]);
    let vault = config.vault.unwrap();
    assert_eq!((vault.path, vault.ttl), (None, Duration::from_hours(24)));
    assert_eq!((vault.limits.per_conversation, vault.limits.total), (1_000, 100_000));
    assert!(!format!("{:?}", vault.key).contains("0a"));
    let config = parse(
        "[vault]\npath = \"v.sqlite\"\nkey = \"${VAULT_KEY}\"\n\
                        ttl_seconds = 60\nmax_values_per_conversation = 5\nmax_values = 6\n",
    );
    let vault = config.unwrap().vault.unwrap();
    assert_eq!(vault.path.unwrap().to_str(), Some("v.sqlite"));
    assert_eq!((vault.ttl.as_secs(), vault.limits.per_conversation), (60, 5));
    assert_eq!(vault.limits.total, 6);
    assert!(parse("").unwrap().vault.is_none());
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    check(&format!("[vault]\nkey = \"{KEY}\""), "mofa.toml:2:7: `vault.key` has a credential");
    check("[vault]\nkey = \"${SHORT}\"", "`vault.key`: expected 64 hexadecimal digits");
    check("[vault]\nkey = \"${MISSING}\"", "`MISSING`, which is not set");
    check("[vault]\npath = \"v\"", "`key` is missing");
    check("[vault]\nkee = \"${VAULT_KEY}\"", "unknown key `kee`; did you mean `key`?");
    let with = |more: &str| format!("[vault]\nkey = \"${{VAULT_KEY}}\"\n{more}");
    check(&with("path = \"\""), "mofa.toml:3:8: `vault.path`: expected a file");
    check(&with("ttl_seconds = 59"), "from 60 to 2592000, found 59");
    check(&with("max_values_per_conversation = 1000000"), "from 1 to 999999");
    check(&with("max_values = 0"), "from 1 to");
    let nowhere = "`tokenize` keeps values and has nowhere to";
    check("[security.pii]\nstrategy = \"tokenize\"", &format!("mofa.toml:2:12: {nowhere}"));
    let own = "[security.pii]\nstrategies = { email = \"mask\", ssn = \"tokenize\" }";
    check(own, &format!("mofa.toml:2:32: {nowhere}"));
    check("[security.pii]\nstrategy = \"tokenise\"", "mofa.toml:2:12: `strategy`: expected one of");
}

#[test]
fn permissions_to_see_are_asked_for_where_there_is_a_vault() {
    let roles = "[roles.a]\npermissions = [\"reveal:pii:*\", \"reveal:*\", \"*:pii:email\"]\n\
                 denied = [\"reveal:pii:ssn\"]\n";
    assert_eq!(parse(roles).unwrap().warnings.len(), 4);
    let vault = format!("{roles}[vault]\nkey = \"${{VAULT_KEY}}\"\n");
    assert_eq!(parse(&vault).unwrap().warnings, []);
    let wrong = vault.replace("reveal:*", "reveal:phone");
    assert_eq!(parse(&wrong).unwrap().warnings.len(), 1);
}
