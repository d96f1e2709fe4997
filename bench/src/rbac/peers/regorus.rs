//! `regorus`: a compiled Rego policy over data that is laid out by subject and by permission, so
//! that it looks up and does not search.

use crate::rbac::workload::{Permission, Workload, subject_name};
use crate::rbac::{Contender, sum};
use regorus::{CompiledPolicy, Engine, Value};
use serde_json::{Map, json};
use std::error::Error;

const POLICY: &str = "
package rbac
import rego.v1

held contains role if some role in data.subjects[input.subject]
held contains data.parents[role] if some role in data.subjects[input.subject]
held contains data.parents[data.parents[role]] if some role in data.subjects[input.subject]

granted if {
    some role in held
    data.grants[input.permission][role]
}

denied if {
    some role in held
    data.denies[input.permission][role]
}

default allow := false
allow if {
    granted
    not denied
}
";

pub(crate) struct Regorus {
    policy: CompiledPolicy,
    inputs: Vec<Value>,
}

impl Regorus {
    pub(crate) fn new(workload: &Workload) -> Result<Self, Box<dyn Error>> {
        let mut engine = Engine::new();
        engine.add_policy("rbac.rego".to_owned(), POLICY.to_owned())?;
        engine.add_data(Value::from_json_str(&data(workload).to_string())?)?;
        let policy = engine.compile_with_entrypoint(&"data.rbac.allow".into())?;
        let mut inputs = Vec::new();
        for question in &workload.questions {
            let permission = workload.permissions.get(question.permission).map(Permission::text);
            let input = json!({
                "subject": subject_name(question.subject),
                "permission": permission.unwrap_or_default(),
            });
            inputs.push(Value::from_json_str(&input.to_string())?);
        }
        Ok(Self { policy, inputs })
    }
}

impl Contender for Regorus {
    fn name(&self) -> &'static str {
        "regorus 0.14, compiled"
    }

    fn asked(&self) -> usize {
        self.inputs.len()
    }

    fn read(&self, question: usize) -> usize {
        let input = self.inputs.get(question).and_then(|input| input.as_object().ok());
        let texts = input.into_iter().flat_map(regorus::value::Object::iter);
        sum(texts.filter_map(|(_, value)| value.as_string().ok()).map(|text| &**text))
    }

    fn is_allowed(&mut self, question: usize) -> bool {
        let Some(input) = self.inputs.get(question) else { return false };
        matches!(self.policy.eval_with_input(input.clone()), Ok(Value::Bool(true)))
    }
}

fn data(workload: &Workload) -> serde_json::Value {
    let (mut parents, mut subjects) = (Map::new(), Map::new());
    let (mut grants, mut denies) = (Map::new(), Map::new());
    for role in &workload.roles {
        let parent = role.parent.and_then(|parent| workload.roles.get(parent));
        parents.extend(parent.map(|parent| (role.name.clone(), json!(parent.name))));
        for (list, map) in [(&role.grants, &mut grants), (&role.denies, &mut denies)] {
            for permission in list.iter().filter_map(|place| workload.permissions.get(*place)) {
                let holders = map.entry(permission.text()).or_insert_with(|| json!({}));
                if let Some(holders) = holders.as_object_mut() {
                    holders.insert(role.name.clone(), json!(true));
                }
            }
        }
    }
    for (subject, roles) in workload.subjects.iter().enumerate() {
        let roles: Vec<_> = roles.iter().filter_map(|role| workload.roles.get(*role)).collect();
        let names: Vec<_> = roles.iter().map(|role| role.name.as_str()).collect();
        subjects.insert(subject_name(subject), json!(names));
    }
    json!({ "parents": parents, "subjects": subjects, "grants": grants, "denies": denies })
}
