//! A part of the subjects: a hash table with open addressing.
//!
//! A look-up waits for memory more than it computes, so a slot is half a line of the cache and
//! holds everything itself: a name of up to 14 bytes and up to four roles. Longer ones lie beside.
//!
//! # Invariants
//! Slots are a power of two, at least a quarter of them free; an entry lies in the first free slot
//! from the one that its hash says (linear probing), and no free slot lies between.

use crate::security::rbac::bytes::same_bytes;
use crate::security::rbac::roles;
use crate::security::rbac::rules::{add_list, add_text};
use crate::security::rbac::sets::{FEW, Held, RoleId, filled};
use sha2::{Digest, Sha256};
use std::hash::{BuildHasher, Hasher as _};
use std::sync::OnceLock;

pub(super) type Hasher = foldhash::fast::RandomState;

/// The longest name that a slot has room for.
const SHORT: usize = 14;

/// Some subjects and their roles.
#[derive(Debug, Clone, Default)]
pub(super) struct Shard {
    slots: Vec<Slot>,
    len: usize,
    beside: Beside,
    digest: OnceLock<[u8; 32]>,
}

/// A place for one subject.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct Slot {
    name: Name,
    held: Roles,
}

#[derive(Debug, Clone, Copy)]
enum Name {
    Free,
    Short { len: u8, bytes: [u8; SHORT] },
    Long { start: u32, len: u16 },
}

#[derive(Debug, Clone, Copy)]
enum Roles {
    Few { len: u8, ids: [RoleId; FEW] },
    Many { start: u32, len: u32 },
}

/// What is too long for a slot, behind each other.
#[derive(Debug, Clone, Default)]
struct Beside {
    names: Vec<u8>,
    roles: Vec<RoleId>,
    /// How many slots whose names or roles lie here were given up.
    dead: usize,
}

const FREE: Slot = Slot { name: Name::Free, held: Roles::Few { len: 0, ids: [0; FEW] } };

