//! A caller that writes HTTP/1.1 by hand, so that every byte is the test's own.

use serde_json::Value;
use std::fmt::Write;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that is kept open.
pub(crate) struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// Whether the body came to its end.
    pub(crate) is_complete: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The member of the error that the answer is.
    #[track_caller]
    pub(crate) fn error(&self, member: &str) -> Value {
        let body = self.json();
        assert!(body["error"]["message"].is_string(), "no error: {self:?}");
        body["error"][member].clone()
    }

    /// The data of the events that the answer is.
    pub(crate) fn events(&self) -> Vec<String> {
        let events = self.body.split("\n\n").filter(|event| !event.is_empty());
        events.map(|event| event.strip_prefix("data: ").unwrap().to_owned()).collect()
    }

    /// What all events say in the string member `member` of the delta of `choice`.
    pub(crate) fn said(&self, choice: u64, member: &str) -> String {
        let chunks = self.events().into_iter().filter(|event| event != "[DONE]");
        let mut said = String::new();
        for chunk in chunks {
            let chunk: Value = serde_json::from_str(&chunk).unwrap();
            for found in chunk["choices"].as_array().into_iter().flatten() {
                if found["index"] == choice {
                    said += found["delta"][member].as_str().unwrap_or_default();
                }
            }
        }
        said
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::new() }
    }

    /// Sends `bytes` as they are; the other side may have closed already.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Goes away with a reset.
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    /// Ends the sending half.
    pub(crate) async fn end(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    pub(crate) async fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: gateway\r\n");
        for (name, value) in headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if method == "POST" {
            let _ = write!(head, "content-length: {}\r\n", body.len());
        }
        head += "\r\n";
        self.send(&[head.as_bytes(), body].concat()).await;
        self.answer().await
    }

    /// Reads one answer to its end.
    pub(crate) async fn answer(&mut self) -> Answer {
        let head = self.until(b"\r\n\r\n").await.expect("an answer's head");
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(": ").unwrap_or((line, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut answer = Answer { status, headers, body: String::new(), is_complete: true };
        if let Some(length) = answer.header("content-length") {
            let length = length.parse().unwrap();
            answer.body = self.exactly(length).await.expect("an answer's body");
        } else if answer.header("transfer-encoding") == Some("chunked") {
            answer.is_complete = self.chunks(&mut answer.body).await.is_some();
        }
        answer
    }

    /// Reads pieces of a body until `text` has come, or its end.
    pub(crate) async fn until_body_has(&mut self, text: &str) -> bool {
        self.until(text.as_bytes()).await.is_some()
    }

    /// Whether the other side closes the connection without another word.
    pub(crate) async fn is_closed(&mut self) -> bool {
        self.read.is_empty() && !self.more().await
    }

    async fn chunks(&mut self, body: &mut String) -> Option<()> {
        loop {
            let size = self.until(b"\r\n").await?;
            let size = usize::from_str_radix(size.trim(), 16).unwrap();
            let chunk = self.exactly(size + 2).await?;
            if size == 0 {
                return Some(());
            }
            body.push_str(&chunk[..size]);
        }
    }

    async fn until(&mut self, end: &[u8]) -> Option<String> {
        loop {
            let found = self.read.windows(end.len()).position(|window| window == end);
            if let Some(at) = found {
                return self.exactly(at + end.len()).await;
            }
            if !self.more().await {
                return None;
            }
        }
    }

    async fn exactly(&mut self, length: usize) -> Option<String> {
        while self.read.len() < length {
            if !self.more().await {
                return None;
            }
        }
        let rest = self.read.split_off(length);
        String::from_utf8(std::mem::replace(&mut self.read, rest)).ok()
    }

    async fn more(&mut self) -> bool {
        let mut piece = [0; 4096];
        match self.stream.read(&mut piece).await {
            Ok(length) if length > 0 => {
                self.read.extend_from_slice(&piece[..length]);
                true
            }
            _ => false,
        }
    }
}
