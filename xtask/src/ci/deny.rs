//! The dependencies' licences, bans, sources and known weaknesses: `cargo deny`, by `deny.toml`.

use crate::environment;

use super::context::Context;
use super::tools::{DENY, ensure};
use super::{LeftOut, StepError};

/// Everything that needs no network; advisories only where their database was fetched before.
pub(super) fn run(context: &Context) -> Result<LeftOut, StepError> {
    ensure(context, &DENY)?;
    // Licences are read from the sources of every crate in the lock file, whatever its platform.
    context.cargo("fetch --locked").run()?;
    context
        .cargo("deny --offline --all-features check --hide-inclusion-graph licenses bans sources")
        .run()?;
    if !has_advisories() {
        let hint = "advisories: no database here, `cargo deny fetch` brings it";
        return Ok(vec![hint.to_owned()]);
    }
    context.cargo("deny --offline --all-features check advisories").run()?;
    Ok(LeftOut::new())
}

/// Whether `cargo deny` has fetched an advisory database into its usual folder.
fn has_advisories() -> bool {
    let Some(home) = environment::cargo_home() else { return false };
    ["advisory-dbs", "advisory-db"].iter().any(|name| {
        std::fs::read_dir(home.join(name)).is_ok_and(|mut entries| entries.next().is_some())
    })
}
