//! [`JsonlAuditLog`]: an audit sink over one file of JSON lines.
//!
//! Called by `SecurityService` for every event.
//!
//! # Invariants
//! There is one pen. Who holds it takes all records that have come, writes them at once, syncs
//! once, and answers all of them. That is a thread of the log or, as long as the disk is so quick
//! that waking a thread would cost more than the sync, the first caller that comes back after every
//! other task that was ready has had its turn.
//!
//! # Failure
//! When a batch cannot be written or synced, each of its callers gets the error and none of its
//! records is in the log; the next batch tries again. A disk that begins to hang holds the one
//! caller that has the pen; everybody else leaves records to the thread, and may stop waiting.

use crate::audit::error::AuditLogError;
use crate::audit::file::{LogFile, could_be_at, io_error};
use crate::audit::frame::frame;
use crate::audit::queue::{Bodies, Failure, MAX_QUEUE, MIN_QUEUE, Pending, Queue};
use crate::audit::recovery::TornEnd;
use crate::audit::wire::body_of;
use async_trait::async_trait;
use mofa_runtime::security::{AuditError, AuditSink, SecurityEvent};
use std::future::poll_fn;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How many bytes a log's queue holds unless told otherwise: 8 MiB.
const DEFAULT_QUEUE: usize = 8 << 20;

/// Buffers that one batch made larger than this are given back.
const KEPT_BUFFER: usize = 1 << 20;

/// A batch that took no longer to store: the disk is quick, and callers may write themselves.
const QUICK: Duration = Duration::from_micros(500);

/// The most records that a caller writes itself. With more about, a thread that gathers many for
/// one sync costs less.
const QUICK_RECORDS: usize = 1;

/// An append-only file of JSON lines, each on the disk before its event counts as stored.
///
/// Dropping it writes and syncs what was taken in, and waits for that.
#[derive(Debug)]
pub struct JsonlAuditLog {
    desk: Arc<Desk>,
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
        self.desk.queue.close();
        self.desk.queue.finished().await;
    }

    fn start(file: LogFile, torn: Option<TornEnd>, max_queue: usize) -> Result<Self, io::Error> {
        let desk = Arc::new(Desk {
            queue: Queue::new(max_queue),
            pen: Mutex::new(Some(Pen { file, bodies: Bodies::default(), lines: Vec::new() })),
            is_quick: AtomicBool::new(false),
        });
        let writer = Writer(Arc::clone(&desk));
        let writer = thread::Builder::new().name("mofa-audit".into()).spawn(|| writer.run())?;
        Ok(Self { desk, writer: Some(writer), torn })
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
        let ticket = self.desk.queue.leave(&body).await?;
        if self.desk.is_quick() {
            let_others_go_first().await;
            if !ticket.is_answered() && !self.desk.write_here() {
                self.desk.queue.call_writer();
            }
        } else {
            self.desk.queue.call_writer();
        }
        ticket.wait().await
    }
}

impl Drop for JsonlAuditLog {
    fn drop(&mut self) {
        self.desk.queue.close();
        if let Some(writer) = self.writer.take() {
            // A panic of the writer has been told to everybody who waited.
            let _ = writer.join();
        }
    }
}

/// Goes to the end of its executor's line once: whoever is ready leaves a record before it returns.
async fn let_others_go_first() {
    let mut has_waited = false;
    poll_fn(|context| {
        if has_waited {
            return Poll::Ready(());
        }
        has_waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// What callers and the writer share.
#[derive(Debug)]
struct Desk {
    queue: Queue,
    /// `None` once the writer has gone.
    pen: Mutex<Option<Pen>>,
    /// Whether the last batch was stored so fast that a caller may store the next.
    is_quick: AtomicBool,
}

impl Desk {
    /// Nothing but speed hangs on it.
    fn is_quick(&self) -> bool {
        self.is_quick.load(Ordering::Relaxed)
    }

    /// Stores what waits, unless that is much or somebody else has the pen; whether it did.
    fn write_here(&self) -> bool {
        // After a panic the writer is called, which goes.
        let Ok(mut pen) = self.pen.try_lock() else { return false };
        let Some(pen) = pen.as_mut() else { return false };
        let Some(batch) = self.queue.take(QUICK_RECORDS, &mut pen.bodies) else { return false };
        self.write(pen, batch);
        true
    }

    fn write(&self, pen: &mut Pen, batch: Pending<'_>) {
        let start = Instant::now();
        let result = pen.write().map_err(|error| {
            tracing::error!(%error, records = pen.bodies.len(), "audit records were not stored");
            Failure::Disk(error.to_string().into())
        });
        let is_quick = pen.bodies.len() <= QUICK_RECORDS && start.elapsed() <= QUICK;
        self.is_quick.store(is_quick, Ordering::Relaxed);
        batch.answer(result);
        pen.tidy();
    }
}

/// The file, and room to put a batch together.
#[derive(Debug)]
struct Pen {
    file: LogFile,
    bodies: Bodies,
    lines: Vec<u8>,
}

impl Pen {
    /// Stores `bodies`.
    fn write(&mut self) -> io::Result<()> {
        let first = self.file.prepare()?;
        for (seq, body) in (first..).zip(self.bodies.iter()) {
            frame(seq, body, &mut self.lines);
        }
        self.file.append(&self.lines, self.bodies.len() as u64)
    }

    fn tidy(&mut self) {
        self.lines.clear();
        self.lines.shrink_to(KEPT_BUFFER);
        self.bodies.shrink_to(KEPT_BUFFER);
    }
}

/// The thread that writes what is too much for a caller.
struct Writer(Arc<Desk>);

impl Writer {
    fn run(self) {
        let Self(desk) = &self;
        while desk.queue.wait_for_call() {
            let Ok(mut pen) = desk.pen.lock() else { break };
            let Some(pen) = pen.as_mut() else { break };
            if let Some(batch) = desk.queue.take(usize::MAX, &mut pen.bodies) {
                desk.write(pen, batch);
            }
        }
    }
}

impl Drop for Writer {
    /// Also when the writer panics.
    fn drop(&mut self) {
        let Self(desk) = self;
        // Waits for a caller that is writing, and lets the file go.
        *desk.pen.lock().unwrap_or_else(PoisonError::into_inner) = None;
        desk.queue.writer_gone();
    }
}

#[cfg(test)]
impl JsonlAuditLog {
    /// Runs `during` while the log takes its disk for quick and somebody else has the pen.
    pub(super) async fn while_somebody_writes(&self, during: impl AsyncFnOnce()) {
        self.be_quick();
        let (desk, (done, is_done)) = (Arc::clone(&self.desk), std::sync::mpsc::channel::<()>());
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let somebody = thread::spawn(move || {
            let pen = desk.pen.lock();
            begun.send(()).unwrap();
            // Until the sender is dropped, also by a panic.
            let _ = is_done.recv();
            drop(pen);
        });
        has_begun.await.unwrap();
        during().await;
        drop(done);
        somebody.join().unwrap();
    }

    /// Makes the log take its disk for quick.
    pub(super) fn be_quick(&self) {
        self.desk.is_quick.store(true, Ordering::Relaxed);
    }

    /// A log over `file`, whatever that is: a device that fails as devices do.
    pub(super) fn over(file: std::fs::File) -> Self {
        Self::start(LogFile::over(file), None, DEFAULT_QUEUE).unwrap()
    }
}
