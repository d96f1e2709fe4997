//! The steps of the test command, in order: one entry each.

use super::context::Context;
use super::{LeftOut, StepError, deny, openai, packages, shared_data, workspace};

/// One step.
#[derive(Debug)]
pub(super) struct Step {
    /// What `--only` and `--skip` call it.
    pub(super) name: &'static str,
    /// What it shows, in a few words.
    pub(super) about: &'static str,
    /// Does it; what it leaves out comes back.
    pub(super) run: fn(&Context) -> Result<LeftOut, StepError>,
}

/// Cheap ones first, so that a slip is found early.
pub(super) const STEPS: &[Step] = &[
    Step { name: "packages", about: "Debian packages and programs", run: packages::run },
    Step { name: "shared-data", about: "evaluation data in ../shared", run: shared_data::run },
    Step { name: "fmt", about: "cargo fmt --check", run: workspace::fmt },
    Step { name: "layers", about: "which crate uses which", run: workspace::layers },
    Step { name: "tidy", about: "house style of every file", run: workspace::tidy },
    Step { name: "clippy", about: "lints, as errors", run: workspace::clippy },
    Step { name: "test", about: "every test of the workspace", run: workspace::test },
    Step { name: "doctest", about: "every example of the documentation", run: workspace::doctest },
    Step { name: "guide-commands", about: "the security guide's commands", run: workspace::guide },
    Step { name: "examples", about: "every example runs", run: workspace::examples },
    Step { name: "demo", about: "cargo run -- demo", run: workspace::demo },
    Step { name: "openai", about: "the official OpenAI client at the gateway", run: openai::run },
    Step { name: "deny", about: "licences, bans, sources, advisories", run: deny::run },
];
