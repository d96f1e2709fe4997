//! A model server that says what it is told to: for demonstrations and tests.
//!
//! It speaks the OpenAI chat format on a real socket, plain and streamed, echoes what it has no
//! rule for, and keeps what reached it byte for byte. `GET /__received` shows that as JSON lines.
//! The command line starts it for `mofa demo`; tests put it behind a gateway.
//!
//! # Invariants
//! It reads no environment, calls nobody, and keeps at most [`MAX_RECEIVED`] requests.
//!
//! # Example
//! ```
//! use mofa_gateway::scripted::{Reply, Script, ScriptedUpstream};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let script = Script::new().with_rule("weather", Reply::text("Sunny."));
//! let upstream = ScriptedUpstream::start(script).await?;
//! assert!(upstream.url().starts_with("http://127.0.0.1:"));
//! assert!(upstream.received().is_empty());
//! # Ok::<(), std::io::Error>(())
//! # })?;
//! # Ok::<(), std::io::Error>(())
//! ```

mod body;
mod completion;
mod script;
mod server;

pub use script::{Ending, Reply, Script, ScriptError};
pub use server::{MAX_RECEIVED, Received, ScriptedUpstream};
