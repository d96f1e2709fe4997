//! Checks where a provider is and what opens it, once, when a provider is built.
//!
//! # Invariants
//! A key is printable ASCII without spaces, so that it is one header value and nothing more; the
//! header wipes it when it is dropped. No error shows a value: a base URL may hold a password as
//! well.

use crate::llm::error::LlmError;
use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Uri};
use mofa_runtime::Secret;
use zeroize::Zeroizing;

/// Where a provider is: `https://host[:port][/path]`, no slash at the end.
#[derive(Debug, Clone)]
pub(super) struct BaseUrl {
    scheme: Scheme,
    authority: Authority,
    path: String,
    /// The variable or setting that it came from.
    variable: String,
}

impl BaseUrl {
    /// Reads `text`, which `variable` holds.
    pub(super) fn parse(variable: &str, text: &str) -> Result<Self, LlmError> {
        let wrong = |problem| LlmError::Configuration { variable: variable.to_owned(), problem };
        if text.contains(['?', '#']) {
            return Err(wrong("is a base URL and has no query or fragment"));
        }
        let parts = text
            .parse::<Uri>()
            .map_err(|_| wrong("is no URL: `https://host/path` is expected"))?
            .into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(wrong("is no URL: `https://host/path` is expected"));
        };
        if authority.as_str().contains('@') {
            return Err(wrong("has a name or password in it: give the key by itself"));
        }
        if scheme != Scheme::HTTPS && scheme != Scheme::HTTP {
            return Err(wrong("is neither `https` nor `http`"));
        }
        let path = parts.path_and_query.as_ref().map_or("", PathAndQuery::path);
        let path = path.trim_end_matches('/').to_owned();
        Ok(Self { scheme, authority, path, variable: variable.to_owned() })
    }

    /// The URL of `path`, which begins with a slash.
    pub(super) fn uri(&self, path: &str) -> Result<Uri, LlmError> {
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(format!("{}{path}", self.path))
            .build()
            .map_err(|_| self.unfit("makes no URL with the path of the request"))
    }

    /// The host and port, as a `Host` header has them.
    pub(super) fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// The host alone.
    pub(super) fn host(&self) -> &str {
        self.authority.host()
    }

    pub(super) fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// Whether what is sent there stays on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.host().trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// That this URL cannot be used.
    pub(super) fn unfit(&self, problem: &'static str) -> LlmError {
        LlmError::Configuration { variable: self.variable.clone(), problem }
    }
}

/// The header that carries `key`, marked so that nothing prints it.
pub(super) fn key_header(
    variable: &str,
    prefix: &str,
    key: &Secret,
) -> Result<HeaderValue, LlmError> {
    header(variable, prefix, key.expose()).map(|mut value| {
        value.set_sensitive(true);
        value
    })
}

/// A header value of `prefix` and `text`, which `variable` holds.
pub(super) fn header(variable: &str, prefix: &str, text: &str) -> Result<HeaderValue, LlmError> {
    let wrong = |problem| LlmError::Configuration { variable: variable.to_owned(), problem };
    if text.is_empty() {
        return Err(wrong("is empty"));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong("is malformed: only printable ASCII without spaces is expected"));
    }
    // The header's own bytes, which are wiped when its last copy is dropped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(prefix.len() + text.len()));
    bytes.extend_from_slice(prefix.as_bytes());
    bytes.extend_from_slice(text.as_bytes());
    HeaderValue::from_maybe_shared(Bytes::from_owner(bytes))
        .map_err(|_| wrong("is malformed: only printable ASCII without spaces is expected"))
}

#[cfg(test)]
mod tests {
    use super::{BaseUrl, key_header};
    use mofa_runtime::Secret;

    #[track_caller]
    fn check(base: &str, expect: Option<&str>) {
        let url = BaseUrl::parse("SOME_URL", base).and_then(|url| url.uri("/x?y=z"));
        if let Some(expect) = expect {
            assert_eq!(url.unwrap().to_string(), expect, "{base}");
            return;
        }
        let error = url.unwrap_err().to_string();
        assert!(error.starts_with("`SOME_URL` "), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_base_url_takes_a_path() {
        check("https://api.example", Some("https://api.example/x?y=z"));
        check("https://api.example/v1/", Some("https://api.example/v1/x?y=z"));
        check("http://127.0.0.1:8080/a/b", Some("http://127.0.0.1:8080/a/b/x?y=z"));
        check("http://[::1]:80", Some("http://[::1]:80/x?y=z"));
    }

    #[test]
    fn anything_else_is_refused_unseen() {
        for base in [
            "",
            "hunter2",
            "/hunter2",
            "host.example:443",
            "ftp://hunter2.example",
            "https://user:hunter2@host.example",
            "https://host.example?key=hunter2",
            "https://host.example/#hunter2",
            "https://host.example/hunter2 x",
        ] {
            check(base, None);
        }
    }

    #[test]
    fn loopback_is_told_from_elsewhere() {
        let is_loopback = |text: &str| BaseUrl::parse("u", text).unwrap().is_loopback();
        assert!(is_loopback("http://127.0.0.9:1"));
        assert!(is_loopback("http://[::1]:1"));
        assert!(is_loopback("http://localhost"));
        assert!(!is_loopback("http://localhost.example"));
        assert!(!is_loopback("http://10.0.0.1"));
    }

    #[test]
    fn a_key_is_one_printable_word() {
        let value = key_header("K", "Bearer ", &Secret::new("sk-1")).unwrap();
        assert_eq!(value, "Bearer sk-1");
        assert_eq!(format!("{value:?}"), "Sensitive");
        for key in ["", "sk 1", "sk-1\n", "sk\r\nX-Evil: 1", "sk-é", "\u{7f}", "sk\0"] {
            let error = key_header("K", "", &Secret::new(key)).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(error.to_string().starts_with("`K` is "), "{shown}");
            assert!(!shown.contains("sk"), "{shown}");
        }
    }
}
