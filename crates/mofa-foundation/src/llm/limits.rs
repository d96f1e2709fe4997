//! How long a call may take, how much it may bring, and when it is tried again.

mod date;
#[cfg(test)]
mod tests;

use http::{HeaderValue, StatusCode};
use mofa_kernel::Timestamp;
use std::time::Duration;

/// The longest answer that is read, in bytes.
pub(super) const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// How much of an error's body is read to find its code, in bytes.
pub(super) const MAX_ERROR_BODY: usize = 64 * 1024;

/// The longest wait before another attempt, whatever the provider asks for.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// How long each part of a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeOuts {
    /// Until a TCP connection stands; 10 s unless set.
    pub connect: Duration,
    /// Until the head of the answer, a new connection and its TLS handshake included; 60 s unless
    /// set.
    pub headers: Duration,
    /// Between two pieces of the answer; 60 s unless set.
    pub idle: Duration,
    /// For a plain call as a whole, all attempts included; 300 s unless set. A stream has no such
    /// limit: it lives as long as it goes on.
    pub total: Duration,
}

impl Default for TimeOuts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            headers: Duration::from_mins(1),
            idle: Duration::from_mins(1),
            total: Duration::from_mins(5),
        }
    }
}

impl TimeOuts {
    /// Sets the limit for a connection.
    #[must_use]
    pub fn with_connect(mut self, limit: Duration) -> Self {
        self.connect = limit;
        self
    }

    /// Sets the limit for the head of the answer.
    #[must_use]
    pub fn with_headers(mut self, limit: Duration) -> Self {
        self.headers = limit;
        self
    }

    /// Sets the limit between two pieces of the answer.
    #[must_use]
    pub fn with_idle(mut self, limit: Duration) -> Self {
        self.idle = limit;
        self
    }

    /// Sets the limit for a plain call as a whole.
    #[must_use]
    pub fn with_total(mut self, limit: Duration) -> Self {
        self.total = limit;
        self
    }
}

/// How often a call is tried again, and how long before that.
///
/// The wait is random between nothing and `base_delay · 2^attempt` ("full jitter"; Brooker,
/// *Exponential Backoff and Jitter*, AWS Architecture Blog, 2015), at most 30 s. A `Retry-After`
/// of the provider takes its place, at most 30 s too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retries {
    /// How many attempts follow the first; 2 unless set.
    pub attempts: u32,
    /// The longest wait before the second attempt; 500 ms unless set.
    pub base_delay: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { attempts: 2, base_delay: Duration::from_millis(500) }
    }
}

impl Retries {
    /// `attempts` more after the first.
    #[must_use]
    pub fn new(attempts: u32) -> Self {
        Self { attempts, ..Self::default() }
    }

    /// Sets the longest wait before the second attempt; it doubles with each one after.
    #[must_use]
    pub fn with_base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// How long to wait after attempt number `attempt`, counted from 0. `chance` is 0 to 1.
    pub(super) fn wait(self, attempt: u32, retry_after: Option<Duration>, chance: f64) -> Duration {
        if let Some(asked) = retry_after {
            return asked.min(MAX_WAIT);
        }
        let factor = 1_u32.checked_shl(attempt).unwrap_or(u32::MAX);
        self.base_delay.saturating_mul(factor).min(MAX_WAIT).mul_f64(chance.clamp(0.0, 1.0))
    }
}

/// A number of seconds with more digits is none: this one is over three hundred years.
const MAX_DIGITS: usize = 10;

/// How long an HTTP date is.
const DATE_LEN: usize = "Sun, 06 Nov 1994 08:49:37 GMT".len();

/// Whether another attempt may fare better.
pub(super) fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 500 | 502 | 503 | 504)
}

/// A `Retry-After`: whole seconds, or an HTTP date (RFC 9110, 10.2.3).
pub(super) fn retry_after(value: &HeaderValue, now: Timestamp) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    Some(Duration::from_secs(date::seconds(text)?.saturating_sub(now.as_secs())))
}

/// Whether `value` is a `Retry-After` and holds nothing else.
pub(super) fn is_retry_after(value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else { return false };
    let is_number = text.len() <= MAX_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_date = text.len() == DATE_LEN && date::seconds(text).is_some();
    (is_number && !text.is_empty()) || is_date
}

/// Evenly random from 0 to 1; in the middle should the system have no randomness.
pub(super) fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}
