//! Tells a secret from what stands where a secret will be: placeholders, variables, plain words.
//!
//! Called for values that nothing but their place gives away.

use crate::bytes::{contains_ignore_case, is_word};

/// What a value begins with, or is, when it is not the secret itself.
const PLACEHOLDERS: [&[u8]; 31] = [
    b"&lt;",
    b"arn:",
    b"'$",
    b"$",
    b"{{",
    b"{%",
    b"#{",
    b"<",
    b"%",
    b"@@",
    b"process.",
    b"os.",
    b"env.",
    b"env(",
    b"env[",
    b"self.",
    b"this.",
    b"secrets.",
    b"settings.",
    b"config.",
    b"your",
    b"xxx",
    b"***",
    b"changeme",
    b"change_me",
    b"change-me",
    b"example",
    b"redacted",
    b"[redacted",
    b"...",
    b"insert",
];

/// What no secret holds, wherever it stands.
const INSIDE: [&[u8]; 6] = [b"placeholder", b"your_", b"your-", b"${", b"{{", b"://"];

/// What people write into a key of the right length: `sha256~XXXX_PUT_YOUR_TOKEN_HERE_XXXX`.
const WRITTEN_IN: [&[u8]; 4] = [b"placeholder", b"put_your", b"put-your", b"insert_your"];

/// The least letters and the least entropy, in bits a byte, that no name in a program has.
const RANDOM_LEAST: usize = 20;
const RANDOM_ENTROPY: f32 = 4.0;
/// The least letters of words run together that are a sentence.
const PHRASE_LEAST: usize = 14;

/// Words that people write where a secret will be; sorted by what they are used for.
const WORDS: [&[u8]; 62] = [
    b"password",
    b"passwd",
    b"pass",
    b"pwd",
    b"passphrase",
    b"secret",
    b"key",
    b"token",
    b"auth",
    b"api",
    b"access",
    b"private",
    b"public",
    b"client",
    b"credential",
    b"login",
    b"bearer",
    b"jwt",
    b"test",
    b"testing",
    b"example",
    b"sample",
    b"demo",
    b"dummy",
    b"fake",
    b"mock",
    b"foo",
    b"bar",
    b"baz",
    b"hello",
    b"world",
    b"abc",
    b"xyz",
    b"qwerty",
    b"letmein",
    b"welcome",
    b"default",
    b"my",
    b"your",
    b"the",
    b"some",
    b"new",
    b"old",
    b"this",
    b"is",
    b"a",
    b"user",
    b"username",
    b"admin",
    b"root",
    b"db",
    b"database",
    b"app",
    b"bit",
    b"here",
    b"value",
    b"string",
    b"super",
    b"strong",
    b"secure",
    b"id",
    b"name",
];

/// The least bytes behind the mark of a redaction that are a password of their own.
const LEAST_HIDDEN: usize = 6;

/// The most letters that are taken apart into words.
const MAX_LETTERS: usize = 63;

/// Shannon's entropy of the bytes of `value`, in bits a byte.
pub(super) fn entropy(value: &[u8]) -> f32 {
    let mut counts = [0_u16; 256];
    for byte in value {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count = count.saturating_add(1);
        }
    }
    let total = f32::from(u16::try_from(value.len()).unwrap_or(u16::MAX));
    let bits = |count: &u16| {
        let share = f32::from(*count) / total;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}

/// Whether more than half of a key is one of the characters that people fill with:
/// `ghp_xxxxxxxx`.
pub(super) fn is_filler(key: &[u8]) -> bool {
    let fills = |byte: &u8| matches!(byte, b'x' | b'X' | b'a' | b'A' | b'0'..=b'9' | b'*' | b'.');
    let same = |byte: &u8| {
        fills(byte)
            && 2 * key.iter().map(|other| usize::from(other == byte)).sum::<usize>() > key.len()
    };
    // The last part of an address is its secret.
    let last = key.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let is_filled = |part: &[u8]| {
        let first = part.first().filter(|byte| fills(byte));
        part.len() >= 8 && part.len() < key.len() && part.iter().all(|b| Some(b) == first)
    };
    key.last().is_some_and(same) || key.get(key.len() / 2).is_some_and(same) || is_filled(last)
}

