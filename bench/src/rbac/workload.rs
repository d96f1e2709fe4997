//! The policy and the questions: random, and the same in every run.
//!
//! # Invariants
//! Roles inherit from roles with a smaller number only, so that there is no circle. The closure of
//! a subject is worked out here, apart from every engine.

use crate::measure::Effort;
use std::collections::BTreeSet;
use std::fmt;

const BASES: usize = 10;
const MIDDLES: usize = 90;
const LEAVES: usize = 900;
/// How many roles there are: every leaf inherits from a middle role, and that from a base.
pub(crate) const ROLES: usize = BASES + MIDDLES + LEAVES;
const SUBJECTS: usize = 10_000;
const GRANTS_PER_ROLE: usize = 5;
const ACTIONS: [&str; 4] = ["execute", "read", "write", "invoke"];
/// One role in so many denies something too.
const DENYING: usize = 20;

/// A role, with the place of its parent.
pub(crate) struct RoleSpec {
    pub(crate) name: String,
    pub(crate) parent: Option<usize>,
    /// Places in [`Workload::permissions`].
    pub(crate) grants: Vec<usize>,
    pub(crate) denies: Vec<usize>,
}

/// A permission in two pieces.
pub(crate) struct Permission {
    pub(crate) action: &'static str,
    pub(crate) resource: String,
}

/// Who wants what.
pub(crate) struct Question {
    pub(crate) subject: usize,
    pub(crate) permission: usize,
}

/// A policy, and questions to it.
pub(crate) struct Workload {
    pub(crate) roles: Vec<RoleSpec>,
    /// For each subject, the places of its roles.
    pub(crate) subjects: Vec<Vec<usize>>,
    /// What is asked for; the last of them is in no role.
    pub(crate) permissions: Vec<Permission>,
    pub(crate) questions: Vec<Question>,
}

impl Workload {
    pub(crate) fn new(effort: Effort) -> Self {
        let questions = match effort {
            Effort::Quick => 2_000,
            Effort::Full => 20_000,
        };
        let mut random = SplitMix(20_250_220);
        let permissions: Vec<_> = (0..=ROLES * GRANTS_PER_ROLE)
            .map(|n| Permission {
                action: ACTIONS.get(random.below(ACTIONS.len())).copied().unwrap_or("read"),
                resource: format!("tool:service-{}:{n}", n % 37),
            })
            .collect();
        let roles: Vec<_> = (0..ROLES).map(|place| RoleSpec::random(place, &mut random)).collect();
        let subjects: Vec<_> = (0..SUBJECTS)
            .map(|_| {
                let count = 1 + random.below(3);
                let roles: BTreeSet<_> =
                    (0..count).map(|_| BASES + MIDDLES + random.below(LEAVES)).collect();
                roles.into_iter().collect()
            })
            .collect();
        let mut workload = Self { roles, subjects, permissions, questions: Vec::new() };
        workload.questions = (0..questions).map(|_| workload.question(&mut random)).collect();
        workload
    }

    /// Half of the questions ask for something that a role of the subject names.
    fn question(&self, random: &mut SplitMix) -> Question {
        let subject = random.below(self.subjects.len());
        let own = self.closure(subject);
        let role = own.get(random.below(own.len())).and_then(|role| self.roles.get(*role));
        let granted = role.and_then(|role| role.grants.get(random.below(role.grants.len())));
        match granted {
            Some(permission) if random.below(2) == 0 => {
                Question { subject, permission: *permission }
            }
            _ => Question { subject, permission: random.below(self.permissions.len()) },
        }
    }

    /// All roles of a subject, inherited ones included.
    pub(crate) fn closure(&self, subject: usize) -> Vec<usize> {
        let mut all: Vec<usize> = self.subjects.get(subject).cloned().unwrap_or_default();
        let mut at = 0;
        while let Some(role) = all.get(at).and_then(|role| self.roles.get(*role)) {
            all.extend(role.parent.filter(|parent| !all.contains(parent)));
            at += 1;
        }
        all
    }

    pub(crate) fn describe(&self, question: usize) -> String {
        let Some(question) = self.questions.get(question) else { return String::new() };
        let permission = self.permissions.get(question.permission).map(Permission::text);
        format!("{} {}", subject_name(question.subject), permission.unwrap_or_default())
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (roles, subjects) = (self.roles.len(), self.subjects.len());
        write!(f, "{roles} roles, {subjects} subjects, 3 levels of inheritance")
    }
}

impl RoleSpec {
    fn random(place: usize, random: &mut SplitMix) -> Self {
        let parent = match place {
            place if place < BASES => None,
            place if place < BASES + MIDDLES => Some(random.below(BASES)),
            _ => Some(BASES + random.below(MIDDLES)),
        };
        let first = place * GRANTS_PER_ROLE;
        let denies = if random.below(DENYING) == 0 {
            vec![random.below(ROLES * GRANTS_PER_ROLE)]
        } else {
            Vec::new()
        };
        let grants = (first..first + GRANTS_PER_ROLE).collect();
        Self { name: format!("role-{place}"), parent, grants, denies }
    }
}

impl Permission {
    pub(crate) fn text(&self) -> String {
        format!("{}:{}", self.action, self.resource)
    }
}

pub(crate) fn subject_name(subject: usize) -> String {
    format!("agent-{subject}")
}

/// `SplitMix64`, see Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// 2014: the same numbers in every run.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        usize::try_from(z % (end.max(1) as u64)).unwrap_or_default()
    }
}
