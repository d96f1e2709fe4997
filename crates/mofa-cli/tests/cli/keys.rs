//! Keys are made, printed once and admitted by what is printed with them.

use crate::run::Folder;
use mofa_sdk::config::{Config, KeyDigest};
use serde_json::Value;

#[test]
fn the_section_admits_the_key() {
    let args =
        ["key", "new", "--id", "team-a", "--subject", "ann", "--role", "r", "--format", "json"];
    let ended = Folder::new().run(&args).with_code(0);
    let made: Value = serde_json::from_str(&ended.stdout).unwrap();
    let (key, section) = (made["key"].as_str().unwrap(), made["section"].as_str().unwrap());
    assert!(!section.contains(key) && ended.stderr.is_empty());
    let config = Config::parse(&format!("[roles.r]\n{section}"), "mofa.toml", &|_| None).unwrap();
    let caller = &config.callers[0];
    assert_eq!((caller.id.as_str(), caller.subject.id.as_str()), ("team-a", "ann"));
    assert!(caller.digest.matches(key));
    assert!(KeyDigest::parse(made["hash"].as_str().unwrap()).unwrap().matches(key));
}

#[test]
fn text_has_the_key_once() {
    let args = ["key", "new", "--id", "a", "--subject", "s\"x", "--tenant", "t"];
    let ended = Folder::new().run(&args).with_code(0);
    assert_eq!(ended.stdout.matches("mofa_a_").count(), 1);
    let (_, section) = ended.stdout.split_once("[[keys]]").unwrap();
    let text = format!("[tenants.t]\n[[keys]]{section}");
    let config = Config::parse(&text, "mofa.toml", &|_| None).unwrap();
    assert_eq!(config.callers[0].subject.id.as_str(), "s\"x");
    assert_eq!(config.callers[0].subject.tenant.as_str(), "t");
}

#[test]
fn names_that_no_configuration_can_have_are_refused() {
    let new = |args: &[&str]| {
        let args = [&["key", "new", "--id", "a"], args].concat();
        assert_eq!(Folder::new().run(&args).with_code(2).stdout, "");
    };
    new(&["--subject", "a b"]);
    new(&["--subject", "${HOME}"]);
    new(&["--subject", "s", "--role", ""]);
    new(&["--subject", "s", "--tenant", "t\n"]);
    new(&[]);
}
