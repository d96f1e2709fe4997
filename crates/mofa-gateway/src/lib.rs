//! The HTTP gateway: it stands in front of model servers and lets nothing pass uninspected.
//!
//! [`Gateway`] serves a [`Deployment`](mofa_sdk::Deployment); `mofa serve` starts it. Every request
//! is authenticated, read, inspected, recorded and only then forwarded; every answer is inspected
//! and recorded before its end leaves, streamed answers piece by piece.
//!
//! [`scripted`] is a model server that says what it is told to, for demonstrations and tests.

mod answer;
mod auth;
mod body;
mod chat;
mod handler;
mod models;
mod ready;
mod receive;
mod route;
pub mod scripted;
mod server;
mod sse;
mod state;
mod stream;
mod wire;

pub use server::{BoundGateway, Gateway, GatewayError};
