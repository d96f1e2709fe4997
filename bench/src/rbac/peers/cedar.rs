//! `cedar-policy`: two policies over a hierarchy of roles, and permissions as resources that name
//! the roles they are granted and denied to. With a policy for each permission it would look at
//! thousands of them in every check; this way it is two.

use crate::rbac::workload::{Permission, Workload, subject_name};
use crate::rbac::{Contender, sum};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, RestrictedExpression,
};
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::str::FromStr;

const POLICIES: &str = "
    permit(principal, action, resource) when { principal in resource.grant };
    forbid(principal, action, resource) when { principal in resource.deny };
";

pub(crate) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    requests: Vec<Request>,
}

impl Cedar {
    pub(crate) fn new(workload: &Workload) -> Result<Self, Box<dyn Error>> {
        let types = Types::new()?;
        let mut entities = Vec::new();
        let mut grants: HashMap<usize, Vec<EntityUid>> = HashMap::new();
        let mut denies: HashMap<usize, Vec<EntityUid>> = HashMap::new();
        let role_uid = |place: usize| workload.roles.get(place).map(|role| types.role(&role.name));
        for role in &workload.roles {
            let parents = role.parent.and_then(role_uid).into_iter().collect();
            entities.push(Entity::new_no_attrs(types.role(&role.name), parents));
            for permission in &role.grants {
                grants.entry(*permission).or_default().push(types.role(&role.name));
            }
            for permission in &role.denies {
                denies.entry(*permission).or_default().push(types.role(&role.name));
            }
        }
        for (subject, roles) in workload.subjects.iter().enumerate() {
            let parents: HashSet<_> = roles.iter().filter_map(|role| role_uid(*role)).collect();
            entities.push(Entity::new_no_attrs(types.subject(subject), parents));
        }
        for (place, permission) in workload.permissions.iter().enumerate() {
            let attributes = HashMap::from([
                ("grant".to_owned(), set(grants.remove(&place))),
                ("deny".to_owned(), set(denies.remove(&place))),
            ]);
            entities.push(Entity::new(types.permission(permission), attributes, HashSet::new())?);
        }
        let mut requests = Vec::new();
        for question in &workload.questions {
            let Some(permission) = workload.permissions.get(question.permission) else { continue };
            requests.push(Request::new(
                types.subject(question.subject),
                types.action.clone(),
                types.permission(permission),
                Context::empty(),
                None,
            )?);
        }
        Ok(Self {
            authorizer: Authorizer::new(),
            policies: PolicySet::from_str(POLICIES)?,
            entities: Entities::from_entities(entities, None)?,
            requests,
        })
    }
}

impl Contender for Cedar {
    fn name(&self) -> &'static str {
        "cedar-policy 4"
    }

    fn asked(&self) -> usize {
        self.requests.len()
    }

    fn read(&self, question: usize) -> usize {
        let Some(request) = self.requests.get(question) else { return 0 };
        let parts = [request.principal(), request.resource(), request.action()];
        sum(parts.into_iter().flatten().map(|uid| uid.id().unescaped()))
    }

    fn is_allowed(&mut self, question: usize) -> bool {
        self.requests.get(question).is_some_and(|request| {
            let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
            response.decision() == Decision::Allow
        })
    }
}

struct Types {
    role: EntityTypeName,
    subject: EntityTypeName,
    permission: EntityTypeName,
    action: EntityUid,
}

impl Types {
    fn new() -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            role: EntityTypeName::from_str("Role")?,
            subject: EntityTypeName::from_str("Subject")?,
            permission: EntityTypeName::from_str("Permission")?,
            action: EntityUid::from_str("Action::\"use\"")?,
        })
    }

    fn role(&self, name: &str) -> EntityUid {
        EntityUid::from_type_name_and_id(self.role.clone(), EntityId::new(name))
    }

    fn subject(&self, subject: usize) -> EntityUid {
        let id = EntityId::new(subject_name(subject));
        EntityUid::from_type_name_and_id(self.subject.clone(), id)
    }

    fn permission(&self, permission: &Permission) -> EntityUid {
        let id = EntityId::new(permission.text());
        EntityUid::from_type_name_and_id(self.permission.clone(), id)
    }
}

fn set(roles: Option<Vec<EntityUid>>) -> RestrictedExpression {
    let roles = roles.unwrap_or_default();
    RestrictedExpression::new_set(roles.into_iter().map(RestrictedExpression::new_entity_uid))
}
