//! Values under a key, as in JSON: whether a key says what its value is, and what is in a value
//! that is read with its key.
//!
//! Called by the scanner for whoever walks a document and has keys and values apart.
//!
//! # Invariants
//!
//! The words are those of the rules themselves: a key tells if one of them begins in it. Asking
//! takes time linear in the key, and allocates nothing.

use super::builtin::Category::{
    self, BankAccount, CreditCard, CryptoAddress, DateOfBirth, IpAddress, MacAddress, Phone, Ssn,
};
use super::builtin::Enabled;
use super::context::{begins_word, ends_word};
use super::country::Countries;
use super::custom::CustomPattern;
use super::phone::national;
use super::{PiiScanner, bank, birth, card, crypto, id, ip6, mac, ssn};
use crate::Finding;
use crate::bytes::byte_at;

/// The longest key that is read with its value, in bytes.
const MAX_KEY: usize = 64;

/// What a key of a secret has in it. Where in a key it stands does not matter: `dbpassword`.
const SECRET: [&str; 8] = ["pass", "pwd", "secret", "token", "key", "auth", "credential", "bearer"];

/// The words of the rules for what no state issues, by category.
static WORDS: [(Category, &[&str]); 11] = [
    (Ssn, ssn::WORDS.words()),
    (Ssn, &["social"]),
    (BankAccount, bank::ROUTING_WORDS.words()),
    (BankAccount, bank::ACCOUNT_WORDS.words()),
    (MacAddress, mac::WORDS.words()),
    (CreditCard, &card::WORDS),
    (CryptoAddress, &crypto::WALLET_WORDS),
    (CryptoAddress, crypto::SOLANA_WORDS.words()),
    (DateOfBirth, birth::WORDS.words()),
    (IpAddress, &ip6::WORDS),
    (Phone, national::WORDS.words()),
];

/// How many pairs of bytes [`Telling`] tells apart.
const PAIRS: usize = 1024;

/// The words by which a key tells what its value is.
#[derive(Debug, Clone)]
pub(super) struct Telling {
    /// In lower case and sorted, each with whether it has to end where it ends.
    words: Vec<(Box<[u8]>, bool)>,
    has_secrets: bool,
    /// Whether a word begins with a pair of bytes, by [`pair`]: hardly any place of a key does.
    pairs: Box<[bool]>,
}

impl Telling {
    pub(super) fn new(enabled: Enabled, countries: &Countries, custom: &[CustomPattern]) -> Self {
        let chosen = WORDS.iter().filter(|(category, _)| enabled.has(*category));
        let own = custom.iter().flat_map(CustomPattern::words);
        let open = chosen.flat_map(|(_, words)| words.iter().copied()).chain(own);
        // A key has no sign behind its words.
        let open = open.map(|word| word.trim_end_matches(|c: char| !c.is_alphanumeric()));
        let open = open.map(|word| (word, false));
        let ids = id::announcing(enabled, countries).map(|word| (word, word.len() <= id::SHORT));
        let mut words: Vec<_> = open
            .chain(ids)
            .filter(|(word, _)| !word.is_empty())
            .map(|(word, is_short)| (word.to_lowercase().into_bytes().into_boxed_slice(), is_short))
            .collect();
        words.sort_unstable();
        words.dedup();
        let has_secrets = enabled.has(Category::ApiKey);
        let secrets = SECRET.iter().map(|word| word.as_bytes()).filter(|_| has_secrets);
        let begun: Vec<_> =
            words.iter().map(|(word, _)| &**word).chain(secrets).map(pair).collect();
        let pairs = (0..PAIRS).map(|at| begun.contains(&at)).collect();
        Self { words, has_secrets, pairs }
    }

    /// Whether a word is in `pieces`, one after another.
    fn tells(&self, pieces: &[&str]) -> bool {
        let mut text = [0; MAX_KEY];
        let mut len = 0;
        for piece in pieces {
            let Some(room) = text.get_mut(len..len + piece.len()) else { return false };
            room.copy_from_slice(piece.as_bytes());
            len += piece.len();
        }
        let text = text.get(..len).unwrap_or_default();
        let mut folded = [0; MAX_KEY];
        let Some(folded) = folded.get_mut(..len) else { return false };
        folded.copy_from_slice(text);
        folded.make_ascii_lowercase();
        (0..text.len()).any(|at| {
            let rest = folded.get(at..).unwrap_or_default();
            if !self.pairs.get(pair(rest)).is_some_and(|is_begun| *is_begun) {
                return false;
            }
            self.has_secrets && SECRET.iter().any(|word| rest.starts_with(word.as_bytes()))
                || begins_word(text, at) && self.begins(text, at, rest)
        })
    }

    /// Whether one of the words is at the beginning of `rest`, which is `text` from `at` on.
    fn begins(&self, text: &[u8], at: usize, rest: &[u8]) -> bool {
        let first = byte_at(rest, 0);
        let start = self.words.partition_point(|(word, _)| byte_at(word, 0) < first);
        let list = self.words.get(start..).unwrap_or_default();
        list.iter().take_while(|(word, _)| byte_at(word, 0) == first).any(|(word, is_short)| {
            byte_at(word, 1) == byte_at(rest, 1)
                && id::matched_len(rest, word)
                    .is_some_and(|len| !is_short || ends_word(text, at + len))
        })
    }
}

