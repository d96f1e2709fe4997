//! `mofa secrets`: installs a hook that refuses commits with secrets in them, takes it away again, or
//! says what the pre-commit framework needs.

mod hook;
mod script;

pub(crate) use hook::HookError;

use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output::{self, escaped};
use clap::{Args, Subcommand};
use hook::{Hook, Installed, Removed};
use std::env;
use std::path::{Path, PathBuf};

const INSTALL_HELP: &str = "\
The hook runs `mofa scan --git --staged --only secret` before each commit, with .mofa-baseline.json
as its baseline where that file is at the top of the repository, and refuses the commit when
anything is found or cannot be read. It goes where `core.hooksPath` says, else into the hooks of the
repository, which all its working trees share. A hook that is there and is not this one is left as it
is; with --force it is kept as `pre-commit.before-mofa` and run after this one.

Examples:
  mofa secrets install-hook
  mofa secrets install-hook --repo ../other --force
  git commit --no-verify    # commits without any hook";

/// What to do about secrets in commits.
#[derive(Debug, Args)]
pub(crate) struct SecretsArgs {
    #[command(subcommand)]
    command: SecretsCommand,
}

#[derive(Debug, Subcommand)]
enum SecretsCommand {
    /// Install a pre-commit hook that refuses commits with secrets in them.
    #[command(after_help = INSTALL_HELP)]
    InstallHook(InstallArgs),
    /// Take that hook away again, and put back what it replaced.
    UninstallHook(RepositoryArgs),
    /// Print what the configuration of the pre-commit framework needs.
    PreCommitConfig,
}

/// Which repository.
#[derive(Debug, Args)]
struct RepositoryArgs {
    /// A folder in the repository.
    #[arg(long, value_name = "PATH", default_value = ".")]
    repo: PathBuf,
}

#[derive(Debug, Args)]
struct InstallArgs {
    #[command(flatten)]
    repository: RepositoryArgs,
    /// Keep a hook that is there under another name and run it after this one.
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &SecretsArgs) -> Result<Outcome, CliError> {
    match &args.command {
        SecretsCommand::InstallHook(args) => install(args)?,
        SecretsCommand::UninstallHook(args) => uninstall(args)?,
        SecretsCommand::PreCommitConfig => output::write_now(script::PRE_COMMIT.as_bytes())?,
    }
    Ok(Outcome::Success)
}

fn install(args: &InstallArgs) -> Result<(), CliError> {
    let program = env::current_exe().map_err(CliError::System)?;
    let hook = Hook::of(&args.repository.repo)?;
    let installed = hook.install(&script::hook(&program)?, args.force)?;
    let path = name(hook.path());
    match installed {
        Installed::New => output::note(format_args!("installed `{path}`")),
        Installed::Again => {
            output::note(format_args!("installed `{path}` in place of an older one"));
        }
        Installed::Before(kept) => {
            let kept = name(&kept);
            output::note(format_args!("installed `{path}`; it runs `{kept}`, which was there"));
        }
    }
    if hook.is_shared() {
        output::warn(format_args!(
            "`core.hooksPath` names this folder: every repository that it is set for has the hook now"
        ));
    }
    output::note(format_args!(
        "`mofa secrets uninstall-hook` takes it away; for the pre-commit framework see \
         `mofa secrets pre-commit-config`"
    ));
    Ok(())
}

fn uninstall(args: &RepositoryArgs) -> Result<(), CliError> {
    let hook = Hook::of(&args.repo)?;
    let path = name(hook.path());
    match hook.uninstall()? {
        Removed::Gone => output::note(format_args!("took `{path}` away")),
        Removed::PutBack => output::note(format_args!("`{path}` is again what it was before")),
        Removed::Nothing => {
            output::note(format_args!("there is no hook of this program at `{path}`"));
        }
    }
    Ok(())
}

fn name(path: &Path) -> String {
    escaped(&path.display().to_string())
}