/// Whether somebody wrote into a key what belongs there.
pub(super) fn is_written_in(key: &[u8]) -> bool {
    WRITTEN_IN.iter().any(|mark| contains_ignore_case(key, mark))
}

/// Whether `value` has so many and so different letters that it is no word and no name.
pub(super) fn is_random(value: &[u8]) -> bool {
    value.len() >= RANDOM_LEAST && entropy(value) >= RANDOM_ENTROPY
}

/// Whether `value` has no digit and is words that marks join, such as `cms/sites#update`.
pub(super) fn is_wordy(value: &[u8]) -> bool {
    let is_mark = |byte: &u8| matches!(byte, b'-' | b'_' | b'/' | b'#' | b'.' | b',' | b';');
    let is_word = |part: &[u8]| {
        let lower = part.iter().skip(1).all(u8::is_ascii_lowercase);
        part.iter().all(u8::is_ascii_alphabetic)
            && (lower || part.iter().all(u8::is_ascii_uppercase))
    };
    let value = value.strip_suffix(b":").unwrap_or(value);
    // `words#words` alone is a password; `#words` and `path/words#words` are places in a program.
    let inner = value.get(1..).unwrap_or_default();
    let is_selector = !inner.contains(&b'#') || inner.contains(&b'/');
    is_selector && value.iter().any(is_mark) && value.split(is_mark).all(is_word)
}

/// Whether `value` is a path of words, such as `/en/server@3.0/auth`.
fn is_path(value: &[u8]) -> bool {
    let is_part = |part: &[u8]| part.first().is_none_or(u8::is_ascii_lowercase) && part.len() < 24;
    value.first() == Some(&b'/')
        && value.split(|byte| *byte == b'/').count() >= 3
        && value.split(|byte| *byte == b'/').all(is_part)
}

/// What the brackets at the beginning of a text are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// The mark of a redaction: `[REDACTED]`, `[EMAIL_1]`, `[****1111]`, or what is left of one, `[]`.
    Sure,
    /// The mark of a redaction if nothing stands before it, `[API_KEY]`.
    Named,
}

/// The longest mark, in bytes: that of a partial mask keeps four characters.
const MAX_MARK: usize = 64;

/// The mark that `text` begins with, and its length.
pub(super) fn mark_at(text: &[u8]) -> Option<(Mark, usize)> {
    let inner = text.strip_prefix(b"[")?;
    let end = inner.iter().take(MAX_MARK).position(|byte| *byte == b']')?;
    let mark = inner.get(..end).unwrap_or_default();
    let is_name = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_uppercase);
    let is_number =
        |part: &[u8]| matches!(part.len(), 1..=6) && part.iter().all(u8::is_ascii_digit);
    let mut parts = mark.split(|byte| *byte == b'_').peekable();
    let begins = parts.peek().is_some_and(|part| is_name(part));
    let is_partial = mark
        .strip_prefix(b"****")
        .is_some_and(|kept| characters(kept) <= 4 && !kept.contains(&b'['));
    let kind = if mark.is_empty() || mark == b"REDACTED" || is_partial {
        Mark::Sure
    } else if begins && parts.all(|part| is_name(part) || is_number(part)) {
        let number = mark.rsplit(|byte| *byte == b'_').next().unwrap_or_default();
        if is_number(number) { Mark::Sure } else { Mark::Named }
    } else {
        return None;
    };
    Some((kind, end + 2))
}

fn characters(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

/// What stands behind the marks of redactions that `value` begins with. `None` if it begins with
/// none.
fn behind_marks(value: &[u8]) -> Option<&[u8]> {
    let mut rest = value;
    while let Some((_, len)) = mark_at(rest).filter(|(_, len)| *len > "[]".len()) {
        rest = rest.get(len..).unwrap_or_default();
    }
    (rest.len() < value.len()).then_some(rest)
}

/// Whether what stands behind a mark is a value that was never taken out.
fn is_left(rest: &[u8]) -> bool {
    let odd = |byte: &u8| !is_word(*byte) && !matches!(byte, b'-' | b'.' | b'/');
    rest.len() >= LEAST_HIDDEN
        && rest.iter().any(u8::is_ascii_alphabetic)
        && rest.iter().any(|byte| byte.is_ascii_digit() || odd(byte))
        && !rest.contains(&b'[')
        && !is_wordy(rest)
        && !is_placeholder(rest)
}

/// Whether `value` only holds the place of a secret. A mark of a redaction does, not what is behind
/// it.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    if let Some(rest) = behind_marks(value) {
        return !is_left(rest);
    }
    let begins =
        |mark: &&[u8]| value.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark));
    value.iter().all(|b| Some(b) == value.first())
        || PLACEHOLDERS.iter().any(begins)
        || is_filler(value)
        || INSIDE.iter().any(|mark| contains_ignore_case(value, mark))
        || is_character_class(value)
        || is_path(value)
        // Cut short, or of Amazon's manuals.
        || value.ends_with(b"...")
        || value.ends_with(b"EXAMPLE")
        || matches!(value.first(), Some(b',' | b')'))
        || is_made_of_words(value) && !has_every_kind(value)
}

