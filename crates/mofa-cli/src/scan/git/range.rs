//! Reads `--range` and `--since`, which go into a command line of git.
//!
//! # Invariants
//! Nothing that git could take for an option, and no date that it would read as now: it takes any
//! word for a date.

/// Reads a range of commits: `A..B`, `A...B` or one name.
pub(in crate::scan) fn parse_range(text: &str) -> Result<String, String> {
    let expected = || "expected commits, as in `main..HEAD`".to_owned();
    let (before, after) = text.split_once("..").unwrap_or((text, ""));
    let after = after.strip_prefix('.').unwrap_or(after);
    let is_safe = |name: &str| {
        !name.starts_with('-')
            && !name.contains("..")
            && name.chars().all(|c| !c.is_control() && !c.is_whitespace())
    };
    let names_something = !before.is_empty() || !after.is_empty();
    if names_something && is_safe(before) && is_safe(after) {
        Ok(text.to_owned())
    } else {
        Err(expected())
    }
}

/// Reads a date: `2026-01-31`, with a time as in RFC 3339, or so much time ago: `2 weeks`.
pub(in crate::scan) fn parse_since(text: &str) -> Result<String, String> {
    let is_good = is_date(text) || is_ago(text);
    is_good.then(|| text.to_owned()).ok_or_else(|| {
        "expected a date (`2026-01-31`, `2026-01-31T12:00:00Z`) or time ago (`2 weeks`)".to_owned()
    })
}

/// `2026-01-31`, and a time that is made of nothing but what times are made of.
fn is_date(text: &str) -> bool {
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let mut parts = day.split('-').map(|part| (part.len(), part.parse::<u32>()));
    let mut part = |length: usize, least: u32, most: u32| {
        let next = parts.next();
        next.is_some_and(|(len, value)| {
            len == length && value.is_ok_and(|value| (least..=most).contains(&value))
        })
    };
    let is_day = part(4, 1970, 9999) && part(2, 1, 12) && part(2, 1, 31) && parts.next().is_none();
    is_day && time.len() >= 5 && time.bytes().all(|b| b.is_ascii_digit() || b":+-Z.".contains(&b))
}

/// `2 weeks`, `2.weeks`, `2 weeks ago`.
fn is_ago(text: &str) -> bool {
    const UNITS: [&str; 7] = ["second", "minute", "hour", "day", "week", "month", "year"];
    let mut words = text.split([' ', '.']);
    let is_number = |word: &str| word.parse::<u32>().is_ok() && !word.starts_with('+');
    let is_unit = |word: &str| UNITS.contains(&word.strip_suffix('s').unwrap_or(word));
    words.next().is_some_and(is_number)
        && words.next().is_some_and(is_unit)
        && words.next().is_none_or(|word| word == "ago")
        && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_no_options() {
        for good in ["a..b", "a...b", "HEAD~3..", "..x", "v1.0", "origin/main..HEAD", "@{u}.."] {
            assert_eq!(parse_range(good).as_deref(), Ok(good));
        }
        for wrong in ["", "..", "...", "-x", "--all", "a..-b", "-a..b", "a..b..c", "a b", "a\nb"] {
            assert!(parse_range(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn dates_are_dates() {
        for good in
            ["2026-01-31", "2026-01-31T12:00:00Z", "2026-01-31 12:00", "2 weeks", "1.year.ago"]
        {
            assert_eq!(parse_since(good).as_deref(), Ok(good));
        }
        for wrong in
            ["", "soon", "2026", "2026-13-01", "20x6-01-01", "2 wekes", "-2 weeks", "2026-01-31Tx"]
        {
            assert!(parse_since(wrong).is_err(), "{wrong:?}");
        }
    }
}
