//! Permissions without wildcards: one hash of action and resource, never joined into one text.
//!
//! A look-up waits for memory more than it computes, so an entry is one line of the cache and holds
//! everything itself where that is small: who is granted it, and a text of up to 31 bytes. What is
//! longer lies beside.

use super::Access;
use crate::security::rbac::bytes::same_bytes;
use crate::security::rbac::permission::Query;
use crate::security::rbac::sets::{RoleSet, TinySet};
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher as _};

/// The longest text, action and resource together, that an entry has room for.
const SHORT: usize = 31;

/// From action and resource to who has access.
#[derive(Debug)]
pub(super) struct ExactTable {
    table: HashTable<Entry>,
    /// Texts that do not fit, behind each other.
    texts: Vec<u8>,
    hasher: foldhash::fast::RandomState,
}

/// A permission.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Entry {
    /// Who is granted and who is denied it.
    pub(super) access: Access,
    /// Whom `access` grants it, if that set is small.
    pub(super) granted: Option<TinySet>,
    text: Text,
}

#[derive(Debug, Clone, Copy)]
enum Text {
    Short { action_len: u8, len: u8, bytes: [u8; SHORT] },
    Long { start: u32, action_len: u16, len: u16 },
}

impl ExactTable {
    pub(super) fn with_capacity(entries: usize) -> Self {
        Self {
            table: HashTable::with_capacity(entries),
            texts: Vec::new(),
            hasher: foldhash::fast::RandomState::default(),
        }
    }

    /// Adds what is not in the table yet; `granted` is the set that `access` names. Patterns are at
    /// most 256 bytes long, so lengths fit.
    pub(super) fn insert(&mut self, query: Query<'_>, access: Access, granted: Option<&RoleSet>) {
        let Some(text) = self.text(query) else { return };
        let hash = self.hash(query);
        let granted = granted.and_then(RoleSet::as_tiny);
        let (texts, hasher) = (&self.texts, &self.hasher);
        self.table.insert_unique(hash, Entry { access, granted, text }, |entry| {
            let (action, resource) = entry.text.parts(texts).unwrap_or_default();
            hash_parts(hasher, action, resource)
        });
    }

    #[inline]
    pub(super) fn find(&self, query: Query<'_>) -> Option<&Entry> {
        let (action, resource) = (query.action.as_bytes(), query.resource.as_bytes());
        self.table.find(self.hash(query), |entry| {
            let parts = entry.text.parts(&self.texts);
            parts.is_some_and(|(a, r)| same_bytes(a, action) && same_bytes(r, resource))
        })
    }

    fn text(&mut self, Query { action, resource }: Query<'_>) -> Option<Text> {
        let len = action.len() + resource.len();
        let mut bytes = [0; SHORT];
        if let Some(place) = bytes.get_mut(..len) {
            let (first, second) = place.split_at_mut(action.len());
            first.copy_from_slice(action.as_bytes());
            second.copy_from_slice(resource.as_bytes());
            let (action_len, len) = (u8::try_from(action.len()).ok()?, u8::try_from(len).ok()?);
            return Some(Text::Short { action_len, len, bytes });
        }
        let start = u32::try_from(self.texts.len()).ok()?;
        let (action_len, len) = (u16::try_from(action.len()).ok()?, u16::try_from(len).ok()?);
        self.texts.extend_from_slice(action.as_bytes());
        self.texts.extend_from_slice(resource.as_bytes());
        Some(Text::Long { start, action_len, len })
    }

    #[inline]
    fn hash(&self, query: Query<'_>) -> u64 {
        hash_parts(&self.hasher, query.action.as_bytes(), query.resource.as_bytes())
    }
}

impl Text {
    /// Action and resource.
    #[inline]
    fn parts<'a>(&'a self, texts: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        match self {
            Self::Short { action_len, len, bytes } => {
                bytes.get(..usize::from(*len))?.split_at_checked(usize::from(*action_len))
            }
            Self::Long { start, action_len, len } => {
                let text = texts.get(*start as usize..)?.get(..usize::from(*len))?;
                text.split_at_checked(usize::from(*action_len))
            }
        }
    }
}

#[inline]
fn hash_parts(hasher: &foldhash::fast::RandomState, action: &[u8], resource: &[u8]) -> u64 {
    let mut hash = hasher.build_hasher();
    hash.write(action);
    hash.write(resource);
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_line_of_the_cache() {
        assert_eq!((size_of::<Entry>(), align_of::<Entry>()), (64, 64));
    }
}
