//! Dates inside numbers.

use super::check::part;

/// Whether there is such a day. Of a year that is given with two digits the century is not known,
/// so 29 February counts in every fourth.
pub(super) const fn is_day(year: u32, month: u32, day: u32) -> bool {
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    1 <= day && day <= days
}

/// Whether the six digits at `at` are year, month and day.
pub(super) fn ymd(number: &[u8], at: usize) -> bool {
    is_day(part(number, at, 2), part(number, at + 2, 2), part(number, at + 4, 2))
}

/// Whether the six digits at `at` are day, month and year.
pub(super) fn dmy(number: &[u8], at: usize) -> bool {
    is_day(part(number, at + 4, 2), part(number, at + 2, 2), part(number, at, 2))
}

/// Whether the eight digits at `at` are a year from 1850 to 2099, month and day.
pub(super) fn long_ymd(number: &[u8], at: usize) -> bool {
    let year = part(number, at, 4);
    (1850..2100).contains(&year) && is_day(year, part(number, at + 4, 2), part(number, at + 6, 2))
}
