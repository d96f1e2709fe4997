//! The tables that a check reads: from a query to the roles that are granted and denied it.
//!
//! Made once per policy from its [`Roles`]; read by every check.
//!
//! An exact permission is found by one hash of action and resource. What wildcard patterns say
//! about it is worked in when the tables are made, so the patterns themselves are walked only for
//! queries that no permission of the policy spells out.
//!
//! # Invariants
//! A set holds everyone who has a permission, by inheritance too: a check never follows parents.
//! A check allocates nothing and takes no lock; its work is linear in the query, and at most the
//! number of wildcard patterns.
//!
//! # Failure
//! [`PolicyError`] if the policy does not hold together, or its tables would not fit.

mod exact;
mod wild;

use crate::security::rbac::error::PolicyError;
use crate::security::rbac::permission::{Pattern, Query};
use crate::security::rbac::policy::RbacPolicy;
use crate::security::rbac::roles::Roles;
use crate::security::rbac::sets::{RoleId, RoleSet, Set, Union};
use exact::{Entry, ExactTable};
use mofa_runtime::security::{AuthorizationResult, DenyReason};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use wild::WildTree;

/// The most bytes that the sets of one policy may take. Only inheritance gone wild gets there:
/// 1,000 roles with 10 permissions each, three levels deep, take some 100 KiB.
const MOST_SET_BYTES: usize = 128 << 20;

/// Who is granted and who is denied something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Access {
    grant: SetId,
    deny: SetId,
}

/// A set's place among the sets of the rules; the default is the empty set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
struct SetId(u32);

/// Whether whoever asks has one of the roles in a set.
pub(super) trait Holder {
    fn has_one_of(&self, set: &impl Set) -> bool;
}

/// The rules of one policy, without its assignments.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) roles: Roles,
    pub(super) default_role: Option<RoleId>,
    pub(super) digest: [u8; 32],
    sets: Vec<RoleSet>,
    exact: ExactTable,
    wild: WildTree,
}

impl Rules {
    pub(super) fn compile(policy: &RbacPolicy) -> Result<Self, PolicyError> {
        let roles = Roles::check(policy)?;
        let default_role = match &policy.default_role {
            None => None,
            Some(name) => Some(
                roles
                    .find(name)
                    .ok_or_else(|| PolicyError::UnknownDefaultRole { role: name.clone() })?,
            ),
        };
        let mut sets = Sets::new(&roles)?;
        let mut exact = Vec::new();
        let mut wild = WildTree::default();
        for (pattern, holders) in holders(&roles) {
            let access =
                Access { grant: sets.having(&holders.grant)?, deny: sets.having(&holders.deny)? };
            if pattern.is_exact() {
                exact.push((pattern, access));
            } else {
                wild.insert(pattern, access);
            }
        }
        let mut table = ExactTable::with_capacity(exact.len());
        for (pattern, access) in exact {
            let Some((action, resource)) = pattern.as_exact() else { continue };
            let query = Query { action, resource };
            let access = sets.with_patterns(access, &wild, query)?;
            table.insert(query, access, sets.set(access.grant));
        }
        let digest = digest(&roles, default_role);
        Ok(Self { roles, default_role, digest, sets: sets.all, exact: table, wild })
    }

    /// What the rules say to `holder`: a deny, else a grant, else nothing.
    #[inline]
    pub(super) fn decide(&self, holder: &impl Holder, query: Query<'_>) -> AuthorizationResult {
        if let Some(Entry { access, granted, .. }) = self.exact.find(query) {
            let is_granted = || match granted {
                Some(set) => holder.has_one_of(set),
                None => self.holds(holder, access.grant),
            };
            return if self.holds(holder, access.deny) {
                AuthorizationResult::Denied(DenyReason::ExplicitDeny)
            } else if is_granted() {
                AuthorizationResult::Allowed
            } else {
                AuthorizationResult::Denied(DenyReason::NotGranted)
            };
        }
        if self.wild.is_empty() || !query.is_well_formed() {
            return AuthorizationResult::Denied(DenyReason::NotGranted);
        }
        let mut result = AuthorizationResult::Denied(DenyReason::NotGranted);
        self.wild.visit(query, |access| match self.answer(holder, access) {
            Some(AuthorizationResult::Allowed) => {
                result = AuthorizationResult::Allowed;
                ControlFlow::Continue(())
            }
            Some(denied) => {
                result = denied;
                ControlFlow::Break(())
            }
            None => ControlFlow::Continue(()),
        });
        result
    }

    #[inline]
    fn answer(&self, holder: &impl Holder, access: Access) -> Option<AuthorizationResult> {
        if self.holds(holder, access.deny) {
            Some(AuthorizationResult::Denied(DenyReason::ExplicitDeny))
        } else if self.holds(holder, access.grant) {
            Some(AuthorizationResult::Allowed)
        } else {
            None
        }
    }

    #[inline]
    fn holds(&self, holder: &impl Holder, set: SetId) -> bool {
        set != SetId::default()
            && self.sets.get(set.0 as usize).is_some_and(|set| holder.has_one_of(set))
    }
}

