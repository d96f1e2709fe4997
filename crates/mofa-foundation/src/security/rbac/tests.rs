//! Tests of the engine as a whole: cases from `testdata/rbac`, a differential test against an
//! oracle, changes at run time, and what people are told.

mod cases;
mod changes;
mod inspect;
mod oracle;

use super::*;
use mofa_runtime::security::{RoleName, Subject, SubjectId, TenantId};

fn subject(id: &str) -> Subject {
    Subject::new(SubjectId::new(id).unwrap(), TenantId::default())
}

fn role(name: &str) -> RoleName {
    RoleName::new(name).unwrap()
}
