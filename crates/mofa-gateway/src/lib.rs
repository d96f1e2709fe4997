//! The HTTP gateway: it stands in front of model servers and lets nothing pass uninspected.
//!
//! [`Gateway`] serves a [`Deployment`](mofa_sdk::Deployment); `mofa serve` starts it. Every request
//! is authenticated, read, inspected, recorded and only then forwarded; every answer is inspected
//! and recorded before its end leaves, streamed answers piece by piece.
//!
//! [`scripted`] is a model server that says what it is told to, for demonstrations and tests.
//!
//! | route | answers |
//! |---|---|
//! | `POST /v1/chat/completions` | a chat completion, plain or streamed |
//! | `GET /v1/models` | the models that the caller may invoke |
//! | `GET /healthz` | 200 for as long as the process lives |
//! | `GET /readyz` | 503 while it shuts down or cannot record |
//! | `GET /metrics` | figures as `OpenMetrics` text |
//!
//! # Invariants
//! A request reaches a model server only with a permit, and without the caller's key or headers.
//! Nothing of an answer leaves before it is inspected, and its end not before it is recorded.
//! Memory is bounded by the limits of the deployment.
//!
//! # Failure
//! Every error is JSON as the OpenAI API shapes it, with the id of the decision it comes from.
//!
//! # Example
//! ```
//! use mofa_gateway::Gateway;
//! use mofa_sdk::Deployment;
//! use mofa_sdk::config::Config;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let folder = tempfile::tempdir()?;
//! let mut config = Config::parse("[gateway]\nlisten = \"127.0.0.1:0\"", "mofa.toml", &|_| None)?;
//! config.audit.path = folder.path().join("audit.jsonl");
//! let gateway = Gateway::new(Deployment::open(config)?).bind().await?;
//! assert_ne!(gateway.local_addr().port(), 0);
//! gateway.serve(async { /* until a signal comes */ }).await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod auth;
mod body;
mod chat;
mod conversation;
mod deadline;
mod handler;
mod models;
mod peer;
mod pending;
mod ready;
mod receive;
mod route;
pub mod scripted;
mod server;
mod sse;
mod state;
mod stream;
mod target;
mod wire;

pub use route::Route;
pub use server::{BoundGateway, Gateway, GatewayError};
