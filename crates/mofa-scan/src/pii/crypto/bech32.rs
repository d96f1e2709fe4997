//! Bech32 and Bech32m (BIP 173, BIP 350), and the `CashAddr` form of Bitcoin Cash.

const CHARSET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// What the check sum of a Bech32 word comes to, and of a Bech32m word.
const BECH32: u32 = 1;
const BECH32M: u32 = 0x2bc8_30a3;

/// What a word is by its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A witness program of a possible version, length and check sum.
    Segwit,
    /// Something else with the check sum of Bech32.
    Other,
}

/// The prefix of a word of one case whose check sum is right, and its kind; lower case prefixes of
/// at most five letters only, or upper case ones as they are.
pub(super) fn decode(word: &[u8]) -> Option<(&'static [u8], Kind)> {
    const PREFIXES: [&[u8]; 7] = [b"bcrt", b"bc", b"tb", b"ltc", b"tltc", b"addr", b"stake"];
    let prefix = PREFIXES.into_iter().find(|prefix| {
        let head = word.get(..prefix.len());
        let is_head = head.is_some_and(|head| head.eq_ignore_ascii_case(prefix));
        is_head && word.get(prefix.len()) == Some(&b'1')
    })?;
    is_one_case(word).then_some(())?;
    let data = word.get(prefix.len() + 1..)?;
    let mut sum = prefix.iter().fold(1, |sum, byte| step(sum, byte >> 5));
    sum = step(sum, 0);
    sum = prefix.iter().fold(sum, |sum, byte| step(sum, byte & 31));
    for byte in data {
        sum = step(sum, value(*byte)?);
    }
    let version = value(*data.first()?)?;
    // Six letters are the check sum, the first is the version; five bits a letter.
    let program = data.len().checked_sub(7)? * 5 / 8;
    match (version, sum) {
        (0, BECH32) if matches!(program, 20 | 32) && word.len() <= 90 => {
            Some((prefix, Kind::Segwit))
        }
        (1..=16, BECH32M) if (2..=40).contains(&program) => Some((prefix, Kind::Segwit)),
        (_, BECH32) => Some((prefix, Kind::Other)),
        _ => None,
    }
}

/// Whether `data` is a `CashAddr` of this prefix.
pub(super) fn is_cash(prefix: &[u8], data: &[u8]) -> bool {
    let sum = prefix.iter().fold(1, |sum, byte| cash_step(sum, byte & 31));
    let sum = data
        .iter()
        .try_fold(cash_step(sum, 0), |sum, byte| value(*byte).map(|value| cash_step(sum, value)));
    is_one_case(data) && sum == Some(1)
}

fn is_one_case(word: &[u8]) -> bool {
    !word.iter().any(u8::is_ascii_lowercase) || !word.iter().any(u8::is_ascii_uppercase)
}

fn value(letter: u8) -> Option<u8> {
    let letter = letter.to_ascii_lowercase();
    CHARSET.iter().zip(0..).find(|(known, _)| **known == letter).map(|(_, value)| value)
}

fn step(sum: u32, value: u8) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = sum >> 25;
    let shifted = (sum & 0x1ff_ffff) << 5 ^ u32::from(value);
    let taken = GENERATOR.iter().zip(0..).filter(|(_, bit)| top >> bit & 1 != 0);
    taken.fold(shifted, |sum, (term, _)| sum ^ term)
}

fn cash_step(sum: u64, value: u8) -> u64 {
    const GENERATOR: [u64; 5] =
        [0x98_f2bc_8e61, 0x79_b76d_99e2, 0xf3_3e5f_b3c4, 0xae_2eab_e2a8, 0x1e_4f43_e470];
    let top = sum >> 35;
    let shifted = (sum & 0x07_ffff_ffff) << 5 ^ u64::from(value);
    let taken = GENERATOR.iter().zip(0..).filter(|(_, bit)| top >> bit & 1 != 0);
    taken.fold(shifted, |sum, (term, _)| sum ^ term)
}
