//! What a demonstration needs: a scripted model, a gateway that enforces, one that only watches.

use crate::error::CliError;
use mofa_gateway::Gateway;
use mofa_gateway::scripted::{Reply, Script, ScriptedUpstream};
use mofa_sdk::Deployment;
use mofa_sdk::config::{ApiKey, Config};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// The e-mail address that the scripted model gives away.
pub(super) const LEAKED: &str = "jane.doe@example.org";

/// The phrase that must not be said.
pub(super) const BANNED: &str = "project bluebird";

/// Everything at once.
pub(super) struct House {
    state: PathBuf,
    pub(super) model: ScriptedUpstream,
    pub(super) key: ApiKey,
    pub(super) enforcing: Serving,
    pub(super) watching: Serving,
    tasks: JoinSet<()>,
}

/// A gateway that serves.
pub(super) struct Serving {
    pub(super) address: SocketAddr,
    pub(super) config: PathBuf,
    pub(super) audit: PathBuf,
    stop: oneshot::Sender<()>,
}

impl House {
    /// Starts on free ports, with its state in a new temporary folder.
    pub(super) async fn start() -> Result<Self, CliError> {
        let folder = tempfile::Builder::new().prefix("mofa-demo-").tempdir();
        let state = folder.map_err(CliError::System)?.keep();
        let model = ScriptedUpstream::start(script()).await.map_err(CliError::System)?;
        let key = ApiKey::generate("demo")?;
        let mut tasks = JoinSet::new();
        let text = |mode, audit| config_text(&model, &key, mode, audit);
        let enforcing =
            serve(&mut tasks, state.join("mofa.toml"), &text("enforce", "audit.jsonl")).await?;
        let watching =
            serve(&mut tasks, state.join("shadow.toml"), &text("shadow", "audit-shadow.jsonl"))
                .await?;
        Ok(Self { state, model, key, enforcing, watching, tasks })
    }

    /// The folder with the configurations and the audit logs.
    pub(super) fn state(&self) -> &Path {
        &self.state
    }

    /// Ends both gateways in order.
    pub(super) async fn stop(mut self) {
        drop((self.enforcing.stop, self.watching.stop));
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn serve(tasks: &mut JoinSet<()>, path: PathBuf, text: &str) -> Result<Serving, CliError> {
    fs::write(&path, text).map_err(|source| CliError::Write { path: path.clone(), source })?;
    let config = Config::load(&path)?;
    let audit = config.audit.path.clone();
    let gateway = Gateway::new(Deployment::open(config)?).bind().await?;
    let address = gateway.local_addr();
    let (stop, stopped) = oneshot::channel();
    tasks.spawn(async move {
        let shutdown = async {
            let _ = stopped.await;
        };
        // It serves until it is stopped; what goes wrong then shows in the answers.
        let _ = gateway.serve(shutdown).await;
    });
    Ok(Serving { address, config: path, audit, stop })
}

fn script() -> Script {
    Script::new()
        .with_chunk_chars(5)
        .with_models(["demo-small", "demo-large"])
        .with_rule("capital of France", Reply::text("Paris is the capital of France."))
        .with_rule("contact", Reply::text(format!("Write to {LEAKED}, they will help.")))
        .with_rule("codename", Reply::text(format!("It is called {BANNED} inside.")))
}

fn config_text(model: &ScriptedUpstream, key: &ApiKey, mode: &str, audit: &str) -> String {
    let (url, hash) = (model.url(), key.digest());
    format!(
        r#"# Made by `mofa demo`.
[gateway]
listen = "127.0.0.1:0"

[security.moderation]
mode = "{mode}"
blocked = ["{BANNED}"]

[audit]
path = "{audit}"

[roles.analyst]
permissions = ["invoke:model:demo-small"]

[[keys]]
id = "demo"
hash = "{hash}"
subject = "ann"
roles = ["analyst"]

[[upstreams]]
name = "scripted"
base_url = "{url}"
models = ["demo-small", "demo-large"]
"#
    )
}
