//! The file of a log: opened so that nobody else writes to it, appended to so that it never holds
//! half a record that counts.
//!
//! Called by the writer alone, a batch at a time.
//!
//! # Invariants
//! `len` bytes are durable. Before anything is appended, the file has exactly those, and is what
//! the path names.
//!
//! # Failure
//! After a failed write or sync the file is cut back to `len`; if that fails too, it is tried
//! again before the next batch. A file that was moved away, removed or changed is opened anew.

use crate::audit::error::AuditLogError;
use crate::audit::recovery::{TornEnd, recover};
use std::fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError, symlink_metadata};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Write permission for group and others.
const OTHERS_WRITE: u32 = 0o022;

/// A log that is open for appending.
#[derive(Debug)]
pub(super) struct LogFile {
    /// `None` for a file without a name, which cannot be opened anew.
    path: Option<PathBuf>,
    /// `None` while it could not be opened again.
    file: Option<File>,
    /// Which file it is: its device and number, which no other has while it is open.
    id: (u64, u64),
    /// How many bytes are durable.
    len: u64,
    next_seq: u64,
    /// Whether there may be bytes after `len`.
    is_dirty: bool,
}

impl LogFile {
    /// Opens the log at `path`; creates it and its folder if need be.
    pub(super) fn open(path: &Path) -> Result<(Self, Option<TornEnd>), AuditLogError> {
        create_folder_of(path)?;
        let (mut file, is_new) = open_or_create(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(AuditLogError::Locked { path: path.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(io_error("lock", path, source)),
        }
        let id = check(&file, path)?;
        if is_new {
            sync_folder_of(path)?;
        }
        let recovered = recover(&mut file, path)?;
        let log = Self {
            path: Some(path.to_owned()),
            file: Some(file),
            id,
            len: recovered.len,
            next_seq: recovered.next_seq,
            is_dirty: false,
        };
        Ok((log, recovered.torn))
    }

    /// An empty log over `file`, whatever that is.
    #[cfg(test)]
    pub(super) fn over(file: File) -> Self {
        Self { path: None, file: Some(file), id: (0, 0), len: 0, next_seq: 0, is_dirty: false }
    }

    /// Makes the file ready for a batch, and tells the number of its first record.
    pub(super) fn prepare(&mut self) -> io::Result<u64> {
        match self.named_len()? {
            // Another file, perhaps on a disk that works: what is wrong with the old one stays there.
            None => self.open_again()?,
            Some(_) if self.is_dirty => self.cut_back()?,
            Some(len) if len != self.len => self.open_again()?,
            Some(_) => {}
        }
        Ok(self.next_seq)
    }

    /// Appends `records` lines; on the disk when it returns.
    pub(super) fn append(&mut self, lines: &[u8], records: u64) -> io::Result<()> {
        self.is_dirty = true;
        let mut file = self.file()?;
        let written = file.write_all(lines).and_then(|()| file.sync_data());
        if let Err(failure) = written {
            if let Err(error) = self.cut_back() {
                tracing::error!(%error, "the audit log cannot be cut back; the next record tries");
            }
            return Err(failure);
        }
        self.is_dirty = false;
        self.len += lines.len() as u64;
        self.next_seq += records;
        Ok(())
    }

    fn file(&self) -> io::Result<&File> {
        self.file.as_ref().ok_or_else(|| io::Error::other("the log could not be opened again"))
    }

    fn cut_back(&mut self) -> io::Result<()> {
        let file = self.file()?;
        file.set_len(self.len)?;
        file.sync_data()?;
        self.is_dirty = false;
        Ok(())
    }

    /// How long the file is that the path names; `None` if that is not the file that is open.
    fn named_len(&self) -> io::Result<Option<u64>> {
        let Some(path) = &self.path else { return Ok(Some(self.len)) };
        if self.file.is_none() {
            return Ok(None);
        }
        match symlink_metadata(path) {
            Ok(named) => Ok((id_of(&named) == self.id).then_some(named.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens what the path names now; the numbers go on from the higher of both.
    fn open_again(&mut self) -> io::Result<()> {
        let Some(path) = self.path.clone() else { return Ok(()) };
        tracing::warn!(log = %path.display(), "the audit log was moved or changed: opening it again");
        // The lock goes with the file, and is needed for the file that comes.
        self.file = None;
        let (found, _) = Self::open(&path).map_err(|error| {
            tracing::error!(%error, "the audit log cannot be opened again");
            io::Error::other("the log could not be opened again")
        })?;
        let next_seq = self.next_seq.max(found.next_seq);
        *self = Self { next_seq, ..found };
        Ok(())
    }
}

/// Creates `path`, which must not exist, for its owner alone.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(path)
}

/// Makes the names in the folder of `path` durable.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), AuditLogError> {
    let folder = folder_of(path);
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|source| io_error("sync", folder, source))
}

pub(super) fn io_error(action: &'static str, path: &Path, source: io::Error) -> AuditLogError {
    AuditLogError::Io { action, path: path.to_owned(), source }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn create_folder_of(path: &Path) -> Result<(), AuditLogError> {
    let folder = folder_of(path);
    let created = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    created.map_err(|source| io_error("create", folder, source))
}

/// The file, and whether it is new. Neither way follows a link at the end of the path: an
/// existing one is refused here or, if it comes between, by [`check`].
fn open_or_create(path: &Path) -> Result<(File, bool), AuditLogError> {
    match symlink_metadata(path) {
        Ok(found) if found.is_file() => {
            let file = OpenOptions::new().read(true).append(true).open(path);
            file.map(|file| (file, false)).map_err(|source| io_error("open", path, source))
        }
        Ok(_) => Err(AuditLogError::NotAFile { path: path.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let file = create_private(path);
            file.map(|file| (file, true)).map_err(|source| io_error("create", path, source))
        }
        Err(source) => Err(io_error("read", path, source)),
    }
}

/// Makes sure, as far as that can be told without opening or creating anything, that a log can be
/// kept at `path`.
pub(super) fn could_be_at(path: &Path) -> Result<(), AuditLogError> {
    match symlink_metadata(path) {
        Ok(named) if !named.is_file() => Err(AuditLogError::NotAFile { path: path.to_owned() }),
        Ok(named) => writable_by_owner_alone(&named, path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(source) => Err(io_error("read", path, source)),
    }
}

fn writable_by_owner_alone(file: &Metadata, path: &Path) -> Result<(), AuditLogError> {
    let mode = file.mode() & 0o7777;
    if mode & OTHERS_WRITE != 0 {
        return Err(AuditLogError::Writable { path: path.to_owned(), mode });
    }
    Ok(())
}

/// Makes sure that `file` is what `path` itself names, and that only its owner writes to it. Tells
/// which file that is.
fn check(file: &File, path: &Path) -> Result<(u64, u64), AuditLogError> {
    let read = |source| io_error("read", path, source);
    let (named, open) = (symlink_metadata(path).map_err(read)?, file.metadata().map_err(read)?);
    if !named.is_file() || id_of(&named) != id_of(&open) {
        return Err(AuditLogError::NotAFile { path: path.to_owned() });
    }
    writable_by_owner_alone(&open, path)?;
    Ok(id_of(&open))
}

fn id_of(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

#[cfg(test)]
mod tests;
