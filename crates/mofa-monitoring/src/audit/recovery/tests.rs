//! Ends of logs: those that a crash explains, and those that it does not.

use super::*;
use crate::audit::file::LogFile;
use std::fs;

fn line(seq: u64) -> String {
    let rest = r#""time":"2025-02-20T00:00:00.000001Z","event_type":"e","subject":{"id":"a"}"#;
    format!("{{\"v\":1,\"seq\":{seq},{rest}}}\n")
}

/// Opening a log of `good` and `torn` keeps the first and puts the second away.
#[track_caller]
fn check(good: &str, torn: &[u8], next_seq: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    fs::write(&path, [good.as_bytes(), torn].concat()).unwrap();
    let (mut log, end) = LogFile::open(&path).unwrap();
    assert_eq!(log.prepare().unwrap(), next_seq);
    assert_eq!(fs::read_to_string(&path).unwrap(), good);
    match end {
        None => assert!(torn.is_empty()),
        Some(end) => {
            assert_eq!(end.path, folder.path().join("audit.jsonl.torn-1"));
            assert_eq!(fs::read(&end.path).unwrap(), torn);
            assert_eq!(end.bytes, torn.len() as u64);
        }
    }
}

#[test]
fn a_torn_end_is_put_away() {
    let good = line(0) + &line(41);
    check("", b"", 0);
    check(&good, b"", 42);
    check(&good, b"{", 42);
    check(&good, line(42).trim_end().as_bytes(), 42);
    check(&good, b"{\"v\":1,\"seq\":42,\"ti\0\0\0\0\n", 42);
    check(&good, &vec![0; 70_000], 42);
    check(&good, b"\n", 42);
    // Several lines of one batch, none of them whole.
    check(&good, b"{\"v\":1,\"seq\":42,\n\n\0\0\n{\"v\":1", 42);
    check(&good, "x".repeat(2 * MAX_LINE).as_bytes(), 42);
    // A first batch that never was whole.
    check("", b"{\"v\":1,\"seq\":0,\"ti", 0);
    check("", b"{\"v", 0);
    check("", &[0; 100], 0);
}

#[test]
fn each_torn_end_has_its_own_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    for number in 1..=3 {
        fs::write(&path, line(0) + "{").unwrap();
        let (_, torn) = LogFile::open(&path).unwrap();
        let name = format!("audit.jsonl.torn-{number}");
        assert_eq!(torn.unwrap().path, folder.path().join(name));
    }
}

/// Nothing is changed in a file that is no log, or that no crash explains.
#[test]
fn what_no_crash_explains_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    for content in ["root:x:0:0\n", "{\"a\":1}\n", "\n", "{\"v\":2,\"entries\":[]}\n"] {
        fs::write(&path, content).unwrap();
        let result = LogFile::open(&path);
        assert!(matches!(result, Err(AuditLogError::NotALog { .. })), "{content}: {result:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    fs::write(&path, line(0)).unwrap();
    let len = (MAX_QUEUE + 2 * MAX_LINE) as u64;
    File::options().append(true).open(&path).unwrap().set_len(len).unwrap();
    assert!(matches!(LogFile::open(&path), Err(AuditLogError::Damaged { .. })));
    assert_eq!(fs::metadata(&path).unwrap().len(), len);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
