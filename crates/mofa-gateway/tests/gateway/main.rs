//! The gateway on real sockets: a caller on one side, a model server on the other, all four stages
//! and a real audit log between them.

mod answers;
mod client;
mod hostile;
mod house;
mod limits;
mod requests;
mod routes;
mod shutdown;
mod streams;
