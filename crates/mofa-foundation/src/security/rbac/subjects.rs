//! Which subject has which roles, as a value: a change makes a new one that shares what it did not
//! touch.
//!
//! # Invariants
//! A subject lies in the shard that its name says, so that equal assignments have equal digests.
//! An entry is never without roles. Lists of roles are sorted.

mod shard;

use crate::security::rbac::error::PolicyError;
use crate::security::rbac::policy::RbacPolicy;
use crate::security::rbac::roles::Roles;
use crate::security::rbac::sets::{Held, RoleId};
use mofa_runtime::security::SubjectId;
use sha2::{Digest, Sha256};
use shard::{Hasher, Shard};
use std::sync::Arc;

/// So many that one assignment among 10,000 copies some 80 entries, and so few that copying the
/// list of shards takes well under a microsecond.
const SHARDS: usize = 128;

/// The assignments of one tenant.
#[derive(Debug, Clone)]
pub(super) struct Subjects {
    shards: Box<[Arc<Shard>]>,
    hasher: Hasher,
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
                shard.put(&hasher, id.as_str(), &ids);
            }
        }
        Ok(Self { shards: shards.into_iter().map(Arc::new).collect(), hasher })
    }

    /// The roles of `subject`, sorted; none if it has no assignment.
    #[inline]
    pub(super) fn roles_of(&self, subject: &str) -> Held<'_> {
        self.shards
            .get(shard_of(subject))
            .map_or(Held::NONE, |shard| shard.roles_of(&self.hasher, subject))
    }

    /// Gives `subject` the roles that `change` makes of those it has; says whether they are others.
    pub(super) fn change(
        &mut self,
        subject: &SubjectId,
        change: impl FnOnce(&mut Vec<RoleId>),
    ) -> bool {
        let before = self.roles_of(subject.as_str()).as_slice();
        let mut after = before.to_vec();
        change(&mut after);
        if before == after {
            return false;
        }
        let hasher = self.hasher.clone();
        let Some(shard) = self.shards.get_mut(shard_of(subject.as_str())) else { return false };
        // Copies the shard the first time only: in a batch it is ours from then on.
        let shard = Arc::make_mut(shard);
        shard.put(&hasher, subject.as_str(), &after);
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

/// The shard of a subject: the same on every machine and in every run, because the digest goes by
/// it. Who floods one shard makes changes to it slower, not look-ups: those go by the table's own
/// random hash.
#[inline]
fn shard_of(subject: &str) -> usize {
    let bytes = subject.as_bytes();
    let mut hash = bytes.len() as u64;
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        // Nearly every name is these two words, which overlap so that no bytes are left over.
        hash = mix(mix(hash, u64::from_le_bytes(*first)), u64::from_le_bytes(*last));
        if bytes.len() > 16 {
            for chunk in bytes.as_chunks::<8>().0 {
                hash = mix(hash, u64::from_le_bytes(*chunk));
            }
        }
    } else {
        hash = bytes.iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)));
    }
    // The top bits are the ones that every input bit reaches.
    usize::try_from(hash >> (u64::BITS - SHARDS.ilog2())).unwrap_or_default()
}

#[inline]
fn mix(hash: u64, word: u64) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    (hash.rotate_left(5) ^ word).wrapping_mul(ODD)
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
        assert_eq!([shard_of(""), shard_of("agent-1"), shard_of("agent-1234567")], [0, 114, 73]);
    }
}