/// Whether `value` has letters of both cases, a digit and two marks, as rules for passwords ask; not
/// the mark of a redaction, `[Token-1]`.
fn has_every_kind(value: &[u8]) -> bool {
    value.first() != Some(&b'[')
        && value.iter().any(u8::is_ascii_lowercase)
        && value.iter().any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().filter(|byte| byte.is_ascii_punctuation() && **byte != b'_').count() >= 2
}

/// Whether `value` is `[a-z0-9]` or the like, as a pattern for secrets has it. Brackets alone do not
/// make a placeholder: who puts them around a secret still writes it.
fn is_character_class(value: &[u8]) -> bool {
    value.first() == Some(&b'[')
        && value.last() == Some(&b']')
        && [&b"a-z"[..], b"0-9", b"a-f"].iter().any(|range| contains_ignore_case(value, range))
}

/// Whether `value` is letters of one case only, as many and as different as no word has.
pub(super) fn is_long_and_plain(value: &[u8]) -> bool {
    let one_case =
        value.iter().all(u8::is_ascii_lowercase) || value.iter().all(u8::is_ascii_uppercase);
    one_case && value.len() >= 20 && entropy(value) >= 3.9
}

/// Whether the letters of `value` are nothing but words such as `my`, `test` and `password`.
pub(super) fn is_made_of_words(value: &[u8]) -> bool {
    let mut letters = [0_u8; MAX_LETTERS];
    let mut count = 0;
    for byte in value.iter().filter(|byte| byte.is_ascii_alphabetic()) {
        let Some(slot) = letters.get_mut(count) else { return false };
        *slot = byte.to_ascii_lowercase();
        count += 1;
    }
    let letters = letters.get(..count).unwrap_or_default();
    // Bit `i` says that the first `i` letters are words.
    let reached = (0..count).fold(1_u64, |reached, at| {
        if reached >> at & 1 == 0 {
            return reached;
        }
        let rest = letters.get(at..).unwrap_or_default();
        let words =
            WORDS.iter().filter(|word| word.first() == rest.first() && rest.starts_with(word));
        words.fold(reached, |reached, word| reached | 1 << (at + word.len()))
    });
    count > 0 && reached >> count & 1 == 1
}

/// What most people begin a password with that is a word and a number; there are lists of them.
const COMMON: [&[u8]; 14] = [
    b"password",
    b"passwort",
    b"passw0rd",
    b"qwerty",
    b"qwertz",
    b"azerty",
    b"letmein",
    b"welcome",
    b"admin",
    b"iloveyou",
    b"monkey",
    b"dragon",
    b"abc",
    b"secret",
];

/// Whether `value` is a word of [`COMMON`] and two to six digits, and one mark at most behind them.
pub(super) fn is_common_password(value: &[u8]) -> bool {
    let value = value.strip_suffix(b"!").unwrap_or(value);
    COMMON.iter().any(|word| {
        let is_it = value.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        let rest = value.get(word.len()..).unwrap_or_default();
        is_it && (2..=6).contains(&rest.len()) && rest.iter().all(u8::is_ascii_digit)
    })
}

/// Whether `value` is a sentence of words run together, which somebody can remember, and not one
/// that speaks of the reader's or writer's own secret as manuals do.
pub(super) fn is_phrase(value: &[u8]) -> bool {
    let manual = [&b"my"[..], b"your", b"the", b"test", b"super", b"default"];
    value.len() >= PHRASE_LEAST
        && value.iter().all(u8::is_ascii_lowercase)
        && is_made_of_words(value)
        && !manual.iter().any(|head| value.starts_with(head))
}

