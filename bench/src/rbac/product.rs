//! The product's own rows, and the bare look-up that nothing can be faster than.

use super::workload::{Permission, ROLES, Workload, subject_name};
use super::{Contender, sum};
use mofa_foundation::security::{Authorizer, DefaultAuthorizer, RbacPolicy, Role};
use mofa_runtime::security::{Subject, SubjectId, TenantId};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::error::Error;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

pub(crate) fn contenders(
    workload: &Workload,
) -> Result<Vec<Box<dyn Contender + '_>>, Box<dyn Error>> {
    let plain = policy(workload);
    let mut wild = plain.clone();
    add_patterns(&mut wild);
    Ok(vec![
        Box::new(Product::new("mofa", workload, plain.clone())?),
        Box::new(Product::new("mofa, 1,000 wildcard patterns more", workload, wild)?),
        Box::new(Boxed(Product::new("mofa, by the async trait", workload, plain)?)),
        Box::new(Bare::new(workload)),
    ])
}

fn policy(workload: &Workload) -> RbacPolicy {
    let mut policy = RbacPolicy::new();
    let text = |place: &usize| workload.permissions.get(*place).map(Permission::text);
    for spec in &workload.roles {
        let parent = spec.parent.and_then(|parent| workload.roles.get(parent));
        let role = parent
            .into_iter()
            .fold(Role::new(&spec.name), |role, parent| role.with_parent(&parent.name));
        let role = spec.grants.iter().filter_map(text).fold(role, Role::with_permission);
        policy.add_role(spec.denies.iter().filter_map(text).fold(role, Role::with_denied));
    }
    for (subject, roles) in workload.subjects.iter().enumerate() {
        for role in roles.iter().filter_map(|role| workload.roles.get(*role)) {
            policy.assign_role(subject_name(subject), &role.name);
        }
    }
    policy
}

/// Patterns near what is asked for, in roles that nobody has: the answers stay the same.
fn add_patterns(policy: &mut RbacPolicy) {
    for n in 0..ROLES {
        let permission = match n % 4 {
            0 => format!("execute:tool:service-{}:*", n % 37),
            1 => format!("*:tool:service-{}:{n}", n % 37),
            2 => format!("read:*:service-{}:{n}", n % 37),
            _ => format!("write:tool:*:{n}"),
        };
        policy.add_role(Role::new(format!("nobody-{n}")).with_permission(permission));
    }
}

struct Product<'a> {
    name: &'static str,
    authorizer: DefaultAuthorizer,
    subjects: Vec<Subject>,
    workload: &'a Workload,
}

impl<'a> Product<'a> {
    fn new(
        name: &'static str,
        workload: &'a Workload,
        policy: RbacPolicy,
    ) -> Result<Self, Box<dyn Error>> {
        let authorizer = DefaultAuthorizer::build(policy)?;
        // One text for all of them, as where a tenant's keys come from one configuration.
        let tenant = TenantId::default();
        let mut subjects = Vec::new();
        for subject in 0..workload.subjects.len() {
            subjects.push(Subject::new(SubjectId::new(subject_name(subject))?, tenant.clone()));
        }
        Ok(Self { name, authorizer, subjects, workload })
    }

    fn question(&self, question: usize) -> Option<(&Subject, &'a Permission)> {
        let question = self.workload.questions.get(question)?;
        let permission = self.workload.permissions.get(question.permission)?;
        Some((self.subjects.get(question.subject)?, permission))
    }
}

impl Contender for Product<'_> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn asked(&self) -> usize {
        self.workload.questions.len()
    }

    fn read(&self, question: usize) -> usize {
        let Some((subject, permission)) = self.question(question) else { return 0 };
        let tenant = subject.tenant.as_str();
        sum([subject.id.as_str(), tenant, permission.action, &permission.resource])
    }

    fn is_allowed(&mut self, question: usize) -> bool {
        let Some((subject, permission)) = self.question(question) else { return false };
        let result = self.authorizer.check(subject, permission.action, &permission.resource);
        result.is_ok_and(mofa_runtime::security::AuthorizationResult::is_allowed)
    }
}

/// Over the trait object that the pipeline calls, with its boxed future.
struct Boxed<'a>(Product<'a>);

impl Contender for Boxed<'_> {
    fn name(&self) -> &'static str {
        self.0.name
    }

    fn asked(&self) -> usize {
        self.0.asked()
    }

    fn read(&self, question: usize) -> usize {
        self.0.read(question)
    }

    fn is_allowed(&mut self, question: usize) -> bool {
        let Some((subject, permission)) = self.0.question(question) else { return false };
        let authorizer: &dyn Authorizer = &self.0.authorizer;
        let check = pin!(authorizer.authorize(subject, permission.action, &permission.resource));
        match check.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => {
                result.is_ok_and(mofa_runtime::security::AuthorizationResult::is_allowed)
            }
            Poll::Pending => false,
        }
    }
}

/// What each subject may do, written out, in the standard library's map; the key is one text that
/// is made beforehand. No roles, no tenants, no changes, no reasons.
struct Bare {
    allowed: HashMap<String, bool>,
    questions: Vec<String>,
}

impl Bare {
    fn new(workload: &Workload) -> Self {
        let text = |place: &usize| workload.permissions.get(*place).map(Permission::text);
        let mut allowed = HashMap::new();
        for subject in 0..workload.subjects.len() {
            let roles = workload.closure(subject);
            let specs = || roles.iter().filter_map(|role| workload.roles.get(*role));
            let denied: HashSet<_> = specs().flat_map(|role| &role.denies).collect();
            let granted: BTreeSet<_> = specs().flat_map(|role| &role.grants).collect();
            let name = subject_name(subject);
            for permission in granted.into_iter().filter(|p| !denied.contains(p)).filter_map(text) {
                allowed.insert(format!("{name} {permission}"), true);
            }
        }
        let questions = (0..workload.questions.len()).map(|q| workload.describe(q)).collect();
        Self { allowed, questions }
    }
}

impl Contender for Bare {
    fn name(&self) -> &'static str {
        "bare HashMap<String, bool> look-up"
    }

    fn asked(&self) -> usize {
        self.questions.len()
    }

    fn read(&self, question: usize) -> usize {
        sum(self.questions.get(question).map(String::as_str))
    }

    fn is_allowed(&mut self, question: usize) -> bool {
        self.questions.get(question).and_then(|key| self.allowed.get(key)).is_some_and(|may| *may)
    }
}
