//! Reads instructions that are hidden in Base64 (RFC 4648), once or twice encoded.
//!
//! # Invariants
//!
//! At most [`MAX_LAYERS`] layers and [`MAX_DECODED`] bytes in all are decoded for one text.

use super::search::Searcher;
use super::{Family, Signal, hidden, noisy_or};
use crate::bytes::{run_len, run_len_back};

const MIN_RUN: usize = 16;
/// How much of a run is decoded to see whether it is text, in bytes.
const PEEK: usize = 64;
const MAX_LAYERS: usize = 2;
/// How much decoded text is looked at for one assessment, in bytes.
const MAX_DECODED: usize = 16 << 10;

/// Appends a signal for every encoded part of `text` that decodes to an attack.
pub(super) fn search(searcher: &Searcher, text: &str, signals: &mut Vec<Signal>) {
    let mut budget = MAX_DECODED;
    layer(searcher, text, 1, &mut budget, signals);
}

fn layer(
    searcher: &Searcher,
    text: &str,
    depth: usize,
    budget: &mut usize,
    signals: &mut Vec<Signal>,
) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some((start, end)) = next_run(bytes, at) {
        at = end + 1;
        let run = bytes.get(start..end).unwrap_or_default();
        // A picture or a key is turned away by its first bytes and costs nothing of the budget.
        if decode(run.get(..PEEK).unwrap_or(run)).is_none() {
            continue;
        }
        let Some(decoded) = decode(run.get(..*budget / 3 * 4).unwrap_or(run)) else { continue };
        *budget = budget.saturating_sub(decoded.len());
        let mut inner = Vec::new();
        let shown = hidden::unfold(&decoded);
        let shown = shown.as_ref().map_or(decoded.as_str(), |shown| shown.text());
        searcher.search(shown, &|_, _| false, &mut inner);
        if depth < MAX_LAYERS {
            layer(searcher, &decoded, depth + 1, budget, &mut inner);
        }
        if !inner.is_empty() {
            signals.push(Signal {
                family: Family::Obfuscation,
                rule: "obfuscation.base64",
                reason: "hides an attack in Base64",
                start,
                end,
                weight: noisy_or(&inner).min(0.99),
            });
        }
    }
}

/// The next run of at least [`MIN_RUN`] Base64 characters at or after `from`.
///
/// A run that long covers one of the groups of eight bytes counted from `from`.
fn next_run(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut probe = from;
    while let Some(group) = text.get(probe..probe.saturating_add(8)).and_then(<[u8]>::first_chunk) {
        if !has_break(*group) {
            let end = probe + run_len(text, probe, usize::MAX, is_base64);
            if end >= probe + 8 {
                let start = probe - run_len_back(text, probe, probe - from, is_base64);
                if end - start >= MIN_RUN {
                    return Some((start, end));
                }
                probe = end;
                continue;
            }
        }
        probe += 8;
    }
    None
}

/// Whether one of eight bytes comes before `+`, as white space and most punctuation does, so that
/// they are not all Base64 (Warren, "Hacker's Delight", 6-1, for zero bytes).
const fn has_break(group: [u8; 8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let group = u64::from_le_bytes(group);
    group.wrapping_sub(ONES * b'+' as u64) & !group & (ONES << 7) != 0
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Decodes either alphabet, padding left out; `None` unless the result is readable text.
fn decode(run: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(run.len() / 4 * 3 + 3);
    for quad in run.chunks(4) {
        let bits = quad.iter().fold(0_u32, |bits, byte| bits << 6 | sextet(*byte));
        let bits = bits << (6 * (4 - quad.len()));
        let [_, first, second, third] = bits.to_be_bytes();
        bytes.extend([first, second, third].iter().take(quad.len().saturating_sub(1)));
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            // The end of the run may cut a character in two.
            let valid = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            if bytes.len() - valid > 3 {
                return None;
            }
            bytes.truncate(valid);
            String::from_utf8(bytes).ok()?
        }
    };
    let readable = text.chars().all(|c| !c.is_control() || c.is_whitespace());
    (readable && !text.is_empty()).then_some(text)
}

const fn sextet(byte: u8) -> u32 {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        _ => 63,
    };
    value as u32
}
