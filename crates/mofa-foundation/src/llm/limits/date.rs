//! Reads the date of an HTTP header; called for `Retry-After`.
//!
//! Only the form that RFC 9110 (5.6.7) lets a sender write: `Sun, 06 Nov 1994 08:49:37 GMT`. The
//! two obsolete forms read as no date.

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Seconds since 1970 began; `None` for what is no such date or lies before 1970.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let day = number(words.next()?, 2, 31)?;
    let month_name = words.next()?;
    let month = MONTHS.iter().position(|month| *month == month_name)?;
    let year = number(words.next()?, 4, 9999)?;
    let mut clock = words.next()?.split(':');
    let hour = number(clock.next()?, 2, 23)?;
    let minute = number(clock.next()?, 2, 59)?;
    let second = number(clock.next()?, 2, 60)?;
    let ends = clock.next().is_none() && words.next() == Some("GMT") && words.next().is_none();
    let days = days(year, u64::try_from(month).ok()? + 1, day)?;
    ends.then_some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

fn number(text: &str, digits: usize, most: u64) -> Option<u64> {
    let fits = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| fits && *number <= most)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, years begun in March as in Hinnant's
/// `days_from_civil` (*chrono-Compatible Low-Level Date Algorithms*, 2013).
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day.checked_sub(1)?;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era).checked_sub(719_468)
}
