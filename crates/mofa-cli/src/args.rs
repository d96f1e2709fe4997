//! What can be asked for on the command line.

use crate::check::CheckArgs;
use crate::completions::CompletionsArgs;
use crate::demo::DemoArgs;
use crate::eval::EvalArgs;
use crate::key::KeyArgs;
use crate::scan::ScanArgs;
use crate::scripted_model::ScriptedModelArgs;
use crate::secrets::SecretsArgs;
use crate::serve::ServeArgs;
use clap::{Parser, Subcommand, ValueEnum};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed, or something could not be read
  2  wrong arguments or configuration
  3  denied by policy
  4  findings";

/// Secure runtime and governance for AI agents: who may do what, what left, what got in.
#[derive(Debug, Parser)]
#[command(name = "mofa", version, after_help = EXIT_CODES, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look for personal data, secrets, listed phrases and prompt injections in files.
    Scan(ScanArgs),
    /// Measure on labelled data how well personal data, secrets and attacks are found.
    Eval(EvalArgs),
    /// Keep secrets out of commits, by a hook.
    Secrets(SecretsArgs),
    /// Stand between agents and models and enforce a configuration.
    Serve(ServeArgs),
    /// Check a configuration and say what it enforces and what not.
    Check(CheckArgs),
    /// Make keys for callers of the gateway.
    Key(KeyArgs),
    /// Show everything at work on this machine, with a scripted model, and check the outcome.
    Demo(DemoArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
    /// Run a model server that answers from a script; for tests.
    #[command(hide = true)]
    ScriptedModel(ScriptedModelArgs),
}

/// How to print what a person or a program may want to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextOrJson {
    /// For people.
    Text,
    /// For programs.
    Json,
}
