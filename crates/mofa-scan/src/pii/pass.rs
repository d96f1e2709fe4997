//! The state of one pass over a text: what was found and where the text is still undecided.
//!
//! Matchers call [`Pass::report`] for candidates and [`Pass::undecided_from`] when they ran into
//! the end of the text before they could tell.

use super::builtin::Enabled;
use super::context::{self, List};
use super::id;
use super::phone::national::Regions;
use crate::{Finding, RuleId};

/// How sure a candidate must be unless the caller chooses.
const MIN_CONFIDENCE: f32 = 0.5;

/// What the caller chose, for matchers to keep to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) enabled: Enabled,
    /// Whether a card number must pass the Luhn check.
    pub(super) luhn: bool,
    /// Whether other readings of a text are looked at too.
    pub(super) layers: bool,
    /// Candidates that are less sure than this are dropped.
    pub(super) min_confidence: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: Enabled::usual(),
            luhn: true,
            layers: false,
            min_confidence: MIN_CONFIDENCE,
        }
    }
}

/// One pass over a text.
pub(super) struct Pass<'t, 'o> {
    text: &'t [u8],
    from: usize,
    settings: Settings,
    regions: Option<&'t Regions>,
    open: usize,
    heard: id::Heard,
    lists: [context::Heard; context::LISTS],
    out: &'o mut Vec<Finding>,
}

impl<'t, 'o> Pass<'t, 'o> {
    pub(super) fn new(
        text: &'t [u8],
        from: usize,
        settings: Settings,
        out: &'o mut Vec<Finding>,
    ) -> Self {
        Self {
            text,
            from,
            settings,
            regions: None,
            open: text.len(),
            heard: id::Heard::default(),
            lists: [context::Heard::default(); context::LISTS],
            out,
        }
    }

    /// Finds national phone numbers of these regions, too.
    pub(super) fn with_regions(self, regions: &'t Regions) -> Self {
        Self { regions: Some(regions).filter(|regions| !regions.names().is_empty()), ..self }
    }

    /// The regions whose national phone numbers are looked for, if there are any.
    pub(super) const fn regions(&self) -> Option<&'t Regions> {
        self.regions
    }

    pub(super) const fn text(&self) -> &'t [u8] {
        self.text
    }

    /// What was heard of the words that announce numbers of states and registers.
    pub(super) const fn heard(&mut self) -> &mut id::Heard {
        &mut self.heard
    }

    /// Whether one of the words of `list` stands within `window` bytes before `start`.
    pub(super) fn is_announced(&mut self, list: &List, start: usize, window: usize) -> bool {
        let text = self.text;
        self.lists
            .get_mut(list.number())
            .is_some_and(|heard| heard.announces(text, start, window, list))
    }

    pub(super) const fn from(&self) -> usize {
        self.from
    }

    pub(super) const fn settings(&self) -> Settings {
        self.settings
    }

    /// Where the part begins that more text could change.
    pub(super) const fn open(&self) -> usize {
        self.open
    }

    /// Adds a candidate, unless it begins in the context, is empty or is not sure enough.
    pub(super) fn report(&mut self, start: usize, end: usize, rule: RuleId, confidence: f32) {
        let is_sure = confidence >= self.settings.min_confidence;
        if is_sure && start >= self.from && start < end {
            self.out.push(Finding { start, end, rule, confidence });
        }
    }

    /// Notes that what begins at `start` depends on text that has not arrived.
    pub(super) fn undecided_from(&mut self, start: usize) {
        self.open = self.open.min(start);
    }

    /// Notes that what begins at `start` is undecided if the matcher read up to `read`, the end.
    pub(super) fn undecided_if_at_end(&mut self, start: usize, read: usize) {
        if read >= self.text.len() {
            self.undecided_from(start);
        }
    }
}
