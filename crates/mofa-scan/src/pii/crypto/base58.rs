//! Base58: numbers in an alphabet without the characters that look like others.

pub(super) const BITCOIN: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
pub(super) const RIPPLE: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

/// What neither alphabet has.
const LEFT_OUT: [u8; 4] = *b"0OIl";

/// The `N` bytes that `word` stands for, leading zeros as leading first letters; nothing if it has
/// another letter or another length.
pub(super) fn decode<const N: usize>(word: &[u8], alphabet: &[u8; 58]) -> Option<[u8; N]> {
    // Most hexadecimal ends here.
    if word.iter().any(|letter| LEFT_OUT.contains(letter)) {
        return None;
    }
    let mut bytes = [0; N];
    for letter in word {
        let mut carry = value(*letter, alphabet)?;
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 58;
            *byte = low_byte(carry);
            carry >>= 8;
        }
        (carry == 0).then_some(())?;
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let ones = word.iter().take_while(|letter| Some(*letter) == alphabet.first()).count();
    (zeros == ones).then_some(bytes)
}

/// How many bytes a last block of so many letters stands for, in Monero's Base58.
const BLOCK_BYTES: [Option<usize>; 12] = [
    Some(0),
    None,
    Some(1),
    Some(2),
    None,
    Some(3),
    Some(4),
    Some(5),
    None,
    Some(6),
    Some(7),
    Some(8),
];

/// The bytes of Monero's Base58 and how many: blocks of eleven letters, eight bytes each.
pub(super) fn decode_blocks(word: &[u8]) -> Option<([u8; 80], usize)> {
    let mut bytes = [0; 80];
    let mut len = 0;
    for block in word.chunks(11) {
        let mut number = 0_u128;
        for letter in block {
            number = number * 58 + u128::from(value(*letter, BITCOIN)?);
        }
        let size = BLOCK_BYTES.get(block.len()).copied().flatten()?;
        (number >> (8 * size) == 0).then_some(())?;
        let written = number.to_be_bytes();
        let tail = written.get(written.len() - size..)?;
        bytes.get_mut(len..len + size)?.copy_from_slice(tail);
        len += size;
    }
    Some((bytes, len))
}

fn value(letter: u8, alphabet: &[u8; 58]) -> Option<u32> {
    alphabet.iter().zip(0..).find(|(known, _)| **known == letter).map(|(_, value)| value)
}

const fn low_byte(value: u32) -> u8 {
    let [low, ..] = value.to_le_bytes();
    low
}
