//! Contract tests for every trait of the runtime: what an implementation must hold to, whoever
//! wrote it. For development only.

pub mod contract;

use std::future::Future;

/// Runs `future` to its end on this thread.
///
/// # Panics
/// If no runtime can be made.
#[expect(clippy::expect_used, reason = "a test cannot go on without a runtime")]
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}
