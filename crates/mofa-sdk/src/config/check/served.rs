//! Which models the upstreams have, asked for many names: [`Served`].
//!
//! # Invariants
//! Asking takes as long as the name is, however many models there are.

use crate::config::UpstreamSettings;
use std::collections::BTreeSet;
use std::ops::Bound;

/// The models of all upstreams.
pub(super) struct Served {
    /// Those that are named in full.
    names: BTreeSet<String>,
    /// The beginnings of the others.
    prefixes: BTreeSet<String>,
}

impl Served {
    pub(super) fn new(upstreams: &[UpstreamSettings]) -> Self {
        let mut served = Self { names: BTreeSet::new(), prefixes: BTreeSet::new() };
        for pattern in upstreams.iter().flat_map(|upstream| &upstream.models) {
            match pattern.as_model() {
                Some(name) => served.names.insert(name.to_owned()),
                None => {
                    served.prefixes.insert(pattern.to_string().trim_end_matches('*').to_owned())
                }
            };
        }
        served
    }

    /// Whether some upstream has a model that `permitted`, the end of a permission, stands for.
    /// Where `*` stands within, nothing is known, and it may; so too where there are no upstreams,
    /// which says it all.
    pub(super) fn may_have(&self, permitted: &str) -> bool {
        if self.names.is_empty() && self.prefixes.is_empty() {
            return true;
        }
        match permitted.split_once('*') {
            None => self.names.contains(permitted) || self.has_prefix_of(permitted),
            Some((beginning, "")) => {
                begins(&self.names, beginning)
                    || begins(&self.prefixes, beginning)
                    || self.has_prefix_of(beginning)
            }
            Some(_) => true,
        }
    }

    fn has_prefix_of(&self, name: &str) -> bool {
        let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
        ends.filter_map(|end| name.get(..end)).any(|prefix| self.prefixes.contains(prefix))
    }
}

/// Whether one of `texts` begins with `beginning`.
fn begins(texts: &BTreeSet<String>, beginning: &str) -> bool {
    let from = (Bound::Included(beginning), Bound::Unbounded);
    texts.range::<str, _>(from).next().is_some_and(|text| text.starts_with(beginning))
}
