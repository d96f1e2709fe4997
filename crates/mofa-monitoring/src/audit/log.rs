//! [`JsonlAuditLog`]: an audit sink over one file of JSON lines.
//!
//! Called by `SecurityService` for every event.
//!
//! # Invariants
//! One thread writes. It takes all records that have come, writes them at once, syncs once, and
//! answers all of them.
//!
//! # Failure
//! When a batch cannot be written or synced, each of its callers gets the error and none of its
//! records is in the log; the next batch tries again.

use crate::audit::error::AuditLogError;
use crate::audit::file::{LogFile, could_be_at, io_error};
use crate::audit::frame::frame;
use crate::audit::queue::{Bodies, Failure, MAX_QUEUE, MIN_QUEUE, Queue};
use crate::audit::recovery::TornEnd;
use crate::audit::wire::body_of;
use async_trait::async_trait;
use mofa_runtime::security::{AuditError, AuditSink, SecurityEvent};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// How many bytes a log's queue holds unless told otherwise: 8 MiB.
const DEFAULT_QUEUE: usize = 8 << 20;

/// Buffers that one batch made larger than this are given back.
const KEPT_BUFFER: usize = 1 << 20;

/// An append-only file of JSON lines, each on the disk before its event counts as stored.
///
/// Dropping it writes and syncs what was taken in, and waits for that.
#[derive(Debug)]
pub struct JsonlAuditLog {
    queue: Arc<Queue>,
    writer: Option<JoinHandle<()>>,
    torn: Option<TornEnd>,
}

/// Options of a log.
#[derive(Debug, Clone)]
#[must_use]
pub struct JsonlAuditLogBuilder {
    path: PathBuf,
    max_queue: usize,
}

impl JsonlAuditLog {
    /// Opens the log at `path`, or creates it (mode 600, its folder 700).
    ///
    /// # Errors
    /// [`AuditLogError`] if another process has it open, others may write to it, it is no regular
    /// file or no log, or the system refuses.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, AuditLogError> {
        Self::builder(path.as_ref()).open()
    }

    /// Whether a log could be opened at `path`, as far as that can be told without opening or
    /// creating anything: for whoever checks a configuration.
    ///
    /// # Errors
    /// [`AuditLogError`] if what is there is no regular file, or others may write to it.
    pub fn could_open(path: impl AsRef<Path>) -> Result<(), AuditLogError> {
        could_be_at(path.as_ref())
    }

    /// Begins a log at `path` with options.
    pub fn builder(path: impl Into<PathBuf>) -> JsonlAuditLogBuilder {
        JsonlAuditLogBuilder { path: path.into(), max_queue: DEFAULT_QUEUE }
    }

    /// What a crash left at the end of the log and opening it put away; `None` if it ended well.
    #[must_use]
    pub fn torn_end(&self) -> Option<&TornEnd> {
        self.torn.as_ref()
    }

    /// Takes no more records, and returns when all that were taken in are stored or refused.
    /// Recording fails with [`AuditError::Closed`] from now on.
    pub async fn close(&self) {
        self.queue.close();
        self.queue.finished().await;
    }

    fn start(file: LogFile, torn: Option<TornEnd>, max_queue: usize) -> Result<Self, io::Error> {
        let queue = Arc::new(Queue::new(max_queue));
        let writer = Writer { queue: Arc::clone(&queue), file };
        let writer = thread::Builder::new().name("mofa-audit".into()).spawn(|| writer.run())?;
        Ok(Self { queue, writer: Some(writer), torn })
    }
}

impl JsonlAuditLogBuilder {
    /// How many bytes of records may wait or be on their way to the disk; 8 MiB unless set, 1 to
    /// 64 MiB. Who comes then waits; nothing is dropped.
    pub fn with_max_queue(self, max_queue: usize) -> Self {
        Self { max_queue, ..self }
    }

    /// Opens the log.
    ///
    /// # Errors
    /// [`AuditLogError`]; see [`JsonlAuditLog::open`].
    pub fn open(self) -> Result<JsonlAuditLog, AuditLogError> {
        if !(MIN_QUEUE..=MAX_QUEUE).contains(&self.max_queue) {
            return Err(AuditLogError::Option {
                option: "with_max_queue",
                found: self.max_queue,
                expected: "1048576 to 67108864 bytes",
            });
        }
        let (file, torn) = LogFile::open(&self.path)?;
        JsonlAuditLog::start(file, torn, self.max_queue)
            .map_err(|source| io_error("start the writer of", &self.path, source))
    }
}

#[async_trait]
impl AuditSink for JsonlAuditLog {
    async fn record(&self, event: &SecurityEvent) -> Result<(), AuditError> {
        let body = body_of(event)?;
        self.queue.store(&body).await
    }
}

impl Drop for JsonlAuditLog {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take() {
            // A panic of the writer has been told to everybody who waited.
            let _ = writer.join();
        }
    }
}

/// The thread that writes.
struct Writer {
    queue: Arc<Queue>,
    file: LogFile,
}

impl Writer {
    fn run(mut self) {
        let (mut bodies, mut lines) = (Bodies::default(), Vec::new());
        while let Some(answer) = self.queue.take(&mut bodies) {
            let result = self.write(&bodies, &mut lines).map_err(|error| {
                tracing::error!(%error, records = bodies.len(), "audit records were not stored");
                Failure::Disk(error.to_string().into())
            });
            self.queue.answer(&answer, &bodies, result);
            lines.clear();
            lines.shrink_to(KEPT_BUFFER);
            bodies.shrink_to(KEPT_BUFFER);
        }
    }

    fn write(&mut self, bodies: &Bodies, lines: &mut Vec<u8>) -> io::Result<()> {
        let first = self.file.prepare()?;
        for (seq, body) in (first..).zip(bodies.iter()) {
            frame(seq, body, lines);
        }
        self.file.append(lines, bodies.len() as u64)
    }
}

impl Drop for Writer {
    /// Also when the writer panics.
    fn drop(&mut self) {
        self.queue.writer_gone();
    }
}

#[cfg(test)]
impl JsonlAuditLog {
    /// A log over `file`, whatever that is: a device that fails as devices do.
    pub(super) fn over(file: std::fs::File) -> Self {
        Self::start(LogFile::over(file), None, DEFAULT_QUEUE).unwrap()
    }
}
