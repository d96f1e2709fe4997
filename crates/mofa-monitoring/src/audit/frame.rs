//! Makes a line of a record: the one place that decides what stands around a record in the file.
//!
//! Called by the writer for each record, in the order of the file. Whatever ties a line to the
//! lines before it belongs here.

use std::io::Write;

/// The longest line, in bytes and with its newline: 1 MiB.
pub const MAX_LINE: usize = 1 << 20;

/// The version of the schema.
pub(super) const VERSION: u64 = 1;

/// What every line begins with.
pub(super) const LINE_START: &[u8] = br#"{"v":1,"seq":"#;

/// The longest record, in bytes, that a line has room for: the longest number, a comma and the
/// newline come on top, and its own opening brace goes.
pub(super) const MAX_BODY: usize = MAX_LINE - LINE_START.len() - 21;

/// Adds record `seq` to `lines`. `body` is a JSON object with at least one field.
pub(super) fn frame(seq: u64, body: &[u8], lines: &mut Vec<u8>) {
    lines.extend_from_slice(LINE_START);
    // Writing into memory does not fail.
    let _ = write!(lines, "{seq},");
    lines.extend_from_slice(body.strip_prefix(b"{").unwrap_or(body));
    lines.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_record_fits_the_longest_line() {
        let mut lines = Vec::new();
        frame(7, br#"{"time":"x"}"#, &mut lines);
        assert_eq!(lines, b"{\"v\":1,\"seq\":7,\"time\":\"x\"}\n");
        lines.clear();
        frame(u64::MAX, &[&b"{"[..], &vec![b' '; MAX_BODY - 1]].concat(), &mut lines);
        assert_eq!(lines.len(), MAX_LINE);
    }
}
