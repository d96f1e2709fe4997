//! What the gateway takes on: each number within bounds that are named when it is not.

use crate::config::Limits;
use crate::config::error::{ConfigError, Problem, Source};
use crate::config::raw::RawLimits;
use std::time::Duration;
use toml::Spanned;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// The written limits, and a sound number for each that is not written.
pub(super) fn check(source: &Source<'_>, raw: &RawLimits) -> Result<Limits, ConfigError> {
    let number = |key: &str, value: &Option<Spanned<u64>>, default: u64, least: u64, most: u64| {
        let key = format!("gateway.limits.{key}");
        match value {
            Some(value) => bounded(source, &key, value, least, most),
            None => Ok(default),
        }
    };
    let size = |key: &str, value: &Option<Spanned<u64>>, default, least, most| {
        number(key, value, default, least, most).map(|n| usize::try_from(n).unwrap_or(usize::MAX))
    };
    let seconds = |key: &str, value: &Option<Spanned<u64>>, default| {
        number(key, value, default, 1, 3_600).map(Duration::from_secs)
    };
    Ok(Limits {
        max_body_bytes: size("max_body_bytes", &raw.max_body_bytes, 4 * MIB, KIB, 256 * MIB)?,
        max_header_bytes: size("max_header_bytes", &raw.max_header_bytes, 16 * KIB, 8 * KIB, MIB)?,
        header_read_timeout: seconds(
            "header_read_timeout_seconds",
            &raw.header_read_timeout_seconds,
            10,
        )?,
        body_read_timeout: seconds(
            "body_read_timeout_seconds",
            &raw.body_read_timeout_seconds,
            30,
        )?,
        request_timeout: seconds("request_timeout_seconds", &raw.request_timeout_seconds, 300)?,
        stream_idle_timeout: seconds(
            "stream_idle_timeout_seconds",
            &raw.stream_idle_timeout_seconds,
            60,
        )?,
        max_in_flight: size("max_in_flight", &raw.max_in_flight, 512, 1, 100_000)?,
        max_connections: size("max_connections", &raw.max_connections, 4_096, 1, 1_000_000)?,
        max_response_bytes: size(
            "max_response_bytes",
            &raw.max_response_bytes,
            16 * MIB,
            KIB,
            256 * MIB,
        )?,
        max_stream_duration: number(
            "max_stream_duration_seconds",
            &raw.max_stream_duration_seconds,
            600,
            1,
            86_400,
        )
        .map(Duration::from_secs)?,
        max_stream_bytes: size(
            "max_stream_bytes",
            &raw.max_stream_bytes,
            64 * MIB,
            KIB,
            1024 * MIB,
        )?,
        max_tool_arguments_bytes: size(
            "max_tool_arguments_bytes",
            &raw.max_tool_arguments_bytes,
            MIB,
            KIB,
            16 * MIB,
        )?,
        shutdown_grace: seconds("shutdown_grace_seconds", &raw.shutdown_grace_seconds, 30)?,
    })
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
