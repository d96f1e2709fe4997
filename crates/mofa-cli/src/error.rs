//! Why a command could not do what it was asked to do: [`CliError`].

use crate::eval;
use crate::git::GitError;
use crate::outcome::Outcome;
use crate::scan::{BaselineError, Skip};
use crate::secrets::HookError;
use mofa_gateway::GatewayError;
use mofa_gateway::scripted::ScriptError;
use mofa_sdk::config::{ApiKeyError, ConfigError, Problem};
use mofa_sdk::deployment::DeploymentError;
use mofa_sdk::monitoring::ReadError;
use mofa_sdk::security::{PolicyError, SecurityError};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a command could not do what it was asked to do. Never holds scanned text.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    /// The configuration does not hold.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// An argument does not fit, by itself or with the others.
    #[error("`{argument}`: expected {expected}")]
    Argument {
        /// The argument.
        argument: String,
        /// What would fit.
        expected: String,
    },
    /// An input cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    Read {
        /// The input.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An input is no text.
    #[error("`{}` is not scanned: it is {}", path.display(), found.as_str())]
    NotText {
        /// The input.
        path: PathBuf,
        /// What it is instead.
        found: Skip,
    },
    /// An output cannot be written.
    #[error("`{}` cannot be written: {source}", path.display())]
    Write {
        /// The output.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A repository cannot be read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A hook cannot be installed or taken away.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// A baseline cannot be read, or is none.
    #[error("the baseline `{}` cannot be used: {source}", path.display())]
    Baseline {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: BaselineError,
    },
    /// Standard output cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(#[source] io::Error),
    /// An engine's rules do not hold together.
    #[error(transparent)]
    Engine(#[from] SecurityError),
    /// The rules of who may do what do not hold together.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// What the configuration says cannot be put into force.
    #[error(transparent)]
    Deployment(#[from] DeploymentError),
    /// The gateway cannot serve.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The gateway was stopped while requests were under way.
    #[error("stopped at once: requests that were under way were cut off")]
    Stopped,
    /// A script of the scripted model does not hold.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// The demonstration did not go as it should.
    #[error("{wrong} of {cases} outcomes are not what they should be; see `{}`", state.display())]
    Demo {
        /// How many outcomes are wrong.
        wrong: usize,
        /// How many there are.
        cases: usize,
        /// Where the configuration and the audit log are.
        state: PathBuf,
    },
    /// An answer could not be had from a server of this program.
    #[error("the demonstration got no answer: {0}")]
    Client(#[source] io::Error),
    /// A record could not be read back.
    #[error(transparent)]
    Record(#[from] ReadError),
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] ApiKeyError),
    /// There is nothing to compare a measurement with.
    #[error(transparent)]
    OldMeasures(#[from] eval::BaselineError),
    /// The system gave no thread, timer or signal.
    #[error("the program cannot run: {0}")]
    System(#[source] io::Error),
}

impl CliError {
    /// How the command ends.
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Config(_)
            | Self::Argument { .. }
            | Self::Engine(_)
            | Self::Policy(_)
            | Self::Script(_)
            | Self::OldMeasures(_)
            | Self::Baseline { .. }
            | Self::Key(ApiKeyError::Id { .. }) => Outcome::Usage,
            Self::Deployment(error) => match error {
                DeploymentError::Audit(_) | DeploymentError::Vault(_) => Outcome::Failure,
                _ => Outcome::Usage,
            },
            _ => Outcome::Failure,
        }
    }

    /// What to do next, where that is known.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Config(error) if matches!(error.problem, Problem::Unreadable { .. }) => {
                Some("name the configuration with `-c PATH`")
            }
            Self::Config(_) => Some("`mofa check -c PATH` checks a configuration without serving"),
            Self::Git(GitError::Missing) => Some("install git, or scan files without `--git`"),
            Self::Baseline {
                source: BaselineError::Format(_) | BaselineError::Version(_), ..
            } => Some("`mofa scan --write-baseline FILE` makes one"),
            Self::Hook(HookError::Git(GitError::Missing)) => Some("install git"),
            Self::Hook(error) => error.hint(),
            Self::NotText { .. } => Some("only text can be redacted"),
            Self::Deployment(DeploymentError::Audit(_)) => {
                Some("`audit.path` names the file; another gateway may hold it")
            }
            Self::Deployment(DeploymentError::Vault(_)) => {
                Some("`vault.path` names the file, `vault.key` the key that it was made with")
            }
            Self::Gateway(GatewayError::Listen { .. }) => {
                Some("name another address with `--listen`")
            }
            _ => None,
        }
    }
}
