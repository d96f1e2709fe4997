//! Makes sure that each direction of a request leaves a record, also where nothing of it could be
//! inspected: [`Pending`].
//!
//! # Invariants
//! From the moment a caller is known until an inspection takes over there is a [`Pending`] request,
//! and from the permit on a [`Pending`] answer. Whatever ends it leaves one record: an error, or a
//! caller that goes away. No record repeats anything of a document.
//!
//! # Failure
//! A record that cannot be stored takes the place of the error, if the fail mode is closed.

use crate::answer::ApiError;
use crate::chat::Asked;
use crate::state::Shared;
use crate::target;
use mofa_sdk::security::{Act, Direction, Subject};
use std::sync::Arc;
use tokio::runtime::Handle;

/// One direction of a request that has no record yet.
#[must_use = "it is recorded as given up when it is dropped"]
pub(crate) struct Pending<'a> {
    shared: &'a Arc<Shared>,
    subject: &'a Subject,
    /// What is to be answered; `None` for a request that is not read yet.
    asked: Option<&'a Asked>,
    is_open: bool,
}

impl<'a> Pending<'a> {
    /// A request of `subject`, of which nothing else is known.
    pub(crate) fn request(shared: &'a Arc<Shared>, subject: &'a Subject) -> Self {
        Self { shared, subject, asked: None, is_open: true }
    }

    /// The answer to what was `asked`.
    pub(crate) fn answer(shared: &'a Arc<Shared>, asked: &'a Asked) -> Self {
        Self { shared, subject: &asked.subject, asked: Some(asked), is_open: true }
    }

    /// What all requests share.
    pub(crate) fn shared(&self) -> &'a Arc<Shared> {
        self.shared
    }

    /// An inspection sees to the record.
    pub(crate) fn inspected(mut self) {
        self.is_open = false;
    }

    /// Records that it ends with `error`, and gives what the caller is told.
    pub(crate) async fn reject(mut self, error: ApiError) -> ApiError {
        // Who goes away now does not keep the record from being stored: it is on its way.
        self.is_open = false;
        let (act, direction) = self.what();
        let service = &self.shared.deployment.service;
        let stored = service.reject(self.subject, &act, direction, error.code()).await;
        self.shared.audit_health.observe(&stored);
        let error = match stored {
            Ok(decision) => error.with_decision(decision),
            Err(refusal) => error.replaced_by(ApiError::refused(&refusal)),
        };
        match self.asked {
            Some(asked) => error.with_request_decision(asked.decision),
            None => error,
        }
    }

    fn what(&self) -> (Act, Direction) {
        match self.asked {
            Some(asked) => (asked.act.clone(), Direction::Output),
            None => (target::unknown(), Direction::Input),
        }
    }
}

/// Nobody waits for it any more: the connection has ended.
impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let is_ending = self.shared.lifecycle.ending.is_cancelled();
        let why = if is_ending { "shutting_down" } else { "caller_gone" };
        let (shared, subject) = (Arc::clone(self.shared), self.subject.clone());
        let (act, direction) = self.what();
        let record = async move {
            let stored = shared.deployment.service.reject(&subject, &act, direction, why).await;
            shared.audit_health.observe(&stored);
        };
        self.shared.lifecycle.tasks.spawn_on(record, &runtime);
    }
}
