//! `mofa scripted-model`: a model server that answers from a script, for tests from other
//! languages.

use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output::Results;
use crate::signals::Signals;
use clap::Args;
use mofa_gateway::scripted::{Script, ScriptedUpstream};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::runtime::Builder;

const AFTER_HELP: &str = "\
It prints one line, {\"address\":\"IP:PORT\",\"url\":\"http://IP:PORT/v1\"}, and runs until a signal.
GET /__received shows what reached it, a line of JSON for each request.

Examples:
  mofa scripted-model
  mofa scripted-model --listen 127.0.0.1:9000 --script script.json";

/// Where it listens and what it says.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ScriptedModelArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// What to say, as JSON; without it everything is echoed.
    #[arg(long, value_name = "PATH")]
    script: Option<PathBuf>,
}

pub(crate) fn run(args: &ScriptedModelArgs) -> Result<Outcome, CliError> {
    let script = match &args.script {
        Some(path) => {
            let unreadable = |source| CliError::Read { path: path.clone(), source };
            Script::from_json(&fs::read_to_string(path).map_err(unreadable)?)?
        }
        None => Script::new(),
    };
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(CliError::System)?;
    runtime.block_on(async {
        let mut signals = Signals::new().map_err(CliError::System)?;
        let upstream =
            ScriptedUpstream::start_at(args.listen, script).await.map_err(CliError::System)?;
        let address = upstream.local_addr().to_string();
        let mut results = Results::new();
        results.line(format_args!(
            "{}",
            serde_json::json!({"address": address, "url": upstream.url()})
        ))?;
        results.flush()?;
        signals.next().await;
        Ok(Outcome::Success)
    })
}