impl Shard {
    /// The roles of `name`; none if it has no entry.
    #[inline]
    pub(super) fn roles_of(&self, hasher: &Hasher, name: &str) -> Held<'_> {
        let mut at = self.home(hasher, name.as_bytes());
        while let Some(slot) = self.slots.get(at) {
            match self.name(slot) {
                None => break,
                Some(other) if same_bytes(other, name.as_bytes()) => return self.held(slot),
                Some(_) => at = self.after(at),
            }
        }
        Held::NONE
    }

    /// Gives `name` these roles and no others; without roles it has no entry.
    pub(super) fn put(&mut self, hasher: &Hasher, name: &str, roles: &[RoleId]) {
        self.digest = OnceLock::new();
        self.remove(hasher, name.as_bytes());
        if !roles.is_empty() {
            if (self.len + 1) * 4 > self.slots.len() * 3 {
                self.rebuild(hasher, (self.slots.len() * 2).max(4));
            }
            self.insert(hasher, name, roles);
        }
        // Written anew when more was given up than is there, it never takes more than about twice
        // its size, and a change costs no more for it on the whole.
        if self.beside.dead > self.len.max(16) {
            self.rebuild(hasher, self.slots.len());
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &[RoleId])> {
        self.slots.iter().filter_map(|slot| {
            let name = std::str::from_utf8(self.name(slot)?).ok()?;
            Some((name, self.held(slot).as_slice()))
        })
    }

    /// Who has what: SHA-256 over the entries by name.
    pub(super) fn digest(&self, roles: &roles::Roles) -> [u8; 32] {
        *self.digest.get_or_init(|| {
            let mut entries: Vec<_> = self.entries().collect();
            entries.sort_unstable();
            let mut hash = Sha256::new();
            for (subject, held) in entries {
                let name = |id: &RoleId| roles.role(*id).map_or("", |role| role.name.as_str());
                add_text(&mut hash, subject);
                add_list(&mut hash, held.iter().map(name));
            }
            hash.finalize().into()
        })
    }

    /// Where the search for `name` starts.
    #[inline]
    fn home(&self, hasher: &Hasher, name: &[u8]) -> usize {
        let mut hash = hasher.build_hasher();
        hash.write(name);
        // Only the low bits count, and they are the same on machines of any width.
        #[expect(clippy::cast_possible_truncation, reason = "the low bits are the ones wanted")]
        let hash = hash.finish() as usize;
        hash & self.slots.len().wrapping_sub(1)
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        (at + 1) & self.slots.len().wrapping_sub(1)
    }

    #[inline]
    fn name<'a>(&'a self, slot: &'a Slot) -> Option<&'a [u8]> {
        Some(match &slot.name {
            Name::Free => return None,
            Name::Short { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Name::Long { start, len } => slice(&self.beside.names, *start, usize::from(*len)),
        })
    }

    #[inline]
    fn held<'a>(&'a self, slot: &'a Slot) -> Held<'a> {
        match &slot.held {
            Roles::Few { len, ids } => Held::Few { len: *len, ids },
            Roles::Many { start, len } => {
                Held::Many(slice(&self.beside.roles, *start, *len as usize))
            }
        }
    }

    /// Adds a name that has no entry; there is a free slot.
    fn insert(&mut self, hasher: &Hasher, name: &str, roles: &[RoleId]) {
        let Some(slot) = self.beside.slot(name, roles) else { return };
        let mut at = self.home(hasher, name.as_bytes());
        while self.slots.get(at).is_some_and(|slot| !slot.is_free()) {
            at = self.after(at);
        }
        if let Some(place) = self.slots.get_mut(at) {
            *place = slot;
            self.len += 1;
        }
    }

    fn remove(&mut self, hasher: &Hasher, name: &[u8]) {
        let mut at = self.home(hasher, name);
        while let Some(other) = self.slots.get(at).and_then(|slot| self.name(slot)) {
            if other == name {
                self.free(hasher, at);
                return;
            }
            at = self.after(at);
        }
    }

    /// Frees a slot, and moves into it what a search would no longer find behind it: Knuth, "The
    /// Art of Computer Programming", volume 3, 6.4, algorithm R.
    fn free(&mut self, hasher: &Hasher, at: usize) {
        self.len -= 1;
        self.beside.dead += usize::from(self.slots.get(at).is_some_and(Slot::is_beside));
        let mut hole = at;
        let mut next = self.after(at);
        while let Some(slot) = self.slots.get(next).copied() {
            let Some(home) = self.name(&slot).map(|name| self.home(hasher, name)) else { break };
            // How far it lies from its home, against how far the hole does.
            let mask = self.slots.len() - 1;
            if (next.wrapping_sub(home) & mask) >= (next.wrapping_sub(hole) & mask) {
                self.set(hole, slot);
                hole = next;
            }
            next = self.after(next);
        }
        self.set(hole, FREE);
    }

    fn set(&mut self, at: usize, slot: Slot) {
        if let Some(place) = self.slots.get_mut(at) {
            *place = slot;
        }
    }

    fn rebuild(&mut self, hasher: &Hasher, slots: usize) {
        let mut fresh = Self { slots: vec![FREE; slots], ..Self::default() };
        for (name, roles) in self.entries() {
            fresh.insert(hasher, name, roles);
        }
        *self = fresh;
    }
}

impl Slot {
    fn is_free(&self) -> bool {
        matches!(self.name, Name::Free)
    }

    fn is_beside(&self) -> bool {
        matches!(self.name, Name::Long { .. }) || matches!(self.held, Roles::Many { .. })
    }
}

impl Beside {
    /// A slot, with what is too long for it put here. Nothing is ever too long for that: names
    /// have 256 bytes at most, and 4 GiB of them in one shard are half a terabyte in all.
    fn slot(&mut self, name: &str, roles: &[RoleId]) -> Option<Slot> {
        let mut bytes = [0; SHORT];
        let name = if let Some(place) = bytes.get_mut(..name.len()) {
            place.copy_from_slice(name.as_bytes());
            Name::Short { len: u8::try_from(name.len()).ok()?, bytes }
        } else {
            let start = u32::try_from(self.names.len()).ok()?;
            self.names.extend_from_slice(name.as_bytes());
            Name::Long { start, len: u16::try_from(name.len()).ok()? }
        };
        let held = if let Some((len, ids)) = filled(roles) {
            Roles::Few { len, ids }
        } else {
            let start = u32::try_from(self.roles.len()).ok()?;
            self.roles.extend_from_slice(roles);
            Roles::Many { start, len: u32::try_from(roles.len()).ok()? }
        };
        Some(Slot { name, held })
    }
}

#[inline]
fn slice<T>(all: &[T], start: u32, len: usize) -> &[T] {
    let start = start as usize;
    all.get(start..start + len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_slot_is_half_a_line() {
        assert_eq!(size_of::<Slot>(), 32);
    }

    #[test]
    fn a_shard_stays_small_and_whole_over_many_changes() {
        let (hasher, mut shard) = (Hasher::default(), Shard::default());
        let roles = |n: u16| [n, 65_531, 65_532, 65_533, 65_534, 65_535];
        for round in 0..10_000_u16 {
            let name = format!("an-agent-with-a-long-name-{}", round % 50);
            shard.put(&hasher, &name, &roles(round));
        }
        assert_eq!(shard.entries().count(), 50);
        for round in 9_950..10_000_u16 {
            let name = format!("an-agent-with-a-long-name-{}", round % 50);
            assert_eq!(shard.roles_of(&hasher, &name).as_slice(), roles(round));
        }
        assert!(shard.beside.roles.len() <= 6 * 102, "{}", shard.beside.roles.len());
        assert!(shard.slots.len() <= 128, "{}", shard.slots.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_shard_holds_what_a_map_holds(
            changes in prop::collection::vec((0..60_u8, any::<bool>(), 0..7_usize), 0..300),
        ) {
            let (hasher, mut shard) = (Hasher::default(), Shard::default());
            let mut map: BTreeMap<String, Vec<RoleId>> = BTreeMap::new();
            let name = |n: u8, long: bool| if long { format!("{n:030}") } else { n.to_string() };
            for (n, long, roles) in changes {
                let roles: Vec<RoleId> = (0..7).take(roles).collect();
                shard.put(&hasher, &name(n, long), &roles);
                map.insert(name(n, long), roles);
            }
            map.retain(|_, roles| !roles.is_empty());
            let mut found: Vec<_> = shard.entries().collect();
            found.sort_unstable();
            let expected: Vec<_> = map.iter().map(|(n, roles)| (n.as_str(), &**roles)).collect();
            prop_assert_eq!(found, expected);
            for (n, long) in (0..60).flat_map(|n| [(n, false), (n, true)]) {
                let expected = map.get(&name(n, long)).map_or(&[][..], Vec::as_slice);
                let found = shard.roles_of(&hasher, &name(n, long));
                prop_assert_eq!(found.as_slice(), expected);
                prop_assert_eq!(found.is_empty(), expected.is_empty());
            }
        }
    }
}
