//! Disks that are full, that do not sync, and that come back.

use super::{event, records};
use crate::audit::{JsonlAuditLog, read_records};
use crate::engines::service;
use crate::metrics::Metrics;
use mofa_runtime::security::{
    Act, AuditError, AuditSink, Direction, EventObserver, Exchange, RefusalCause, SecurityConfig,
    SecurityEvent, SecurityService, Subject, SubjectId, TenantId,
};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

/// A disk of 64 KiB, for as long as it is there.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where nothing may be mounted.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs"]).arg(folder.path());
        let is_mounted = mount.output().is_ok_and(|output| output.status.success());
        is_mounted.then_some(Self(folder))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Leaves no room.
    fn fill(&self) {
        let mut filler = File::create(self.path("filler")).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "the small disk stays mounted");
    }
}

/// What an observer is told: whether each event was stored.
#[derive(Default)]
struct Told(Mutex<Vec<bool>>);

impl EventObserver for Told {
    fn observe(&self, _: &SecurityEvent, was_stored: bool) {
        self.0.lock().unwrap().push(was_stored);
    }
}

async fn inspect(service: &SecurityService) -> Result<(), RefusalCause> {
    let subject = Subject::new(SubjectId::new("agent-1").unwrap(), TenantId::default());
    let act = Act::new("invoke", "model:small");
    let mut exchange = Exchange::text(subject, act, Direction::Input, "hello").into_parts();
    service.inspect(&mut exchange).await.map(drop).map_err(|refusal| refusal.cause)
}

fn device(path: &str) -> JsonlAuditLog {
    JsonlAuditLog::over(OpenOptions::new().write(true).open(path).unwrap())
}

#[tokio::test]
async fn a_device_that_is_always_full_refuses_every_request() {
    let service = service(SecurityConfig::strict(), Arc::new(device("/dev/full")), None);
    for _ in 0..2 {
        assert_eq!(inspect(&service).await, Err(RefusalCause::Audit));
    }
}

/// Where nothing may be mounted (no root) this is left out and says so; `.config/nextest.toml`
/// shows what it prints although it passes.
#[tokio::test]
async fn a_full_disk_refuses_every_request_until_there_is_room() {
    let Some(disk) = SmallDisk::mount() else {
        println!("LEFT OUT: nothing may be mounted here, so no disk was filled and made room on");
        return;
    };
    let path = disk.path("audit.jsonl");
    let log = Arc::new(JsonlAuditLog::open(&path).unwrap());
    let service = service(SecurityConfig::strict(), log, None);
    inspect(&service).await.unwrap();

    for round in 0..3 {
        disk.fill();
        // The log's last page may still have room for a few.
        let mut permitted = records(&path).len();
        while inspect(&service).await.is_ok() {
            permitted += 1;
            assert!(permitted < 1_000, "the disk is not full");
        }
        assert_eq!(inspect(&service).await, Err(RefusalCause::Audit));
        assert_whole(&path, permitted);

        std::fs::remove_file(disk.path("filler")).unwrap();
        assert_eq!(inspect(&service).await, Ok(()), "round {round}");
        assert_whole(&path, permitted + 1);
    }
}

/// Exactly the records of what was permitted, numbered without a gap, and nothing after them.
#[track_caller]
fn assert_whole(path: &Path, expected: usize) {
    let seqs: Vec<u64> = read_records(path).unwrap().map(|record| record.unwrap().seq).collect();
    assert_eq!(seqs, (0..expected as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_failed_write_and_a_failed_sync_are_errors_of_the_record() {
    // Writing to the first fails; the second takes everything and cannot be synced.
    for (path, expected) in [("/dev/full", "No space left"), ("/dev/null", "Invalid argument")] {
        let log = device(path);
        for _ in 0..2 {
            let error = log.record(&event("a")).await.unwrap_err();
            assert!(matches!(error, AuditError::Store { .. }), "{path}: {error:?}");
        }
        let first = device(path).record(&event("a")).await.unwrap_err().to_string();
        assert!(first.contains(expected), "{path}: {first}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_caller_of_a_failed_batch_is_told() {
    let log = Arc::new(device("/dev/full"));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let log = Arc::clone(&log);
        callers.spawn(async move { log.record(&event("a")).await });
    }
    let results = callers.join_all().await;
    assert_eq!(results.iter().filter(|result| result.is_err()).count(), 32);
}

#[tokio::test]
async fn failing_open_goes_on_and_says_that_nothing_was_stored() {
    let told = Arc::new(Told::default());
    let observer = Some(Arc::clone(&told) as Arc<dyn EventObserver>);
    let open = service(SecurityConfig::permissive(), Arc::new(device("/dev/full")), observer);
    assert_eq!(inspect(&open).await, Ok(()));
    assert_eq!(*told.0.lock().unwrap(), [false]);

    let metrics = Arc::new(Metrics::new());
    let observer = Some(Arc::clone(&metrics) as Arc<dyn EventObserver>);
    let closed = service(SecurityConfig::strict(), Arc::new(device("/dev/full")), observer);
    assert_eq!(inspect(&closed).await, Err(RefusalCause::Audit));
    assert!(metrics.encode().contains("mofa_audit_failures_total 1\n"));
}

/// A log that was rotated, removed or cut by somebody else is opened again, and says so by its
/// numbers, which go on.
#[tokio::test]
async fn a_log_that_was_moved_or_changed_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let log = JsonlAuditLog::open(&path).unwrap();
    let seqs = || records(&path).iter().map(|record| record.seq).collect::<Vec<_>>();
    log.record(&event("a")).await.unwrap();
    std::fs::rename(&path, folder.path().join("audit.1")).unwrap();
    log.record(&event("b")).await.unwrap();
    assert_eq!(seqs(), [1]);
    std::fs::remove_file(&path).unwrap();
    log.record(&event("c")).await.unwrap();
    assert_eq!(seqs(), [2]);
    File::create(&path).unwrap();
    log.record(&event("d")).await.unwrap();
    assert_eq!(seqs(), [3]);
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"v\":1").unwrap();
    log.record(&event("e")).await.unwrap();
    assert_eq!(seqs(), [3, 4]);
    assert_eq!(std::fs::read(folder.path().join("audit.jsonl.torn-1")).unwrap(), b"{\"v\":1");
}

/// As long as the log cannot be opened again, records are refused; then it goes on.
#[tokio::test]
async fn a_log_that_cannot_be_opened_again_refuses_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let log = JsonlAuditLog::open(&path).unwrap();
    log.record(&event("a")).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    for _ in 0..2 {
        let error = log.record(&event("b")).await.unwrap_err().to_string();
        assert!(error.contains("opened again"), "{error}");
        assert!(!error.contains("audit.jsonl"), "{error} tells a path to whoever asks");
    }
    std::fs::remove_dir(&path).unwrap();
    log.record(&event("c")).await.unwrap();
    assert_eq!(super::agents(&path), ["c"]);
}
