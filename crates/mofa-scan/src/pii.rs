//! Finds personal data and secrets in a text, in one pass over its bytes.
//!
//! Called by the PII detector and the stream redactor above this crate. The built-in rules are
//! anchored: a table of trigger bytes (`@`, digits, `+`, `(` and one rare byte of every key
//! prefix) finds candidates, and a small validator looks around each. Only the caller's own
//! patterns are regular expressions.
//!
//! # Invariants
//!
//! Findings are sorted by position and do not overlap: of overlapping candidates the longest is
//! kept, then the most confident, then the leftmost. A validator looks at most [`CONTEXT`] bytes
//! to the left and a fixed number of bytes to the right of its trigger, so the built-in rules take
//! time linear in the text: at most 100 questions about a byte for each byte on the texts of
//! `bound.rs`, which are made to be slow, and 400 with layers; resolving `k` overlapping candidates adds `k log k`. Each custom
//! pattern adds a search that takes at most a few windows a byte, whatever the text; a window is
//! twice the pattern's longest match, at least 1 KiB and at most 10 KiB. See
//! [`PiiScannerBuilder::with_pattern`].
//!
//! # Failure
//!
//! Only [`PiiScannerBuilder::build`] fails, with [`ScanError`](crate::ScanError).
//!
//! # Example
//!
//! ```
//! use mofa_scan::pii::PiiScanner;
//!
//! let scanner = PiiScanner::default();
//! let text = "Contact: user@example.com";
//! let mut findings = Vec::new();
//! scanner.scan(text, &mut findings);
//!
//! assert_eq!(&text[findings[0].start..findings[0].end], "user@example.com");
//! assert_eq!(scanner.rule(findings[0].rule).category, "email");
//! ```

mod address;
mod allow;
mod bank;
mod birth;
#[cfg(test)]
mod bound;
mod boundary;
mod builder;
mod builtin;
mod card;
mod checksum;
mod context;
mod country;
mod crypto;
mod custom;
mod digits;
mod email;
mod escape;
mod id;
mod ip;
mod ip6;
mod layered;
mod mac;
mod pass;
mod person;
mod personal;
mod phone;
mod resolve;
mod secret;
mod ssn;
mod stream;
mod tail;
mod trigger;
mod under;

pub use allow::Exception;
pub use builder::PiiScannerBuilder;
pub use custom::{Check, CustomRule, UnknownCheck};
pub use stream::{PiiStream, Settled};

use std::fmt;
use std::sync::Arc;

use crate::bytes::{ceil_boundary, floor_boundary};
use crate::{CONTEXT, Finding, MAX_OPEN_TAIL, Rule, RuleId};
use allow::AllowList;
use country::{Countries, Places};
use custom::CustomPattern;
use pass::{Pass, Settings};
use phone::national::Regions;
use trigger::Triggers;
use under::Telling;

/// Finds personal data and secrets; see the [module documentation](self).
#[derive(Clone)]
pub struct PiiScanner {
    rules: Vec<Rule>,
    settings: Settings,
    regions: Regions,
    triggers: Triggers,
    /// Those of what is believed of a guess.
    formatted: Triggers,
    countries: Countries,
    telling: Arc<Telling>,
    custom: Vec<CustomPattern>,
    allowed: AllowList,
}

impl PiiScanner {
    /// A builder that starts with every built-in rule and the Luhn check switched on.
    pub fn builder() -> PiiScannerBuilder {
        PiiScannerBuilder::default()
    }

