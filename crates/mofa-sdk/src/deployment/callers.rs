//! Who may call.
//!
//! # Invariants
//! A key is looked up by its id and compared as a whole, in constant time: how near a wrong one
//! comes does not show.

use crate::config::{ApiKey, CallerSettings, KeyDigest};
use crate::security::{KeyId, Subject};
use std::collections::HashMap;
use std::sync::Arc;

/// All who may call, by the id of their key.
#[derive(Debug, Default)]
pub struct Callers(HashMap<String, (KeyDigest, Arc<Subject>)>);

impl Callers {
    /// The callers of a configuration, each with the name of its key.
    #[must_use]
    pub fn new(callers: Vec<CallerSettings>) -> Self {
        let entry = |settings: CallerSettings| {
            let CallerSettings { id, digest, mut subject } = settings;
            // What is no name is in no key: nobody can present it.
            subject.key = KeyId::new(&id).ok();
            (id, (digest, Arc::new(subject)))
        };
        Self(callers.into_iter().map(entry).collect())
    }

    /// Who presents `key`; `None` if it is nobody's.
    #[must_use]
    pub fn authenticate(&self, key: &str) -> Option<Arc<Subject>> {
        let (digest, subject) = self.0.get(ApiKey::id_of(key)?)?;
        digest.matches(key).then(|| Arc::clone(subject))
    }

    /// Whether nobody may call.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::security::{SubjectId, TenantId};

    #[test]
    fn only_the_key_itself_opens() {
        let key = ApiKey::generate("team-a").unwrap();
        let other = ApiKey::generate("team-a").unwrap();
        let subject = Subject::new(SubjectId::new("ann").unwrap(), TenantId::default());
        let settings =
            CallerSettings { id: "team-a".into(), digest: key.digest(), subject: subject.clone() };
        let callers = Callers::new(vec![settings]);
        let caller = callers.authenticate(key.expose()).unwrap();
        assert_eq!(
            (&caller.id, caller.key.as_ref()),
            (&subject.id, Some(&KeyId::new("team-a").unwrap()))
        );
        let (cut, _) = key.expose().split_at(40);
        for wrong in [other.expose(), "", "mofa_team-a_", cut, "mofa_team-b_x"] {
            assert_eq!(callers.authenticate(wrong), None);
        }
    }
}