/// Whether `value`, which is not quoted, is the name of something in a program, or a path.
pub(super) fn is_expression(value: &[u8]) -> bool {
    let is_call = value.iter().any(|b| matches!(b, b'(' | b'[' | b'{' | b'|' | b'\\'));
    let part = |part: &[u8]| {
        part.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
            && part.iter().all(|b| is_word(*b))
            && part.iter().filter(|b| b.is_ascii_digit()).count() <= 2
    };
    let parts = || value.split(|b| *b == b'.');
    let is_path = value.starts_with(b"/") || value.starts_with(b"./") || value.starts_with(b"~/");
    is_call || is_path || parts().count() > 1 && parts().all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_variables_hold_a_place() {
        for value in [
            "changeme1",
            "password123",
            "my-secret-key-1",
            "${TOKEN}",
            "<token1>",
            "xxxx1",
            "aaaaaa",
            "your_key",
            "Test1234!",
            "process.env.A1",
            "[token-1]",
            "[Token-1]",
            "[A-Za-z0-9]",
            "{{ key1 }}",
            "/en/server@3.0/auth",
            "ops_eyJzaWdu1...",
            "AKIAQ3ZNODNN7EXAMPLE",
            ",rememberMe1:",
            "[REDACTED]",
            "[API_KEY_1]",
            "[****1111]",
            "[REDACTED]changeme",
            "[REDACTED].[API_KEY_2]",
            "[REDACTED]-word",
            "[REDACTED]$TOKEN1",
        ] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        for value in [
            "hunter2x",
            "S3cretPassw0rd",
            "a1b2c3d4e5f6",
            "tr0ub4dor&3",
            "Pass123!@#",
            "12345678",
            "[hunter2x9A!]",
            "[HUNTER2X9AQ_1]",
            "[****hunter2x9A!]",
            "[REDACTED]hunter2",
            "[API_KEY_1]hunter2",
            "[REDACTED][****1111]hunter2",
        ] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn names_and_paths_are_expressions() {
        for value in ["request.body2", "tokens[0", "/etc/key1", "a.b1.c", "f(1"] {
            assert!(is_expression(value.as_bytes()), "{value}");
        }
        for value in ["hunter2x", "9f8e.7d6c", "k1-l2"] {
            assert!(!is_expression(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn fillers_and_joined_words_are_none() {
        for key in ["ghp_xxxxxxxxxxxx", "ico-XXXXXXXXX", "glc_1111111111="] {
            assert!(is_filler(key.as_bytes()), "{key}");
        }
        assert!(!is_filler(b"ghp_xxyyzzaabbcc") && !is_filler(b""));
        assert!(is_filler(b"https://h.internal/services/T0123/XXXXXXXXXX"));
        assert!(!is_filler(b"https://h.internal/services/T0123/XXXXXXXXXy"));
        for value in ["#add-password", "cms/sites/passwords#update", ",rememberMe:"] {
            assert_eq!(is_wordy(value.as_bytes()), !value.contains('M'), "{value}");
        }
        assert!(!is_wordy(b"harvest#orchard"));
        assert!(!is_wordy(b"hunter2-x") && !is_wordy(b"super$ecret") && !is_wordy(b"plain"));
    }

    #[test]
    fn a_word_and_a_number_are_a_common_password() {
        for value in ["password123", "Qwerty123!", "admin2024"] {
            assert!(is_common_password(value.as_bytes()), "{value}");
        }
        for value in ["password", "password1", "password123x", "mypassword123", "password1234567"] {
            assert!(!is_common_password(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn entropy_counts_bits_a_byte() {
        assert!(entropy(b"aaaa") < 0.01);
        assert!((entropy(b"abcd") - 2.0).abs() < 0.01);
        assert!(entropy(b"") < 0.01);
        assert!(is_long_and_plain(b"qpwoeirutyalskdjfhgzmx"));
        assert!(!is_long_and_plain(b"authenticationtokenprovider"));
        assert!(!is_long_and_plain(b"QpwoeirutyAlskdjfhgzmx"));
        assert!(is_phrase(b"thisismypassword") && !is_phrase(b"mysecretpassword"));
        assert!(!is_phrase(b"passwordhere") && !is_phrase(b"quietorchardfruit"));
    }
}
