//! Tests of waits, statuses and dates.

use super::{MAX_WAIT, Retries, chance, is_retry_after, is_transient, retry_after};
use http::{HeaderValue, StatusCode};
use mofa_kernel::Timestamp;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[track_caller]
fn check(header: &str, now: u64, expect: Option<u64>) {
    let value = HeaderValue::from_str(header).unwrap();
    let found = retry_after(&value, Timestamp::from_micros(now * 1_000_000));
    assert_eq!(found, expect.map(Duration::from_secs), "{header}");
}

#[test]
fn only_what_is_a_retry_after_is_passed_on() {
    let passes = |text: &str| is_retry_after(&HeaderValue::from_str(text).unwrap());
    assert!(passes("0") && passes("3600") && passes("Sun, 06 Nov 1994 08:49:37 GMT"));
    for other in [
        "",
        "+5",
        "-1",
        "1.5",
        "12345678901",
        "soon",
        "sk-5f0a1b2c3d4e",
        "sk-5f0a1b2c3d4e, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT sk",
        "Sun, 31 Foo 1994 08:49:37 GMT",
    ] {
        assert!(!passes(other), "{other}");
    }
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    check("0", 0, Some(0));
    check(" 120 ", 0, Some(120));
    check("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_770, Some(7));
    check("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777, Some(0));
    check("Sun, 06 Nov 1994 08:49:37 GMT", 999_999_999, Some(0));
    check("Thu, 29 Feb 2024 00:00:00 GMT", 1_709_164_800 - 60, Some(60));
    check("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200 - 60, Some(60));
    check("Thu, 01 Jan 1970 00:00:09 GMT", 0, Some(9));
}

#[test]
fn anything_else_asks_for_nothing() {
    for header in [
        "",
        "-1",
        "1.5",
        "soon",
        "99999999999999999999999",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nob 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Jan 0000 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
    ] {
        check(header, 0, None);
    }
}

#[test]
fn waits_double_up_to_a_limit_and_are_random_below_it() {
    let retries = Retries::new(2).with_base_delay(SECOND);
    assert_eq!(retries.wait(0, None, 1.0), SECOND);
    assert_eq!(retries.wait(1, None, 1.0), 2 * SECOND);
    assert_eq!(retries.wait(2, None, 0.5), 2 * SECOND);
    assert_eq!(retries.wait(2, None, 0.0), Duration::ZERO);
    assert_eq!(retries.wait(31, None, 1.0), MAX_WAIT);
    assert_eq!(retries.wait(u32::MAX, None, 1.0), MAX_WAIT);
    assert!((0.0..=1.0).contains(&chance()));
}

#[test]
fn what_the_provider_asks_for_takes_the_place_of_chance() {
    let retries = Retries::new(2).with_base_delay(3_600 * SECOND);
    assert_eq!(retries.wait(0, Some(7 * SECOND), 1.0), 7 * SECOND);
    assert_eq!(retries.wait(0, Some(Duration::ZERO), 1.0), Duration::ZERO);
    assert_eq!(retries.wait(0, Some(600 * SECOND), 0.0), MAX_WAIT);
}

#[test]
fn only_what_may_pass_is_tried_again() {
    let transient: Vec<u16> =
        (100..600).filter(|code| is_transient(StatusCode::from_u16(*code).unwrap())).collect();
    assert_eq!(transient, [429, 500, 502, 503, 504]);
}
