//! What a JSON number may be besides a number: an id, a card, a telephone.

/// The most digits of a number that the wire format defines: a time in seconds has ten.
const WIRE_DIGITS: usize = 10;

/// What the wire format defines with a fraction stays below this: a probability, a duration.
const WIRE_MAGNITUDE: f64 = 1_000.0;

/// How many digits somebody's number has.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=40;

/// The longest exponent that is read, in digits.
const EXPONENT_DIGITS: usize = 4;

/// Whether the JSON number `literal` is small enough to be what the wire format says it is.
pub(super) fn is_wire_number(literal: &str) -> bool {
    if is_integer(literal) {
        return literal.strip_prefix('-').unwrap_or(literal).len() <= WIRE_DIGITS;
    }
    literal.parse::<f64>().is_ok_and(|number| number.abs() < WIRE_MAGNITUDE)
}

/// The digits of the whole number that the JSON number `literal` writes with a fraction or an
/// exponent; `None` if it is written plainly, is none, or has fewer or more digits than somebody's
/// number.
pub(super) fn plain_digits(literal: &str) -> Option<String> {
    if is_integer(literal) {
        return None;
    }
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let exponent = match exponent.strip_prefix('-') {
        Some(digits) => -bounded(digits)?,
        None => bounded(exponent)?,
    };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    // Most numbers with a fraction are no whole ones, and need no more work.
    let mut zeros = exponent - i64::try_from(fraction.len()).ok()?;
    if zeros < 0 && !fraction.is_empty() {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let kept = digits.trim_end_matches('0');
    zeros += i64::try_from(digits.len() - kept.len()).ok()?;
    let kept = kept.trim_start_matches('0');
    let zeros = usize::try_from(zeros).ok().filter(|zeros| *zeros <= *DIGITS.end())?;
    (!kept.is_empty() && DIGITS.contains(&(kept.len() + zeros)))
        .then(|| format!("{kept}{}", "0".repeat(zeros)))
}

fn is_integer(literal: &str) -> bool {
    !literal.contains(['.', 'e', 'E'])
}

fn bounded(digits: &str) -> Option<i64> {
    let digits = digits.trim_start_matches('0');
    match digits.len() {
        0 => Some(0),
        1..=EXPONENT_DIGITS => digits.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_wire_number, plain_digits};
    use proptest::prelude::*;

    #[track_caller]
    fn check(literal: &str, digits: Option<&str>) {
        assert_eq!(plain_digits(literal).as_deref(), digits, "{literal}");
    }

    #[test]
    fn whole_numbers_are_read_however_they_are_written() {
        let card = Some("4111111111111111");
        for literal in [
            "4111111111111111.0",
            "4111111111111111.000",
            "4111111111111111e0",
            "4.111111111111111e15",
            "4.111111111111111E+15",
            "-0.4111111111111111e0016",
            "41111111111111110e-1",
            "41111111111111110.0e-01",
        ] {
            check(literal, card);
        }
        check("4111111111111111", None);
        check("4111111111111111.5", None);
        check("4.111111111111111e14", None);
        check("123456.0", None);
        check("1.234567e6", Some("1234567"));
        check("1.5e39", Some(&format!("15{}", "0".repeat(38))));
        check("1.5e40", None);
        check("1.5e99999999999999999999", None);
        check("0.0e7", None);
        check(&format!("1.{}", "0".repeat(100_000)), None);
        check(&format!("1234567.{}", "0".repeat(100_000)), Some("1234567"));
    }

    #[test]
    fn a_number_of_the_wire_format_is_small() {
        for literal in ["0", "-7", "1700000000", "-0.012345678901234567", "-9.5e-07", "999.9"] {
            assert!(is_wire_number(literal), "{literal}");
        }
        let card = "4111111111111111";
        for literal in [card, "17000000000", "4.111111111111111e15", "1000.5", "1e400"] {
            assert!(!is_wire_number(literal), "{literal}");
        }
    }

    proptest! {
        #[test]
        fn a_point_may_stand_anywhere(number in 1_000_000_u64.., at in 0..20_usize) {
            let digits = number.to_string();
            let at = at.min(digits.len() - 1);
            let (whole, fraction) = digits.split_at(at);
            let whole = if whole.is_empty() { "0" } else { whole };
            let literal = format!("{whole}.{fraction}e{}", fraction.len());
            prop_assert_eq!(plain_digits(&literal), Some(digits));
        }
    }
}
