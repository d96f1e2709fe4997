//! Chapters "Configuration" and "Configuration Files": presets, fail modes, and credentials that do
//! not stand in a file.

use super::Snippet;
use mofa_runtime::security::{BuildError, SecurityService, Stage, StageMode};
use mofa_runtime::security::{SecurityConfig, SecurityFailMode};
use mofa_sdk::config::{Config, ConfigError, Problem};

/// ```text
/// use mofa_runtime::security::{SecurityConfig, SecurityFailMode};
/// let config = SecurityConfig::strict() // Production: strict mode
/// .with_rbac_enabled(true)
/// .with_pii_redaction_enabled(true)
/// .with_content_moderation_enabled(true)
/// .with_prompt_guard_enabled(true)
/// .with_fail_mode(SecurityFailMode::FailClosed);
/// ```
/// Supplied: nothing.
#[test]
fn the_snippet_compiles_and_enables_everything() {
    use mofa_runtime::security::{SecurityConfig, SecurityFailMode};
    let config = SecurityConfig::strict() // Production: strict mode
        .with_rbac_enabled(true)
        .with_pii_redaction_enabled(true)
        .with_content_moderation_enabled(true)
        .with_prompt_guard_enabled(true)
        .with_fail_mode(SecurityFailMode::FailClosed);

    check(&config, StageMode::Enforce, SecurityFailMode::FailClosed);
    assert_eq!(config, SecurityConfig::strict());
}

#[track_caller]
fn check(config: &SecurityConfig, mode: StageMode, fail_mode: SecurityFailMode) {
    assert_eq!(Stage::ALL.map(|stage| config.mode(stage)), [mode; 4]);
    assert_eq!(config.fail_mode(), fail_mode);
}

/// "All features disabled, fail-open mode (development)", "All features enabled, fail-closed mode
/// (production)", "All features disabled, configurable".
#[test]
fn presets() {
    check(&SecurityConfig::permissive(), StageMode::Off, SecurityFailMode::FailOpen);
    check(&SecurityConfig::strict(), StageMode::Enforce, SecurityFailMode::FailClosed);
    let new = SecurityConfig::new();
    assert_eq!(Stage::ALL.map(|stage| new.mode(stage)), [StageMode::Off; 4]);
    let some = new.with_prompt_guard_enabled(true).with_fail_mode(SecurityFailMode::FailOpen);
    assert_eq!(some.mode(Stage::Guard), StageMode::Enforce);
    assert_eq!(some.mode(Stage::Rbac), StageMode::Off);
    assert_eq!(some.fail_mode(), SecurityFailMode::FailOpen);
}

/// What is enabled is enforced, or there is no service at all.
#[test]
fn an_enabled_control_without_an_engine_does_not_build() {
    for (config, stage) in [
        (SecurityConfig::strict(), Stage::Rbac),
        (SecurityConfig::permissive().with_pii_redaction_enabled(true), Stage::Pii),
        (SecurityConfig::permissive().with_content_moderation_enabled(true), Stage::Moderation),
        (SecurityConfig::permissive().with_prompt_guard_enabled(true), Stage::Guard),
    ] {
        let error = SecurityService::builder(config).build().unwrap_err();
        assert!(
            matches!(error, BuildError::MissingEngine { stage: missing, .. } if missing == stage),
            "{error}"
        );
    }
    assert!(SecurityService::builder(SecurityConfig::permissive()).build().is_ok());
}

/// The guide's file, to the letter.
const DO: &str = r#"# config/production.toml
[llm]
provider = "openai"
# Use environment variable substitution
api_key = "${OPENAI_API_KEY}"
"#;

/// The guide's other file, to the letter.
const DO_NOT: &str = r#"# NEVER DO THIS
[llm]
api_key = "sk-abc123def456..." # Plain text credentials in config
"#;

fn parse(text: &str, key: Option<&str>) -> Result<Config, ConfigError> {
    let environment =
        |name: &str| (name == "OPENAI_API_KEY").then(|| key.map(str::to_owned)).flatten();
    Config::parse(text, "config/production.toml", &environment)
}

/// ```text
/// # config/production.toml
/// [llm]
/// provider = "openai"
/// # Use environment variable substitution
/// api_key = "${OPENAI_API_KEY}"
/// ```
/// Supplied: nothing. The key is the one of the environment, and models of OpenAI are called with it.
#[test]
fn do_substitute_environment_variables() -> Snippet {
    let config = parse(DO, Some("sk-from-the-environment"))?;
    let [upstream] = config.upstreams.as_slice() else { return Err("not one upstream".into()) };
    assert_eq!(upstream.name, "openai");
    assert_eq!(upstream.base_url, "https://api.openai.com/v1");
    let key = upstream.api_key.as_ref().map(mofa_runtime::Secret::expose);
    assert_eq!(key, Some("sk-from-the-environment"));
    assert!(upstream.models.iter().any(|pattern| pattern.matches("gpt-4o")));
    assert!(!format!("{config:?}").contains("sk-from-the-environment"));
    Ok(())
}

/// `[llm]` knows one provider, takes no further keys, and is the last upstream to be asked.
#[test]
fn the_short_form_is_checked() -> Snippet {
    let own =
        "[[upstreams]]\nname = \"NAME\"\nbase_url = \"http://127.0.0.1:9/v1\"\nmodels = [\"*\"]";
    let both = parse(&format!("{DO}{}", own.replace("NAME", "local")), Some("sk-x"))?;
    let names: Vec<&str> = both.upstreams.iter().map(|upstream| upstream.name.as_str()).collect();
    assert_eq!(names, ["local", "openai"]);

    let twice = format!("{DO}{}", own.replace("NAME", "openai"));
    for (text, reason) in [
        (twice.as_str(), "`[llm]` is the upstream `openai`: name yours else"),
        (&DO.replace("\"openai\"", "\"acme\""), "`provider`: expected `openai`"),
        (&DO.replace("provider", "providr"), "unknown key `providr`; did you mean `provider`?"),
        ("[llm]\nprovider = \"openai\"", "`api_key` is missing here"),
    ] {
        let error = parse(text, Some("sk-x")).unwrap_err();
        assert_eq!(error.problem.to_string(), reason);
        assert!(error.line > 0);
    }
    Ok(())
}

/// A variable that is not set is named, and nothing starts without it.
#[test]
fn do_set_the_variable() {
    let error = parse(DO, None).unwrap_err();
    assert_eq!(error.line, 5);
    assert!(
        matches!(&error.problem, Problem::Variable { key, variable }
            if key == "llm.api_key" && variable == "OPENAI_API_KEY"),
        "{error}"
    );
}

/// ```text
/// # NEVER DO THIS
/// [llm]
/// api_key = "sk-abc123def456..." # Plain text credentials in config
/// ```
/// Supplied: nothing. The file is refused, with the line and without the key.
#[test]
fn do_not_write_credentials_into_the_file() {
    let error = parse(DO_NOT, None).unwrap_err();
    assert_eq!((error.file.as_str(), error.line), ("config/production.toml", 3));
    assert!(
        matches!(&error.problem, Problem::PlainTextCredential { key } if key == "llm.api_key"),
        "{error}"
    );
    assert!(!error.to_string().contains("abc123"));
}
