//! Keccak-256 as Ethereum and Monero use it: the padding from before FIPS 202.

/// The rate of Keccak-256, in bytes.
const RATE: usize = 136;

const ROUNDS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// Where the lanes go, one after the other from lane 1, and by how many bits each is turned.
#[rustfmt::skip]
const MOVES: [(usize, u32); 24] = [
    (10, 1), (7, 3), (11, 6), (17, 10), (18, 15), (3, 21), (5, 28), (16, 36), (8, 45), (21, 55),
    (24, 2), (4, 14), (15, 27), (23, 41), (19, 56), (13, 8), (12, 25), (2, 43), (20, 62), (14, 18),
    (22, 39), (9, 61), (6, 20), (1, 44),
];

/// The hash of `message`, of which at most one block less a byte is looked at.
pub(super) fn keccak256(message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; RATE];
    block.iter_mut().take(RATE - 1).zip(message).for_each(|(slot, byte)| *slot = *byte);
    if let Some(pad) = block.get_mut(message.len().min(RATE - 1)) {
        *pad ^= 0x01;
    }
    if let Some(last) = block.last_mut() {
        *last ^= 0x80;
    }
    let mut lanes = [0_u64; 25];
    for (lane, bytes) in lanes.iter_mut().zip(block.as_chunks::<8>().0) {
        *lane = u64::from_le_bytes(*bytes);
    }
    permute(&mut lanes);
    let mut hash = [0; 32];
    for (out, lane) in hash.as_chunks_mut::<8>().0.iter_mut().zip(lanes) {
        *out = lane.to_le_bytes();
    }
    hash
}

#[expect(clippy::indexing_slicing, reason = "every index is a constant or taken modulo 5 or 25")]
fn permute(lanes: &mut [u64; 25]) {
    for round in ROUNDS {
        let mut parity = [0_u64; 5];
        for (at, lane) in lanes.iter().enumerate() {
            parity[at % 5] ^= lane;
        }
        for (at, lane) in lanes.iter_mut().enumerate() {
            *lane ^= parity[(at + 4) % 5] ^ parity[(at + 1) % 5].rotate_left(1);
        }
        let mut held = lanes[1];
        for (to, turn) in MOVES {
            held = std::mem::replace(&mut lanes[to % 25], held.rotate_left(turn));
        }
        for row in lanes.as_chunks_mut::<5>().0 {
            let old = *row;
            for (at, lane) in row.iter_mut().enumerate() {
                *lane ^= !old[(at + 1) % 5] & old[(at + 2) % 5];
            }
        }
        lanes[0] ^= round;
    }
}

/// Whether the case of the letters is what ERC-55 makes of the address.
pub(super) fn is_erc55(hex: &[u8; 40]) -> bool {
    let hash = keccak256(&hex.map(|byte| byte.to_ascii_lowercase()));
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    hex.iter()
        .zip(nibbles)
        .all(|(byte, nibble)| byte.is_ascii_digit() || byte.is_ascii_uppercase() == (nibble >= 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_keccak_and_not_of_sha3() {
        let hex = |bytes: [u8; 32]| bytes.map(|byte| format!("{byte:02x}")).concat();
        let empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
        assert_eq!(hex(keccak256(b"")), empty);
        let abc = "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45";
        assert_eq!(hex(keccak256(b"abc")), abc);
    }
}
