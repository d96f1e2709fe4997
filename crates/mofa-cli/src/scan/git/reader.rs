//! Reads what `git diff-tree` and `git diff-index` print with `--raw -z`: [`Records`].
//!
//! # Invariants
//! Text ends with NUL; a record longer than [`MAX_RECORD`] ends the reading. An object's id is
//! hexadecimal digits and nothing else, so that it can go into a command.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

/// The longest path, in bytes. Linux has 4096; git has no limit.
const MAX_RECORD: u64 = 1 << 20;

/// The kind of an entry that is another repository's commit.
const SUBMODULE: &str = "160000";

/// The id of an object: 40 or 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::scan) struct ObjectId(Arc<str>);

impl ObjectId {
    pub(super) fn new(text: &str) -> Option<Self> {
        let is_id = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
        is_id.then(|| Self(text.into()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands for nothing.
    fn is_none(&self) -> bool {
        self.0.bytes().all(|byte| byte == b'0')
    }

    /// The id as bytes, to be kept in numbers.
    pub(super) fn bytes(&self) -> Box<[u8]> {
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok());
        let pair = |pair: &[u8]| match pair {
            [high, low] => digit(*high).unwrap_or(0) << 4 | digit(*low).unwrap_or(0),
            _ => 0,
        };
        self.0.as_bytes().chunks(2).map(pair).collect()
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// What follows is of this commit.
    Commit(ObjectId),
    /// A file is another one now.
    File {
        path: Vec<u8>,
        /// What it is now; `None` if that is gone or no file.
        blob: Option<ObjectId>,
        /// What it was, in each commit before.
        before: Vec<ObjectId>,
    },
}

/// The records of a stream.
pub(super) struct Records<R> {
    input: R,
}

impl<R: BufRead> Records<R> {
    pub(super) const fn new(input: R) -> Self {
        Self { input }
    }

    /// The next record; none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Record>> {
        let Some(text) = self.text()? else { return Ok(None) };
        let text = String::from_utf8(text).map_err(|_| unknown())?;
        let colons = text.bytes().take_while(|byte| *byte == b':').count();
        if colons == 0 {
            return ObjectId::new(&text).map(Record::Commit).map(Some).ok_or_else(unknown);
        }
        let path = self.text()?.ok_or_else(unknown)?;
        // `:` for each commit before, their modes and the new one, their ids and the new one.
        let fields: Vec<&str> = text.trim_start_matches(':').split(' ').collect();
        let mode = fields.get(colons).ok_or_else(unknown)?;
        let ids = fields.get(colons + 1..=2 * colons + 1).ok_or_else(unknown)?;
        let ids: Option<Vec<_>> = ids.iter().map(|id| ObjectId::new(id)).collect();
        let mut ids = ids.ok_or_else(unknown)?;
        let blob = ids.pop().filter(|id| !id.is_none() && *mode != SUBMODULE);
        let modes = fields.get(..colons).unwrap_or_default();
        let before = ids.into_iter().zip(modes);
        let before = before.filter(|(id, mode)| !id.is_none() && **mode != SUBMODULE);
        Ok(Some(Record::File { path, blob, before: before.map(|(id, _)| id).collect() }))
    }

    fn text(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut text = Vec::new();
        let read = self.input.by_ref().take(MAX_RECORD).read_until(0, &mut text)?;
        match text.pop() {
            None if read == 0 => Ok(None),
            Some(0) => Ok(Some(text)),
            _ => Err(unknown()),
        }
    }
}

fn unknown() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "an answer that is not understood")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "1111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222";
    const NONE: &str = "0000000000000000000000000000000000000000";

    fn all(text: &str) -> io::Result<Vec<Record>> {
        let mut records = Records::new(text.as_bytes());
        std::iter::from_fn(|| records.next().transpose()).collect()
    }

    fn id(text: &str) -> ObjectId {
        ObjectId::new(text).unwrap()
    }

    fn file(path: &str, blob: Option<&str>, before: &[&str]) -> Record {
        let before = before.iter().map(|text| id(text)).collect();
        Record::File { path: path.into(), blob: blob.map(id), before }
    }

    #[test]
    fn records_are_read() {
        let text = format!(
            "{ONE}\0:000000 100644 {NONE} {TWO} A\0a\nb\0:100644 000000 {TWO} {NONE} D\0c\0\
             ::100644 100644 100644 {ONE} {TWO} {ONE} MM\0:x\0:160000 100644 {ONE} {TWO} T\0s\0\
             :100644 160000 {ONE} {TWO} T\0t\0"
        );
        let expected = [
            Record::Commit(id(ONE)),
            file("a\nb", Some(TWO), &[]),
            file("c", None, &[TWO]),
            file(":x", Some(ONE), &[ONE, TWO]),
            file("s", Some(TWO), &[]),
            file("t", None, &[ONE]),
        ];
        assert_eq!(all(&text).unwrap(), expected);
        assert_eq!(id(TWO).bytes().as_ref(), [0x22; 20]);
    }

    #[test]
    fn what_is_cut_or_strange_is_refused() {
        for wrong in ["x", "x\0", ":\0a\0", ONE, ":100644 100644 1 2 M\0a\0", "::::::\0a\0"] {
            assert!(all(wrong).is_err(), "{wrong:?}");
        }
        assert!(all(&format!(":000000 100644 {NONE} {TWO} A\0a")).is_err());
    }
}
