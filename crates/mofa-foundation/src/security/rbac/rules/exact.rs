//! Permissions without wildcards: one hash of action and resource, never joined into one text.

use super::Access;
use crate::security::rbac::bytes::same_bytes;
use crate::security::rbac::permission::Query;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher as _};

/// From action and resource to who has access.
#[derive(Debug)]
pub(super) struct ExactTable {
    table: HashTable<Entry>,
    /// All texts behind each other, so that an entry is small and a look-up touches two lines.
    texts: Vec<u8>,
    hasher: foldhash::fast::RandomState,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u32,
    action_len: u16,
    resource_len: u16,
    access: Access,
}

impl ExactTable {
    pub(super) fn with_capacity(entries: usize) -> Self {
        Self {
            table: HashTable::with_capacity(entries),
            texts: Vec::new(),
            hasher: foldhash::fast::RandomState::default(),
        }
    }

    /// Adds what is not in the table yet. Patterns are at most 256 bytes long, so lengths fit.
    pub(super) fn insert(&mut self, action: &str, resource: &str, access: Access) {
        let Ok(start) = u32::try_from(self.texts.len()) else { return };
        let (Ok(action_len), Ok(resource_len)) =
            (u16::try_from(action.len()), u16::try_from(resource.len()))
        else {
            return;
        };
        self.texts.extend_from_slice(action.as_bytes());
        self.texts.extend_from_slice(resource.as_bytes());
        let hash = self.hash(action, resource);
        let entry = Entry { start, action_len, resource_len, access };
        let (texts, hasher) = (&self.texts, &self.hasher);
        self.table.insert_unique(hash, entry, |entry| {
            let (action, resource) = entry.parts(texts).unwrap_or_default();
            hash_parts(hasher, action, resource)
        });
    }

    #[inline]
    pub(super) fn find(&self, query: Query<'_>) -> Option<Access> {
        let (action, resource) = (query.action.as_bytes(), query.resource.as_bytes());
        self.table
            .find(self.hash(query.action, query.resource), |entry| {
                entry
                    .parts(&self.texts)
                    .is_some_and(|(a, r)| same_bytes(a, action) && same_bytes(r, resource))
            })
            .map(|entry| entry.access)
    }

    #[inline]
    fn hash(&self, action: &str, resource: &str) -> u64 {
        hash_parts(&self.hasher, action.as_bytes(), resource.as_bytes())
    }
}

impl Entry {
    #[inline]
    fn parts<'a>(&self, texts: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let texts = texts.get(self.start as usize..)?;
        let (action, texts) = texts.split_at_checked(usize::from(self.action_len))?;
        Some((action, texts.get(..usize::from(self.resource_len))?))
    }
}

#[inline]
fn hash_parts(hasher: &foldhash::fast::RandomState, action: &[u8], resource: &[u8]) -> u64 {
    let mut hash = hasher.build_hasher();
    hash.write(action);
    hash.write(resource);
    hash.finish()
}
