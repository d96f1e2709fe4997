//! How a command ends: [`Outcome`], and the exit code that it is.

use std::process::ExitCode;

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It did what it was asked to do.
    Success,
    /// It could not do it, or not all of it.
    Failure,
    /// It was asked wrongly: an argument or the configuration does not hold.
    Usage,
    /// What was asked about is not permitted.
    Denied,
    /// It found something.
    Findings,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Success => 0,
            Outcome::Failure => 1,
            Outcome::Usage => 2,
            Outcome::Denied => 3,
            Outcome::Findings => 4,
        })
    }
}
