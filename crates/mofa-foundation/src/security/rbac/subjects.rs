//! Which subject has which roles, as a value: a change makes a new one that shares what it did not
//! touch.
//!
//! # Invariants
//! A subject lies in the shard that its name says, so that equal assignments have equal digests.
//! An entry is never without roles. Lists of roles are sorted.

use crate::security::rbac::bytes::same_bytes;
use crate::security::rbac::error::PolicyError;
use crate::security::rbac::policy::RbacPolicy;
use crate::security::rbac::roles::Roles;
use crate::security::rbac::rules::{add_list, add_text};
use crate::security::rbac::sets::RoleId;
use hashbrown::HashTable;
use mofa_runtime::security::SubjectId;
use sha2::{Digest, Sha256};
use std::hash::BuildHasher;
use std::sync::{Arc, OnceLock};

/// So many that one assignment among 10,000 copies some 80 entries, and so few that copying the
/// list of shards takes well under a microsecond.
const SHARDS: usize = 128;

type Hasher = foldhash::fast::RandomState;

/// The assignments of one tenant.
#[derive(Debug, Clone)]
pub(super) struct Subjects {
    shards: Box<[Arc<Shard>]>,
    hasher: Hasher,
}

/// Names and long lists of roles lie behind each other: a look-up stays within a few lines of
/// memory, and a copy is three copies of bytes.
#[derive(Debug, Default)]
struct Shard {
    table: HashTable<Entry>,
    names: Vec<u8>,
    roles: Vec<RoleId>,
    /// How many entries were taken out whose names and roles still lie there.
    dead: usize,
    digest: OnceLock<[u8; 32]>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    name: u32,
    name_len: u16,
    held: Held,
}

/// How many roles an entry has room for.
const FEW: usize = 4;

/// The roles of an entry: in it, as nearly always, or in the shard's list.
#[derive(Debug, Clone, Copy)]
enum Held {
    Few { len: u8, ids: [RoleId; FEW] },
    Many { start: u32, len: u32 },
}

impl Subjects {
    pub(super) fn compile(policy: &RbacPolicy, roles: &Roles) -> Result<Self, PolicyError> {
        let mut shards: Vec<Shard> = std::iter::repeat_with(Shard::default).take(SHARDS).collect();
        let hasher = Hasher::default();
        for (subject, names) in &policy.assignments {
            let id = SubjectId::new(subject)
                .map_err(|source| PolicyError::SubjectName { subject: subject.clone(), source })?;
            let find = |name: &String| {
                roles.find(name).ok_or_else(|| PolicyError::UnknownRole {
                    subject: subject.clone(),
                    role: name.clone(),
                })
            };
            // Names come sorted, and ids follow the order of names.
            let ids: Vec<RoleId> = names.iter().map(find).collect::<Result<_, _>>()?;
            if let Some(shard) = shards.get_mut(shard_of(subject)) {
                shard.insert(&hasher, id.as_str(), &ids);
            }
        }
        Ok(Self { shards: shards.into_iter().map(Arc::new).collect(), hasher })
    }

    /// The roles of `subject`, sorted; none if it has no assignment.
    #[inline]
    pub(super) fn roles_of(&self, subject: &str) -> &[RoleId] {
        let hash = self.hasher.hash_one(subject);
        let Some(shard) = self.shards.get(shard_of(subject)) else { return &[] };
        shard
            .table
            .find(hash, |entry| same_bytes(entry.name(&shard.names), subject.as_bytes()))
            .map_or(&[], |entry| entry.roles(&shard.roles))
    }

    /// Gives `subject` the roles that `change` makes of those it has; says whether they are others.
    pub(super) fn change(
        &mut self,
        subject: &SubjectId,
        change: impl FnOnce(&mut Vec<RoleId>),
    ) -> bool {
        let before = self.roles_of(subject.as_str());
        let mut after = before.to_vec();
        change(&mut after);
        if before == after {
            return false;
        }
        let hasher = self.hasher.clone();
        let Some(shard) = self.shards.get_mut(shard_of(subject.as_str())) else { return false };
        // Copies the shard the first time only: in a batch it is ours from then on.
        let shard = Arc::make_mut(shard);
        shard.digest = OnceLock::new();
        shard.remove(&hasher, subject.as_str());
        if !after.is_empty() {
            shard.insert(&hasher, subject.as_str(), &after);
        }
        true
    }

    /// Every subject with a role, by name.
    pub(super) fn sorted_ids(&self) -> Vec<SubjectId> {
        let names = self.shards.iter().flat_map(|shard| shard.entries().map(|(name, _)| name));
        let mut ids: Vec<_> = names.filter_map(|name| SubjectId::new(name).ok()).collect();
        ids.sort_unstable();
        ids
    }

    /// Who has what: SHA-256 over the shards. After a change only its shard is read again.
    pub(super) fn digest(&self, roles: &Roles) -> [u8; 32] {
        let mut hash = Sha256::new();
        for shard in &self.shards {
            hash.update(shard.digest(roles));
        }
        hash.finalize().into()
    }
}

impl Clone for Shard {
    fn clone(&self) -> Self {
        Self {
            table: self.table.clone(),
            names: self.names.clone(),
            roles: self.roles.clone(),
            dead: self.dead,
            digest: self.digest.clone(),
        }
    }
}

