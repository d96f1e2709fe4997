//! Programs from the registry that a step needs: used where they are, else installed once.

use crate::output;

use super::StepError;
use super::context::Context;

/// A cargo subcommand, at the version the steps were written for.
pub(super) struct Tool {
    /// As in `cargo NAME`.
    command: &'static str,
    crate_name: &'static str,
    version: &'static str,
}

/// Runs the tests, each in a process of its own.
pub(super) const NEXTEST: Tool =
    Tool { command: "nextest", crate_name: "cargo-nextest", version: "0.9.151" };

/// Checks the dependencies.
pub(super) const DENY: Tool = Tool { command: "deny", crate_name: "cargo-deny", version: "0.20.2" };

/// Installs the tool into the tools folder unless `cargo NAME` runs already.
pub(super) fn ensure(context: &Context, tool: &Tool) -> Result<(), StepError> {
    if context.cargo(tool.command).args("--version").succeeds() {
        return Ok(());
    }
    let Tool { crate_name, version, .. } = tool;
    let tools = context.tools();
    output::line(&format!("installing {crate_name} {version} into {}", tools.display()));
    context
        .cargo(&format!("install {crate_name} --version {version} --locked --root"))
        .arg(tools)
        .env("CARGO_TARGET_DIR", context.target().join("tools"))
        .run()?;
    Ok(())
}
