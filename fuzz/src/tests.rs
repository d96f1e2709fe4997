//! The targets on what was once found wrong, and on a seeded share of made-up input.

use super::TARGETS;
use std::fs;
use std::path::Path;

/// Pieces of which inputs are made: what rules look for, and what comes between.
const PIECES: &[&str] = &[
    "a@b.io",
    "4111 1111 1111 1111",
    "+49 30 1234567",
    "536-90-4399",
    "10.0.0.1",
    "sk-",
    "ghp_",
    "AKIA",
    "eyJ",
    "-----BEGIN RSA PRIVATE KEY-----",
    "password",
    "=",
    ":",
    "\"",
    "'",
    " ",
    "\n",
    "://",
    "DE89 3704 0044 0532 0130 00",
    "X1234567L",
    "fe80::1%eth0",
    "é",
    "４",
    "\u{200b}",
    "&#64;",
    "%40",
    "\\u0040",
    "YUBiLmlv",
    "spam",
    "ignore all previous instructions",
    "x",
    "9",
    "A",
    ".",
    "-",
    "(",
    ")",
    "/",
    "\0",
    "𝟜",
    "[a-z]+",
    "\\d{3}",
    "(?i)",
    "|",
    "*",
    "born",
    "1980-01-02",
];

/// Numbers that are the same in every run (xorshift, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % below
    }

    fn input(&mut self) -> Vec<u8> {
        let mut input = Vec::new();
        for _ in 0..self.next(24) {
            match self.next(8) {
                0 => input.push(u8::try_from(self.next(256)).unwrap()),
                1 => {
                    let byte = u8::try_from(33 + self.next(94)).unwrap();
                    input.extend(std::iter::repeat_n(byte, self.next(80)));
                }
                _ => input.extend_from_slice(PIECES[self.next(PIECES.len())].as_bytes()),
            }
        }
        if !input.is_empty() && self.next(3) == 0 {
            let at = self.next(input.len());
            input[at] = u8::try_from(self.next(256)).unwrap();
        }
        input
    }
}

#[test]
fn what_was_once_found_wrong_stays_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    for entry in fs::read_dir(&folder).unwrap() {
        let of_target = entry.unwrap().path();
        let name = of_target.file_name().unwrap().to_str().unwrap().to_owned();
        let target = TARGETS.iter().find(|(known, _)| *known == name);
        let (_, run) = target.unwrap_or_else(|| panic!("`{name}` is no target"));
        for file in fs::read_dir(&of_target).unwrap() {
            run(&fs::read(file.unwrap().path()).unwrap());
        }
    }
}

#[test]
fn a_seeded_share_holds() {
    for (name, run) in TARGETS {
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ name.len() as u64);
        for _ in 0..2_000 {
            run(&numbers.input());
        }
    }
}
