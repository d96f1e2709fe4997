//! The engines on labelled data of others, which is not part of the project: it is looked for in
//! `../shared/data`, beside the checkout, or in `data` of the folder that `MOFA_SHARED` names.
//!
//! Every figure is printed; few of them have a floor, with room below what was measured. Without the
//! data the tests say so and pass; with `CI=true` they fail then.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "the figures are what these tests are read for")]

#[path = "shared_data/files.rs"]
mod files;
#[path = "shared_data/guard.rs"]
mod guard;
#[path = "shared_data/moderation.rs"]
mod moderation;
#[path = "shared_data/pii.rs"]
mod pii;

/// A share of some texts.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    hits: usize,
    of: usize,
}

impl Share {
    fn count(&mut self, is_hit: bool) {
        self.hits += usize::from(is_hit);
        self.of += 1;
    }

    /// Prints the share; it is known and has no floor.
    #[track_caller]
    fn is_known(self, name: &str) {
        assert!(self.of > 0, "{name} is empty");
        println!("{name:<44} {self:>16}");
    }

    /// Prints the share and makes sure that it is at least `floor` per cent.
    #[track_caller]
    fn at_least(self, name: &str, floor: usize) {
        println!("{name:<44} {self:>16}   at least {floor} %");
        assert!(self.of > 0, "{name} is empty");
        assert!(self.hits * 100 >= floor * self.of, "{name}: {self} is less than {floor} %");
    }

    /// Prints the share and makes sure that it is at most `per_mille` per thousand.
    #[track_caller]
    fn at_most(self, name: &str, per_mille: usize) {
        println!("{name:<44} {self:>16}   at most {per_mille} in 1000");
        assert!(self.of > 0, "{name} is empty");
        assert!(self.hits * 1000 <= per_mille * self.of, "{name}: {self} is over {per_mille}/1000");
    }

    fn per_mille(self) -> usize {
        self.hits * 1000 / self.of.max(1)
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, tenths) = (self.per_mille() / 10, self.per_mille() % 10);
        f.pad(&format!("{}/{} {whole}.{tenths} %", self.hits, self.of))
    }
}
