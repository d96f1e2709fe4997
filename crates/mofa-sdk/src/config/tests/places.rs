//! Every error names its place and what is written there, and nothing that a variable stands for.

use super::*;

const UPSTREAM: &str = "[[upstreams]]\nname = \"a\"\nbase_url = \"http://h\"\nmodels = [\"*\"]\n";

#[test]
fn an_upstream_has_a_port_that_there_is() {
    let with = |host: &str| UPSTREAM.replace("http://h", host);
    for host in ["http://h:1", "http://h:65535/v1", "http://[::1]", "https://[::1]:8080/v1"] {
        assert!(Config::parse(&with(host), "mofa.toml", &environment).is_ok(), "{host}");
    }
    for host in ["http://h:0", "http://h:65536/v1", "http://h:", "http://h:+80", "http://[::1]:0"] {
        check(
            &with(host),
            "mofa.toml:3:12: `upstreams.base_url`: expected a port from 1 to 65535 behind the host",
        );
    }
}

#[test]
fn a_credential_in_an_address_is_one() {
    for url in [
        "https://ann:hunter2@h/v1",
        "https://h/v1?token=hunter2",
        "https://h/q8RzT2mVx5Lw9KbN3cYd7HgP/v1",
        "https://h/${KEY}/q8RzT2mVx5Lw9KbN3cYd7HgP/v1",
    ] {
        check(
            &UPSTREAM.replace("http://h", url),
            "mofa.toml:3:12: `upstreams.base_url` has a credential in plain text: put it into an \
             environment variable and write `upstreams.base_url = \"${NAME}\"`",
        );
    }
    let filled = UPSTREAM.replace("http://h", "https://h/${KEY}/v1");
    assert!(Config::parse(&filled, "mofa.toml", &environment).is_ok());
}

#[test]
fn what_variables_stand_for_is_in_no_error() {
    let key = |more: &str| {
        let hash = "0".repeat(64);
        format!("[[keys]]\nid = \"${{V}}\"\nhash = \"sha256:{hash}\"\nsubject = \"s\"\n{more}")
    };
    let pattern = "[[security.pii.patterns]]\ncategory = \"b\"\nrule = \"${V}\"\nregex = 'x'\n";
    let texts = [
        UPSTREAM.replace("\"a\"", "\"${V}\"").repeat(2),
        UPSTREAM.replace("http://h", "${V}"),
        UPSTREAM.replace("\"*\"", "\"${V} \""),
        "[roles.a]\nparents = [\"${V}\"]\n".to_owned(),
        "[roles.a]\npermissions = [\"${V}\"]\n".to_owned(),
        "[roles.a]\npermissions = [\"x:a${V}*\"]\n".to_owned(),
        "[roles.a]\ndenied = [\"x:${V} \"]\n".to_owned(),
        "default_role = \"${V}\"\n[roles.a]\n".to_owned(),
        "[tenants.t]\ndefault_role = \"${V}\"\nroles.a.parents = []\n".to_owned(),
        key("").repeat(2),
        key("tenant = \"${V}\"\n"),
        key("roles = [\"${V}\"]\n"),
        "[security.pii]\ncategories = [\"${V}\"]\n".to_owned(),
        "[gateway]\nlisten = \"${V}\"\n".to_owned(),
        "[security]\npreset = \"${V}\"\n".to_owned(),
        pattern.replace("'x'", "'(${V}'"),
        pattern.replace("'x'", "'('"),
        pattern.replace("\"b\"", "\"${V}\"") + "[security.pii]\ncategories = [\"email\"]\n",
    ];
    for text in texts {
        let substituted = |_: &str| Some("hidden".to_owned());
        let error = Config::parse(&text, "mofa.toml", &substituted).unwrap_err();
        let printed = format!("{error} {error:?}");
        assert!(!printed.contains("hidden"), "{text}: {printed}");
        assert!(error.line > 0, "{text}: {printed}");
    }
    check(
        "[roles.a]\nparents = [\"b${HOST}\"]\n",
        "mofa.toml:2:12: role `a` inherits from `b${HOST}`, which is not defined",
    );
}

#[test]
fn an_empty_text_in_a_list_is_named_with_its_place() {
    check(
        "[security.moderation]\nblocked = [\n  \"x\",\n  \" \",\n]",
        "mofa.toml:4:3: `security.moderation.blocked[1]`: expected a word or a phrase, found none",
    );
    check(
        "[tenants.t]\nmoderation.flagged = [\"\"]",
        "mofa.toml:2:23: `tenants.t.moderation.flagged[0]`: expected a word or a phrase, found none",
    );
    let long = format!("[security.moderation]\nflagged = [\"{}\"]", "x".repeat(1025));
    check(
        &long,
        "mofa.toml:2:12: `security.moderation.flagged[0]`: expected a phrase of at most 1024 bytes",
    );
    check(
        "[roles.a]\npermissions = [\"invoke:*\", \"\"]",
        "mofa.toml:2:28: role `a` has the permission ``, but it is empty: write \
         `action:resource`, for instance `execute:tool:search`",
    );
    for text in [
        "[roles.a]\nparents = [\"\"]",
        "[security.pii]\ncategories = [\"\"]",
        "[[upstreams]]\nname = \"a\"\nbase_url = \"http://h\"\nmodels = [\"x\", \"\"]",
        "[roles.a]\n[[keys]]\nid = \"a\"\nhash = \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"\nsubject = \"s\"\nroles = [\"\"]",
        "[[security.pii.patterns]]\ncategory = \"b\"\nregex = 'x'\nrule = \"\"",
    ] {
        let error = Config::parse(text, "mofa.toml", &environment).unwrap_err();
        assert_eq!(error.line, text.lines().count(), "{text}: {error}");
    }
}

