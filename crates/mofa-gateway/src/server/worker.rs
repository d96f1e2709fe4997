//! The threads that serve connections: each has a runtime and connections to model servers of its
//! own, so that a request is served from its first byte to its last without changing threads.
//!
//! Started by the server, which hands each accepted connection to the worker that has the fewest.
//!
//! # Invariants
//! A worker ends once nothing more is handed to it and no connection or stream of the gateway is
//! left, or [`LAST_WORDS`] twice over after the gateway was told to end at once.
//!
//! # Failure
//! A worker that cannot be started is a [`GatewayError`]; the others end by themselves.

use super::connection;
use super::{GatewayError, LAST_WORDS};
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

    /// Hands a connection to the worker that has the fewest.
    pub(super) fn serve(&self, accepted: Accepted) -> io::Result<()> {
        let least = self.0.iter().min_by_key(|worker| Arc::strong_count(&worker.open));
        let handed_on = least.map(|worker| {
            worker.connections.send((accepted, Arc::clone(&worker.open))).map_err(|_| ())
        });
        match handed_on {
            Some(Ok(())) => Ok(()),
            Some(Err(())) | None => Err(io::Error::other("no worker is left to serve it")),
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
    let ended = async {
        shared.lifecycle.ending.cancelled().await;
        sleep(LAST_WORDS * 2).await;
    };
    tokio::select! {
        () = shared.lifecycle.tasks.wait() => {}
        () = ended => {}
    }
}
