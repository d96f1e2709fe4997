//! `casbin`: it tries one rule after the other, so few questions are asked of it, and of its cache
//! as many as are cheap to fill it with.

use crate::rbac::workload::{Permission, Workload, subject_name};
use crate::rbac::{Contender, sum};
use casbin::prelude::{CachedApi, CachedEnforcer, CoreApi, Enforcer, MgmtApi};
use casbin::{DefaultCache, DefaultModel, MemoryAdapter};
use std::error::Error;
use tokio::runtime::Builder;

/// The cheap comparisons first, so that roles are followed for the right permission only.
const MODEL: &str = "
[request_definition]
r = sub, obj, act

[policy_definition]
p = sub, obj, act, eft

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.obj == p.obj && r.act == p.act && g(r.sub, p.sub)
";

/// One answer takes milliseconds.
const ASKED: usize = 60;

type Question<'a> = (String, &'a str, &'a str);

pub(crate) struct Uncached<'a> {
    enforcer: Enforcer,
    questions: Vec<Question<'a>>,
}

pub(crate) struct Cached<'a> {
    enforcer: CachedEnforcer,
    questions: Vec<Question<'a>>,
}

impl<'a> Uncached<'a> {
    pub(crate) fn new(workload: &'a Workload) -> Result<Self, Box<dyn Error>> {
        let enforcer = Builder::new_current_thread().build()?.block_on(async {
            let model = DefaultModel::from_str(MODEL).await?;
            let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
            fill(&mut enforcer, workload).await?;
            Ok::<_, casbin::Error>(enforcer)
        })?;
        Ok(Self { enforcer, questions: questions(workload) })
    }
}

impl<'a> Cached<'a> {
    pub(crate) fn new(workload: &'a Workload) -> Result<Self, Box<dyn Error>> {
        let enforcer = Builder::new_current_thread().build()?.block_on(async {
            let model = DefaultModel::from_str(MODEL).await?;
            let mut enforcer = CachedEnforcer::new(model, MemoryAdapter::default()).await?;
            fill(&mut enforcer, workload).await?;
            enforcer.set_cache(Box::new(DefaultCache::new(100_000)));
            Ok::<_, casbin::Error>(enforcer)
        })?;
        Ok(Self { enforcer, questions: questions(workload) })
    }
}

impl Contender for Uncached<'_> {
    fn name(&self) -> &'static str {
        "casbin 2, uncached"
    }

    fn asked(&self) -> usize {
        self.questions.len()
    }

    fn read(&self, question: usize) -> usize {
        let Some((subject, object, action)) = self.questions.get(question) else { return 0 };
        sum([subject.as_str(), object, action])
    }

    fn is_allowed(&mut self, question: usize) -> bool {
        let Some((subject, object, action)) = self.questions.get(question) else { return false };
        self.enforcer.enforce((subject.as_str(), *object, *action)).unwrap_or(false)
    }
}

impl Contender for Cached<'_> {
    fn name(&self) -> &'static str {
        "casbin 2, answer in its cache"
    }

    fn asked(&self) -> usize {
        self.questions.len()
    }

    fn read(&self, question: usize) -> usize {
        let Some((subject, object, action)) = self.questions.get(question) else { return 0 };
        sum([subject.as_str(), object, action])
    }

    fn is_allowed(&mut self, question: usize) -> bool {
        let Some((subject, object, action)) = self.questions.get(question) else { return false };
        self.enforcer.enforce((subject.as_str(), *object, *action)).unwrap_or(false)
    }
}

fn questions(workload: &Workload) -> Vec<Question<'_>> {
    let asked = workload.questions.iter().take(ASKED);
    asked
        .filter_map(|question| {
            let permission = workload.permissions.get(question.permission)?;
            let subject = subject_name(question.subject);
            Some((subject, permission.resource.as_str(), permission.action))
        })
        .collect()
}

async fn fill(enforcer: &mut impl MgmtApi, workload: &Workload) -> casbin::Result<()> {
    let mut policies = Vec::new();
    let mut groups = Vec::new();
    for role in &workload.roles {
        let rule = |permission: &Permission, effect: &str| {
            let (object, action) = (permission.resource.clone(), permission.action.to_owned());
            vec![role.name.clone(), object, action, effect.to_owned()]
        };
        let at = |place: &usize| workload.permissions.get(*place);
        policies.extend(role.grants.iter().filter_map(at).map(|p| rule(p, "allow")));
        policies.extend(role.denies.iter().filter_map(at).map(|p| rule(p, "deny")));
        let parent = role.parent.and_then(|parent| workload.roles.get(parent));
        groups.extend(parent.map(|parent| vec![role.name.clone(), parent.name.clone()]));
    }
    for (subject, roles) in workload.subjects.iter().enumerate() {
        for role in roles.iter().filter_map(|role| workload.roles.get(*role)) {
            groups.push(vec![subject_name(subject), role.name.clone()]);
        }
    }
    enforcer.add_policies(policies).await?;
    enforcer.add_grouping_policies(groups).await?;
    Ok(())
}
