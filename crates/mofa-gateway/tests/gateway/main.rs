//! The gateway on real sockets: a caller on one side, a model server on the other, all four stages
//! and a real audit log between them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may fail by panicking"
)]

mod answers;
mod client;
mod connections;
mod escapes;
mod hidden;
mod hostile;
mod house;
mod limits;
mod order;
mod records;
mod requests;
mod routes;
mod seams;
mod shutdown;
mod stream_limits;
mod stream_texts;
mod streams;
mod tokens;
