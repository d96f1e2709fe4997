//! Reads a file line by line, compressed or not: [`Lines`].
//!
//! # Invariants
//! At most [`MAX_LINE`] bytes of a file are in memory, however it is compressed.

use super::record::Malformed;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The longest line, in bytes.
pub(super) const MAX_LINE: usize = 16 << 20;

/// What a gzip member begins with (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The mark that some programs put before the first line.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An input and its present line.
pub(super) struct Lines<R> {
    input: R,
    line: Vec<u8>,
    count: u64,
}

/// The lines of the file at `path`.
pub(super) fn open(path: &Path) -> io::Result<Lines<Box<dyn BufRead>>> {
    let mut file = BufReader::new(File::open(path)?);
    let is_compressed = file.fill_buf()?.starts_with(&GZIP);
    let input: Box<dyn BufRead> = if is_compressed {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    };
    Ok(Lines::new(input))
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, line: Vec::new(), count: 0 }
    }

    /// How many lines were read so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The next line without its end; `None` after the last.
    pub(super) fn next(&mut self) -> io::Result<Option<Result<&[u8], Malformed>>> {
        self.line.clear();
        let limit = MAX_LINE as u64 + 1;
        let read = self.input.by_ref().take(limit).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        self.count += 1;
        let mut line = self.line.as_slice();
        if let Some(whole) = line.strip_suffix(b"\n") {
            line = whole;
        } else if line.len() > MAX_LINE {
            self.input.skip_until(b'\n')?;
            return Ok(Some(Err(Malformed::TooLong)));
        }
        if self.count == 1 {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        Ok(Some(Ok(line.strip_suffix(b"\r").unwrap_or(line))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn all(mut lines: Lines<impl BufRead>) -> Vec<Result<String, Malformed>> {
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(line.map(|line| String::from_utf8(line.to_vec()).unwrap()));
        }
        assert_eq!(lines.count(), all.len() as u64);
        all
    }

    #[track_caller]
    fn check(input: &[u8], expected: &[&str]) {
        let expected: Vec<_> = expected.iter().map(|line| Ok((*line).to_owned())).collect();
        assert_eq!(all(Lines::new(input)), expected);
    }

    #[test]
    fn lines_lose_their_ends() {
        check(b"", &[]);
        check(b"a", &["a"]);
        check(b"a\r\nb\n", &["a", "b"]);
        check(b"\n\n", &["", ""]);
        check(b"\xef\xbb\xbfa\n\xef\xbb\xbfb", &["a", "\u{feff}b"]);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let longest = "x".repeat(MAX_LINE);
        let input = format!("{longest}\n{longest}x\na\n{longest}xyz");
        let expected =
            [Ok(longest), Err(Malformed::TooLong), Ok("a".to_owned()), Err(Malformed::TooLong)];
        assert!(all(Lines::new(input.as_bytes())) == expected);
    }

    #[test]
    fn what_is_compressed_is_told_by_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let member = |text: &str| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.finish().unwrap()
        };
        for (name, bytes) in [
            ("plain.gz", b"a\nb\n".to_vec()),
            ("one", member("a\nb\n")),
            ("two", [member("a\n"), member("b\n")].concat()),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(all(open(&path).unwrap()), [Ok("a".to_owned()), Ok("b".to_owned())]);
        }
        let path = folder.path().join("cut");
        let whole = member(&"long enough to be cut ".repeat(99));
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(open(&path).unwrap().next().is_err(), "half a file is no file");
    }
}
