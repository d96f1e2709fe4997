//! Which countries' numbers are looked for.
//!
//! Called by the builder, which turns the caller's codes into [`Places`], and by the families
//! of rules that one country or another issues.

use super::id;
use super::phone::national::Regions;
use crate::ScanError;

/// A choice of countries; every one of them unless the caller chooses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Countries(Option<Vec<&'static str>>);

impl Countries {
    /// Whether what `issuer` issues is looked for; what no country issues always is.
    pub(super) fn has(&self, issuer: &str) -> bool {
        issuer.is_empty() || self.0.as_ref().is_none_or(|chosen| chosen.contains(&issuer))
    }

    /// The codes that were chosen, sorted; nothing if every country was.
    pub(super) fn chosen(&self) -> Option<&[&'static str]> {
        self.0.as_deref()
    }
}

/// Whose numbers are looked for: ids, and phone numbers as they are written at home.
#[derive(Default)]
pub(super) struct Places {
    pub(super) regions: Regions,
    pub(super) countries: Countries,
}

/// Stands for every country.
const ALL: &str = "all";

impl Places {
    /// The countries with these codes (ISO 3166-1 alpha-2, in either case), or every one for `all`.
    pub(super) fn named(codes: &[String]) -> Result<Self, ScanError> {
        if codes.iter().any(|code| code.eq_ignore_ascii_case(ALL)) {
            return Ok(Self { regions: Regions::all(), countries: Countries::default() });
        }
        let known = all();
        let named = |code: &String| {
            let found = known.iter().find(|known| known.eq_ignore_ascii_case(code));
            found.copied().ok_or_else(|| ScanError::UnknownCountry {
                country: code.clone(),
                known: known.join(", "),
            })
        };
        let mut chosen = codes.iter().map(named).collect::<Result<Vec<_>, _>>()?;
        chosen.sort_unstable();
        chosen.dedup();
        Ok(Self { regions: Regions::of(&chosen), countries: Countries(Some(chosen)) })
    }
}

/// Every country that issues something a built-in rule finds, or has a numbering plan; sorted.
pub(super) fn all() -> Vec<&'static str> {
    let issuers = id::issuers().filter(|code| !code.is_empty());
    let mut codes: Vec<_> = issuers.chain(Regions::all().names().iter().copied()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
