//! Role-based access control: decides whether a subject may do something, by the roles it has.
//!
//! People write an [`RbacPolicy`] of [`Role`]s; a [`DefaultAuthorizer`] compiles it and answers
//! for `SecurityService`, for tools and for the command line.
//!
//! # Permissions
//! ```text
//! permission = "*" / segment 1*( ":" segment )      ; at most 16 segments and 256 bytes
//! segment    = "*" / 1*name-character               ; no ":", "*", white space or control character
//! ```
//! The first segment is the action, the others are the resource: `execute:tool:delete` is the
//! action `execute` on the resource `tool:delete`. Names are compared byte by byte: case counts.
//!
//! `*` stands for exactly one segment; as the last segment it stands for one or more:
//!
//! | permission | covers | does not cover |
//! |---|---|---|
//! | `execute:tool:delete` | `execute` on `tool:delete` | `execute` on `tool:delete:all` |
//! | `execute:tool:*` | `execute` on `tool:delete`, on `tool:fs:write` | `execute` on `tool` |
//! | `execute:*` | `execute` on anything | `read` on anything |
//! | `*:tool:delete` | every action on `tool:delete` | `execute` on `tool:list` |
//! | `execute:*:delete` | `execute` on `tool:delete` | `execute` on `tool:fs:delete` |
//! | `*` | everything | |
//!
//! In a query there are no wildcards: a `*` is a character like any other. The action of a query
//! is one segment, so `execute:tool` on `delete` is not `execute` on `tool:delete`; it is never
//! granted, like everything that no permission could name.
//!
//! # Decisions
//! A subject has the roles that the policy assigns to it and those that its credential brings
//! (unknown names among these grant nothing); if that is none at all, the default role. A role has
//! its own permissions and those of its parents, theirs included. If any of them denies, the
//! answer is [`ExplicitDeny`](mofa_runtime::security::DenyReason::ExplicitDeny), whatever the
//! others grant; else if any grants, the subject may; else not.
//!
//! # Invariants
//! A check takes no lock and allocates nothing. A change is seen by every check that starts after
//! it returned.
//!
//! # Failure
//! A policy that does not hold together ([`PolicyError`]) grants nothing: every check is an error.
//!
//! # Example
//! ```
//! use mofa_foundation::security::{Authorizer, DefaultAuthorizer, RbacPolicy, Role};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut policy = RbacPolicy::new();
//! let admin_role = Role::new("admin")
//!     .with_permission("execute:tool:delete");
//! policy.add_role(admin_role);
//! policy.assign_role("agent-1", "admin");
//!
//! let authorizer = DefaultAuthorizer::new(policy);
//! let result = authorizer
//!     .check_permission("agent-1", "execute", "tool:delete")
//!     .await?;
//! assert!(result.is_allowed());
//! # Ok(())
//! # }
//! ```

mod authorizer;
mod bytes;
mod error;
mod explain;
mod permission;
mod policy;
mod report;
mod roles;
mod rules;
mod sets;
mod subjects;
mod walk;

pub use authorizer::{AuthorizerBuilder, Changes, DefaultAuthorizer};
pub use error::{ChangeError, PolicyError};
pub use explain::{Explanation, Reason, Source};
pub use permission::{MAX_PERMISSION_LEN, MAX_SEGMENTS, PermissionError};
pub use policy::{RbacPolicy, Role};
pub use report::{AccessReport, AccessRow, Effect};
pub use sets::MAX_ROLES;
pub use walk::RoleOrigin;

#[cfg(test)]
mod tests;
