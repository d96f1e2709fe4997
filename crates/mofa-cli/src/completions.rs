//! `mofa completions`: what a shell needs to complete arguments.

use crate::args::Arguments;
use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  mofa completions bash > ~/.local/share/bash-completion/completions/mofa
  mofa completions zsh > ~/.zfunc/_mofa
  mofa completions fish > ~/.config/fish/completions/mofa.fish";

/// For which shell.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs) -> Result<Outcome, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "mofa", &mut script);
    output::write_now(&script)?;
    Ok(Outcome::Success)
}
