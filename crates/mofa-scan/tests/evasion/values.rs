//! Values made up for the table: addresses, card numbers that pass Luhn's check, Social Security
//! numbers, keys of providers with a prefix.

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Email,
    Card,
    Ssn,
    Key,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Email, Self::Card, Self::Ssn, Self::Key];

    pub(crate) const fn category(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Card => "credit_card",
            Self::Ssn => "ssn",
            Self::Key => "api_key",
        }
    }

    /// What stands before and after a value in a sentence.
    pub(crate) const fn sentence(self) -> (&'static str, &'static str) {
        match self {
            Self::Email => ("You can write to ", " when you have time, they said"),
            Self::Card => ("Please charge it to ", " and send the receipt later"),
            Self::Ssn => ("The form gives ", " for the applicant who moved here"),
            Self::Key => ("The build used ", " until somebody turned it off"),
        }
    }
}

/// A value to hide.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

/// A small generator (Knuth's constants), so that the values are the same on every run.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap())).collect()
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    fn chars(&mut self, count: usize, alphabet: &str) -> String {
        (0..count).map(|_| char::from(alphabet.as_bytes()[self.below(alphabet.len())])).collect()
    }
}

const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn email(numbers: &mut Numbers) -> String {
    let first = numbers.pick(&["anna", "john", "maria", "peter", "li", "omar", "zoe", "quentin"]);
    let last = numbers.pick(&["smith", "garcia", "nowak", "jones", "vex", "keller"]);
    let host = numbers.pick(&["example", "mail", "wonder", "bigcorp", "jazzband"]);
    let end = numbers.pick(&["com", "org", "net", "io", "co.uk", "de"]);
    let local = match numbers.below(4) {
        0 => format!("{first}.{last}"),
        1 => format!("{first}{}", numbers.digits(2)),
        2 => format!("{first}_{last}"),
        _ => (*first).to_owned(),
    };
    format!("{local}@{host}.{end}")
}

fn card(numbers: &mut Numbers) -> String {
    let (prefix, len) = *numbers.pick(&[&("4", 16), &("52", 16), &("37", 15), &("6011", 16)]);
    let mut digits = prefix.to_owned() + &numbers.digits(len - prefix.len() - 1);
    digits.push(luhn(&digits));
    let groups: &[usize] = if len == 15 { &[4, 6, 5] } else { &[4, 4, 4, 4] };
    let mark = *numbers.pick(&[&"", &" ", &"-"]);
    let mut rest = digits.as_str();
    let mut parts = Vec::new();
    for size in groups {
        let (part, after) = rest.split_at(*size);
        parts.push(part);
        rest = after;
    }
    parts.join(mark)
}

/// The digit that makes the sum of ISO/IEC 7812-1, annex B, divisible by ten.
fn luhn(digits: &str) -> char {
    let sum: u32 = digits
        .chars()
        .rev()
        .zip([2, 1].iter().cycle())
        .map(|(digit, weight)| digit.to_digit(10).unwrap() * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    char::from_digit((10 - sum % 10) % 10, 10).unwrap()
}

fn ssn(numbers: &mut Numbers) -> String {
    let area = 100 + numbers.below(560);
    let group = 1 + numbers.below(99);
    let serial = 1 + numbers.below(9_999);
    format!("{area:03}-{group:02}-{serial:04}")
}

fn key(numbers: &mut Numbers) -> String {
    match numbers.below(6) {
        0 => format!("ghp_{}", numbers.chars(36, ALNUM)),
        1 => format!("AKIA{}", numbers.chars(16, BASE32)),
        2 => format!("sk-{}7{}", numbers.chars(20, ALNUM), numbers.chars(20, ALNUM)),
        3 => format!("glpat-{}4{}", numbers.chars(9, ALNUM), numbers.chars(10, ALNUM)),
        4 => format!("sk_live_{}", numbers.chars(24, ALNUM)),
        _ => format!(
            "xoxb-{}-{}-{}",
            numbers.digits(11),
            numbers.digits(12),
            numbers.chars(24, ALNUM)
        ),
    }
}

/// Forty values of each kind.
pub(crate) fn all() -> Vec<Value> {
    let mut numbers = Numbers::new(7);
    let mut values = Vec::new();
    for kind in Kind::ALL {
        for _ in 0..40 {
            let text = match kind {
                Kind::Email => email(&mut numbers),
                Kind::Card => card(&mut numbers),
                Kind::Ssn => ssn(&mut numbers),
                Kind::Key => key(&mut numbers),
            };
            values.push(Value { kind, text });
        }
    }
    values
}
