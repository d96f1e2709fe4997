//! `mofa check`: makes sure that a configuration holds, and says what it enforces and what not.

mod detection;
mod may;
mod report;
mod text;
mod warnings;

use crate::args::TextOrJson;
use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output::{self, Results};
use clap::Args;
use mofa_sdk::config::Config;
use mofa_sdk::deployment::{self, DeploymentError, Upstreams};
use mofa_sdk::monitoring::JsonlAuditLog;
use mofa_sdk::scan::TextScanner;
use std::path::PathBuf;

pub(crate) use report::Report;

const AFTER_HELP: &str = "\
Exit codes:
  0  the configuration holds, warnings or not; with --subject: permitted, with one key at least
  1  where the audit log should be no log can be kept, or the vault does not open with its key
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
    /// Say whether this subject may do what --may names, and why: with each of its keys, as each
    /// has roles of its own.
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
    // What `serve` would refuse is refused here.
    Upstreams::open(config.upstreams.clone(), &config.limits)?;
    JsonlAuditLog::could_open(&config.audit.path).map_err(DeploymentError::Audit)?;
    deployment::could_keep(&config)?;
    let authorizer = deployment::authorizer(&config)?;
    if let (Some(subject), Some(permission)) = (&args.subject, &args.may) {
        return may::explain(args, &config, &authorizer, subject, permission);
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
