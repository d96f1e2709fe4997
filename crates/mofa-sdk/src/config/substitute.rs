//! Puts environment variables in their places and refuses credentials that stand in the file.
//!
//! # Invariants
//! A variable fills a text and nothing else: it cannot add a key or a table. What it stands for is
//! not looked at again, so `${` in it means nothing.
//!
//! # Failure
//! A variable that is not set, a brace that is not closed, and a credential in plain text.

use super::error::{ConfigError, Problem, Source};
use super::url;
use mofa_scan::pii::PiiScanner;
use std::borrow::Cow;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Keys whose values are credentials, whatever they look like.
const CREDENTIAL_KEYS: [&str; 7] =
    ["api_key", "hash_key", "password", "passwd", "secret", "token", "private_key"];

/// The one key of that short name that is a credential.
const VAULT_KEY: &str = "vault.key";

/// Where `api_key` names a category and not a credential.
const SETTINGS_BY_CATEGORY: &str = "security.pii.strategies.";

/// Reads `source` with every variable in its place.
pub(super) fn read<'a>(
    source: &Source<'a>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Spanned<DeTable<'a>>, ConfigError> {
    let mut table = DeTable::parse(source.text).map_err(|error| {
        let reason = error.message().lines().next().unwrap_or_default().to_owned();
        source.error(&error.span().unwrap_or(0..0), Problem::Syntax { reason })
    })?;
    let scanner = PiiScanner::builder().only(["api_key"]).build().unwrap_or_default();
    let walk = Walk { source, environment, scanner };
    walk.table(table.get_mut(), "")?;
    Ok(table)
}

struct Walk<'s, 'a> {
    source: &'s Source<'a>,
    environment: &'s dyn Fn(&str) -> Option<String>,
    scanner: PiiScanner,
}

impl Walk<'_, '_> {
    fn table(&self, table: &mut DeTable<'_>, path: &str) -> Result<(), ConfigError> {
        for (key, value) in table.iter_mut() {
            let name = key.get_ref().to_string();
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            self.value(value, &name, &path)?;
        }
        Ok(())
    }

    /// TOML itself bounds how deep values are nested (the parser's limit is 80).
    fn value(
        &self,
        value: &mut Spanned<DeValue<'_>>,
        key: &str,
        path: &str,
    ) -> Result<(), ConfigError> {
        let span = value.span();
        match value.get_mut() {
            DeValue::String(text) => self.text(text, &span, key, path),
            DeValue::Array(array) => {
                array.iter_mut().try_for_each(|element| self.value(element, key, path))
            }
            DeValue::Table(table) => self.table(table, path),
            _ => Ok(()),
        }
    }

    fn text(
        &self,
        text: &mut Cow<'_, str>,
        span: &Range<usize>,
        key: &str,
        path: &str,
    ) -> Result<(), ConfigError> {
        let written = literal(text);
        let is_setting = path.starts_with(SETTINGS_BY_CATEGORY);
        let is_named = CREDENTIAL_KEYS.contains(&key) && !is_setting || path == VAULT_KEY;
        let is_credential = is_named && !written.trim().is_empty();
        let is_address = key == "base_url" && url::has_credential(&written);
        let mut found = Vec::new();
        self.scanner.scan(&written, &mut found);
        if is_credential || is_address || !found.is_empty() {
            let key = path.to_owned();
            return Err(self.source.error(span, Problem::PlainTextCredential { key }));
        }
        if text.contains("${") {
            let filled = self.fill(text, span, path)?;
            *text = Cow::Owned(filled);
        }
        Ok(())
    }

    fn fill(&self, text: &str, span: &Range<usize>, path: &str) -> Result<String, ConfigError> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            filled.push_str(before);
            let Some((variable, after)) = after.split_once('}') else {
                let expected = "`${NAME}`: the closing brace is missing".to_owned();
                let key = path.to_owned();
                return Err(self.source.error(span, Problem::Value { key, expected }));
            };
            let is_name = !variable.is_empty()
                && variable.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            let key = path.to_owned();
            if !is_name {
                let expected = "a name of letters, digits and `_` in `${NAME}`".to_owned();
                return Err(self.source.error(span, Problem::Value { key, expected }));
            }
            let Some(value) = (self.environment)(variable) else {
                let variable = variable.to_owned();
                return Err(self.source.error(span, Problem::Variable { key, variable }));
            };
            filled.push_str(&value);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// What of a text stands in the file itself.
fn literal(text: &str) -> String {
    let mut literal = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        literal.push_str(before);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    literal + rest
}
