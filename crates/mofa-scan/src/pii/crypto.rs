//! Addresses of cryptocurrencies, by their check sums.
//!
//! | address | checked |
//! |---|---|
//! | Bitcoin, Litecoin, Dogecoin, Tron, XRP | `Base58Check`: version, length, double SHA-256 |
//! | Bitcoin, Litecoin, Cardano | Bech32 and Bech32m (BIP 173, BIP 350) |
//! | Bitcoin Cash | `CashAddr` |
//! | Ethereum | the case of its letters (ERC-55); one case only is less sure |
//! | Monero | block lengths, network byte, Keccak-256 |
//! | Solana | 32 bytes in Base58, after words that say so: it has no check sum |
//!
//! # Invariants
//!
//! A word is decoded once, at its first digit, and hashed only when its length and version fit.

mod base58;
mod bech32;
mod keccak;

use sha2::{Digest, Sha256};

use super::builtin::personal::{
    BITCOIN, BITCOIN_CASH, CARDANO, DOGECOIN, ETHEREUM, LITECOIN, MONERO, RIPPLE, SOLANA, TRON,
};
use super::context::{List, WINDOW, announces, announces_within};
use super::pass::Pass;
use crate::RuleId;
use crate::bytes::{byte_at, byte_before, ends_with_ignore_case, is_word, run_len};

/// The shortest is a `Base58Check` address with many leading zeros; the longest is Cardano's.
const MIN_WORD: usize = 25;
const MAX_WORD: usize = 128;

pub(super) const WALLET_WORDS: [&str; 8] =
    ["eth", "wallet", "address", "addr", "contract", "0x", "token", "erc"];
pub(super) static SOLANA_WORDS: List = List::new(7, &["solana", "sol ", "sol:", "phantom"]);

/// What other 20 bytes are called, at most [`NEAR`] bytes before them.
const DIGEST_WORDS: [&str; 8] =
    ["sha1", "sha-1", "sha_1", "commit", "git", "checksum", "digest", "fingerprint"];
const NEAR: usize = 24;

const CASH_PREFIX: &[u8] = b"bitcoincash";

/// Looks at the word that begins at `start` and whose first digits, at `at`, are `run`.
#[inline]
pub(super) fn probe_word(pass: &mut Pass<'_, '_>, start: usize, at: usize, run: usize) {
    let text = pass.text();
    let end = at + run;
    // Hardly a number of a text is part of a long word.
    let is_short = end - start < MIN_WORD && !byte_at(text, end).is_ascii_alphanumeric();
    if !is_short || end + 1 >= text.len() {
        probe_long(pass, start, at);
    }
}

fn probe_long(pass: &mut Pass<'_, '_>, start: usize, at: usize) {
    let text = pass.text();
    let len = at - start + run_len(text, at, MAX_WORD + 1, |b| b.is_ascii_alphanumeric());
    let end = start + len;
    pass.undecided_if_at_end(start, end + 1);
    if !(MIN_WORD..=MAX_WORD).contains(&len) || byte_at(text, end) == b'_' {
        return;
    }
    let word = text.get(start..end).unwrap_or_default();
    let found = ethereum(text, start, word)
        .or_else(|| segwit(word))
        .or_else(|| base58_check(word))
        .or_else(|| monero(word))
        .or_else(|| cash(word))
        .or_else(|| solana(pass, start, word));
    if let Some((rule, confidence)) = found {
        pass.report(start, end, rule, confidence);
    }
}

/// Looks for a `CashAddr` around the `:` at `at`.
pub(super) fn probe_colon(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    if !ends_with_ignore_case(text, at, CASH_PREFIX) {
        return;
    }
    let start = at - CASH_PREFIX.len();
    let len = run_len(text, at + 1, MAX_WORD, |b| b.is_ascii_alphanumeric());
    let end = at + 1 + len;
    pass.undecided_if_at_end(start, end + 1);
    let word = text.get(at + 1..end).unwrap_or_default();
    let is_alone = !is_word(byte_before(text, start, 1)) && byte_at(text, end) != b'_';
    if let Some((rule, confidence)) = cash(word).filter(|_| is_alone) {
        pass.report(start, end, rule, confidence);
    }
}

