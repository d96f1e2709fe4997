//! Names files by URI references (RFC 3986).

use crate::scan::read::is_stdin;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Component, Path, PathBuf};

/// The folder that the scan runs in.
pub(super) struct Folder(Option<PathBuf>);

impl Folder {
    pub(super) const fn new(path: Option<PathBuf>) -> Self {
        Self(path)
    }

    /// The file at `path`: below the folder relative to it, as GitHub wants it.
    pub(super) fn artifact(&self, path: &Path) -> Value {
        if is_stdin(path) {
            return json!({"uri": "%3Cstdin%3E", "description": {"text": "Standard input."}});
        }
        let resolved = self.resolved(path);
        let path = resolved.as_deref().unwrap_or(path);
        let below = self.0.as_ref().and_then(|folder| path.strip_prefix(folder).ok());
        let path = below.unwrap_or(path);
        let uri = uri(path);
        if path.is_absolute() {
            return json!({"uri": format!("file://{uri}")});
        }
        if goes_up(path) {
            return json!({"uri": uri});
        }
        json!({"uri": uri, "uriBaseId": "%SRCROOT%"})
    }

    /// `path` without `..`, if it has some and the folder is known: a reader takes them off by the
    /// letter (RFC 3986, 5.2.4), which of links makes other files, and may go above the folder.
    fn resolved(&self, path: &Path) -> Option<PathBuf> {
        let folder = self.0.as_ref().filter(|_| goes_up(path))?;
        let path = folder.join(path);
        let real = path.parent().and_then(|parent| parent.canonicalize().ok());
        match (real, path.file_name()) {
            (Some(real), Some(name)) => Some(real.join(name)),
            _ => Some(by_the_letter(&path)),
        }
    }
}

fn goes_up(path: &Path) -> bool {
    path.components().any(|component| component == Component::ParentDir)
}

fn by_the_letter(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut kept, component| {
        match component {
            Component::ParentDir => {
                kept.pop();
            }
            component => kept.push(component),
        }
        kept
    })
}

/// `path` as a URI reference (RFC 3986): every byte that is not unreserved is percent-encoded, so
/// that no piece of it can be read as a scheme, a query or a fragment.
fn uri(path: &Path) -> String {
    let mut uri = String::new();
    for component in path.components() {
        match component {
            Component::RootDir | Component::CurDir => continue,
            _ if path.is_absolute() || !uri.is_empty() => uri.push('/'),
            _ => {}
        }
        push_encoded(&mut uri, component.as_os_str().as_encoded_bytes());
    }
    uri
}

fn push_encoded(uri: &mut String, bytes: &[u8]) {
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &str) {
        let folder = Folder::new(Some(PathBuf::from("/top/here")));
        assert_eq!(folder.artifact(Path::new(path)).get("uri").unwrap(), expected);
    }

    #[test]
    fn paths_become_uri_references() {
        check("src/main.rs", "src/main.rs");
        check("./a b/ä#?.txt", "a%20b/%C3%A4%23%3F.txt");
        check("../x", "file:///top/x");
        check("../here/a/../b", "b");
        check("a!b/../../../../x", "file:///x");
        check("/tmp/a:b", "file:///tmp/a%3Ab");
        check("http://x", "http%3A/x");
        check("-", "%3Cstdin%3E");
    }

    #[test]
    fn what_is_below_the_folder_is_relative_to_it() {
        check("/top/here/a/b", "a/b");
        check("/top/heresy/b", "file:///top/heresy/b");
        let artifact = Folder::new(None).artifact(Path::new("/top/here/a"));
        assert_eq!(artifact.get("uri").unwrap(), "file:///top/here/a");
        let artifact = Folder::new(None).artifact(Path::new("../a"));
        assert_eq!(artifact.get("uriBaseId"), None);
    }
}
