//! A gateway, the model server behind it, and the records that it leaves.

use crate::client::{Answer, Client};
use mofa_gateway::Gateway;
use mofa_gateway::scripted::{Script, ScriptedUpstream};
use mofa_sdk::Deployment;
use mofa_sdk::config::{ApiKey, Config};
use mofa_sdk::monitoring::{AuditRecord, read_records};
use std::net::SocketAddr;
use std::path::PathBuf;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// What `${UPSTREAM_KEY}` stands for in the configuration.
pub(crate) const UPSTREAM_KEY: &str = "local-key/5f0a1b2c";

/// A gateway in front of a scripted model server. Everything ends when it is dropped.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) key: String,
    pub(crate) upstream: ScriptedUpstream,
    folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    server: JoinSet<()>,
}

impl House {
    /// All four stages, strict.
    pub(crate) async fn start(script: Script) -> Self {
        Self::start_with(script, "", |_| {}).await
    }

    /// The same with more in the configuration, and with `change` made to what comes of it.
    pub(crate) async fn start_with(
        script: Script,
        more: &str,
        change: impl FnOnce(&mut Deployment),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let upstream = ScriptedUpstream::start(script).await.unwrap();
        let key = ApiKey::generate("team-a").unwrap();
        let text = format!(
            r#"
            [gateway]
            listen = "127.0.0.1:0"
            [security.moderation]
            blocked = ["forbiddenword"]
            flagged = ["urgent"]
            [roles.user]
            permissions = ["invoke:model:small", "invoke:model:missing"]
            [[keys]]
            id = "team-a"
            hash = "{hash}"
            subject = "ann"
            roles = ["user"]
            [[upstreams]]
            name = "main"
            base_url = "{url}"
            models = ["small", "large", "gpt-*"]
            {more}
            "#,
            hash = key.digest(),
            url = upstream.url(),
        );
        let mut config = Config::parse(&text, "test", &variable).unwrap();
        config.audit.path = folder.path().join("audit.jsonl");
        let mut deployment = Deployment::open(config).unwrap();
        change(&mut deployment);
        let gateway = Gateway::new(deployment).bind().await.unwrap();
        let address = gateway.local_addr();
        let (stop, stopped) = oneshot::channel();
        let mut server = JoinSet::new();
        server.spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            gateway.serve(stopped).await.unwrap();
        });
        let (key, stop) = (key.expose().to_owned(), Some(stop));
        Self { address, key, upstream, folder, stop, server }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// Asks for a completion as somebody who may.
    pub(crate) async fn ask(&self, body: impl AsRef<[u8]>) -> Answer {
        self.ask_on(&mut self.client().await, body).await
    }

    pub(crate) async fn ask_on(&self, client: &mut Client, body: impl AsRef<[u8]>) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        client.request("POST", "/v1/chat/completions", &headers, body.as_ref()).await
    }

    /// The head of a request for a completion, with a body of `length` bytes.
    pub(crate) fn head(&self, length: usize) -> String {
        format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n",
            self.key
        )
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        self.client().await.request("GET", path, &[("authorization", &bearer)], b"").await
    }

    /// The bodies that reached the model server.
    pub(crate) fn received(&self) -> Vec<String> {
        let received = self.upstream.received().into_iter();
        received.map(|request| String::from_utf8(request.body.to_vec()).unwrap()).collect()
    }

    pub(crate) fn audit_path(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }

    pub(crate) fn records(&self) -> Vec<AuditRecord> {
        let records = read_records(self.audit_path()).unwrap();
        records.collect::<Result<_, _>>().unwrap()
    }

    /// The record of the decision that `answer` names.
    #[track_caller]
    pub(crate) fn record_of(&self, answer: &Answer) -> AuditRecord {
        let id = answer.header("x-mofa-decision").unwrap_or_else(|| panic!("none: {answer:?}"));
        let mut records = self.records().into_iter();
        records.find(|record| record.id.as_deref() == Some(id)).expect("the decision's record")
    }

    /// Asks the gateway to stop.
    pub(crate) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until the gateway has ended.
    pub(crate) async fn ended(&mut self) {
        self.server.join_next().await.unwrap().unwrap();
    }

    /// Ends the gateway without a word.
    pub(crate) fn abort(&mut self) {
        self.server.abort_all();
    }
}

/// The environment: the key of a model server that wants one, and that of a vault.
fn variable(name: &str) -> Option<String> {
    match name {
        "UPSTREAM_KEY" => Some(UPSTREAM_KEY.to_owned()),
        "VAULT_KEY" => Some("00112233445566778899aabbccddeeff".repeat(2)),
        _ => None,
    }
}

/// A chat request that says `text`.
pub(crate) fn chat(text: &str) -> String {
    serde_json::json!({"model": "small", "messages": [{"role": "user", "content": text}]})
        .to_string()
}

/// The same, streamed.
pub(crate) fn chat_streamed(text: &str) -> String {
    let messages = serde_json::json!([{"role": "user", "content": text}]);
    serde_json::json!({"model": "small", "messages": messages, "stream": true}).to_string()
}
