//! What is wanted, and which way a text travels: [`Act`], [`Direction`].

use std::borrow::Cow;
use std::fmt;

/// What a subject wants to do with what: `invoke` `model:small`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Act {
    /// The verb, one segment of a permission.
    pub action: Cow<'static, str>,
    /// The object, one or more segments.
    pub resource: Cow<'static, str>,
}

impl Act {
    /// An act.
    #[must_use]
    pub fn new(
        action: impl Into<Cow<'static, str>>,
        resource: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { action: action.into(), resource: resource.into() }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.action, self.resource)
    }
}

/// Which way a text travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Towards what acts: a model, a tool, an agent.
    Input,
    /// Back from it. Whether the subject may was decided on the way in.
    Output,
}

impl Direction {
    /// `input` or `output`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
        }
    }
}
