//! Credentials in addresses: `postgres://user:password@host`, `https://user:token@host`.
//!
//! The span goes from the scheme to the end of the host, so that no part of it stays behind and
//! passes for an e-mail address.

use super::table::{URL_CREDENTIALS_DATABASE, URL_CREDENTIALS_OTHER, URL_CREDENTIALS_QUEUE};
use super::table::{URL_CREDENTIALS_FTP, URL_CREDENTIALS_HTTP};
use super::{rule, value};
use crate::bytes::{byte_at, byte_before, ends_with_ignore_case, is_word, run_len, run_len_back};
use crate::pii::pass::Pass;

/// The longest scheme that is read, in bytes; RFC 3986 gives no limit.
const MAX_SCHEME: usize = 24;
/// The longest authority, in bytes: credentials and host.
const MAX_AUTHORITY: usize = 512;

/// The rule of a scheme by what the scheme begins with; the first that fits.
const SCHEMES: [(&[u8], u16); 27] = [
    (b"postgres", URL_CREDENTIALS_DATABASE),
    (b"mysql", URL_CREDENTIALS_DATABASE),
    (b"mariadb", URL_CREDENTIALS_DATABASE),
    (b"mongodb", URL_CREDENTIALS_DATABASE),
    (b"redis", URL_CREDENTIALS_DATABASE),
    (b"valkey", URL_CREDENTIALS_DATABASE),
    (b"cockroach", URL_CREDENTIALS_DATABASE),
    (b"mssql", URL_CREDENTIALS_DATABASE),
    (b"sqlserver", URL_CREDENTIALS_DATABASE),
    (b"oracle", URL_CREDENTIALS_DATABASE),
    (b"clickhouse", URL_CREDENTIALS_DATABASE),
    (b"cassandra", URL_CREDENTIALS_DATABASE),
    (b"neo4j", URL_CREDENTIALS_DATABASE),
    (b"bolt", URL_CREDENTIALS_DATABASE),
    (b"couchbase", URL_CREDENTIALS_DATABASE),
    (b"snowflake", URL_CREDENTIALS_DATABASE),
    (b"elasticsearch", URL_CREDENTIALS_DATABASE),
    (b"influx", URL_CREDENTIALS_DATABASE),
    (b"amqp", URL_CREDENTIALS_QUEUE),
    (b"kafka", URL_CREDENTIALS_QUEUE),
    (b"mqtt", URL_CREDENTIALS_QUEUE),
    (b"nats", URL_CREDENTIALS_QUEUE),
    (b"stomp", URL_CREDENTIALS_QUEUE),
    (b"ftp", URL_CREDENTIALS_FTP),
    (b"sftp", URL_CREDENTIALS_FTP),
    (b"http", URL_CREDENTIALS_HTTP),
    (b"git", URL_CREDENTIALS_HTTP),
];

/// The shortest token that stands alone before the host, in bytes.
const MIN_TOKEN: usize = 20;

/// Passwords of manuals.
const EXAMPLES: [&[u8]; 6] = [b"password", b"pass", b"passwd", b"pwd", b"token", b"port"];

/// Looks for credentials after the `:` at `at`, if `//` follows it.
pub(super) fn probe(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    if !matches!(byte_at(text, at + 1), b'/' | 0) {
        return;
    }
    let scheme = run_len_back(text, at, MAX_SCHEME, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')
    });
    let start = at - scheme;
    if scheme < 2 || !byte_at(text, start).is_ascii_alphabetic() {
        return;
    }
    let slashes = run_len(text, at + 1, 2, |b| b == b'/');
    let authority = at + 1 + slashes;
    if slashes < 2 {
        return pass.undecided_if_at_end(start, authority);
    }
    let len = run_len(text, authority, MAX_AUTHORITY, is_authority);
    pass.undecided_if_at_end(start, authority + len);
    let whole = text.get(authority..authority + len).unwrap_or_default();
    let Some((user, password, host)) = parts(whole) else { return };
    if host.is_empty() || user.first() == Some(&b'$') || is_example(password) {
        return;
    }
    let host_at = authority + len - host.len();
    let end = host_at + host_len(host);
    let known = SCHEMES.iter().find(|(head, _)| {
        ends_with_ignore_case(text, start + head.len(), head) && start + head.len() <= at
    });
    let number = known.map_or(URL_CREDENTIALS_OTHER, |(_, number)| *number);
    pass.report(start, end, rule(number), 0.9);
}

/// User, password and host of an authority that has all three.
fn parts(authority: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let first = authority.iter().position(|b| *b == b'@')?;
    // A password may hold `@` and `/`; a path may hold `@` too, as `/@scope/name` does.
    let path = authority.iter().position(|b| matches!(b, b'/' | b'?' | b'#'));
    let within = path.filter(|path| *path > first).unwrap_or(authority.len());
    let at = authority.get(..within)?.iter().rposition(|b| *b == b'@')?;
    let credentials = authority.get(..at)?;
    let host = authority.get(at + 1..)?;
    let Some(colon) = credentials.iter().position(|b| *b == b':') else {
        // A token stands where the user would.
        let is_token = credentials.len() >= MIN_TOKEN
            && credentials.iter().any(u8::is_ascii_digit)
            && credentials.iter().all(|b| is_word(*b) || *b == b'-');
        return is_token.then_some((&[], credentials, host));
    };
    let (user, password) = (credentials.get(..colon)?, credentials.get(colon + 1..)?);
    // `host:port/@name` is a path.
    let port = password.split(|b| *b == b'/').next().unwrap_or_default();
    let is_port = port.len() < password.len() && port.iter().all(u8::is_ascii_digit);
    let is_user = !is_port && !user.iter().any(|b| matches!(b, b'/' | b'?' | b'#'));
    (is_user && password.len() >= 3).then_some((user, password, host))
}

/// Whether a password is one of a manual, or a variable.
fn is_example(password: &[u8]) -> bool {
    EXAMPLES.iter().any(|example| password.eq_ignore_ascii_case(example))
        || password.iter().all(|b| Some(b) == password.first())
        || matches!(password.first(), Some(b'$' | b'{' | b'<' | b'%' | b'['))
        || password.contains(&b'{')
        || value::is_made_of_words(password)
            && password.len() > 6
            && !password.iter().any(u8::is_ascii_digit)
}

/// How long the host is, with its port.
fn host_len(host: &[u8]) -> usize {
    let is_host = |b: u8| is_word(b) || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
    let len = run_len(host, 0, host.len(), is_host);
    let stops = run_len_back(host, len, len, |b| matches!(b, b'.' | b':' | b'-'));
    debug_assert!(byte_before(host, len, 1) != 0 || len == 0, "the host is part of the text");
    len - stops
}

/// What an authority and the part of a password with `/` in it may hold.
const fn is_authority(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
}
