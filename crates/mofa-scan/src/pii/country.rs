//! Which countries' numbers are looked for.
//!
//! Called by the builder, which turns the caller's codes into a [`Countries`], and by the families
//! of rules that one country or another issues.

use super::id;
use crate::ScanError;

/// A choice of countries; every one of them unless the caller chooses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Countries(Option<Vec<&'static str>>);

impl Countries {
    /// The countries with these codes (ISO 3166-1 alpha-2, in either case).
    pub(super) fn named(codes: &[String]) -> Result<Self, ScanError> {
        let mut chosen = codes.iter().map(|code| known(code)).collect::<Result<Vec<_>, _>>()?;
        chosen.sort_unstable();
        chosen.dedup();
        Ok(Self(Some(chosen)))
    }

    /// Whether what `issuer` issues is looked for; what no country issues always is.
    pub(super) fn has(&self, issuer: &str) -> bool {
        issuer.is_empty() || self.0.as_ref().is_none_or(|chosen| chosen.contains(&issuer))
    }

    /// The codes that were chosen, sorted; nothing if every country was.
    pub(super) fn chosen(&self) -> Option<&[&'static str]> {
        self.0.as_deref()
    }
}

fn known(code: &str) -> Result<&'static str, ScanError> {
    let mut all = all();
    let found = all.iter().find(|known| known.eq_ignore_ascii_case(code));
    found.copied().ok_or_else(|| {
        all.sort_unstable();
        ScanError::UnknownCountry { country: code.to_owned(), known: all.join(", ") }
    })
}

/// Every country that issues something a built-in rule finds.
fn all() -> Vec<&'static str> {
    let mut codes: Vec<_> = id::issuers().filter(|code| !code.is_empty()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
