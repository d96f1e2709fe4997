//! What the gateway takes on: each number within bounds that are named when it is not.
//!
//! # Invariants
//! Every limit is above zero: nothing is switched off by a number.

use crate::config::Limits;
use crate::config::error::{ConfigError, Problem, Source};
use crate::config::raw::RawLimits;
use std::ops::RangeInclusive;
use std::time::Duration;
use toml::Spanned;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// The written limits, and a sound number for each that is not written.
pub(super) fn check(source: &Source<'_>, raw: &RawLimits) -> Result<Limits, ConfigError> {
    let mut limits = Limits::default();
    let sizes = [
        ("max_body_bytes", &raw.max_body_bytes, &mut limits.max_body_bytes, KIB..=256 * MIB),
        ("max_header_bytes", &raw.max_header_bytes, &mut limits.max_header_bytes, 8 * KIB..=MIB),
        ("max_in_flight", &raw.max_in_flight, &mut limits.max_in_flight, 1..=100_000),
        ("max_connections", &raw.max_connections, &mut limits.max_connections, 1..=1_000_000),
        (
            "max_response_bytes",
            &raw.max_response_bytes,
            &mut limits.max_response_bytes,
            KIB..=256 * MIB,
        ),
        (
            "max_stream_bytes",
            &raw.max_stream_bytes,
            &mut limits.max_stream_bytes,
            KIB..=1_024 * MIB,
        ),
        (
            "max_tool_arguments_bytes",
            &raw.max_tool_arguments_bytes,
            &mut limits.max_tool_arguments_bytes,
            KIB..=16 * MIB,
        ),
    ];
    for (key, written, limit, bounds) in sizes {
        if let Some(size) = number(source, key, written.as_ref(), bounds)? {
            *limit = usize::try_from(size).unwrap_or(usize::MAX);
        }
    }
    times(source, raw, &mut limits)?;
    Ok(limits)
}

fn times(source: &Source<'_>, raw: &RawLimits, limits: &mut Limits) -> Result<(), ConfigError> {
    let times = [
        (
            "header_read_timeout_seconds",
            &raw.header_read_timeout_seconds,
            &mut limits.header_read_timeout,
        ),
        (
            "body_read_timeout_seconds",
            &raw.body_read_timeout_seconds,
            &mut limits.body_read_timeout,
        ),
        ("request_timeout_seconds", &raw.request_timeout_seconds, &mut limits.request_timeout),
        (
            "stream_idle_timeout_seconds",
            &raw.stream_idle_timeout_seconds,
            &mut limits.stream_idle_timeout,
        ),
        ("shutdown_grace_seconds", &raw.shutdown_grace_seconds, &mut limits.shutdown_grace),
        (
            "max_stream_duration_seconds",
            &raw.max_stream_duration_seconds,
            &mut limits.max_stream_duration,
        ),
    ];
    for (key, written, limit) in times {
        let most = if key == "max_stream_duration_seconds" { DAY } else { HOUR };
        if let Some(seconds) = number(source, key, written.as_ref(), 1..=most)? {
            *limit = Duration::from_secs(seconds);
        }
    }
    Ok(())
}

fn number(
    source: &Source<'_>,
    key: &str,
    written: Option<&Spanned<u64>>,
    bounds: RangeInclusive<u64>,
) -> Result<Option<u64>, ConfigError> {
    let key = format!("gateway.limits.{key}");
    let (least, most) = bounds.into_inner();
    written.map(|written| bounded(source, &key, written, least, most)).transpose()
}

/// `value`, if it is within `least` and `most`.
pub(super) fn bounded(
    source: &Source<'_>,
    key: &str,
    value: &Spanned<u64>,
    least: u64,
    most: u64,
) -> Result<u64, ConfigError> {
    if (least..=most).contains(value.get_ref()) {
        return Ok(*value.get_ref());
    }
    let expected = format!("a whole number from {least} to {most}, found {}", value.get_ref());
    Err(source.error(&value.span(), Problem::Value { key: key.to_owned(), expected }))
}
