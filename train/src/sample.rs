//! Texts as the classifier sees them: buckets of features, block by block.
//!
//! Made once for every text, before training; a window is a run of the text's features.

use std::ops::Range;

use mofa_scan::classify::features::{self, Kind, Sink};
use mofa_scan::classify::window;

/// The features of one text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample {
    /// The bucket of each feature, in the order of the text.
    pub(crate) buckets: Vec<u32>,
    /// Where each block begins in `buckets`.
    blocks: Vec<u32>,
}

impl Sample {
    /// Reads `text` for a table of `1 << bits` buckets.
    pub(crate) fn new(text: &str, bits: u32) -> Self {
        let mut collector = Collector { sample: Self::default(), bits };
        features::visit(text, &mut collector);
        collector.sample
    }

    pub(crate) fn block_count(&self) -> usize {
        self.blocks.len()
    }

    /// The features of some blocks.
    pub(crate) fn window(&self, blocks: Range<usize>) -> &[u32] {
        let at =
            |block: usize| self.blocks.get(block).map_or(self.buckets.len(), |at| *at as usize);
        self.buckets.get(at(blocks.start)..at(blocks.end)).unwrap_or_default()
    }
}

struct Collector {
    sample: Sample,
    bits: u32,
}

impl Sink for Collector {
    fn feature(&mut self, _: Kind, hash: u64, _: usize, end: usize) {
        let block = window::block_of(end);
        while self.sample.blocks.len() <= block {
            let at = u32::try_from(self.sample.buckets.len()).unwrap_or(u32::MAX);
            self.sample.blocks.push(at);
        }
        let bucket = u32::try_from(hash >> (64 - self.bits)).unwrap_or(0);
        self.sample.buckets.push(bucket);
    }
}

/// A sketch of a text by which near-duplicates are found: the smallest hashes of its triples of
/// words.
pub(crate) fn sketch(text: &str) -> Vec<u64> {
    struct Shingles(Vec<u64>, u64);
    impl Sink for Shingles {
        fn feature(&mut self, kind: Kind, hash: u64, _: usize, _: usize) {
            match kind {
                Kind::Triple => self.0.push(hash),
                Kind::Word => self.1 = self.1.rotate_left(5) ^ hash,
                _ => {}
            }
        }
    }
    let mut shingles = Shingles(Vec::new(), 0);
    features::visit(text, &mut shingles);
    let Shingles(mut hashes, whole) = shingles;
    hashes.sort_unstable();
    hashes.dedup();
    if hashes.len() < 4 {
        return vec![whole];
    }
    hashes.truncate(SKETCH);
    hashes
}

/// How many hashes a sketch has at most.
const SKETCH: usize = 24;
