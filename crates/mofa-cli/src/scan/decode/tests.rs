//! Every text is read, and every place in it leads back to its bytes.

use super::*;
use proptest::prelude::*;

/// `bytes` are written as `encoding` and read as `text`.
#[track_caller]
fn check(bytes: &[u8], encoding: Encoding, text: &str) {
    assert_eq!(Encoding::of(bytes), Some(encoding), "{bytes:?}");
    assert_eq!(Decoded::new(bytes.to_vec(), encoding).text(), text);
}

fn utf16(order: Order, mark: bool, text: &str) -> Vec<u8> {
    let mark = mark.then_some(0xfeff);
    mark.into_iter().chain(text.encode_utf16()).flat_map(|unit| order.bytes(unit)).collect()
}

#[test]
fn text_is_told_by_its_bytes() {
    check(b"", Encoding::Utf8, "");
    check("ä".as_bytes(), Encoding::Utf8, "ä");
    check(b"a\xff b", Encoding::Utf8, "aÿ b");
    check(b"\x93caf\xe9\x94 \x81 \xc3\xa9 \xe2\x82", Encoding::Utf8, "“café” \u{81} é â‚");
    for order in [Order::Little, Order::Big] {
        let (marked, plain) =
            (Encoding::Utf16 { order, mark: 2 }, Encoding::Utf16 { order, mark: 0 });
        for text in ["a", "a 漢👩", "line\r\n"] {
            check(&utf16(order, true, text), marked, text);
        }
        check(&utf16(order, true, "漢字の例"), marked, "漢字の例");
        check(&utf16(order, false, "some text: 漢👩"), plain, "some text: 漢👩");
        let mut torn = utf16(order, true, "ab");
        torn.extend(order.bytes(0xd800));
        torn.push(b'x');
        check(&torn, marked, "ab\u{fffd}");
    }
}

#[test]
fn two_bytes_like_a_mark_do_not_hide_plain_text() {
    check(b"\xff\xfesecret text", Encoding::Utf8, "ÿþsecret text");
    check(b"\xfe\xffsecret", Encoding::Utf8, "þÿsecret");
}

#[test]
fn what_is_no_text_is_binary() {
    let utf32: Vec<u8> = "\u{feff}abc".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let cases: [&[u8]; 7] = [
        b"abcdefg\0",
        b"\0",
        b"some text with a NUL\0, and more of it",
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
        b"\x01\x02\x03\x04abc",
        b"\xff\xfe\x01\0\x02\0a\0",
        &utf32,
    ];
    for bytes in cases {
        assert_eq!(Encoding::of(bytes), None, "{bytes:?}");
    }
    assert!(Encoding::of(b"\x1b[31mred\x1b[0m \x07").is_some(), "a terminal's log is text");
}

#[test]
fn every_other_byte_stays_when_something_is_taken_out() {
    let check = |bytes: &[u8], value: &str, expected: &[u8]| {
        let decoded = Decoded::new(bytes.to_vec(), Encoding::of(bytes).unwrap());
        let start = decoded.text().find(value).unwrap();
        let new = Replacement::new(start..start + value.len(), "[X]");
        assert_eq!(decoded.redacted(&[new]), expected);
    };
    check(b"\xff a@b \xe9", "a@b", b"\xff [X] \xe9");
    check(b"\xff a\xe9b \xe9", "a\u{e9}b", b"\xff [X] \xe9");
    for order in [Order::Little, Order::Big] {
        let mut bytes = utf16(order, true, "👩 a@b ");
        bytes.extend(order.bytes(0xdc00));
        bytes.push(7);
        let mut expected = utf16(order, true, "👩 [X] ");
        expected.extend(order.bytes(0xdc00));
        expected.push(7);
        check(&bytes, "a@b", &expected);
    }
}

proptest! {
    #[test]
    fn every_character_comes_from_its_own_bytes(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..6), 0..8),
        words in prop::collection::vec("[a-zé漢👩 ]{0,5}", 8),
    ) {
        let mut bytes = Vec::new();
        for (piece, word) in pieces.iter().zip(&words) {
            bytes.extend_from_slice(piece);
            bytes.extend_from_slice(word.as_bytes());
        }
        for encoding in [
            Encoding::Utf8,
            Encoding::Utf16 { order: Order::Little, mark: 0 },
            Encoding::Utf16 { order: Order::Big, mark: 0 },
        ] {
            let decoded = Decoded::new(bytes.clone(), encoding);
            let text = decoded.text();
            let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let places = decoded.places(&offsets);
            prop_assert_eq!(places.len(), offsets.len());
            prop_assert_eq!(places.first(), Some(&0));
            for (pair, c) in places.windows(2).zip(text.chars()) {
                let part = bytes.get(pair[0]..pair[1]).unwrap();
                prop_assert!(!part.is_empty());
                let alone = Decoded::new(part.to_vec(), encoding);
                prop_assert_eq!(alone.text(), c.to_string());
            }
            prop_assert_eq!(decoded.redacted(&[]), bytes.clone());
        }
    }
}
