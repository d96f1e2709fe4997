//! A configuration is checked before it is served, and what it enforces is said.

use crate::house;
use crate::run::Folder;
use mofa_sdk::security::{SqliteTokenStore, TokenVault, VaultKey};
use serde_json::{Value, json};
use std::sync::Arc;

fn report(folder: &Folder) -> Value {
    let ended = folder.run(&["check", "--format", "json"]).with_code(0);
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn what_is_enforced_is_said_route_by_route() {
    let (folder, _) = house::folder("");
    let report = report(&folder);
    let chat = &report["routes"][0];
    assert_eq!(chat["path"], "/v1/chat/completions");
    let stages = chat["stages"].as_array().unwrap();
    let names: Vec<_> = stages.iter().map(|stage| &stage["stage"]).collect();
    assert_eq!(names, ["rbac", "pii", "moderation", "guard"]);
    assert!(stages.iter().all(|stage| stage["mode"] == "enforce"));
    assert_eq!(stages[0]["stream"], "not on answers");
    assert_eq!(stages[3]["input"], "block injections, flag them in system and developer messages");
    assert_eq!(stages[3]["stream"], "flag injections");
    assert_eq!(report["callers"][0]["models"], json!(["small"]));
    assert_eq!(report["upstreams"][0]["models"], json!(["small", "large"]));
    let text = folder.run(&["check"]).with_code(0).stdout;
    for part in ["/v1/chat/completions", "team-a", "audit.jsonl", "Warnings", "hash_key"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn what_is_enforced_is_said_in_full() {
    let more = "[security.pii]\nstrategy = \"mask\"\nstrategies = { email = \"hash\", ssn = \
                \"remove\" }\n[security.guard]\noutput_action = \"block\"\n[[upstreams]]\n\
                name = \"spare\"\nbase_url = \"http://127.0.0.1:9/v1\"\nmodels = [\"small\"]\n";
    let (folder, _) = house::folder(more);
    let report = report(&folder);
    let stages = &report["routes"][0]["stages"];
    assert_eq!(stages[1]["input"], "redact (mask, email: hash, ssn: remove)");
    assert_eq!(stages[3]["output"], "block injections");
    assert_eq!(report["callers"][0]["models"], json!(["small"]), "once");
    let routes = report["routes"].as_array().unwrap().iter();
    let routes: Vec<_> = routes.map(|route| (&route["method"], &route["path"])).collect();
    for route in mofa_gateway::Route::all() {
        assert!(routes.contains(&(&json!(route.method()), &json!(route.path()))), "{routes:?}");
    }
    assert_eq!(routes.len(), mofa_gateway::Route::all().count());
}

#[test]
fn where_values_are_kept_is_said() {
    let more = "[security.pii]\nstrategy = \"tokenize\"\n[vault]\npath = \"vault.sqlite\"\n\
                key = \"${MOFA_TEST_VAULT_KEY}\"\nttl_seconds = 90\n";
    let (folder, _) = house::folder(more);
    let key = "5a0f".repeat(16);
    let with_key = |folder: &Folder, args: &[&str]| {
        let ended = folder.run_in(args, &[("MOFA_TEST_VAULT_KEY", &key)]).with_code(0);
        assert!(!ended.stdout.contains("5a0f5a0f"), "{}", ended.stdout);
        ended.stdout
    };
    let report: Value =
        serde_json::from_str(&with_key(&folder, &["check", "--format", "json"])).unwrap();
    assert_eq!(report["routes"][0]["stages"][1]["input"], "redact (tokenize)");
    let vault = &report["vault"];
    assert!(vault["path"].as_str().unwrap().ends_with("vault.sqlite"), "{vault}");
    assert_eq!((&vault["ttl_seconds"], &vault["max_values"]), (&json!(90), &json!(100_000)));
    let text = with_key(&folder, &["check"]);
    let id = vault["key_id"].as_str().unwrap();
    assert!(text.contains(&format!("vault.sqlite (key {id})")), "{text}");
    assert!(text.contains("kept for 90 s"), "{text}");
    // A file stands beside its configuration.
    let text = folder.read("mofa.toml");
    let folder = folder.with("sub/mofa.toml", text);
    let report = with_key(&folder, &["check", "--format", "json", "-c", "sub/mofa.toml"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["vault"]["path"], "sub/vault.sqlite");
    // A check makes no vault, and finds one that was made with another key.
    assert!(!folder.path().join("vault.sqlite").exists());
    let store = SqliteTokenStore::open(&folder.path().join("vault.sqlite")).unwrap();
    TokenVault::open(Arc::new(store), &VaultKey::new([1; 32])).unwrap();
    let ended = folder.run_in(&["check"], &[("MOFA_TEST_VAULT_KEY", &key)]).with_code(1);
    assert!(ended.stderr.contains("made with another key"), "{}", ended.stderr);
    assert!(ended.stderr.contains(id) && !ended.stderr.contains("5a0f5a0f"), "{}", ended.stderr);
}

#[test]
fn what_is_weak_is_warned_of() {
    let warned = |more: &str, word: &str| {
        let (folder, _) = house::folder(more);
        let report = report(&folder);
        let warnings = report["warnings"].as_array().unwrap();
        assert!(
            warnings.iter().any(|warning| warning.as_str().unwrap().contains(word)),
            "{word} in {warnings:?}"
        );
    };
    warned("[security]\npreset = \"permissive\"", "nothing is enforced");
    warned("[security]\npreset = \"permissive\"", "what cannot be decided passes");
    warned("[security.guard]\nmode = \"off\"", "`security.guard` is off");
    warned("[security.rbac]\nmode = \"shadow\"", "`security.rbac` is in shadow");
    warned("[security.guard]\naction = \"flag\"", "injections pass");
    warned("[roles.x]\ndenied = [\"invoke:models:y\"]", "nothing asks for `invoke:models:y`");
    warned("[roles.x]\ndenied = [\"invoke:model:y\"]", "no upstream has the model of");
    let empty = Folder::new().with("mofa.toml", "[gateway]\nlisten = \"0.0.0.0:80\"\n");
    let warnings = report(&empty)["warnings"].to_string();
    for word in ["nobody can call", "no model can be reached", "plain text", "lists no phrase"] {
        assert!(warnings.contains(word), "{word} in {warnings}");
    }
}

#[test]
fn a_wrong_configuration_is_wrong_usage_with_its_place() {
    let folder = Folder::new().with("mofa.toml", "[security]\npresett = \"strict\"\n");
    for command in ["check", "serve"] {
        let ended = folder.run(&[command]).with_code(2);
        assert!(ended.stderr.contains("mofa.toml:2:1: unknown key `presett`"), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn what_serve_would_refuse_is_refused_by_check() {
    for url in ["http://a^b/", "http://[x/v1"] {
        let upstream =
            format!("[[upstreams]]\nname = \"a\"\nbase_url = \"{url}\"\nmodels = [\"*\"]\n");
        let folder = Folder::new().with("mofa.toml", upstream);
        for command in ["serve", "check"] {
            let ended = folder.run(&[command]).with_code(2);
            assert!(ended.stderr.contains("upstream `a`"), "{command} {url}: {}", ended.stderr);
        }
    }
}

#[test]
fn a_place_for_no_audit_log_is_refused_by_check_and_serve() {
    for path in ["/dev/null", "."] {
        let folder = Folder::new().with("mofa.toml", format!("[audit]\npath = \"{path}\"\n"));
        for command in ["serve", "check"] {
            let ended = folder.run(&[command]).with_code(1);
            assert!(ended.stderr.contains("regular file"), "{command}: {}", ended.stderr);
        }
    }
    let folder = Folder::new().with("mofa.toml", "[audit]\npath = \"new/audit.jsonl\"\n");
    folder.run(&["check"]).with_code(0);
    assert!(!folder.path().join("new").exists(), "checking creates nothing");
}

#[test]
fn whether_a_subject_may_is_answered_with_why() {
    let (folder, _) = house::folder("");
    let may = |subject: &str, permission: &str| {
        folder.run(&["check", "--subject", subject, "--may", permission])
    };
    let ended = may("ann", "invoke:model:small").with_code(0);
    assert!(ended.stdout.contains("granted by"), "{}", ended.stdout);
    let ended = may("ann", "invoke:model:large").with_code(3);
    assert!(ended.stdout.contains("may not"), "{}", ended.stdout);
    may("eve", "invoke:model:small").with_code(3);
    may("ann", "invoke").with_code(2);
    folder.run(&["check", "--subject", "ann"]).with_code(2);
}

#[test]
fn each_key_of_a_subject_is_asked_about_by_itself() {
    let more = format!(
        "[roles.admin]\npermissions = [\"invoke:model:*\"]\n[[keys]]\nid = \"ruling\"\n\
         hash = \"sha256:{}\"\nsubject = \"ann\"\nroles = [\"admin\"]\n",
        "0".repeat(64)
    );
    let (folder, _) = house::folder(&more);
    let may = |model: &str, format: &str| {
        let permission = format!("invoke:model:{model}");
        folder.run(&["check", "--subject", "ann", "--may", &permission, "--format", format])
    };
    let text = may("large", "text").with_code(0).stdout;
    let line = |key: &str| text.lines().find(|line| line.contains(key)).unwrap().to_owned();
    assert!(line("key `ruling`").contains(" may do "), "{text}");
    assert!(line("key `team-a`").contains(" may not do "), "{text}");
    let json: Value = serde_json::from_str(&may("large", "json").with_code(0).stdout).unwrap();
    assert_eq!((&json["subject"], &json["allowed"]), (&json!("ann"), &json!(true)));
    let allowed = |json: &Value| {
        let keys = json["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| key["allowed"] == true).collect::<Vec<_>>()
    };
    assert_eq!(allowed(&json), [true, false]);
    let json: Value = serde_json::from_str(&may("small", "json").with_code(0).stdout).unwrap();
    assert_eq!(allowed(&json), [true, true]);
    let report = report(&folder);
    assert_eq!(report["callers"][0]["models"], json!(["small", "large"]));
    assert_eq!(report["callers"][1]["models"], json!(["small"]));
}
