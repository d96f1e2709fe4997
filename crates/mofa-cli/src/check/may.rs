//! Whether a subject may do something, with which of its keys, and why.
//!
//! # Invariants
//! Each key is asked about by itself: the roles of one are not those of another.

use super::CheckArgs;
use crate::args::TextOrJson;
use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output::Results;
use mofa_sdk::config::Config;
use mofa_sdk::security::{DefaultAuthorizer, Explanation, Subject, SubjectId, TenantId};
use serde::Serialize;
use std::fmt;

pub(super) fn explain(
    args: &CheckArgs,
    config: &Config,
    authorizer: &DefaultAuthorizer,
    subject: &str,
    permission: &str,
) -> Result<Outcome, CliError> {
    let (action, resource) = permission
        .split_once(':')
        .ok_or_else(|| wrong("--may", "an action, `:` and a resource".to_owned()))?;
    let name = |error: &dyn fmt::Display| format!("a name; {error}");
    let id = SubjectId::new(subject).map_err(|error| wrong("--subject", name(&error)))?;
    let tenant = match &args.tenant {
        Some(tenant) => TenantId::new(tenant).map_err(|error| wrong("--tenant", name(&error)))?,
        None => TenantId::default(),
    };
    let ways = ways(config, authorizer, &Subject::new(id, tenant), action, resource)?;
    let is_allowed = ways.iter().any(Way::is_allowed);
    let mut results = Results::new();
    match args.format {
        TextOrJson::Text => ways.iter().try_for_each(|way| results.line(format_args!("{way}")))?,
        TextOrJson::Json => results.json(&Answer::new(&ways, is_allowed))?,
    }
    results.flush()?;
    Ok(if is_allowed { Outcome::Success } else { Outcome::Denied })
}

fn wrong(argument: &str, expected: String) -> CliError {
    CliError::Argument { argument: argument.to_owned(), expected }
}

/// What is answered to a subject, with one of its keys or without any.
struct Way {
    key: Option<String>,
    why: Explanation,
}

impl Way {
    fn is_allowed(&self) -> bool {
        self.why.result().is_allowed()
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "key `{key}`: {}", self.why),
            None => write!(f, "{}", self.why),
        }
    }
}

/// The answer with each key of `subject`; the one without a key if it has none.
fn ways(
    config: &Config,
    authorizer: &DefaultAuthorizer,
    subject: &Subject,
    action: &str,
    resource: &str,
) -> Result<Vec<Way>, CliError> {
    let is_its = |caller: &Subject| (&caller.id, &caller.tenant) == (&subject.id, &subject.tenant);
    let mut ways = Vec::new();
    for caller in config.callers.iter().filter(|caller| is_its(&caller.subject)) {
        let why = authorizer.explain(&caller.subject, action, resource)?;
        ways.push(Way { key: Some(caller.id.clone()), why });
    }
    if ways.is_empty() {
        ways.push(Way { key: None, why: authorizer.explain(subject, action, resource)? });
    }
    Ok(ways)
}

/// The answer for programs.
#[derive(Serialize)]
struct Answer<'a> {
    subject: Option<&'a str>,
    tenant: Option<&'a str>,
    action: Option<&'a str>,
    resource: Option<&'a str>,
    /// With one key at least.
    allowed: bool,
    /// Why it may, or why it may not with the first key.
    reason: Option<String>,
    keys: Vec<KeyAnswer<'a>>,
}

#[derive(Serialize)]
struct KeyAnswer<'a> {
    key: &'a str,
    allowed: bool,
    reason: String,
}

impl<'a> Answer<'a> {
    fn new(ways: &'a [Way], allowed: bool) -> Self {
        let deciding = ways.iter().find(|way| way.is_allowed()).or(ways.first());
        let deciding = deciding.map(|way| &way.why);
        let key = |way: &'a Way| {
            let (allowed, reason) = (way.is_allowed(), way.why.reason.to_string());
            Some(KeyAnswer { key: way.key.as_deref()?, allowed, reason })
        };
        Self {
            subject: deciding.map(|why| why.subject.id.as_str()),
            tenant: deciding.map(|why| why.subject.tenant.as_str()),
            action: deciding.map(|why| why.action.as_str()),
            resource: deciding.map(|why| why.resource.as_str()),
            allowed,
            reason: deciding.map(|why| why.reason.to_string()),
            keys: ways.iter().filter_map(key).collect(),
        }
    }
}
