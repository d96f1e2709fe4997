//! Something that happened and that an agent is to handle.

use crate::clock::Clock;
use crate::id::{EventId, EventKind};
use crate::message::{Content, Message, Provenance};

/// Something that happened and that an agent is to handle.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// This event.
    pub id: EventId,
    /// What sort of event it is: permissions name it.
    pub kind: EventKind,
    /// Who produced its content.
    pub provenance: Provenance,
    /// What it says.
    pub content: Content,
}

impl Event {
    /// An event of `kind` that `provenance` produced, with an id from `clock`.
    #[must_use]
    pub fn new(
        kind: EventKind,
        provenance: Provenance,
        content: impl Into<Content>,
        clock: &dyn Clock,
    ) -> Self {
        Self { id: EventId::new(clock.now()), kind, provenance, content: content.into() }
    }

    /// A user's message: an event of kind `chat`.
    #[must_use]
    pub fn chat(content: impl Into<Content>, clock: &dyn Clock) -> Self {
        Self::new(EventKind::chat(), Provenance::User, content, clock)
    }

    /// The delivery of a message from another agent: an event of kind `message`.
    #[must_use]
    pub fn message(message: Message, clock: &dyn Clock) -> Self {
        let from = Provenance::Agent(message.from);
        Self::new(EventKind::message(), from, message.content, clock)
    }
}