    /// The codes that [`PiiScannerBuilder::with_countries`] knows beside `all`, sorted.
    #[must_use]
    pub fn countries() -> Vec<&'static str> {
        country::all()
    }

    /// Appends the findings of `text` to `out`, sorted and not overlapping.
    pub fn scan(&self, text: &str, out: &mut Vec<Finding>) {
        self.scan_from(text, 0, out);
    }

    /// Appends the findings that begin at or after `from`; what lies before is only looked at for
    /// context.
    ///
    /// `from` is moved to the next character boundary. Equal to the findings of the whole text
    /// from `from` on, if no candidate lies across `from`: the offsets of
    /// [`scan_partial`](Self::scan_partial) and of [`open_tail`](Self::open_tail) are such places.
    pub fn scan_from(&self, text: &str, from: usize, out: &mut Vec<Finding>) {
        let base = out.len();
        self.candidates(text, from, out);
        resolve::resolve(out, base);
        self.allowed.apply(text, out, base);
    }

    /// Begins a text that comes in pieces.
    #[must_use]
    pub const fn stream(&self) -> PiiStream<'_> {
        PiiStream::new(self)
    }

    /// Scans a text that may go on: appends the findings that are final and returns the offset
    /// up to which the text is final.
    ///
    /// The caller may let go of everything before that offset, must keep [`CONTEXT`] bytes before
    /// it, and passes it as `from` when more text has arrived. At most [`MAX_OPEN_TAIL`] bytes
    /// stay open.
    ///
    /// ```
    /// use mofa_scan::pii::PiiScanner;
    ///
    /// let scanner = PiiScanner::default();
    /// let mut findings = Vec::new();
    /// let text = "Write to ann@exam";
    /// let done = scanner.scan_partial(text, 0, &mut findings);
    /// assert_eq!(&text[done..], "ann@exam");
    /// assert!(findings.is_empty());
    /// scanner.scan_partial("Write to ann@example.org, please", done, &mut findings);
    /// assert_eq!(findings.len(), 1);
    /// ```
    pub fn scan_partial(&self, text: &str, from: usize, out: &mut Vec<Finding>) -> usize {
        let from = ceil_boundary(text, from.min(text.len()));
        let base = out.len();
        let open = self.candidates(escape::whole(text), from, out);
        let frontier = resolve::truncate_at_open(out, base, open);
        resolve::resolve(out, base);
        self.allowed.apply(text, out, base);
        let least = ceil_boundary(text, text.len().saturating_sub(MAX_OPEN_TAIL));
        floor_boundary(text, frontier).max(least).max(from)
    }

    /// How many bytes at the end of `text` a match could still begin in or continue into if more
    /// text followed; at most [`MAX_OPEN_TAIL`].
    ///
    /// Findings that end before the open tail are final. Only the end of the text is looked at.
    #[must_use]
    pub fn open_tail(&self, text: &str) -> usize {
        let window = MAX_OPEN_TAIL + CONTEXT;
        let start = ceil_boundary(text, text.len().saturating_sub(window));
        let tail = text.get(start..).unwrap_or(text);
        let from = if start == 0 { 0 } else { CONTEXT };
        let done = self.scan_partial(tail, from, &mut Vec::new());
        tail.len().saturating_sub(done)
    }

    /// The rule a finding of this scanner points to.
    ///
    /// An id of another scanner gives some other rule, or the first one.
    #[must_use]
    pub fn rule(&self, id: RuleId) -> &Rule {
        self.rules.get(id.index()).unwrap_or(&builtin::EMAIL_RULE)
    }

    /// Whether the rule is looked for: its category is on, or it is the caller's own.
    #[must_use]
    pub fn is_on(&self, rule: &Rule) -> bool {
        let built_in = builtin::CATEGORIES.iter().find(|(name, ..)| *name == rule.category);
        built_in.is_none_or(|(_, category, _)| self.settings.enabled.has(*category))
    }

    /// Every rule of this scanner, in the order of their ids.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Gives `each` everything that decides what this scanner finds, text by text, always in the
    /// same order: for a fingerprint. The built-in rules by name and version, the caller's own in
    /// full.
    pub fn definition(&self, each: &mut dyn FnMut(&str)) {
        [env!("CARGO_PKG_VERSION"), secret::FINGERPRINT].into_iter().for_each(&mut *each);
        let Settings { enabled, luhn, layers, min_confidence } = self.settings;
        each(if luhn { "luhn" } else { "no luhn" });
        each(if layers { "layers" } else { "no layers" });
        each(&min_confidence.to_string());
        for (name, category, _) in builtin::CATEGORIES {
            each(if enabled.has(category) { name } else { "off" });
        }
        for region in self.regions.names() {
            each(region);
        }
        match self.countries.chosen() {
            None => each("all countries"),
            Some(chosen) => chosen.iter().for_each(|country| each(country)),
        }
        for pattern in &self.custom {
            let Rule { id, category, .. } = self.rule(pattern.definition(each));
            each(category);
            each(id);
        }
        self.allowed.definition(each);
    }

    /// Appends every candidate from `from` on, those of other readings too; returns where the part
    /// begins that more text could change.
    fn candidates(&self, text: &str, from: usize, out: &mut Vec<Finding>) -> usize {
        let base = out.len();
        let open = self.plain_candidates(text, from, out);
        if self.settings.layers {
            let plain = base..out.len();
            layered::candidates(self, text, from, out, plain).min(open)
        } else {
            open
        }
    }

    /// The candidates of the text as it stands of what is believed of a guess, and of the caller's
    /// own patterns.
    fn formatted_candidates(&self, text: &str, out: &mut Vec<Finding>) {
        let enabled = self.settings.enabled.only(&layered::FORMATTED);
        let settings = Settings { enabled, ..self.settings };
        let mut pass = Pass::new(text.as_bytes(), 0, settings, out);
        trigger::sweep(&self.formatted, &mut pass);
        for pattern in &self.custom {
            pattern.search(text, &mut pass);
        }
    }

    /// The candidates of the text as it stands.
    fn plain_candidates(&self, text: &str, from: usize, out: &mut Vec<Finding>) -> usize {
        let from = ceil_boundary(text, from.min(text.len()));
        let mut open = text.len();
        if self.settings.enabled.any() {
            let parted = escape::parted(text);
            let bytes = parted.as_bytes();
            let mut pass = Pass::new(bytes, from, self.settings, out).with_regions(&self.regions);
            trigger::sweep(&self.triggers, &mut pass);
            pass.undecided_from(tail::open_start(bytes));
            if let Some(start) = personal::pending(self.settings.enabled, bytes) {
                pass.undecided_from(start);
            }
            open = pass.open();
        }
        // A pattern means the text as it stands.
        let mut pass = Pass::new(text.as_bytes(), from, self.settings, out);
        pass.undecided_from(open);
        for pattern in &self.custom {
            pattern.search(text, &mut pass);
        }
        pass.open()
    }
}

impl fmt::Debug for PiiScanner {
    /// Its rules are more than anybody wants to read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("PiiScanner");
        debug.field("rules", &self.rules.len()).field("settings", &self.settings);
        debug.finish_non_exhaustive()
    }
}

impl Default for PiiScanner {
    fn default() -> Self {
        let (settings, places) = (Settings::default(), Places::default());
        Self::with_parts(settings, places, Vec::new(), Vec::new(), AllowList::default())
    }
}

impl PiiScanner {
    fn with_parts(
        settings: Settings,
        places: Places,
        custom: Vec<CustomPattern>,
        custom_rules: Vec<Rule>,
        allowed: AllowList,
    ) -> Self {
        let rules = builtin::rules().cloned().chain(custom_rules).collect();
        let Places { regions, countries } = places;
        let triggers = Triggers::new(settings.enabled, &countries);
        let telling = Arc::new(Telling::new(settings.enabled, &countries, &custom));
        let formatted = Triggers::new(settings.enabled.only(&layered::FORMATTED), &countries);
        Self { rules, settings, regions, triggers, formatted, countries, telling, custom, allowed }
    }
}
