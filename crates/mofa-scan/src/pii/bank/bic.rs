//! Business Identifier Codes (ISO 9362) behind a word that announces one, or behind an IBAN.
//!
//! Not matched: a code that stands alone. Eight capitals are a word more often than a bank.

use crate::bytes::{byte_at, byte_before, ends_with_ignore_case, is_word, literal_at, run_len};
use crate::pii::builtin::personal::BIC;
use crate::pii::pass::Pass;

/// ISO 3166-1 alpha-2 codes, and XK, which banks use.
const COUNTRIES: &[u8] = b"ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBW\
BYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGL\
GMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLT\
LULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPR\
PSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUG\
UMUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW";

/// How far behind its word a code may begin, in bytes; less than the lead of the sweep.
const MAX_GAP: usize = 24;

/// What may stand between the word and the code, lower case.
const FILLERS: [&[u8]; 9] =
    [b"code", b"codes", b"number", b"no", b"is", b"swift", b"bic", b"address", b"und"];

/// Looks for a code behind the word that ends at the `C` of `BIC` or around the `W` of `SWIFT`, or
/// in front of the `:` or `=` at `at`.
pub(in crate::pii) fn probe(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    let end = match byte_at(text, at) {
        b'C' if ends_with_ignore_case(text, at + 1, b"bic") => at + 1,
        b'W' if literal_at(text, at, b"WIFT") && byte_before(text, at, 1) == b'S' => at + 4,
        b':' | b'=' if is_labelled(text, at) => at,
        _ => return,
    };
    behind(pass, end);
}

/// Whether the name that ends before `at`, over a quote and a blank, is of a code.
fn is_labelled(text: &[u8], at: usize) -> bool {
    let end =
        (0..=2).find(|back| is_word(byte_before(text, at, back + 1))).map_or(at, |back| at - back);
    if !matches!(byte_before(text, end, 1) | 0x20, b'c' | b't' | b'e') {
        return false;
    }
    let code = [&b"_code"[..], b" code", b"-code", b"code"];
    let end = code
        .iter()
        .find(|word| ends_with_ignore_case(text, end, word))
        .map_or(end, |word| end - word.len());
    ends_with_ignore_case(text, end, b"bic") || ends_with_ignore_case(text, end, b"swift")
}

/// Looks for a code that begins at most [`MAX_GAP`] bytes behind `end`, over words that fill.
pub(super) fn behind(pass: &mut Pass<'_, '_>, end: usize) {
    let text = pass.text();
    let is_gap = |b: u8| b.is_ascii_whitespace() || b.is_ascii_punctuation();
    let mut at = end;
    while at < end + MAX_GAP {
        at += run_len(text, at, MAX_GAP, is_gap);
        let len = run_len(text, at, 12, is_word);
        let word = text.get(at..at + len).unwrap_or_default();
        if is_code(word) && may_stand(text, at, at + len) {
            pass.report(at, at + len, BIC, 0.85);
            return;
        }
        if len == 0 || !FILLERS.iter().any(|filler| word.eq_ignore_ascii_case(filler)) {
            return;
        }
        at += len;
    }
}

/// Four letters, a country, two of letters and digits, and three more for a branch.
fn is_code(word: &[u8]) -> bool {
    let Some((party, rest)) = word.split_first_chunk::<4>() else { return false };
    let Some((country, rest)) = rest.split_first_chunk::<2>() else { return false };
    let is_tail = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    matches!(rest.len(), 2 | 5)
        && party.iter().all(u8::is_ascii_uppercase)
        && rest.iter().all(is_tail)
        && COUNTRIES.as_chunks::<2>().0.binary_search(country).is_ok()
}

fn may_stand(text: &[u8], start: usize, end: usize) -> bool {
    let before = byte_before(text, start, 1);
    !is_word(before) && !matches!(before, b'.' | b'/' | b'@') && !is_word(byte_at(text, end))
}
