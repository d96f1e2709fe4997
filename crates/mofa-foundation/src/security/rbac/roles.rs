//! The roles of a policy, checked: names to ids, parents that exist, no circles.
//!
//! Made when a policy is compiled; `explain` and the access report read it.
//!
//! # Invariants
//! Ids follow the order of names, so that tables do not depend on the order in which a policy was
//! written. Inheritance has no circles: a walk along parents ends.

use crate::security::rbac::error::PolicyError;
use crate::security::rbac::permission::Pattern;
use crate::security::rbac::policy::{RbacPolicy, Role};
use crate::security::rbac::sets::{MAX_ROLES, RoleId, RoleSet, Union};
use hashbrown::HashTable;
use mofa_runtime::security::RoleName;
use std::collections::BTreeSet;
use std::hash::BuildHasher;

type Hasher = foldhash::fast::RandomState;

/// A role with everything it names resolved.
#[derive(Debug)]
pub(super) struct CheckedRole {
    pub(super) name: RoleName,
    pub(super) parents: Box<[RoleId]>,
    pub(super) grants: Box<[Pattern]>,
    pub(super) denies: Box<[Pattern]>,
}

/// All roles of a policy.
#[derive(Debug)]
pub(super) struct Roles {
    all: Vec<CheckedRole>,
    by_name: HashTable<RoleId>,
    hasher: Hasher,
}

impl Roles {
    pub(super) fn check(policy: &RbacPolicy) -> Result<Self, PolicyError> {
        let found = policy.roles.len();
        if found > MAX_ROLES {
            return Err(PolicyError::TooManyRoles { found, most: MAX_ROLES });
        }
        let mut sorted: Vec<&Role> = policy.roles.iter().collect();
        sorted.sort_by(|a, b| a.name.cmp(&b.name));
        let twice = sorted.iter().zip(sorted.iter().skip(1)).find(|(a, b)| a.name == b.name);
        if let Some((role, _)) = twice {
            return Err(PolicyError::DuplicateRole { role: role.name.clone() });
        }
        let place = |name: &str| {
            let at = sorted.binary_search_by(|role| role.name.as_str().cmp(name)).ok()?;
            RoleId::try_from(at).ok()
        };
        let roles: Vec<_> =
            sorted.iter().map(|role| checked(role, place)).collect::<Result<_, _>>()?;
        let hasher = Hasher::default();
        let mut by_name = HashTable::with_capacity(roles.len());
        for (id, role) in (0..=RoleId::MAX).zip(&roles) {
            by_name.insert_unique(hasher.hash_one(role.name.as_str()), id, |other: &RoleId| {
                hash_of(&roles, &hasher, *other)
            });
        }
        Ok(Self { all: roles, by_name, hasher })
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn find(&self, name: &str) -> Option<RoleId> {
        self.by_name
            .find(self.hasher.hash_one(name), |id| {
                self.role(*id).is_some_and(|role| role.name.as_str() == name)
            })
            .copied()
    }

    pub(super) fn role(&self, id: RoleId) -> Option<&CheckedRole> {
        self.all.get(usize::from(id))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (RoleId, &CheckedRole)> {
        (0..=RoleId::MAX).zip(&self.all)
    }

    fn parents(&self, id: RoleId) -> &[RoleId] {
        self.role(id).map_or(&[], |role| &role.parents)
    }

    /// The roles so ordered that each comes after its parents.
    pub(super) fn parents_first(&self) -> Result<Vec<RoleId>, PolicyError> {
        let mut order = Vec::with_capacity(self.len());
        let mut state = vec![Visit::New; self.len()];
        // The path from a root to the role at hand, each with the parents still to visit.
        let mut path: Vec<(RoleId, &[RoleId])> = Vec::new();
        for (root, _) in self.iter() {
            if state.get(usize::from(root)) == Some(&Visit::New) {
                path.push((root, self.parents(root)));
                mark(&mut state, root, Visit::Open);
            }
            while let Some((role, left)) = path.last_mut() {
                let Some((parent, others)) = left.split_first() else {
                    order.push(*role);
                    mark(&mut state, *role, Visit::Done);
                    path.pop();
                    continue;
                };
                *left = others;
                match state.get(usize::from(*parent)) {
                    Some(Visit::New) => {
                        mark(&mut state, *parent, Visit::Open);
                        path.push((*parent, self.parents(*parent)));
                    }
                    Some(Visit::Open) => return Err(self.cycle(&path, *parent)),
                    Some(Visit::Done) | None => {}
                }
            }
        }
        Ok(order)
    }

    fn cycle(&self, path: &[(RoleId, &[RoleId])], back_to: RoleId) -> PolicyError {
        let name = |id| self.role(id).map(|role| role.name.to_string());
        let circle = path.iter().map(|(role, _)| *role).skip_while(|role| *role != back_to);
        PolicyError::Cycle { path: circle.chain([back_to]).filter_map(name).collect() }
    }

    /// For each role, itself and every role that inherits from it: those who have what it holds.
    pub(super) fn heirs(&self, most_bytes: usize) -> Result<Vec<RoleSet>, PolicyError> {
        let order = self.parents_first()?;
        let mut children: Vec<Vec<RoleId>> = vec![Vec::new(); self.len()];
        for (id, role) in self.iter() {
            for parent in &role.parents {
                if let Some(list) = children.get_mut(usize::from(*parent)) {
                    list.push(id);
                }
            }
        }
        let mut heirs = vec![RoleSet::empty(); self.len()];
        let mut union = Union::new(self.len());
        let mut bytes = 0_usize;
        for role in order.into_iter().rev() {
            let at = usize::from(role);
            union.add(role);
            for child in children.get(at).into_iter().flatten() {
                if let Some(set) = heirs.get(usize::from(*child)) {
                    union.add_set(set);
                }
            }
            let set = union.take();
            bytes = bytes.saturating_add(set.heap_bytes());
            if bytes > most_bytes {
                return Err(PolicyError::TooLarge { most: most_bytes });
            }
            if let Some(place) = heirs.get_mut(at) {
                *place = set;
            }
        }
        Ok(heirs)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    New,
    Open,
    Done,
}

fn mark(state: &mut [Visit], role: RoleId, visit: Visit) {
    if let Some(place) = state.get_mut(usize::from(role)) {
        *place = visit;
    }
}

fn hash_of(roles: &[CheckedRole], hasher: &Hasher, id: RoleId) -> u64 {
    roles.get(usize::from(id)).map_or(0, |role| hasher.hash_one(role.name.as_str()))
}

fn checked(
    role: &Role,
    place: impl Fn(&str) -> Option<RoleId>,
) -> Result<CheckedRole, PolicyError> {
    let name = RoleName::new(&role.name)
        .map_err(|source| PolicyError::RoleName { role: role.name.clone(), source })?;
    let parents = role.parents.iter().map(|parent| {
        place(parent).ok_or_else(|| PolicyError::UnknownParent {
            role: role.name.clone(),
            parent: parent.clone(),
        })
    });
    Ok(CheckedRole {
        name,
        parents: parents.collect::<Result<_, _>>()?,
        grants: patterns(role, &role.grants)?,
        denies: patterns(role, &role.denies)?,
    })
}

fn patterns(role: &Role, texts: &BTreeSet<String>) -> Result<Box<[Pattern]>, PolicyError> {
    let parse = |text: &String| {
        Pattern::parse(text).map_err(|source| PolicyError::Permission {
            role: role.name.clone(),
            permission: text.clone(),
            source,
        })
    };
    texts.iter().map(parse).collect()
}