#[test]
fn two_keys_of_one_hash_are_refused() {
    let key = "[[keys]]\nid = \"a\"\nhash = \"sha256:abababababababababababababababababababababababababababababababab\"\nsubject = \"s\"\n";
    let other = key.replace("\"a\"", "\"b\"").replace("ab", "AB");
    check(
        &format!("{key}{other}"),
        "mofa.toml:7:8: the key `a` in line 2 has the same hash: each key has its own, as `mofa \
         key new` prints it",
    );
}

#[test]
fn a_permission_without_effect_is_a_warning() {
    let warnings = |permissions: &str, models: &str| -> Vec<String> {
        let text = format!("[roles.a]\npermissions = {permissions}\n")
            + &UPSTREAM.replace("[\"*\"]", models);
        let config = Config::parse(&text, "mofa.toml", &environment).unwrap();
        config.warnings.iter().map(ToString::to_string).collect()
    };
    for used in [
        "*",
        "*:*",
        "invoke:*",
        "*:model:*",
        "invoke:model:*",
        "*:*:gpt-4o",
        "invoke:model:gpt-4o",
        "invoke:model:llama:8b",
        "invoke:model:llama:*",
        "invoke:model:*:8b",
    ] {
        let found = warnings(&format!("[\"{used}\"]"), "[\"gpt-*\", \"llama:8b\"]");
        assert_eq!(found, [""; 0], "{used}");
    }
    for unused in ["invoke:models:x", "invok:model:x", "invoke:model", "invoke:tool:*", "read:*"] {
        let expected = format!(
            "mofa.toml:2:16: `roles.a.permissions`: nothing asks for `{unused}`: the gateway asks \
             for `invoke:model:NAME`, and where there is a vault for `reveal:pii:CATEGORY`"
        );
        assert_eq!(warnings(&format!("[\"{unused}\"]"), "[\"*\"]"), [expected], "{unused}");
    }
    for unserved in ["gpt-4o", "llama:*", "llama:8b", "l"] {
        let expected = format!(
            "mofa.toml:2:16: `roles.a.permissions`: no upstream has the model of \
             `invoke:model:{unserved}`"
        );
        let permission = format!("[\"invoke:model:{unserved}\"]");
        assert_eq!(warnings(&permission, "[\"gpt-4\", \"claude-*\"]"), [expected], "{unserved}");
    }
    let none = "[roles.a]\npermissions = [\"invoke:model:x\"]\n";
    assert_eq!(Config::parse(none, "mofa.toml", &environment).unwrap().warnings, []);
    let text = "[tenants.t]\nroles.a.denied = [\"${HOST}:x\"]\n";
    let config = Config::parse(text, "mofa.toml", &environment).unwrap();
    let printed = config.warnings.first().unwrap().to_string();
    assert!(
        printed.contains("`tenants.t.roles.a.denied`: nothing asks for `${HOST}:x`"),
        "{printed}"
    );
}

#[test]
fn exceptions_are_read_and_bounded() {
    let text = "[security.moderation]\nblocked = [\"kill\"]\nallowed = [\"kill switch\"]\n\
                [security.guard]\nallowed = [\"ignore previous instructions\"]\n\
                [tenants.t.moderation]\nblocked = [\"shot\"]\nallowed = [\"flu shot\"]\n";
    let config = Config::parse(text, "mofa.toml", &environment).unwrap();
    let moderator = crate::deployment::moderator(&config);
    let verdict = |tenant: &str, text: &str| {
        moderator.judge(&TenantId::new(tenant).unwrap(), text).unwrap().verdict
    };
    assert_eq!(verdict("default", "a kill switch"), Verdict::Allow);
    assert_eq!(verdict("default", "kill"), Verdict::Block);
    assert_eq!(verdict("t", "a flu shot"), Verdict::Allow);
    assert_eq!(verdict("t", "a shot"), Verdict::Block);
    let guard = crate::deployment::guard(&config);
    assert!(!guard.check("Ignore previous instructions").unwrap().is_suspicious);
    let scanner = crate::scan::TextScanner::from_config(&config).unwrap();
    assert!(
        scanner
            .scan("Ignore previous instructions and the kill switch")
            .unwrap()
            .findings
            .is_empty()
    );
    check(
        "[security.guard]\nallowed = [\"x\", \"\"]",
        "mofa.toml:2:17: `security.guard.allowed[1]`: expected a word or a phrase, found none",
    );
    let many = format!("[security.moderation]\nallowed = [\n{}]", "\"x\",\n".repeat(10_001));
    check(
        &many,
        "mofa.toml:10003:1: `security.moderation.allowed`: expected at most 10000 phrases",
    );
}
