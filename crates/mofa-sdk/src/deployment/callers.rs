//! Who may call.
//!
//! # Invariants
//! A key is looked up by its id and compared as a whole, in constant time: how near a wrong one
//! comes does not show.

use crate::config::{ApiKey, CallerSettings, KeyDigest};
use crate::security::Subject;
use std::collections::HashMap;
use std::sync::Arc;

/// Someone whose key is known.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// Names the key in records.
    pub key_id: String,
    /// Who it is.
    pub subject: Subject,
}

/// All who may call, by the id of their key.
#[derive(Debug, Default)]
pub struct Callers(HashMap<String, (KeyDigest, Arc<Caller>)>);

impl Callers {
    /// The callers of a configuration.
    #[must_use]
    pub fn new(callers: Vec<CallerSettings>) -> Self {
        let entry = |settings: CallerSettings| {
            let caller = Caller { key_id: settings.id.clone(), subject: settings.subject };
            (settings.id, (settings.digest, Arc::new(caller)))
        };
        Self(callers.into_iter().map(entry).collect())
    }

    /// Who presents `key`; `None` if it is nobody's.
    #[must_use]
    pub fn authenticate(&self, key: &str) -> Option<Arc<Caller>> {
        let (digest, caller) = self.0.get(ApiKey::id_of(key)?)?;
        digest.matches(key).then(|| Arc::clone(caller))
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
        assert_eq!(callers.authenticate(key.expose()).unwrap().subject, subject);
        let (cut, _) = key.expose().split_at(40);
        for wrong in [other.expose(), "", "mofa_team-a_", cut, "mofa_team-b_x"] {
            assert_eq!(callers.authenticate(wrong), None);
        }
    }
}
