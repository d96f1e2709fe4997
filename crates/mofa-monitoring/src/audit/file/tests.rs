//! Who may write, what is refused, and what is created how.

use super::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

#[test]
fn what_is_created_is_for_the_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a").join("b").join("audit.jsonl");
    drop(LogFile::open(&path).unwrap());
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&folder.path().join("a")), 0o700);
}

#[test]
fn one_log_has_one_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let first = LogFile::open(&path).unwrap();
    assert!(matches!(LogFile::open(&path), Err(AuditLogError::Locked { .. })));
    drop(first);
    LogFile::open(&path).unwrap();
}

#[test]
fn links_folders_and_devices_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    let (link, dangling) = (folder.path().join("link"), folder.path().join("dangling"));
    fs::write(&target, "").unwrap();
    symlink(&target, &link).unwrap();
    symlink(folder.path().join("nowhere"), &dangling).unwrap();
    for path in [&link, &dangling, folder.path(), Path::new("/dev/null")] {
        let result = LogFile::open(path);
        assert!(matches!(result, Err(AuditLogError::NotAFile { .. })), "{path:?}: {result:?}");
    }
    assert!(!folder.path().join("nowhere").exists());
}

#[test]
fn a_log_that_others_may_write_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    fs::write(&path, "").unwrap();
    for (bits, refused) in [(0o620, true), (0o602, true), (0o644, false), (0o600, false)] {
        fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
        let result = LogFile::open(&path).map(drop);
        let found = match result {
            Ok(()) => false,
            Err(AuditLogError::Writable { mode, .. }) => mode == bits,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(found, refused, "{bits:o}");
    }
}
