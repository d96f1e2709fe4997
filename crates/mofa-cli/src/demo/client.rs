//! A small HTTP/1.1 client for the gateway of a demonstration, on this machine only.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest answer, in bytes.
const MAX_ANSWER: u64 = 4 << 20;

/// An answer.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Response {
    /// The header `name`, which is in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Sends `body` to `path` with `key` and reads the whole answer.
pub(super) async fn post(
    address: SocketAddr,
    path: &str,
    key: &str,
    body: &[u8],
) -> io::Result<Response> {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await?;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body).await?;
        let mut answer = Vec::new();
        stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
        parse(&answer).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
    };
    timeout(PATIENCE, exchange).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

fn parse(answer: &[u8]) -> Option<Response> {
    let split = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, rest) = answer.split_at_checked(split)?;
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let headers = lines.filter_map(header).collect();
    let mut response = Response { status, headers, body: rest.get(4..)?.to_vec() };
    if response.header("transfer-encoding").is_some_and(|value| value == "chunked") {
        response.body = dechunk(&response.body)?;
    }
    Some(response)
}

/// Puts a chunked body together (RFC 9112, section 7.1).
fn dechunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        let (chunk, after) = rest.get(end + 2..)?.split_at_checked(size)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_whole_or_in_chunks() {
        let whole = parse(b"HTTP/1.1 403 Forbidden\r\nX-A: b \r\n\r\nbody").unwrap();
        assert_eq!((whole.status, whole.header("x-a")), (403, Some("b")));
        assert_eq!(whole.body, b"body");
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let chunked = format!("{head}3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
        assert_eq!(parse(chunked.as_bytes()).unwrap().body, b"abcde");
        assert!(parse(format!("{head}3\r\nab").as_bytes()).is_none());
        assert!(parse(b"HTTP/1.1\r\n\r\n").is_none());
    }
}
