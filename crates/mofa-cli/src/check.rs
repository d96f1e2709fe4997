//! `mofa check`: makes sure that a configuration holds, and says what it enforces and what not.

mod report;
mod text;
mod warnings;

use crate::args::TextOrJson;
use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output::{self, Results};
use clap::Args;
use mofa_sdk::config::Config;
use mofa_sdk::scan::TextScanner;
use mofa_sdk::security::{DefaultAuthorizer, Subject, SubjectId, TenantId};
use std::path::PathBuf;

pub(crate) use report::Report;

const AFTER_HELP: &str = "\
Exit codes:
  0  the configuration holds, warnings or not; with --subject: permitted
  2  the configuration does not hold: FILE:LINE:COLUMN says where
  3  with --subject and --may: not permitted

Examples:
  mofa check
  mofa check -c /etc/mofa/mofa.toml --format json
  mofa check --subject ann --may invoke:model:gpt-4o";

/// Which configuration, and what to say of it.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CheckArgs {
    /// The configuration.
    #[arg(short, long, value_name = "PATH", default_value = "mofa.toml")]
    config: PathBuf,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
    /// Say whether this subject may do what --may names, and why.
    #[arg(long, requires = "may")]
    subject: Option<String>,
    /// Of which tenant the subject is; the default one if not given.
    #[arg(long, requires = "subject")]
    tenant: Option<String>,
    /// A permission, for instance `invoke:model:gpt-4o`.
    #[arg(long, value_name = "ACTION:RESOURCE", requires = "subject")]
    may: Option<String>,
}

pub(crate) fn run(args: &CheckArgs) -> Result<Outcome, CliError> {
    let config = Config::load(&args.config)?;
    TextScanner::from_config(&config)?;
    let authorizer = authorizer(&config)?;
    if let (Some(subject), Some(permission)) = (&args.subject, &args.may) {
        return explain(args, &authorizer, subject, permission);
    }
    let report = Report::new(&args.config, &config, &authorizer)?;
    match args.format {
        TextOrJson::Text => output::write_now(text::write(&report).as_bytes())?,
        TextOrJson::Json => {
            let mut results = Results::new();
            results.json(&report)?;
            results.flush()?;
        }
    }
    Ok(Outcome::Success)
}

/// Who may do what, by the configuration alone.
pub(crate) fn authorizer(config: &Config) -> Result<DefaultAuthorizer, CliError> {
    let tenants = config.policies.iter().cloned();
    let builder = tenants.fold(DefaultAuthorizer::builder(), |builder, (tenant, policy)| {
        builder.with_tenant(tenant, policy)
    });
    Ok(builder.build()?)
}

fn explain(
    args: &CheckArgs,
    authorizer: &DefaultAuthorizer,
    subject: &str,
    permission: &str,
) -> Result<Outcome, CliError> {
    let wrong = |argument: &str, expected: String| CliError::Argument {
        argument: argument.to_owned(),
        expected,
    };
    let (action, resource) = permission
        .split_once(':')
        .ok_or_else(|| wrong("--may", "an action, `:` and a resource".to_owned()))?;
    let name = |error: &dyn std::fmt::Display| format!("a name; {error}");
    let id = SubjectId::new(subject).map_err(|error| wrong("--subject", name(&error)))?;
    let tenant = match &args.tenant {
        Some(tenant) => TenantId::new(tenant).map_err(|error| wrong("--tenant", name(&error)))?,
        None => TenantId::default(),
    };
    let explanation = authorizer.explain(&Subject::new(id, tenant), action, resource)?;
    let is_allowed = explanation.result().is_allowed();
    let mut results = Results::new();
    match args.format {
        TextOrJson::Text => results.line(format_args!("{explanation}"))?,
        TextOrJson::Json => results.json(&serde_json::json!({
            "subject": subject,
            "tenant": explanation.subject.tenant.as_str(),
            "action": action,
            "resource": resource,
            "allowed": is_allowed,
            "reason": explanation.reason.to_string(),
        }))?,
    }
    results.flush()?;
    Ok(if is_allowed { Outcome::Success } else { Outcome::Denied })
}
