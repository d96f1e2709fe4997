//! `mofa key new`: makes a key for a caller and prints it once, with what the configuration keeps.
//!
//! # Invariants
//! The key goes to standard output and nowhere else; the configuration gets its hash only.

use crate::args::TextOrJson;
use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output::Results;
use clap::{Args, Subcommand};
use mofa_sdk::config::ApiKey;
use mofa_sdk::security::{RoleName, SubjectId, TenantId};
use serde_json::json;
use std::fmt::Write;

const EXAMPLES: &str = "\
Examples:
  mofa key new --id team-a --subject ann --role analyst
  mofa key new --id acme-1 --subject bob --tenant acme --format json";

/// What to do with keys.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Make a key and print it once, with the `[[keys]]` section that admits it.
    New(NewKeyArgs),
}

/// Whose key.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct NewKeyArgs {
    /// Names the key in records: 1 to 64 of `a-z`, `0-9` and `-`.
    #[arg(long)]
    id: String,
    /// Who calls with it.
    #[arg(long)]
    subject: String,
    /// Whose policies hold for it; the default tenant's if not given.
    #[arg(long)]
    tenant: Option<String>,
    /// A role that the key gives; may be repeated.
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub(crate) fn run(args: &KeyArgs) -> Result<Outcome, CliError> {
    let KeyCommand::New(args) = &args.command;
    let tenants = args.tenant.iter().map(|name| ("--tenant", name));
    let roles = args.roles.iter().map(|name| ("--role", name));
    for (argument, name) in tenants.chain(roles).chain([("--subject", &args.subject)]) {
        check_name(argument, name)?;
    }
    let key = ApiKey::generate(&args.id)?;
    let section = section(args, &key);
    let mut results = Results::new();
    match args.format {
        TextOrJson::Text => results.line(format_args!(
            "The key; it is shown only now:\n\n    {}\n\nInto the configuration:\n\n{section}",
            key.expose()
        ))?,
        TextOrJson::Json => {
            let hash = key.digest().to_string();
            results.line(format_args!(
                "{}",
                json!({"key": key.expose(), "id": args.id, "hash": hash, "section": section})
            ))?;
        }
    }
    results.flush()?;
    Ok(Outcome::Success)
}

/// Makes sure that a configuration can have `name` in it.
fn check_name(argument: &str, name: &str) -> Result<(), CliError> {
    let wrong = |expected: String| CliError::Argument { argument: argument.to_owned(), expected };
    let checked = match argument {
        "--tenant" => TenantId::new(name).map(|_| ()),
        "--role" => RoleName::new(name).map(|_| ()),
        _ => SubjectId::new(name).map(|_| ()),
    };
    checked.map_err(|error| wrong(format!("a name; {error}")))?;
    if name.contains("${") {
        return Err(wrong("a name without `${`, which stands for the environment".to_owned()));
    }
    Ok(())
}

/// The section of `mofa.toml` that admits `key`.
fn section(args: &NewKeyArgs, key: &ApiKey) -> String {
    let mut section = format!("[[keys]]\nid = {}\n", quoted(&args.id));
    let mut add = |name: &str, value: String| {
        let _ = writeln!(section, "{name} = {value}");
    };
    add("hash", quoted(&key.digest().to_string()));
    add("subject", quoted(&args.subject));
    if let Some(tenant) = &args.tenant {
        add("tenant", quoted(tenant));
    }
    if !args.roles.is_empty() {
        let roles: Vec<_> = args.roles.iter().map(|role| quoted(role)).collect();
        add("roles", format!("[{}]", roles.join(", ")));
    }
    section.truncate(section.trim_end().len());
    section
}

/// `text` as a TOML string: what JSON escapes, TOML reads, and the rest is in no name.
fn quoted(text: &str) -> String {
    json!(text).to_string()
}
