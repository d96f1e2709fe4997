//! Whether two short texts are the same, without a call of the system's comparison: names are some
//! ten bytes long, and a check compares three of them.

/// Whether `a` and `b` are the same bytes.
#[inline]
pub(super) fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    // The last whole word overlaps the one before it, so that no bytes are left over.
    if let (Some(a_last), Some(b_last)) = (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        // Nearly every name ends here, without a loop.
        return a.first_chunk::<8>() == b.first_chunk::<8>()
            && a_last == b_last
            && (a.len() <= 16 || same_chunks(a, b));
    }
    if let (Some(a_last), Some(b_last)) = (a.last_chunk::<4>(), b.last_chunk::<4>()) {
        return a_last == b_last && a.first_chunk::<4>() == b.first_chunk::<4>();
    }
    a.iter().zip(b).all(|(a, b)| a == b)
}

/// Whether the whole words of `a` and `b` are the same.
fn same_chunks(a: &[u8], b: &[u8]) -> bool {
    a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_counts_at_every_length() {
        for len in 0..70 {
            let text: Vec<u8> = (0..len).collect();
            assert!(same_bytes(&text, &text.clone()), "length {len}");
            for at in 0..text.len() {
                let mut other = text.clone();
                other[at] ^= 0x80;
                assert!(!same_bytes(&text, &other), "length {len}, byte {at}");
                assert!(!same_bytes(&text, &text[..at]), "length {len}, prefix {at}");
            }
        }
    }
}
