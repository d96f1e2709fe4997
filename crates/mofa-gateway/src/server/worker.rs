//! The threads that serve connections: each has a runtime and connections to model servers of its
//! own, so that a request is served from its first byte to its last without changing threads.
//!
//! Started by the server, which hands each accepted connection to the worker that has the fewest.
//!
//! # Invariants
//! A worker ends once nothing more is handed to it and no connection or stream of the gateway is
//! left, or [`LAST_RECORDS`] after the gateway was told to end at once.
//!
//! # Failure
//! A worker that cannot be started is a [`GatewayError`]; the others end by themselves. One whose
//! thread has died gets no more connections.

use super::connection;
use super::{GatewayError, LAST_RECORDS};
use crate::state::Shared;
use std::io;
use std::net::{self, IpAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::error::SendError;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{interval, sleep};
use tokio_util::task::task_tracker::TaskTrackerToken;

/// How often a worker wakes by itself. The runtime wakes its own thread whenever a timer is armed
/// that is due before all others; with this one there, those that limit a request seldom are.
const TICK: Duration = Duration::from_secs(1);

/// A connection that nobody serves yet.
pub(super) struct Accepted {
    pub(super) stream: net::TcpStream,
    pub(super) peer: IpAddr,
    /// Its place among all connections.
    pub(super) place: Option<OwnedSemaphorePermit>,
    /// Lets the gateway wait for it, from now on.
    pub(super) task: TaskTrackerToken,
}

/// All workers; once dropped, they finish what they have.
pub(super) struct Workers(Vec<Worker>);

struct Worker {
    /// Bounded by the places that there are for connections.
    connections: UnboundedSender<(Accepted, Arc<()>)>,
    /// Every connection of the worker has a copy.
    open: Arc<()>,
}

impl Workers {
    /// Starts `count` workers.
    pub(super) fn start(shared: &Shared, count: NonZeroUsize) -> Result<Self, GatewayError> {
        let workers = count.get();
        (1..=workers)
            .map(|number| {
                let started = Worker::start(shared.for_worker(), number);
                started.map_err(|source| GatewayError::Worker { number, workers, source })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Hands a connection to the worker that has the fewest, of those that live.
    pub(super) fn serve(&self, mut accepted: Accepted) -> io::Result<()> {
        loop {
            let alive = self.0.iter().filter(|worker| !worker.connections.is_closed());
            let least = alive.min_by_key(|worker| Arc::strong_count(&worker.open));
            let least = least.ok_or_else(|| io::Error::other("no worker is left to serve it"))?;
            match least.connections.send((accepted, Arc::clone(&least.open))) {
                Ok(()) => return Ok(()),
                // It has died since.
                Err(SendError((returned, _))) => accepted = returned,
            }
        }
    }
}

impl Worker {
    fn start(shared: Arc<Shared>, number: usize) -> io::Result<Self> {
        let (connections, accepted) = unbounded_channel();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let name = format!("mofa-worker-{number}");
        thread::Builder::new().name(name).spawn(move || {
            runtime.block_on(serve(&shared, accepted));
            // What still waits for a file or a name is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Self { connections, open: Arc::new(()) })
    }
}

/// Serves what is handed over, until there is no more to come and nothing is left.
async fn serve(shared: &Arc<Shared>, mut accepted: UnboundedReceiver<(Accepted, Arc<()>)>) {
    let mut tick = interval(TICK);
    loop {
        let next = tokio::select! {
            biased;
            next = accepted.recv() => next,
            _ = tick.tick() => continue,
        };
        let Some((Accepted { stream, peer, place, task }, open)) = next else { break };
        match TcpStream::from_std(stream) {
            Ok(stream) => {
                let connection = connection::run(Arc::clone(shared), stream, peer);
                shared.lifecycle.tasks.spawn(async move {
                    connection.await;
                    drop((place, open));
                });
            }
            Err(error) => tracing::warn!(%error, "a connection was not accepted"),
        }
        drop(task);
    }
    // Nothing is accepted any more, also where the gateway was dropped.
    shared.lifecycle.tasks.close();
    let ended = async {
        shared.lifecycle.ending.cancelled().await;
        sleep(LAST_RECORDS).await;
    };
    tokio::select! {
        () = shared.lifecycle.tasks.wait() => {}
        () = ended => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mofa_sdk::Deployment;
    use mofa_sdk::config::Config;
    use mofa_sdk::security::AUDIT_TIMEOUT;
    use tokio_util::task::TaskTracker;

    fn connection(tasks: &TaskTracker) -> Accepted {
        let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let peer = stream.peer_addr().unwrap().ip();
        Accepted { stream, peer, place: None, task: tasks.token() }
    }

    #[test]
    fn a_worker_that_has_died_gets_no_connection() {
        let worker = || {
            let (connections, accepted) = unbounded_channel();
            (Worker { connections, open: Arc::new(()) }, accepted)
        };
        let tasks = TaskTracker::new();
        let ((dead, gone), (living, mut accepted)) = (worker(), worker());
        drop(gone);
        let workers = Workers(vec![dead, living]);
        for _ in 0..3 {
            workers.serve(connection(&tasks)).unwrap();
        }
        let mut handed_on = Vec::new();
        while let Ok(one) = accepted.try_recv() {
            handed_on.push(one);
        }
        assert_eq!((handed_on.len(), tasks.len()), (3, 3));
        drop((accepted, handed_on));
        assert!(workers.serve(connection(&tasks)).is_err());
        assert!(tasks.is_empty(), "what nobody serves is not waited for");
    }

    /// A worker whose gateway ends while a task of it takes as long as `task`.
    async fn ended_with(task: impl Future<Output = ()> + Send + 'static) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let mut config =
            Config::parse("[gateway]\nlisten = \"127.0.0.1:0\"", "test", &|_| None).unwrap();
        config.audit.path = folder.path().join("audit.jsonl");
        let shared = Arc::new(Shared::new(Deployment::open(config).unwrap()));
        let task = shared.lifecycle.tasks.spawn(task);
        shared.lifecycle.ending.cancel();
        let (connections, accepted) = unbounded_channel();
        drop(connections);
        serve(&shared, accepted).await;
        task.is_finished()
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_ends_after_its_records() {
        assert!(ended_with(sleep(AUDIT_TIMEOUT)).await);
        assert!(!ended_with(std::future::pending()).await);
        let start = tokio::time::Instant::now();
        assert!(ended_with(async {}).await);
        assert_eq!(start.elapsed(), std::time::Duration::ZERO, "no longer than it has to");
    }
}
