//! Prints claims, and counts those that do not hold; called by every part of the example.

use mofa_runtime::security::BuildError;
use std::process::ExitCode;

/// What was claimed so far.
#[derive(Default)]
pub(crate) struct Account {
    claims: usize,
    failed: usize,
}

impl Account {
    pub(crate) fn heading(&self, heading: &str) {
        let gap = if self.claims == 0 { "" } else { "\n" };
        println!("{gap}{heading}");
    }

    pub(crate) fn note(text: &str) {
        println!("         {text}");
    }

    pub(crate) fn claim(&mut self, claim: &str, holds: bool) {
        println!("  {} {claim}", if holds { "ok    " } else { "FAILED" });
        self.claims += 1;
        self.failed += usize::from(!holds);
    }

    /// Claims that something was not built, for want of `needed`.
    pub(crate) fn refusal(&mut self, built: Result<(), BuildError>, needed: &str) {
        match built {
            Ok(()) => self.claim("it started all the same", false),
            Err(error) => self.claim(&error.to_string(), error.to_string().contains(needed)),
        }
    }

    pub(crate) fn close(&self) -> ExitCode {
        println!("\n{} claims, {} do not hold", self.claims, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
