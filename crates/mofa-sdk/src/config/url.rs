//! Whether an address has a credential in it.
//!
//! Called for every `base_url`, on what stands in the file itself.
//!
//! # Invariants
//! A guess, and on the safe side: an account's number that looks like a key has to be a variable.

/// The least length of a text in an address that looks like a key, in bytes.
const LEAST_KEY: usize = 24;

/// What a query calls a credential; case and separators are left out.
const CREDENTIALS: [&str; 10] = [
    "key",
    "apikey",
    "accesskey",
    "token",
    "accesstoken",
    "secret",
    "password",
    "passwd",
    "sig",
    "auth",
];

/// Whether `url`, without what variables stand for in it, has a credential: a user or a password,
/// a part of the query that is called one, or letters and digits in a row as keys have them.
pub(super) fn has_credential(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = address.split(['/', '#']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    let is_named = |pair: &str| {
        let Some((name, value)) = pair.split_once('=') else { return false };
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        !value.is_empty() && CREDENTIALS.contains(&name.to_ascii_lowercase().as_str())
    };
    user.chars().any(|c| c != ':')
        || query.split(['&', '#']).any(is_named)
        || rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(is_key_like)
}

fn is_key_like(run: &str) -> bool {
    let has = |is: fn(&u8) -> bool| run.as_bytes().iter().any(is);
    run.len() >= LEAST_KEY && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::has_credential;

    #[test]
    fn addresses_have_no_credentials() {
        for url in [
            "https://api.openai.com/v1",
            "http://127.0.0.1:9000/v1",
            "http://[::1]:9000/v1",
            "https://:@h/v1",
            "https://h/v1?api-version=2024-10-21",
            "https://h/v1?key=",
            "https://eastus2.example.com/deployments/gpt-4o-mini-2024-07-18/chat",
            "https://h/projects/3fa85f64-5717-4562-b3fc-2c963f66afa6/v1",
        ] {
            assert!(!has_credential(url), "{url}");
        }
        for url in [
            "https://ann:pw@h/v1",
            "https://ann@h/v1",
            "https://h/v1?api_key=x",
            "https://h/v1?a=b&Access-Token=x",
            "https://h/v1?sig=abc#a",
            "https://h/0f3c9a1b2d4e5f60718293a4b5c6d7e8/v1",
            "https://h/v1/q8RzT2mVx5Lw9KbN3cYd7HgP1f",
        ] {
            assert!(has_credential(url), "{url}");
        }
    }
}
