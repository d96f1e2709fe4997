//! Durable records a second with 1, 16 and 64 writers, beside appending and syncing by hand; and
//! what a record costs in computing, where the disk costs nothing.
//!
//! Run with `cargo bench -p mofa-monitoring`; the folder for temporary files says which disk.

#![expect(clippy::expect_used, reason = "a broken benchmark may panic")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mofa_monitoring::{JsonlAuditLog, Metrics};
use mofa_runtime::security::{
    Act, AuditError, AuditSink, Direction, EventObserver, Exchange, SecurityConfig, SecurityEvent,
    SecurityService, Subject, SubjectId, TenantId, danger,
};
use std::fs::OpenOptions;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Keeps the last event, to have a real decision at hand.
#[derive(Default)]
struct Last(Mutex<Option<SecurityEvent>>);

#[async_trait::async_trait]
impl AuditSink for Last {
    async fn record(&self, event: &SecurityEvent) -> Result<(), AuditError> {
        *self.0.lock().expect("nobody panicked") = Some(event.clone());
        Ok(())
    }
}

/// A decision as a service makes it, with the receipts of four stages.
fn decision(runtime: &Runtime) -> SecurityEvent {
    let last = Arc::new(Last::default());
    let service = SecurityService::builder(SecurityConfig::new())
        .with_audit_sink(Arc::clone(&last) as Arc<dyn AuditSink>)
        .build()
        .expect("no stage needs an engine");
    let subject = Subject::new(SubjectId::new("agent-1").expect("a name"), TenantId::default());
    let act = Act::new("invoke", "model:small");
    let exchange = Exchange::text(subject, act, Direction::Input, "What is new in the library?");
    runtime.block_on(service.inspect(&mut exchange.into_parts())).map(drop).expect("all is off");
    last.0.lock().expect("nobody panicked").take().expect("it was recorded")
}

/// How long `records` take, shared among `writers` tasks that each wait for one at a time.
fn store(
    runtime: &Runtime,
    log: &Arc<JsonlAuditLog>,
    event: &Arc<SecurityEvent>,
    writers: u64,
    records: u64,
) -> Duration {
    runtime.block_on(async {
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for writer in 0..writers {
            let (log, event) = (Arc::clone(log), Arc::clone(event));
            // Every record has a writer, also if there are fewer than writers.
            let own = records / writers + u64::from(writer < records % writers);
            tasks.spawn(async move {
                for _ in 0..own {
                    log.record(&event).await.expect("the disk takes it");
                }
            });
        }
        tasks.join_all().await;
        started.elapsed()
    })
}

/// How long `records` lines take, each written and synced by itself.
fn append(path: &Path, line: &[u8], records: u64) -> Duration {
    let mut file = OpenOptions::new().append(true).create(true).open(path).expect("a new file");
    let started = Instant::now();
    for _ in 0..records {
        file.write_all(line).expect("the disk takes it");
        file.sync_data().expect("the disk syncs it");
    }
    started.elapsed()
}

fn durable(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("threads");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let event = Arc::new(decision(&runtime));
    let log = Arc::new(JsonlAuditLog::open(&path).expect("a new log"));
    store(&runtime, &log, &event, 1, 1);
    let line = std::fs::read(&path).expect("the log");

    let mut group = criterion.benchmark_group("durable");
    group.throughput(Throughput::Elements(1));
    group.bench_function(format!("append+fdatasync/{}_bytes", line.len()), |b| {
        b.iter_custom(|records| append(&folder.path().join("raw"), &line, records));
    });
    for writers in [1, 16, 64] {
        group.bench_function(BenchmarkId::new("log", writers), |b| {
            b.iter_custom(|records| store(&runtime, &log, &event, writers, records));
        });
    }
    group.finish();
}

fn computing(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("threads");
    let event = decision(&runtime);
    let metrics = Metrics::new();
    criterion.bench_function("metrics/observe", |b| {
        b.iter(|| metrics.observe(black_box(&event), true));
    });
    criterion.bench_function("metrics/encode", |b| b.iter(|| metrics.encode().len()));
    let nowhere = danger::without_audit();
    criterion.bench_function("record/nowhere", |b| {
        b.iter(|| runtime.block_on(nowhere.record(black_box(&event))));
    });
    // Where there is a disk in memory, syncing costs next to nothing: what is left is ours.
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        let folder = tempfile::tempdir_in(memory).expect("a folder");
        let log = JsonlAuditLog::open(folder.path().join("audit.jsonl")).expect("a new log");
        criterion.bench_function("record/memory", |b| {
            b.iter(|| runtime.block_on(log.record(black_box(&event))));
        });
    }
}

criterion_group!(benches, durable, computing);
criterion_main!(benches);