impl Shard {
    /// Adds a subject that has no entry.
    fn insert(&mut self, hasher: &Hasher, name: &str, roles: &[RoleId]) {
        // Neither is ever too long: names have 256 bytes at most, and 4 GiB of names in one shard
        // are half a terabyte in all.
        let (Ok(at), Ok(name_len)) = (u32::try_from(self.names.len()), u16::try_from(name.len()))
        else {
            return;
        };
        let Some(held) = Held::new(roles, &mut self.roles) else { return };
        self.names.extend_from_slice(name.as_bytes());
        let entry = Entry { name: at, name_len, held };
        let names = &self.names;
        let hash_of = |entry: &Entry| hash_name(hasher, entry.name(names));
        self.table.insert_unique(hasher.hash_one(name), entry, hash_of);
    }

    fn remove(&mut self, hasher: &Hasher, name: &str) {
        let (hash, names) = (hasher.hash_one(name), &self.names);
        if let Ok(entry) = self.table.find_entry(hash, |entry| entry.name(names) == name.as_bytes())
        {
            entry.remove();
            self.dead += 1;
        }
        // Every so many changes as there are entries the shard is written anew, so that it never
        // takes more than twice its size, and a change costs no more for it.
        if self.dead > self.table.len().max(16) {
            let mut fresh = Self::default();
            for (name, roles) in self.entries() {
                fresh.insert(hasher, name, roles);
            }
            *self = fresh;
        }
    }

    fn entries(&self) -> impl Iterator<Item = (&str, &[RoleId])> {
        self.table.iter().filter_map(|entry| {
            let name = std::str::from_utf8(entry.name(&self.names)).ok()?;
            Some((name, entry.roles(&self.roles)))
        })
    }

    fn digest(&self, roles: &Roles) -> [u8; 32] {
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
}

impl Entry {
    #[inline]
    fn name<'a>(&self, names: &'a [u8]) -> &'a [u8] {
        slice(names, self.name, usize::from(self.name_len))
    }

    #[inline]
    fn roles<'a>(&'a self, roles: &'a [RoleId]) -> &'a [RoleId] {
        match &self.held {
            Held::Few { len, ids } => ids.get(..usize::from(*len)).unwrap_or_default(),
            Held::Many { start, len } => slice(roles, *start, *len as usize),
        }
    }
}

impl Held {
    /// Many roles go to the end of `list`.
    fn new(roles: &[RoleId], list: &mut Vec<RoleId>) -> Option<Self> {
        let mut ids = [0; FEW];
        if let Some(place) = ids.get_mut(..roles.len()) {
            place.copy_from_slice(roles);
            return Some(Self::Few { len: u8::try_from(roles.len()).ok()?, ids });
        }
        let start = u32::try_from(list.len()).ok()?;
        let len = u32::try_from(roles.len()).ok()?;
        list.extend_from_slice(roles);
        Some(Self::Many { start, len })
    }
}

#[inline]
fn slice<T>(all: &[T], start: u32, len: usize) -> &[T] {
    let start = start as usize;
    all.get(start..start + len).unwrap_or_default()
}

/// The hash of a name, as [`BuildHasher::hash_one`] gives it for the text.
fn hash_name(hasher: &Hasher, name: &[u8]) -> u64 {
    std::str::from_utf8(name).map_or(0, |name| hasher.hash_one(name))
}

/// The shard of a subject: the same on every machine and in every run, because the digest goes by
/// it. Who floods one shard makes changes to it slower, not look-ups: those go by the table's own
/// random hash.
#[inline]
fn shard_of(subject: &str) -> usize {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let (chunks, rest) = subject.as_bytes().as_chunks::<8>();
    let mut hash = 0_u64;
    for chunk in chunks {
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(*chunk)).wrapping_mul(ODD);
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    hash = (hash.rotate_left(5) ^ u64::from_le_bytes(last)).wrapping_mul(ODD);
    // The top bits are the ones that every input bit reaches.
    usize::try_from(hash >> (u64::BITS - SHARDS.ilog2())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_filled_evenly() {
        let mut counts = [0_u32; SHARDS];
        (0..12_800).for_each(|i| counts[shard_of(&format!("agent-{i}"))] += 1);
        let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        assert!(*least > 50 && *most < 200, "100 a shard expected, found {least} to {most}");
    }

    #[test]
    fn a_shard_stays_small_and_whole_over_many_changes() {
        let (hasher, mut shard) = (Hasher::default(), Shard::default());
        for round in 0..10_000_u16 {
            let name = format!("agent-{}", round % 50);
            shard.remove(&hasher, &name);
            shard.insert(&hasher, &name, &[round, 65_531, 65_532, 65_533, 65_534, 65_535]);
        }
        let mut entries: Vec<_> = shard.entries().collect();
        entries.sort_by_key(|(_, roles)| roles[0]);
        assert_eq!(entries.len(), 50);
        for ((name, roles), round) in entries.iter().zip(9_950_u16..) {
            assert_eq!(*name, format!("agent-{}", round % 50));
            assert_eq!(*roles, [round, 65_531, 65_532, 65_533, 65_534, 65_535]);
        }
        assert!(shard.roles.len() <= 6 * (50 + 51), "{}", shard.roles.len());
    }

    #[test]
    fn a_shard_does_not_depend_on_the_run() {
        assert_eq!([shard_of(""), shard_of("agent-1"), shard_of("agent-1234567")], [0, 66, 91]);
    }
}