type Found = Option<(RuleId, f32)>;

fn ethereum(text: &[u8], start: usize, word: &[u8]) -> Found {
    let hex: &[u8; 40] = word.strip_prefix(b"0x")?.try_into().ok()?;
    let is_one = hex.iter().all(|b| Some(b) == hex.first());
    (hex.iter().all(u8::is_ascii_hexdigit) && !is_one).then_some(())?;
    let has_lower = hex.iter().any(u8::is_ascii_lowercase);
    let has_upper = hex.iter().any(u8::is_ascii_uppercase);
    if has_lower && has_upper {
        return keccak::is_erc55(hex).then_some((ETHEREUM, 0.95));
    }
    if announces_within(text, start, NEAR, &DIGEST_WORDS) {
        return None;
    }
    let is_announced = announces(text, start, &WALLET_WORDS);
    Some((ETHEREUM, if is_announced { 0.8 } else { 0.55 }))
}

fn segwit(word: &[u8]) -> Found {
    let (prefix, kind) = bech32::decode(word)?;
    let rule = match prefix {
        b"bc" | b"tb" | b"bcrt" => BITCOIN,
        b"ltc" | b"tltc" => LITECOIN,
        b"addr" | b"stake" => CARDANO,
        _ => return None,
    };
    let fits = match kind {
        bech32::Kind::Segwit => rule != CARDANO,
        bech32::Kind::Other => rule == CARDANO,
    };
    fits.then_some((rule, 0.98))
}

/// Version, 20 bytes and four of the double hash.
fn base58_check(word: &[u8]) -> Found {
    let alphabet = if word.first() == Some(&b'r') { base58::RIPPLE } else { base58::BITCOIN };
    (word.len() <= 35).then_some(())?;
    let bytes = base58::decode::<25>(word, alphabet)?;
    let (payload, sum) = bytes.split_last_chunk::<4>()?;
    let rule = match (payload.first()?, alphabet == base58::RIPPLE) {
        (0, true) => RIPPLE,
        (0x00 | 0x05 | 0x6f | 0xc4, false) => BITCOIN,
        (0x30 | 0x32, false) => LITECOIN,
        (0x1e | 0x16, false) => DOGECOIN,
        (0x41, false) => TRON,
        _ => return None,
    };
    Sha256::digest(Sha256::digest(payload)).starts_with(sum).then_some((rule, 0.98))
}

fn monero(word: &[u8]) -> Found {
    (matches!(word.first(), Some(b'4' | b'8')) && matches!(word.len(), 95 | 106)).then_some(())?;
    let (bytes, len) = base58::decode_blocks(word)?;
    let (payload, sum) = bytes.get(..len)?.split_last_chunk::<4>()?;
    // Standard, integrated and sub-addresses of the main network.
    matches!((payload.first()?, len), (18 | 42, 69) | (19, 77)).then_some(())?;
    keccak::keccak256(payload).starts_with(sum).then_some((MONERO, 0.98))
}

fn cash(word: &[u8]) -> Found {
    let is_shaped = word.len() == 42 && matches!(word.first(), Some(b'q' | b'p' | b'Q' | b'P'));
    (is_shaped && bech32::is_cash(CASH_PREFIX, word)).then_some((BITCOIN_CASH, 0.98))
}

fn solana(pass: &mut Pass<'_, '_>, start: usize, word: &[u8]) -> Found {
    let may_be = matches!(word.len(), 32..=44);
    (may_be && pass.is_announced(&SOLANA_WORDS, start, WINDOW)).then_some(())?;
    base58::decode::<32>(word, base58::BITCOIN).map(|_| (SOLANA, 0.6))
}
