//! What a configuration finds: [`Detection`].

use mofa_sdk::config::{DetectionSettings, PiiSettings, TenantPiiSettings};
use mofa_sdk::scan::TextScanner;
use mofa_sdk::security::SecurityError;
use serde::Serialize;
use std::fmt::Write;

/// Which personal data and secrets are found, and how.
#[derive(Debug, Serialize)]
pub(super) struct Detection {
    /// The categories that are looked for.
    categories: Vec<String>,
    /// Those that there are rules for and that are not looked for.
    off: Vec<String>,
    #[serde(flatten)]
    everybody: Choice,
    /// Tenants with settings of their own.
    tenants: Vec<TenantChoice>,
}

/// How closely is looked, and for whose numbers.
#[derive(Debug, Serialize)]
struct Choice {
    /// Codes, or `all`; empty for the ids of all countries without the phone numbers of any.
    countries: Vec<String>,
    layers: bool,
    min_confidence: f32,
    /// How many rules and exceptions there are beside the built-in rules.
    own_rules: usize,
    allowed: usize,
}

#[derive(Debug, Serialize)]
struct TenantChoice {
    tenant: String,
    #[serde(flatten)]
    choice: Choice,
}

impl Detection {
    pub(super) fn of(pii: &PiiSettings) -> Result<Self, SecurityError> {
        let scanner = TextScanner::from_settings(pii.clone())?;
        let (rules, allowed) = (pii.own.rules.len(), pii.own.allowed.len());
        let tenant = |(name, own): &(_, TenantPiiSettings)| TenantChoice {
            tenant: ToString::to_string(name),
            choice: Choice::of(
                &own.detection,
                rules + own.own.rules.len(),
                allowed + own.own.allowed.len(),
            ),
        };
        Ok(Self {
            categories: scanner.categories().map(str::to_owned).collect(),
            off: scanner.categories_off().map(str::to_owned).collect(),
            everybody: Choice::of(&pii.detection, rules, allowed),
            tenants: pii.tenants.iter().map(tenant).collect(),
        })
    }

    /// The lines of a report for people.
    pub(super) fn write(&self, out: &mut String) {
        let _ = writeln!(out, "looks for     {}", self.categories.join(", "));
        if !self.off.is_empty() {
            let _ = writeln!(out, "              not for {}", self.off.join(", "));
        }
        let _ = writeln!(out, "              {}", self.everybody.line());
        for one in &self.tenants {
            let _ = writeln!(out, "              {}: {}", one.tenant, one.choice.line());
        }
    }
}

impl Choice {
    fn of(settings: &DetectionSettings, own_rules: usize, allowed: usize) -> Self {
        Self {
            countries: settings.countries.clone(),
            layers: settings.layers,
            min_confidence: settings.min_confidence,
            own_rules,
            allowed,
        }
    }

    fn line(&self) -> String {
        let countries = match self.countries.as_slice() {
            [] => "ids of all countries, no national phone numbers".to_owned(),
            [all] if all == "all" => "ids and phone numbers of all countries".to_owned(),
            some => format!("ids and phone numbers of {}", some.join(", ")),
        };
        let layers = if self.layers { "on" } else { "off" };
        format!(
            "{countries}; layers {layers}; at least {} sure; {} rules of your own, {} exceptions",
            self.min_confidence, self.own_rules, self.allowed
        )
    }
}
