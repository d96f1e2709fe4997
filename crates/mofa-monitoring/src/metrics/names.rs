//! Series by a name that is known only at run time: looked up without a lock, and bounded.

use std::sync::OnceLock;

/// How many names a label may have; all further ones share the series `other`.
pub const MAX_NAMES: usize = 64;

/// Names longer than this count as `other`.
const MAX_NAME_LEN: usize = 64;

/// The name of the series that all others share.
const OTHER: &str = "other";

/// A value for each of the first names that come, in the order of their coming.
pub(super) struct Names<T> {
    slots: [OnceLock<(Box<str>, T)>; MAX_NAMES],
    other: T,
    make: Box<dyn Fn(&str) -> T + Send + Sync>,
}

impl<T> Names<T> {
    /// No names yet; `make` makes the value of a new one.
    pub(super) fn new(make: impl Fn(&str) -> T + Send + Sync + 'static) -> Self {
        Self {
            slots: [const { OnceLock::new() }; MAX_NAMES],
            other: make(OTHER),
            make: Box::new(make),
        }
    }

    /// The value of `name`. Takes a lock only if a name is new.
    pub(super) fn of(&self, name: &str) -> &T {
        if name.len() > MAX_NAME_LEN || name == OTHER {
            return &self.other;
        }
        for slot in &self.slots {
            let (found, value) = slot.get_or_init(|| (name.into(), (self.make)(name)));
            if **found == *name {
                return value;
            }
        }
        &self.other
    }
}
