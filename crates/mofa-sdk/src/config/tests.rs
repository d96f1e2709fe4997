//! What is written either holds or is refused with its place.

mod detection;
mod own_rules;
mod places;
mod vault;

use super::*;
use crate::security::{Direction, SecurityFailMode, Stage, StageMode, Subject, Verdict};
use std::time::Duration;

const FULL: &str = r#"
default_role = "guest"

[gateway]
listen = "127.0.0.1:9999"

[gateway.limits]
max_body_bytes = 65536
shutdown_grace_seconds = 5

[security]
preset = "strict"
fail_mode = "closed"

[security.pii]
strategy = "mask"
categories = ["email", "ssn", "badge"]
strategies = { ssn = "remove" }

[[security.pii.patterns]]
category = "badge"
rule = "acme.badge"
regex = '\bB-\d{5}\b'

[security.moderation]
mode = "shadow"
blocked = ["spam"]
flagged = ["urgent"]

[security.guard]
threshold = 0.7
action = "flag"
output_action = "block"

[audit]
path = "/var/log/mofa/audit.jsonl"
hash_key = "${HASH_KEY}"

[roles.guest]
permissions = ["invoke:model:small"]

[roles.analyst]
parents = ["guest"]
permissions = ["invoke:model:*"]
denied = ["invoke:model:secret"]

[tenants.acme]
default_role = "staff"
roles.staff.permissions = ["invoke:*"]
moderation.blocked = ["widget"]

[[keys]]
id = "team-a"
hash = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
subject = "ann"
roles = ["analyst"]

[[keys]]
id = "acme-1"
hash = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
subject = "bob"
tenant = "acme"

[[upstreams]]
name = "main"
base_url = "https://${HOST}/v1"
api_key = "${KEY}"
models = ["gpt-*", "small"]
"#;

fn environment(name: &str) -> Option<String> {
    match name {
        "HASH_KEY" => Some("0123456789abcdef0123456789abcdef".into()),
        "HOST" => Some("models.example".into()),
        "KEY" => Some("sk-from-the-environment".into()),
        _ => None,
    }
}

#[test]
fn what_is_written_holds() {
    let config = Config::parse(FULL, "mofa.toml", &environment).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:9999");
    assert_eq!(config.limits.max_body_bytes, 65536);
    assert_eq!(config.limits.shutdown_grace, Duration::from_secs(5));
    assert_eq!(config.security.mode(Stage::Rbac), StageMode::Enforce);
    assert_eq!(config.security.mode(Stage::Moderation), StageMode::Shadow);
    assert_eq!(config.security.guard_verdict(Direction::Input), Verdict::Flag);
    assert_eq!(config.security.guard_verdict(Direction::Output), Verdict::Block);
    assert_eq!(config.pii.strategies.len(), 1);
    assert_eq!(config.policies.len(), 2);
    assert_eq!(config.callers[1].subject.tenant.as_str(), "acme");
    let upstream = &config.upstreams[0];
    assert_eq!(upstream.base_url, "https://models.example/v1");
    assert_eq!(upstream.api_key.as_ref().unwrap().expose(), "sk-from-the-environment");
    assert!(!format!("{config:?}").contains("sk-from"), "no secret is printed");
}

#[test]
fn the_documented_file_holds() {
    let page = include_str!("../../../../docs/configuration.md");
    let files: Vec<_> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    // Long enough for every kind of key.
    let environment =
        |name: &str| environment("HASH_KEY").filter(|_| name.is_ascii()).map(|key| key.repeat(2));
    let redaction = include_str!("../../../../docs/redaction.md");
    let more = redaction.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    for file in files.iter().copied().chain(more) {
        assert!(Config::parse(file, "mofa.toml", &environment).is_ok(), "{file}");
    }
    let config = Config::parse(files[0], "mofa.toml", &environment).unwrap();
    let defaults = Config::parse("", "mofa.toml", &|_| None).unwrap();
    assert_eq!(config.limits, defaults.limits, "the page shows the defaults");
    assert_eq!(config.security, defaults.security, "the page shows the defaults");
    assert_eq!((config.callers.len(), config.upstreams.len()), (2, 1));
}

