//! What a rule file says, checked.
//!
//! Called by the build. Keys of a rule: `id`, `provider`, `description`, `patterns` (or `matcher`
//! for one written by hand), `names` that must stand before the value, `check`, `entropy`,
//! `filled`, `confidence`, `category`, and the texts `matches` and `not`.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::anchor::{self, Anchors};
use crate::pattern::{self, Step};

/// One file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Rule>,
}

/// One rule, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) provider: String,
    pub(crate) description: String,
    #[serde(default = "api_key")]
    pub(crate) category: String,
    #[serde(default)]
    pub(crate) patterns: Vec<String>,
    /// The name of the constant by which a matcher written by hand knows the rule.
    #[serde(default)]
    pub(crate) matcher: Option<String>,
    #[serde(default)]
    pub(crate) names: Vec<String>,
    /// Whether the name is enough, without `key`, `token` or the like between it and the value.
    #[serde(default)]
    pub(crate) alone: bool,
    /// Whether the value may follow `-` or `.`.
    #[serde(default)]
    pub(crate) joined: bool,
    #[serde(default)]
    pub(crate) check: Option<String>,
    /// Whether a key of one character counts: format and name leave no doubt.
    #[serde(default)]
    pub(crate) filled: bool,
    #[serde(default)]
    pub(crate) entropy: f32,
    #[serde(default = "sure")]
    pub(crate) confidence: f32,
    pub(crate) matches: Vec<String>,
    pub(crate) not: Vec<String>,
    #[serde(skip)]
    pub(crate) shapes: Vec<Shape>,
}

/// A pattern, compiled, and what gives it away.
pub(crate) struct Shape {
    pub(crate) steps: Vec<Step>,
    pub(crate) anchors: Anchors,
}

fn api_key() -> String {
    "api_key".to_owned()
}

const fn sure() -> f32 {
    0.95
}

/// The rules of all files, compiled.
pub(crate) fn read(sources: &[String]) -> Result<Vec<Rule>, String> {
    let mut rules = Vec::new();
    for source in sources {
        let file: File = toml::from_str(source).map_err(|error| error.to_string())?;
        rules.extend(file.rule);
    }
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for rule in &mut rules {
        if !seen.insert(rule.id.clone()) {
            wrong.push(format!("rule `{}` is there twice", rule.id));
        }
        if let Err(reason) = complete(rule) {
            wrong.push(format!("rule `{}`: {reason}", rule.id));
        }
    }
    if wrong.is_empty() { Ok(rules) } else { Err(wrong.join("\n")) }
}

/// Checks a rule and compiles its patterns.
fn complete(rule: &mut Rule) -> Result<(), String> {
    check(rule)?;
    for written in &rule.patterns {
        let shape = compile(written, !rule.names.is_empty())
            .map_err(|reason| format!("pattern `{written}`: {reason}"))?;
        rule.shapes.push(shape);
    }
    Ok(())
}

fn check(rule: &Rule) -> Result<(), &'static str> {
    let known = ["api_key.", "url_credentials."].iter().any(|head| rule.id.starts_with(head));
    let name = |name: &String| {
        name.len() >= 3 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    if !known || !rule.id.starts_with(&format!("{}.", rule.category)) {
        Err("the name must be its category, a dot, and the provider")
    } else if rule.patterns.is_empty() == rule.matcher.is_none() {
        Err("either patterns or a matcher")
    } else if rule.matches.is_empty() || rule.not.is_empty() {
        Err("texts that match and texts that must not are missing")
    } else if !rule.names.iter().all(name) {
        Err("names are three or more small letters and digits, without separators")
    } else {
        Ok(())
    }
}

fn compile(written: &str, named: bool) -> Result<Shape, String> {
    let steps = pattern::compile(written)?;
    let anchors = if named { Anchors::default() } else { anchor::of(&steps)? };
    Ok(Shape { steps, anchors })
}
