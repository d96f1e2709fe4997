//! Who may do what: one row for every subject and every permission that its roles name.
//!
//! Made for reviews of access. Rows are worked out subject by subject while they are read, so that
//! a report takes memory for the names of the subjects and the rows of one of them.
//!
//! # Invariants
//! A row of an exact permission says what a check would answer. Every permission of a subject's roles
//! has one row, whichever roles name it; rows of one subject are sorted by permission.
//!
//! # Failure
//! Only writing fails. A report shows the policy as it was when the report was asked for.

use crate::security::rbac::permission::Pattern;
use crate::security::rbac::roles::Roles;
use crate::security::rbac::walk::{RoleOrigin, Step, Walk};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

/// The rows of one tenant, by subject and permission; the default role's rows come last.
pub struct AccessReport {
    subjects: Box<dyn Iterator<Item = Vec<AccessRow>> + Send>,
    rows: std::vec::IntoIter<AccessRow>,
}

/// What one permission means for one subject.
///
/// Read a permission with a wildcard as "but for the rows that say otherwise": a row that denies
/// wins over one that allows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessRow {
    /// Who; none stands for every subject without a role, who has the default role.
    pub subject: Option<String>,
    /// What, as it is written in the policy.
    pub permission: String,
    /// Whether the subject may.
    pub effect: Effect,
    /// The permission that decides: another one where a wider deny takes this grant back.
    pub decided_by: String,
    /// How the subject came by the first role of the path.
    pub origin: RoleOrigin,
    /// From the role that the subject was given to the role that decides.
    pub path: Vec<String>,
}

/// Whether a row allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The subject may.
    Allow,
    /// The subject may not.
    Deny,
}

impl Effect {
    /// `allow` or `deny`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AccessReport {
    pub(super) fn new(subjects: impl Iterator<Item = Vec<AccessRow>> + Send + 'static) -> Self {
        Self { subjects: Box::new(subjects), rows: Vec::new().into_iter() }
    }

    /// Writes all rows as CSV (RFC 4180) with a head line. Columns: `subject`, `permission`,
    /// `effect`, `decided_by`, `origin`, `path`; the subject is empty for the default role, and
    /// the roles of the path have `>` between them.
    ///
    /// A field that a spreadsheet would take for a formula gets a `'` before it, see
    /// <https://owasp.org/www-community/attacks/CSV_Injection>.
    ///
    /// # Errors
    /// Whatever `out` says.
    pub fn write_csv(self, mut out: impl Write) -> io::Result<()> {
        out.write_all(b"subject,permission,effect,decided_by,origin,path\r\n")?;
        for row in self {
            let subject = CsvField(row.subject.as_deref().unwrap_or_default());
            let (permission, decided_by) = (CsvField(&row.permission), CsvField(&row.decided_by));
            let path = row.path.join(">");
            let (effect, origin, path) = (row.effect, row.origin, CsvField(&path));
            write!(out, "{subject},{permission},{effect},{decided_by},{origin},{path}\r\n")?;
        }
        out.flush()
    }
}

impl Iterator for AccessReport {
    type Item = AccessRow;

    fn next(&mut self) -> Option<AccessRow> {
        loop {
            if let Some(row) = self.rows.next() {
                return Some(row);
            }
            self.rows = self.subjects.next()?.into_iter();
        }
    }
}

impl fmt::Debug for AccessReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessReport").finish_non_exhaustive()
    }
}

impl fmt::Display for AccessRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.subject.as_deref().unwrap_or("(without a role)");
        let path = self.path.join(" -> ");
        write!(f, "{subject} {} {} by {} of {path}", self.effect, self.permission, self.decided_by)
    }
}

/// The rows of one subject, by permission.
pub(super) fn rows(subject: Option<&str>, walk: &Walk<'_>) -> Vec<AccessRow> {
    let denies: Vec<(&Pattern, &Step<'_>)> = walk
        .steps()
        .flat_map(|step| step.role.denies.iter().map(move |deny| (deny, step)))
        .collect();
    let wide: Vec<_> = denies.iter().filter(|(deny, _)| !deny.is_exact()).collect();
    let mut decisions = BTreeMap::new();
    for (deny, step) in &denies {
        decisions.entry(*deny).or_insert((Effect::Deny, *deny, *step));
    }
    for step in walk.steps() {
        for grant in &step.role.grants {
            decisions.entry(grant).or_insert_with(|| {
                // An exact deny covers itself only, and that is in its place already.
                match wide.iter().find(|(deny, _)| deny.covers(grant)) {
                    Some((deny, step)) => (Effect::Deny, *deny, *step),
                    None => (Effect::Allow, grant, step),
                }
            });
        }
    }
    let row =
        |(permission, (effect, decided_by, step)): (&Pattern, (Effect, &Pattern, &Step<'_>))| {
            AccessRow {
                subject: subject.map(str::to_owned),
                permission: permission.to_string(),
                effect,
                decided_by: decided_by.to_string(),
                origin: step.origin,
                path: walk.path(step).iter().map(ToString::to_string).collect(),
            }
        };
    decisions.into_iter().map(row).collect()
}

/// The rows of everyone who has `role` for want of another.
pub(super) fn default_rows(
    roles: &Roles,
    role: crate::security::rbac::sets::RoleId,
) -> Vec<AccessRow> {
    rows(None, &Walk::new(roles, std::iter::once((role, RoleOrigin::Default))))
}

/// A field of a CSV file, quoted where it has to be.
struct CsvField<'a>(&'a str);

impl fmt::Display for CsvField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let formula = if self.0.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
        if self.0.contains(['"', ',']) {
            write!(f, "\"{formula}{}\"", self.0.replace('"', "\"\""))
        } else {
            write!(f, "{formula}{}", self.0)
        }
    }
}