#[test]
fn an_empty_file_is_strict() {
    let config = Config::parse("", "mofa.toml", &|_| None).unwrap();
    assert!(Stage::ALL.iter().all(|stage| config.security.mode(*stage) == StageMode::Enforce));
    assert_eq!(config.security.fail_mode(), SecurityFailMode::FailClosed);
    assert!(config.callers.is_empty() && config.upstreams.is_empty());
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.audit.path, AuditSettings::default().path);
    assert_eq!(format!("{:?}", config.pii), format!("{:?}", PiiSettings::default()));
}

/// `text` is refused with exactly this message.
#[track_caller]
fn check(text: &str, expected: &str) {
    let error = Config::parse(text, "mofa.toml", &environment).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn unknown_keys_are_named_with_the_nearest() {
    check("[gatway]", "mofa.toml:1:2: unknown key `gatway`; did you mean `gateway`?");
    check(
        "[security]\n\n[security.pii]\nstrategi = \"mask\"",
        "mofa.toml:4:1: unknown key `strategi`; did you mean `strategy`?",
    );
    check("[audit]\nxyz = 1", "mofa.toml:2:1: unknown key `xyz`; known here: `path`, `hash_key`");
}

#[test]
fn credentials_in_the_file_are_refused_and_not_repeated() {
    let upstream = "[[upstreams]]\nname = \"a\"\nbase_url = \"http://h\"\nmodels = [\"*\"]\n";
    check(
        &format!("{upstream}api_key = \"sk-live-123\"\n"),
        "mofa.toml:5:11: `upstreams.api_key` has a credential in plain text: put it into an \
         environment variable and write `upstreams.api_key = \"${NAME}\"`",
    );
    let fake = format!("ghp_{}", "a1B2c3D4e5F6".repeat(3));
    let text = format!("[security.moderation]\nblocked = [\"x\", \"{fake}\"]\n");
    let error = Config::parse(&text, "mofa.toml", &environment).unwrap_err();
    assert!(matches!(error.problem, Problem::PlainTextCredential { .. }), "{error}");
    assert_eq!((error.line, error.column), (2, 17));
    assert!(!error.to_string().contains(&fake));
    let text = format!("{upstream}api_key = \"x${{KEY}}\"\n");
    assert!(Config::parse(&text, "mofa.toml", &environment).is_err(), "half a credential is one");
}

#[test]
fn a_category_may_be_called_like_a_credential() {
    let text = "[security.pii]\nstrategies = { api_key = \"remove\" }\n";
    let config = Config::parse(text, "mofa.toml", &environment).unwrap();
    assert_eq!(config.pii.strategies.len(), 1);
}

#[test]
fn variables_must_be_set_and_named() {
    check(
        "[audit]\npath = \"${NOWHERE}/a\"",
        "mofa.toml:2:8: `audit.path` needs the environment variable `NOWHERE`, which is not set",
    );
    check(
        "[audit]\npath = \"${A\"",
        "mofa.toml:2:8: `audit.path`: expected `${NAME}`: the closing brace is missing",
    );
    check(
        "[audit]\npath = \"${A B}\"",
        "mofa.toml:2:8: `audit.path`: expected a name of letters, digits and `_` in `${NAME}`",
    );
}

#[test]
fn a_variable_cannot_change_the_structure() {
    let evil = |_: &str| Some("x\"\n[security]\npreset = \"permissive\"".to_owned());
    let config = Config::parse("[audit]\npath = \"${A}\"", "mofa.toml", &evil).unwrap();
    assert_eq!(config.security.fail_mode(), SecurityFailMode::FailClosed);
}

#[test]
fn values_that_do_not_fit_are_named() {
    check(
        "[gateway]\nlisten = \"8080\"",
        "mofa.toml:2:10: `gateway.listen`: expected an address and a port, for instance \"127.0.0.1:8080\"",
    );
    check(
        "[security.guard]\nthreshold = 1.5",
        "mofa.toml:2:13: `security.guard.threshold`: expected a number from 0 to 1",
    );
    check(
        "[gateway.limits]\nmax_in_flight = 0",
        "mofa.toml:2:17: `gateway.limits.max_in_flight`: expected a whole number from 1 to 100000, found 0",
    );
    check(
        "[gateway.limits]\nmax_in_flight = \"secret\"",
        "mofa.toml:2:17: `max_in_flight`: expected a whole number",
    );
    check("[security]\nfail_mode = 3", "mofa.toml:2:13: `fail_mode`: expected `open` or `closed`");
    check(
        "[security.pii]\nstrategies = \"remove\"",
        "mofa.toml:2:14: `strategies`: expected a table, such as `{ name = \"value\" }`",
    );
    check(
        "[security]\npreset = \"lax\"",
        "mofa.toml:2:10: `preset`: expected `strict` or `permissive`",
    );
    check(
        "[audit]\nhash_key = \"${HOST}\"",
        "mofa.toml:2:12: `audit.hash_key`: expected at least 32 characters: a shorter key can be guessed",
    );
    check(
        "a = ",
        "mofa.toml:1:5: this is not valid TOML: string values must be quoted, expected literal string",
    );
}

#[test]
fn policies_must_hold_together() {
    let error =
        |text: &str| Config::parse(text, "mofa.toml", &environment).unwrap_err().to_string();
    let cycle = error("[roles.a]\nparents = [\"b\"]\n[roles.b]\nparents = [\"a\"]\n");
    assert!(cycle.starts_with("mofa.toml:1:8: ") && cycle.contains("`a`"), "{cycle}");
    let missing = error("[roles.a]\nparents = [\"nobody\"]\n");
    assert!(missing.contains("`nobody`"), "{missing}");
    let unknown = error(
        "[[keys]]\nid = \"a\"\nhash = \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"\nsubject = \"s\"\nroles = [\"r\"]\n",
    );
    assert!(unknown.starts_with("mofa.toml:5:10: `keys.roles`"), "{unknown}");
    let tenant = error("[tenants.default]\n");
    assert!(tenant.starts_with("mofa.toml:1:10: the default tenant"), "{tenant}");
}

/// A key of `ann` with one role.
fn key_with(id: &str, role: &str) -> String {
    let digest = KeyDigest::of(id);
    format!(
        "[[keys]]\nid = \"{id}\"\nhash = \"{digest}\"\nsubject = \"ann\"\nroles = [\"{role}\", \"{role}\"]\n"
    )
}

#[test]
fn two_keys_of_one_subject_lend_each_other_no_role() {
    let text = "[roles.reader]\npermissions = [\"invoke:model:small\"]\n\
                [roles.admin]\npermissions = [\"invoke:model:*\"]\n"
        .to_owned()
        + &key_with("reading", "reader")
        + &key_with("ruling", "admin");
    let config = Config::parse(&text, "mofa.toml", &environment).unwrap();
    let authorizer = crate::deployment::authorizer(&config).unwrap();
    let may = |caller: usize, model: &str| {
        let subject = &config.callers[caller].subject;
        authorizer.check(subject, "invoke", model).unwrap().is_allowed()
    };
    assert_eq!(config.callers[0].subject.id, config.callers[1].subject.id);
    assert_eq!((may(0, "model:small"), may(0, "model:large")), (true, false));
    assert_eq!((may(1, "model:small"), may(1, "model:large")), (true, true));
    let bare = Subject::new(config.callers[0].subject.id.clone(), TenantId::default());
    assert!(!authorizer.check(&bare, "invoke", "model:small").unwrap().is_allowed());
    assert_eq!(config.callers[0].subject.roles.len(), 1, "a role that is named twice is one");
}

#[test]
fn a_strategy_or_pattern_without_effect_is_refused() {
    check(
        "[security.pii]\nstrategies = { emial = \"remove\" }",
        "mofa.toml:2:16: `security.pii.strategies`: expected a category that has a rule, and \
         `emial` has none; did you mean `email`?",
    );
    check(
        "[security.pii]\ncategories = [\"emial\"]",
        "mofa.toml:2:15: `security.pii.categories`: expected a category that has a rule, and \
         `emial` has none; did you mean `email`?",
    );
    check(
        "[security.pii]\ncategories = [\"email\"]\nstrategies = { ssn = \"remove\" }",
        "mofa.toml:3:16: `security.pii.categories` does not list `ssn`: add it, or its strategy is \
         never used",
    );
    let pattern = "[[security.pii.patterns]]\ncategory = \"badge\"\nrule = \"r\"\nregex = 'b-1'\n";
    check(
        &format!("[security.pii]\ncategories = [\"email\"]\n{pattern}"),
        "mofa.toml:4:12: `security.pii.categories` does not list `badge`: add it, or its pattern is \
         never used",
    );
    for holds in ["", "categories = [\"badge\"]\n", "strategies = { badge = \"mask\" }\n"] {
        let text = format!("[security.pii]\n{holds}{pattern}");
        assert!(Config::parse(&text, "mofa.toml", &environment).is_ok(), "{text}");
    }
}

#[test]
fn what_is_written_is_not_printed() {
    let source = error::Source { name: "mofa.toml", text: FULL };
    let table = substitute::read(&source, &environment).unwrap();
    let raw = raw::read(&source, table).unwrap();
    let printed = format!("{raw:?} {raw:#?}");
    assert!(printed.starts_with("RawConfig { roles: 2, "), "{printed}");
    for value in ["sk-from", "0123456789abcdef", "models.example", "spam", "ann"] {
        assert!(!printed.contains(value), "{value} in {printed}");
    }
}

#[test]
fn patterns_must_compile() {
    let pattern = |regex: &str| {
        let text = format!(
            "[[security.pii.patterns]]\ncategory = \"b\"\nrule = \"r\"\nregex = '{regex}'\n"
        );
        Config::parse(&text, "mofa.toml", &environment)
    };
    assert!(pattern(r"\d+x").is_ok());
    for wrong in ["(", "x*"] {
        let error = pattern(wrong).unwrap_err();
        assert_eq!((error.line, error.column), (4, 9), "{error}");
    }
    let one = |id: usize, regex: &str| {
        format!(
            "[[security.pii.patterns]]\ncategory = \"b\"\nrule = \"r{id}\"\nregex = '{regex}'\n"
        )
    };
    let second = one(1, "x") + &one(2, "(");
    assert_eq!(Config::parse(&second, "mofa.toml", &environment).unwrap_err().line, 8);
    let many: String = (0..1_025).map(|id| one(id, "x")).collect();
    let many = Config::parse(&many, "mofa.toml", &environment).unwrap_err();
    assert!(many.line == 4 * 1_025 && many.to_string().contains("1025"), "{many}");
}

#[test]
fn two_keys_or_upstreams_of_one_name_are_refused() {
    let key = "[[keys]]\nid = \"a\"\nhash = \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"\nsubject = \"s\"\n";
    assert!(Config::parse(key, "mofa.toml", &environment).is_ok());
    let error = Config::parse(&key.repeat(2), "mofa.toml", &environment).unwrap_err();
    assert_eq!(error.line, 6, "{error}");
    let upstream = "[[upstreams]]\nname = \"a\"\nbase_url = \"http://h\"\nmodels = [\"*\"]\n";
    let error = Config::parse(&upstream.repeat(2), "mofa.toml", &environment).unwrap_err();
    assert_eq!(error.line, 6, "{error}");
    for url in
        ["ftp://h", "http://h?x", "https://user@h", "h", "http://", "http:///v1", "http://:80"]
    {
        let text = upstream.replace("http://h", url);
        assert_eq!(Config::parse(&text, "mofa.toml", &environment).unwrap_err().line, 3, "{url}");
    }
}

#[test]
fn a_file_is_read_and_its_audit_log_stands_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mofa.toml");
    assert!(Config::load(&path).unwrap_err().to_string().contains("cannot be read"));
    std::fs::write(&path, "").unwrap();
    assert_eq!(Config::load(&path).unwrap().audit.path, folder.path().join("audit.jsonl"));
    std::fs::write(&path, " ".repeat(2 << 20)).unwrap();
    assert!(matches!(Config::load(&path).unwrap_err().problem, Problem::TooLarge { .. }));
}

/// A pipe says that it has no bytes, and has as many as somebody writes.
#[cfg(unix)]
#[test]
fn what_says_nothing_of_its_size_is_not_read_without_end() {
    use std::io::Write;
    use std::os::fd::AsRawFd;

    let load = |size: usize| {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let path = format!("/dev/fd/{}", reader.as_raw_fd());
        let fed = std::thread::spawn(move || {
            // Who is not read to the end cannot write to the end.
            let _ = writer.write_all(" ".repeat(size).as_bytes());
        });
        let loaded = Config::load(Path::new(&path));
        drop(reader);
        fed.join().unwrap();
        loaded
    };
    assert!(load(1 << 20).is_ok());
    for size in [(1 << 20) + 1, 4 << 20] {
        let error = load(size).unwrap_err();
        assert!(matches!(error.problem, Problem::TooLarge { .. }), "{error}");
    }
}
