//! Tests of server-sent events: cut at every byte, with every end of line.

use super::{MAX_EVENT, SseError, SseParser};
use bytes::Bytes;
use proptest::prelude::*;

/// The events of `pieces`.
fn events<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<String>, SseError> {
    let mut parser = SseParser::default();
    let mut found = Vec::new();
    for piece in pieces {
        parser.push(Bytes::copy_from_slice(piece));
        while let Some(event) = parser.next_event()? {
            found.push(event);
        }
    }
    Ok(found)
}

/// Whole, in single bytes and cut in two at every byte, the events are the same.
#[track_caller]
fn check(stream: &str, expect: &[&str]) {
    let stream = stream.as_bytes();
    assert_eq!(events([stream]).unwrap(), expect);
    assert_eq!(events(stream.chunks(1)).unwrap(), expect);
    for at in 0..=stream.len() {
        let (head, tail) = stream.split_at(at);
        assert_eq!(events([head, tail]).unwrap(), expect, "cut at {at}");
    }
}

#[test]
fn events_end_at_an_empty_line() {
    check("data: one\n\ndata:two\n\n", &["one", "two"]);
    check("data: one\r\n\r\ndata: two\r\n\r\n", &["one", "two"]);
    check("data: one\r\rdata: two\r\r", &["one", "two"]);
    check("data: é漢🙂\r\n\n", &["é漢🙂"]);
}

#[test]
fn lines_of_data_belong_together() {
    check("data: a\ndata:\ndata\ndata:  b\n\n", &["a\n\n\n b"]);
    check("data: a\r\ndata: b\r\n\r\n", &["a\nb"]);
}

#[test]
fn everything_else_is_passed_over() {
    check("\u{feff}data: a\n\n", &["a"]);
    check(": comment\n\nevent: x\nid: 1\nretry: 5\nunknown\ndatabase: 1\n\ndata: a\n\n", &["a"]);
    check("event: only\n\n\n\ndata: a\n\n", &["a"]);
    check("data:\n\ndata: a\n\n", &["a"]);
}

#[test]
fn what_is_cut_off_is_no_event() {
    check("data: a\n\ndata: b\n", &["a"]);
    check("data: a\n\ndata: b", &["a"]);
    check("", &[]);
}

#[test]
fn an_event_has_a_limit_and_is_text() {
    let long = vec![b'x'; MAX_EVENT + 1];
    assert_eq!(events([long.as_slice()]), Err(SseError::TooLong));
    let lines = b"data: 0123456789\n".repeat(MAX_EVENT / 10 + 1);
    assert_eq!(events(lines.chunks(1000)), Err(SseError::TooLong));
    assert_eq!(events([b"data: \xff\n\n".as_slice()]), Err(SseError::NotText));
}

proptest! {
    #[test]
    fn the_cuts_change_nothing(stream in "(data: ?|:|\r|\n|\r\n|[a-zé🙂]|data\n\n){0,40}",
                               cuts in prop::collection::vec(1_usize..9, 0..60)) {
        let mut rest = stream.as_bytes();
        let mut pieces = Vec::new();
        for cut in cuts {
            let (head, tail) = rest.split_at(cut.min(rest.len()));
            pieces.push(head);
            rest = tail;
        }
        pieces.push(rest);
        prop_assert_eq!(events(pieces), events([stream.as_bytes()]));
    }
}
