//! Which subject has which roles, as a value: a change makes a new one that shares what it did not
//! touch.
//!
//! # Invariants
//! A subject lies in the shard that its name says, so that equal assignments have equal digests.
//! An entry is never without roles. Lists of roles are sorted.

use crate::security::rbac::error::PolicyError;
use crate::security::rbac::policy::RbacPolicy;
use crate::security::rbac::roles::Roles;
use crate::security::rbac::rules::{add_list, add_text};
use crate::security::rbac::sets::{RoleId, RoleList};
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

#[derive(Debug, Default)]
struct Shard {
    table: HashTable<Entry>,
    digest: OnceLock<[u8; 32]>,
}

#[derive(Debug, Clone)]
struct Entry {
    id: SubjectId,
    roles: RoleList,
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
                shard.insert(&hasher, Entry { id, roles: RoleList::new(&ids) });
            }
        }
        Ok(Self { shards: shards.into_iter().map(Arc::new).collect(), hasher })
    }

    /// The roles of `subject`, sorted; none if it has no assignment.
    #[inline]
    pub(super) fn roles_of(&self, subject: &str) -> &[RoleId] {
        let Some(shard) = self.shards.get(shard_of(subject)) else { return &[] };
        let hash = self.hasher.hash_one(subject);
        shard
            .table
            .find(hash, |entry| entry.id.as_str() == subject)
            .map_or(&[], |entry| entry.roles.as_slice())
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
        shard.remove(&hasher, subject);
        if !after.is_empty() {
            shard.insert(&hasher, Entry { id: subject.clone(), roles: RoleList::new(&after) });
        }
        true
    }

    /// Every subject with a role, by name.
    pub(super) fn sorted_ids(&self) -> Vec<SubjectId> {
        let entries = self.shards.iter().flat_map(|shard| shard.table.iter());
        let mut ids: Vec<_> = entries.map(|entry| entry.id.clone()).collect();
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
        Self { table: self.table.clone(), digest: self.digest.clone() }
    }
}

impl Shard {
    fn insert(&mut self, hasher: &Hasher, entry: Entry) {
        let hash = hasher.hash_one(entry.id.as_str());
        self.table.insert_unique(hash, entry, |entry| hasher.hash_one(entry.id.as_str()));
    }

    fn remove(&mut self, hasher: &Hasher, subject: &SubjectId) {
        let hash = hasher.hash_one(subject.as_str());
        if let Ok(entry) = self.table.find_entry(hash, |entry| entry.id == *subject) {
            entry.remove();
        }
    }

    fn digest(&self, roles: &Roles) -> [u8; 32] {
        *self.digest.get_or_init(|| {
            let mut entries: Vec<&Entry> = self.table.iter().collect();
            entries.sort_unstable_by(|a, b| a.id.cmp(&b.id));
            let mut hash = Sha256::new();
            for entry in entries {
                let name = |id: &RoleId| roles.role(*id).map_or("", |role| role.name.as_str());
                add_text(&mut hash, entry.id.as_str());
                add_list(&mut hash, entry.roles.as_slice().iter().map(name));
            }
            hash.finalize().into()
        })
    }
}

/// The shard of a subject: the same on every machine and in every run, because the digest goes by
/// it. Who floods one shard makes changes to it slower, not look-ups: those go by the table's own
/// random hash.
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
    fn a_shard_does_not_depend_on_the_run() {
        assert_eq!([shard_of(""), shard_of("agent-1"), shard_of("agent-1234567")], [0, 66, 91]);
    }
}
