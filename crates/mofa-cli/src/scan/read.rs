//! Reads an input whole, if it is text or an archive that is to be opened, and not too large.

use super::archive;
use super::decode::{Decoded, Encoding, HEAD};
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read};
use std::path::Path;

/// The name that stands for standard input.
pub(super) const STDIN: &str = "-";

/// An input as it was found.
pub(super) enum Content {
    /// Text.
    Text(Decoded),
    /// An archive, only if these are asked for.
    Archive(archive::Kind, Vec<u8>),
    /// Nothing that can be scanned.
    Skipped(Skip),
}

/// Why an input was not scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Skip {
    /// It is no text.
    Binary,
    /// It is larger than `--max-file-size`.
    TooLarge,
}

impl Skip {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::TooLarge => "larger than --max-file-size",
        }
    }
}

/// Whether `path` stands for standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new(STDIN)
}

/// Whether somebody has put something into standard input: it is a file or a pipe. A terminal
/// has a person at it who may not know, and `/dev/null` has nothing.
pub(super) fn is_stdin_given() -> bool {
    if io::stdin().is_terminal() {
        return false;
    }
    is_file_or_pipe()
}

#[cfg(unix)]
fn is_file_or_pipe() -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata("/dev/stdin").is_ok_and(|metadata| {
        let kind = metadata.file_type();
        kind.is_file() || kind.is_fifo() || kind.is_socket()
    })
}

#[cfg(not(unix))]
fn is_file_or_pipe() -> bool {
    true
}

/// The input at `path`, of at most `limit` bytes. Archives are binary unless asked for.
///
/// # Errors
/// What the system says, and that it is neither a regular file nor `-`.
pub(super) fn read(path: &Path, limit: u64, archives: bool) -> io::Result<Content> {
    if is_stdin(path) {
        return take(io::stdin().lock(), 0, limit, archives);
    }
    // To open a pipe would wait for somebody to write into it.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file; `-` reads standard input"));
    }
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > limit {
        return Ok(Content::Skipped(Skip::TooLarge));
    }
    take(file, size, limit, archives)
}

/// What `bytes`, which were read whole, are.
pub(super) fn content(bytes: Vec<u8>, archives: bool) -> Content {
    match Nature::of(bytes.get(..HEAD).unwrap_or(&bytes), archives) {
        Some(nature) => nature.content(bytes),
        None => Content::Skipped(Skip::Binary),
    }
}

/// What the beginning of an input tells.
enum Nature {
    Text(Encoding),
    Archive(archive::Kind),
}

impl Nature {
    fn of(head: &[u8], archives: bool) -> Option<Self> {
        // An archive may well begin so that it would pass for text.
        let archive = archives.then(|| archive::Kind::of(head)).flatten();
        archive.map(Self::Archive).or_else(|| Encoding::of(head).map(Self::Text))
    }

    fn content(self, bytes: Vec<u8>) -> Content {
        match self {
            Self::Text(encoding) => Content::Text(Decoded::new(bytes, encoding)),
            Self::Archive(kind) => Content::Archive(kind, bytes),
        }
    }
}

fn take(mut input: impl Read, size: u64, limit: u64, archives: bool) -> io::Result<Content> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0).saturating_add(1));
    let mut head = input.by_ref().take(HEAD as u64);
    head.read_to_end(&mut bytes)?;
    let Some(nature) = Nature::of(&bytes, archives) else {
        return Ok(Content::Skipped(Skip::Binary));
    };
    // One more than may be, so that more can be told from just enough.
    let rest = limit.saturating_add(1).saturating_sub(bytes.len() as u64);
    input.take(rest).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Ok(Content::Skipped(Skip::TooLarge));
    }
    Ok(nature.content(bytes))
}

/// Reads a size: `65536`, `64K`, `8M`, `1G`.
pub(super) fn parse_size(text: &str) -> Result<u64, String> {
    let expected = || "expected bytes, or a number with K, M or G".to_owned();
    let upper = text.trim().to_ascii_uppercase();
    let (digits, shift) = match upper.strip_suffix(['K', 'M', 'G']) {
        Some(digits) if upper.ends_with('K') => (digits, 10),
        Some(digits) if upper.ends_with('M') => (digits, 20),
        Some(digits) => (digits, 30),
        None => (upper.as_str(), 0),
    };
    let number: u64 = digits.parse().map_err(|_| expected())?;
    number.checked_mul(1 << shift).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], limit: u64, expected: Result<&str, Skip>) {
        match (take(bytes, bytes.len() as u64, limit, false).unwrap(), expected) {
            (Content::Text(decoded), Ok(expected)) => assert_eq!(decoded.text(), expected),
            (Content::Skipped(skip), Err(expected)) => assert_eq!(skip, expected),
            (_, expected) => panic!("not {expected:?}"),
        }
    }

    #[test]
    fn text_within_the_limit_is_read() {
        check(b"", 0, Ok(""));
        check("ä".as_bytes(), 2, Ok("ä"));
        check("ä".as_bytes(), 1, Err(Skip::TooLarge));
        check(b"ab\0", 100, Err(Skip::Binary));
        check(b"\xff", 100, Ok("ÿ"));
        let late = ["x".repeat(HEAD).as_bytes(), b"\0\xe9"].concat();
        check(&late, late.len() as u64, Ok(&format!("{}\0é", "x".repeat(HEAD))));
        let large = "x".repeat(3 * HEAD);
        check(large.as_bytes(), large.len() as u64, Ok(&large));
        check(large.as_bytes(), large.len() as u64 - 1, Err(Skip::TooLarge));
    }

    #[test]
    fn sizes_have_suffixes() {
        assert_eq!(parse_size("12"), Ok(12));
        assert_eq!(parse_size("2k"), Ok(2048));
        assert_eq!(parse_size("1G"), Ok(1 << 30));
        for wrong in ["", "K", "1T", "-1", "99999999999G"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
