//! Lines come whole and in order, however the input comes.

use super::*;
use std::collections::VecDeque;

/// Gives what it has piece by piece.
struct Pieces(VecDeque<Vec<u8>>);

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(mut piece) = self.0.pop_front() else { return Ok(0) };
        let count = piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece[..count]);
        if count < piece.len() {
            self.0.push_front(piece.split_off(count));
        }
        Ok(count)
    }
}

/// The lines of each block; `None` for one that is too long.
fn blocks(pieces: &[&[u8]]) -> Vec<Vec<Option<Vec<u8>>>> {
    let mut lines = Lines::new(Pieces(pieces.iter().map(|piece| piece.to_vec()).collect()));
    let mut block = Block::default();
    let (mut blocks, mut count) = (Vec::new(), 0);
    while lines.fill(&mut block).unwrap() {
        assert_eq!(block.first_line, count + 1);
        count += block.lines.len() as u64;
        let line = |line: &Line| match line {
            Line::Whole(range) => Some(block.input[range.clone()].to_vec()),
            Line::TooLong => None,
        };
        blocks.push(block.lines.iter().map(line).collect());
    }
    blocks
}

#[track_caller]
fn check(pieces: &[&str], expected: &[&[&str]]) {
    let pieces: Vec<&[u8]> = pieces.iter().map(|piece| piece.as_bytes()).collect();
    let expected: Vec<Vec<_>> = expected
        .iter()
        .map(|lines| lines.iter().map(|line| Some(line.as_bytes().to_vec())).collect())
        .collect();
    assert_eq!(blocks(&pieces), expected);
}

#[test]
fn what_a_read_gives_is_a_block() {
    check(&[], &[]);
    check(&["a\n", "b\n"], &[&["a"], &["b"]]);
    check(&["a\nb\nc", "d\n"], &[&["a", "b"], &["cd"]]);
    check(&["a", "b", "c"], &[&["abc"]]);
    check(&["a\nb"], &[&["a"], &["b"]]);
}

#[test]
fn line_ends_and_empty_lines() {
    check(&["a\r\n\n\r\nb\r"], &[&["a", "", ""], &["b"]]);
    check(&["\n"], &[&[""]]);
    check(&["\u{feff}a\n\u{feff}b\n"], &[&["a", "\u{feff}b"]]);
}

#[test]
fn a_line_may_be_as_long_as_the_limit_and_no_longer() {
    let longest = vec![b'x'; MAX_LINE];
    let found = blocks(&[b"a\n", &longest, b"\nb\n"]);
    assert_eq!(
        found,
        [vec![Some(b"a".to_vec())], vec![Some(longest.clone()), Some(b"b".to_vec())]]
    );
    let found = blocks(&[&longest, b"x", b"x\nb\n", &longest, b"y"]);
    assert_eq!(found, [vec![None, Some(b"b".to_vec())], vec![None]]);
}