/// A number for the first two bytes of `text`, below [`PAIRS`].
fn pair(text: &[u8]) -> usize {
    (usize::from(byte_at(text, 0)) * 37 + usize::from(byte_at(text, 1))) % PAIRS
}

impl PiiScanner {
    /// Whether `key` has a word in it that tells what its value is: one that announces what a rule
    /// of this scanner looks for. A key of more than 64 bytes tells nothing.
    ///
    /// ```
    /// use mofa_scan::pii::PiiScanner;
    ///
    /// let scanner = PiiScanner::default();
    /// assert!(scanner.is_telling("passport_number") && scanner.is_telling("taxId"));
    /// assert!(!scanner.is_telling("title"));
    /// ```
    #[must_use]
    pub fn is_telling(&self, key: &str) -> bool {
        self.telling.tells(&[key])
    }

    /// Whether `key` has such a word together with the key `holder` of what it is in: in
    /// `{"passport": {"number": …}}` only both tell. As [`PiiScanner::is_telling`] of both with a
    /// space between them.
    ///
    /// ```
    /// use mofa_scan::pii::PiiScanner;
    ///
    /// let scanner = PiiScanner::default();
    /// assert!(scanner.is_telling_in("passport", "number"));
    /// assert!(!scanner.is_telling_in("page", "number"));
    /// ```
    #[must_use]
    pub fn is_telling_in(&self, holder: &str, key: &str) -> bool {
        self.telling.tells(&[holder, " ", key])
    }

    /// Appends the findings of `text` as the value of `key`, in places of `text`: as if
    /// `key: "text"` stood in a document.
    ///
    /// ```
    /// use mofa_scan::pii::PiiScanner;
    ///
    /// let scanner = PiiScanner::default();
    /// let mut findings = Vec::new();
    /// scanner.scan_under("passport_number", "C01X00T47", &mut findings);
    /// assert_eq!((findings[0].start, findings[0].end), (0, 9));
    /// ```
    pub fn scan_under(&self, key: &str, text: &str, out: &mut Vec<Finding>) {
        let mut whole = String::with_capacity(key.len() + text.len() + 4);
        whole.push_str(key);
        whole.push_str(": \"");
        let start = whole.len();
        whole.push_str(text);
        whole.push('"');
        let mut found = Vec::new();
        self.scan(&whole, &mut found);
        let own = found.into_iter().filter_map(|found| {
            let end = found.end.min(start + text.len()).checked_sub(start)?;
            let found = Finding { start: found.start.saturating_sub(start), end, ..found };
            (!found.is_empty()).then_some(found)
        });
        out.extend(own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, text: &str, expect: &str) {
        let scanner = PiiScanner::default();
        assert!(scanner.is_telling(key), "{key}");
        let mut plain = Vec::new();
        scanner.scan(text, &mut plain);
        let mut found = Vec::new();
        scanner.scan_under(key, text, &mut found);
        let rules: Vec<_> =
            found.iter().map(|one| scanner.rule(one.rule).category.as_ref()).collect();
        assert_eq!(rules, [expect], "{text} under {key}");
        assert_ne!(plain.len(), found.len(), "{text} needs no key");
    }

    #[test]
    fn a_key_tells_however_it_is_written() {
        for key in
            ["passport_number", "passportNumber", "passport-number", "PASSPORT", "myPassport"]
        {
            check(key, "C01X00T47", "passport");
        }
        for key in ["taxId", "tax_id", "tax-id", "TAX_ID", "userTaxID"] {
            check(key, "123456788", "tax_id");
        }
        for key in ["dateOfBirth", "date_of_birth", "birth-date", "DOB"] {
            check(key, "1990-02-03", "date_of_birth");
        }
        for key in ["vat", "vatNumber", "VATNumber", "vat_no"] {
            assert!(PiiScanner::default().is_telling(key), "{key}");
        }
        check("routing_number", "121000358", "bank_account");
        check("accountNumber", "12345678", "bank_account");
        check("password", "hunter2x9A!", "api_key");
        check("ssn", "536904399", "ssn");
    }

    #[test]
    fn most_keys_tell_nothing() {
        let scanner = PiiScanner::default();
        let long = format!("{}_passport", "x".repeat(MAX_KEY));
        for key in ["", "content", "role", "title", "name", "nifty", "bearing", "ß", &long] {
            assert!(!scanner.is_telling(key), "{key}");
        }
    }

    #[test]
    fn only_what_is_looked_for_is_told() {
        let emails = PiiScanner::builder().only(["email"]).build().unwrap_or_default();
        assert!(!["passport", "password", "ssn", "dob"].iter().any(|key| emails.is_telling(key)));
        let rule =
            crate::pii::CustomRule::new("badge", "acme.badge", r"\d{6}").with_words(["badge no"]);
        let own = PiiScanner::builder().only(["badge"]).with_rule(rule).build().unwrap_or_default();
        assert!(own.is_telling("badgeNo") && !own.is_telling("passport"));
    }

    #[test]
    fn what_lies_in_the_key_is_left_out() {
        let scanner = PiiScanner::default();
        let mut found = Vec::new();
        scanner.scan_under("ann@example.com", "x", &mut found);
        assert_eq!(found, []);
    }
}