#[derive(Default)]
struct Holders {
    grant: Vec<RoleId>,
    deny: Vec<RoleId>,
}

fn holders(roles: &Roles) -> BTreeMap<&Pattern, Holders> {
    let mut all: BTreeMap<&Pattern, Holders> = BTreeMap::new();
    for (id, role) in roles.iter() {
        for pattern in &role.grants {
            all.entry(pattern).or_default().grant.push(id);
        }
        for pattern in &role.denies {
            all.entry(pattern).or_default().deny.push(id);
        }
    }
    all
}

/// The sets while rules are made: equal ones are kept once.
struct Sets {
    all: Vec<RoleSet>,
    /// For each role, everyone who has what it holds.
    heirs: Vec<RoleSet>,
    by_content: HashMap<RoleSet, SetId>,
    by_roles: HashMap<Vec<RoleId>, SetId>,
    by_parts: HashMap<Vec<SetId>, SetId>,
    union: Union,
    bytes: usize,
}

impl Sets {
    fn new(roles: &Roles) -> Result<Self, PolicyError> {
        Ok(Self {
            all: vec![RoleSet::empty()],
            heirs: roles.heirs(MOST_SET_BYTES)?,
            by_content: HashMap::from([(RoleSet::empty(), SetId::default())]),
            by_roles: HashMap::new(),
            by_parts: HashMap::new(),
            union: Union::new(roles.len()),
            bytes: 0,
        })
    }

    fn set(&self, id: SetId) -> Option<&RoleSet> {
        self.all.get(id.0 as usize)
    }

    /// Everyone who has what `roles` hold.
    fn having(&mut self, roles: &[RoleId]) -> Result<SetId, PolicyError> {
        if let Some(id) = self.by_roles.get(roles) {
            return Ok(*id);
        }
        for role in roles {
            if let Some(set) = self.heirs.get(usize::from(*role)) {
                self.union.add_set(set);
            }
        }
        let id = self.keep()?;
        self.by_roles.insert(roles.to_vec(), id);
        Ok(id)
    }

    /// `access` and what the wildcard patterns say to `query`.
    fn with_patterns(
        &mut self,
        access: Access,
        wild: &WildTree,
        query: Query<'_>,
    ) -> Result<Access, PolicyError> {
        let (mut grants, mut denies) = (vec![access.grant], vec![access.deny]);
        wild.visit(query, |access| {
            grants.push(access.grant);
            denies.push(access.deny);
            ControlFlow::Continue(())
        });
        Ok(Access { grant: self.joined(grants)?, deny: self.joined(denies)? })
    }

    fn joined(&mut self, mut parts: Vec<SetId>) -> Result<SetId, PolicyError> {
        parts.retain(|part| *part != SetId::default());
        parts.sort_unstable();
        parts.dedup();
        if let Some(id) = self.by_parts.get(&parts) {
            return Ok(*id);
        }
        for part in &parts {
            if let Some(set) = self.all.get(part.0 as usize) {
                self.union.add_set(set);
            }
        }
        let id = self.keep()?;
        self.by_parts.insert(parts, id);
        Ok(id)
    }

    /// Keeps what was put together.
    fn keep(&mut self) -> Result<SetId, PolicyError> {
        let set = self.union.take();
        if let Some(id) = self.by_content.get(&set) {
            return Ok(*id);
        }
        self.bytes = self.bytes.saturating_add(set.heap_bytes() + size_of::<RoleSet>());
        let too_large = PolicyError::TooLarge { most: MOST_SET_BYTES };
        if self.bytes > MOST_SET_BYTES {
            return Err(too_large);
        }
        let id = SetId(u32::try_from(self.all.len()).map_err(|_| too_large)?);
        self.all.push(set.clone());
        self.by_content.insert(set, id);
        Ok(id)
    }
}

/// What the rules say, whatever the order in which they were written: SHA-256 over the roles by
/// name, every text with its length before it.
fn digest(roles: &Roles, default_role: Option<RoleId>) -> [u8; 32] {
    let mut hash = Sha256::new();
    let name = |id: RoleId| roles.role(id).map_or("", |role| role.name.as_str());
    add_list(&mut hash, default_role.into_iter().map(name));
    for (_, role) in roles.iter() {
        add_text(&mut hash, role.name.as_str());
        add_list(&mut hash, role.grants.iter().map(Pattern::as_str));
        add_list(&mut hash, role.denies.iter().map(Pattern::as_str));
        add_list(&mut hash, role.parents.iter().copied().map(name));
    }
    hash.finalize().into()
}

/// Adds a text so that no two different lists of texts give the same bytes.
pub(super) fn add_text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text.as_bytes());
}

/// Adds a list as its length and its texts.
pub(super) fn add_list<'a>(hash: &mut Sha256, texts: impl Iterator<Item = &'a str> + Clone) {
    hash.update((texts.clone().count() as u64).to_le_bytes());
    texts.for_each(|text| add_text(hash, text));
}
