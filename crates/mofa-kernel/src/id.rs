//! Identifiers, each its own type, checked once when they are made.
//!
//! Names (`AgentId`, `ToolName` …) are chosen by people and travel into permissions, metrics and
//! records: they are short, printable and without spaces. Numbers (`EventId` …) are UUID version 7:
//! unique everywhere and ordered by time.

use crate::clock::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cell::RefCell;
use std::fmt;
use thiserror::Error;
use uuid::{Builder, NoContext, Uuid};

/// The longest name an identifier may have, in bytes.
pub const MAX_ID_LEN: usize = 256;

/// Why a name cannot be an identifier.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdError {
    /// Nothing was given.
    #[error("a {kind} must not be empty")]
    Empty {
        /// Which identifier was being made.
        kind: &'static str,
    },
    /// More than [`MAX_ID_LEN`] bytes.
    #[error("a {kind} has at most {MAX_ID_LEN} bytes, found {len}")]
    TooLong {
        /// Which identifier was being made.
        kind: &'static str,
        /// How long the name was, in bytes.
        len: usize,
    },
    /// White space or a control character.
    #[error("a {kind} has no spaces or control characters, found {found:?} at byte {at}")]
    Character {
        /// Which identifier was being made.
        kind: &'static str,
        /// The character that is not allowed.
        found: char,
        /// Where it stands.
        at: usize,
    },
}

/// Checks that `name` can be an identifier of `kind`.
///
/// # Errors
/// [`IdError`] if the name is empty, longer than [`MAX_ID_LEN`] bytes, or has white space or
/// control characters in it.
pub fn check_name(kind: &'static str, name: &str) -> Result<(), IdError> {
    if name.is_empty() {
        return Err(IdError::Empty { kind });
    }
    if name.len() > MAX_ID_LEN {
        return Err(IdError::TooLong { kind, len: name.len() });
    }
    match name.char_indices().find(|(_, c)| c.is_whitespace() || c.is_control()) {
        Some((at, found)) => Err(IdError::Character { kind, found, at }),
        None => Ok(()),
    }
}

/// Defines a name that is checked once, when it is made: a newtype over shared text with `new`,
/// `as_str`, `Display` and `TryFrom<&str>`.
///
/// # Example
/// ```
/// mofa_kernel::define_name!(
///     /// Names a queue.
///     QueueName, "queue name"
/// );
/// assert_eq!(QueueName::new("in").unwrap().as_str(), "in");
/// assert!(QueueName::new("not a name").is_err());
/// ```
#[macro_export]
macro_rules! define_name {
    ($(#[$doc:meta])* $type:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $type(::std::sync::Arc<str>);

        impl $type {
            /// Checks `name` and makes the identifier.
            ///
            /// # Errors
            /// `IdError` if the name is empty, longer than 256 bytes, or has white space or
            /// control characters in it.
            pub fn new(name: impl AsRef<str>) -> ::std::result::Result<Self, $crate::IdError> {
                let name = name.as_ref();
                $crate::check_name($kind, name)?;
                Ok(Self(name.into()))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<&str> for $type {
            type Error = $crate::IdError;
            fn try_from(name: &str) -> ::std::result::Result<Self, $crate::IdError> {
                Self::new(name)
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

/// Names of the kernel travel in messages, so they are read and written, and checked when read.
macro_rules! serde_as_text {
    ($type:ident) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }
    };
}

define_name!(
    /// Names an agent, for as long as the deployment lives.
    AgentId, "agent id"
);
define_name!(
    /// Names a tool, as a model would call it.
    ToolName, "tool name"
);
define_name!(
    /// Names what sort of event this is, for instance `chat` or `ticket.created`.
    EventKind, "event kind"
);
serde_as_text!(AgentId);
serde_as_text!(ToolName);
serde_as_text!(EventKind);

impl EventKind {
    /// Something a user said: `chat`.
    #[must_use]
    pub fn chat() -> Self {
        Self("chat".into())
    }

    /// A message from another agent: `message`.
    #[must_use]
    pub fn message() -> Self {
        Self("message".into())
    }
}

define_name!(
    /// Names a plugin.
    PluginId, "plugin id"
);

/// How many random bytes are asked of the system at once, in ids: asking for each of them costs more
/// than all the rest of making it.
const IDS_AT_ONCE: usize = 64;

/// What an id takes of them.
type Random = [u8; 10];

thread_local! {
    /// Random bytes for ids to come.
    static RANDOM: RefCell<Vec<Random>> = const { RefCell::new(Vec::new()) };
}

/// A UUID version 7 (RFC 9562) for the time `at`, its other 74 bits random.
#[must_use]
pub fn random_uuid(at: Timestamp) -> Uuid {
    let random = RANDOM.with_borrow_mut(|random| {
        if random.is_empty() {
            let mut fresh = [Random::default(); IDS_AT_ONCE];
            if getrandom::fill(fresh.as_flattened_mut()).is_ok() {
                random.extend_from_slice(&fresh);
            }
        }
        random.pop()
    });
    let millis = at.as_micros() / 1_000;
    match random {
        Some(random) => Builder::from_unix_timestamp_millis(millis, &random).into_uuid(),
        // Without randomness there are no ids: this asks once more, and ends the program's thread.
        None => Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, millis / 1_000, 0)),
    }
}

macro_rules! number {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $type(Uuid);

        impl $type {
            /// A new id, unique everywhere, that sorts by `at`.
            #[must_use]
            pub fn new(at: Timestamp) -> Self {
                Self(random_uuid(at))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }
    };
}

number!(
    /// One event.
    EventId
);
number!(
    /// One message between agents.
    MessageId
);

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_checked() {
        assert_eq!(AgentId::new("agent-1").unwrap().as_str(), "agent-1");
        assert_eq!(AgentId::new(""), Err(IdError::Empty { kind: "agent id" }));
        assert!(matches!(AgentId::new("a b"), Err(IdError::Character { at: 1, found: ' ', .. })));
        assert!(matches!(ToolName::new("a\u{0}"), Err(IdError::Character { at: 1, .. })));
        assert!(matches!(EventKind::new("x".repeat(257)), Err(IdError::TooLong { len: 257, .. })));
    }

    #[test]
    fn names_are_checked_when_read() {
        assert!(serde_json::from_str::<AgentId>(r#""ok""#).is_ok());
        assert!(serde_json::from_str::<AgentId>(r#""not ok""#).is_err());
    }

    #[test]
    fn numbers_sort_by_time() {
        let early = EventId::new(Timestamp::from_micros(1_700_000_000_000_000));
        let late = EventId::new(Timestamp::from_micros(1_700_000_001_000_000));
        assert!(early < late);
        assert_ne!(early, EventId::new(Timestamp::from_micros(1_700_000_000_000_000)));
    }

    #[test]
    fn no_two_ids_are_the_same_on_any_thread() {
        let at = Timestamp::from_micros(1_700_000_000_123_456);
        let make = move || (0..=IDS_AT_ONCE * 2).map(|_| random_uuid(at)).collect::<Vec<_>>();
        let other = std::thread::spawn(make).join().unwrap();
        let all: HashSet<Uuid> = make().into_iter().chain(other).collect();
        assert_eq!(all.len(), (IDS_AT_ONCE * 2 + 1) * 2);
        for id in all {
            assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
            let time = id.get_timestamp().unwrap().to_unix();
            assert_eq!(time, (1_700_000_000, 123_000_000));
        }
    }
}
