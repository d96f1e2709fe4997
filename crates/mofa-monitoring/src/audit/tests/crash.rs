//! A process that is killed has lost nothing that it said was stored.

use super::{agents, event, records};
use crate::audit::JsonlAuditLog;
use mofa_runtime::security::AuditSink;
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

const NAME: &str = "audit::tests::crash::what_was_acknowledged_survives_a_kill";
const LOG: &str = "MOFA_TEST_CRASH_LOG";
const ROUND: &str = "MOFA_TEST_CRASH_ROUND";
const ROUNDS: u64 = 20;
const THREADS: u32 = 4;

/// The test starts itself anew as the process to be killed, told apart by the environment.
#[test]
fn what_was_acknowledged_survives_a_kill() {
    if let (Some(log), Some(round)) = (mofa_runtime::env::var(LOG), mofa_runtime::env::var(ROUND)) {
        return append_until_killed(Path::new(&log), &round);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let mut acknowledged = HashSet::new();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..ROUNDS {
        // Xorshift, so that a failure can be repeated.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let limit = usize::try_from(random % 150).unwrap() + 1;
        let seen = kill_after(&path, round, limit);
        assert!(seen.len() >= limit, "round {round} ended before it was killed: {}", seen.len());
        acknowledged.extend(seen);

        // Opening cuts off what was not finished; nothing acknowledged may go with it.
        drop(JsonlAuditLog::open(&path).unwrap());
        let stored: HashSet<String> = agents(&path).into_iter().collect();
        let lost: Vec<_> = acknowledged.difference(&stored).collect();
        assert!(lost.is_empty(), "round {round} lost {lost:?}");
    }
    let found = records(&path);
    assert!(found.iter().map(|record| record.seq).eq(0..found.len() as u64));
    let all: HashSet<_> = found.iter().map(|record| &record.subject.id).collect();
    assert_eq!(all.len(), found.len(), "a record is there twice");
}

/// Starts a process that appends, kills it once it has acknowledged `limit` records, and gives
/// what it has acknowledged by then.
fn kill_after(path: &Path, round: u64, limit: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env(LOG, path)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut seen = Vec::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while output.read_line(&mut line).unwrap() > 0 {
        // A last line may have been cut by the kill.
        let whole = line.strip_suffix('\n').and_then(|line| line.split_once("stored "));
        if let Some((_, id)) = whole {
            seen.push(id.to_owned());
            if seen.len() == limit {
                child.kill().unwrap();
            }
        }
        line.clear();
    }
    child.wait().unwrap();
    seen
}

fn append_until_killed(path: &Path, round: &str) {
    let log = Arc::new(JsonlAuditLog::open(path).unwrap());
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (log, round) = (Arc::clone(&log), round.to_owned());
            std::thread::spawn(move || append(&log, &format!("{round}.{thread}")))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

fn append(log: &JsonlAuditLog, prefix: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // Bounded, should nobody be there to kill it.
    for n in 0..100_000 {
        let id = format!("{prefix}.{n}");
        runtime.block_on(log.record(&event(&id))).unwrap();
        let mut output = std::io::stdout().lock();
        if output.write_all(format!("stored {id}\n").as_bytes()).is_err() {
            return;
        }
        output.flush().unwrap();
    }
}
