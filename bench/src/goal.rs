//! Decides whether the figures are what the project asks of itself.
//!
//! Called once all tables are there. A goal belongs to a table and is judged wherever that table
//! is made.
//!
//! # Failure
//! [`Missed`], where the caller asks for it: a goal that could not be measured counts as missed.

use crate::table::Table;
use std::fmt;
use thiserror::Error;

/// Every goal. What a request costs is judged by the median, as the tables show it.
const GOALS: &[Goal] = &[
    Goal {
        table: "rbac",
        what: "a check in at most 120 ns",
        engine: "mofa",
        ask: Ask::AtMost { nanos: 120.0 },
    },
    Goal {
        table: "rbac",
        what: "a check at least 50 times faster than cedar-policy",
        engine: "mofa",
        ask: Ask::FasterThan { peer: "cedar-policy 4", times: 50.0 },
    },
    Goal {
        table: "pipeline",
        what: "all four stages on a message of 1 KB in under 25 microseconds",
        engine: "all four stages",
        ask: Ask::Under { nanos: 25_000.0 },
    },
    Goal {
        table: "scan-clean",
        what: "at least 500 MB/s of clean text on one core",
        engine: "PiiScanner::scan",
        ask: Ask::AtMost { nanos: 2_000.0 },
    },
    Goal {
        table: "scan-100kb",
        what: "at least 3 times faster than six regexes one after the other",
        engine: "PiiScanner::scan",
        ask: Ask::FasterThan { peer: "six regexes, one after the other", times: 3.0 },
    },
];

/// What is asked of one row of a table.
struct Goal {
    table: &'static str,
    what: &'static str,
    /// The row, by its name.
    engine: &'static str,
    ask: Ask,
}

enum Ask {
    AtMost { nanos: f64 },
    Under { nanos: f64 },
    FasterThan { peer: &'static str, times: f64 },
}

/// What became of a goal.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    Met {
        found: f64,
        unit: &'static str,
    },
    Missed {
        found: f64,
        unit: &'static str,
    },
    /// A row that it needs is not there.
    NotMeasured,
}

/// A goal and what became of it.
pub(crate) struct Judged {
    goal: &'static Goal,
    outcome: Outcome,
}

/// Goals are missed, or could not be measured.
#[derive(Debug, Error)]
#[error("{count} of {all} goals missed: {names}")]
pub(crate) struct Missed {
    count: usize,
    all: usize,
    names: String,
}

/// Judges the goals of the tables that were made.
pub(crate) fn judge(tables: &[Table]) -> Vec<Judged> {
    let of = |goal: &'static Goal| {
        let table = tables.iter().find(|table| table.name == goal.table)?;
        Some(Judged { goal, outcome: goal.judge(table) })
    };
    GOALS.iter().filter_map(of).collect()
}

/// Nothing if all of them are met.
pub(crate) fn all_met(judged: &[Judged]) -> Result<(), Missed> {
    let is_missed = |one: &&Judged| !matches!(one.outcome, Outcome::Met { .. });
    let names: Vec<_> = judged.iter().filter(is_missed).map(|one| one.goal.to_string()).collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(Missed { count: names.len(), all: judged.len(), names: names.join("; ") })
}

/// The goals in words, for the help.
pub(crate) fn goals() -> impl Iterator<Item = String> {
    GOALS.iter().map(Goal::to_string)
}

impl Goal {
    fn judge(&self, table: &Table) -> Outcome {
        let row = |name: &str| table.rows.iter().find(|row| row.engine == name);
        let Some(own) = row(self.engine).map(|row| row.nanos) else { return Outcome::NotMeasured };
        let (is_met, found, unit) = match self.ask {
            Ask::AtMost { nanos } => (own <= nanos, own, "ns"),
            Ask::Under { nanos } => (own < nanos, own, "ns"),
            Ask::FasterThan { peer, times } => {
                let Some(peer) = row(peer) else { return Outcome::NotMeasured };
                let found = peer.nanos / own;
                (found >= times, found, "times")
            }
        };
        if is_met { Outcome::Met { found, unit } } else { Outcome::Missed { found, unit } }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.table, self.what)
    }
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let goal = self.goal;
        match self.outcome {
            Outcome::Met { found, unit } => write!(f, "met     {goal} ({found:.1} {unit})"),
            Outcome::Missed { found, unit } => write!(f, "MISSED  {goal} ({found:.1} {unit})"),
            Outcome::NotMeasured => write!(f, "MISSED  {goal} (not measured: no peers built in)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TABLES;
    use crate::measure::{Effort, Figure};

    /// A table with these rows, in nanoseconds.
    fn table(name: &'static str, rows: &[(&'static str, f64)]) -> Table {
        let figures: Vec<_> =
            rows.iter().map(|(_, nanos)| Figure { median: *nanos, best: *nanos }).collect();
        let engines = rows.iter().map(|(engine, _)| (*engine, 1));
        Table::new(name, String::new(), "unit", engines, &figures)
    }

    #[track_caller]
    fn check(tables: &[Table], expect: &[&str]) {
        let judged = judge(tables);
        let found: Vec<_> = judged.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), expect.len(), "{found:?}");
        for (found, expect) in found.iter().zip(expect) {
            assert!(found.starts_with(expect), "{found}");
        }
        let is_met = expect.iter().all(|line| line.starts_with("met "));
        assert_eq!(all_met(&judged).is_ok(), is_met);
    }

    #[test]
    fn a_goal_is_met_missed_or_not_measured() {
        let rbac = |own, peer| table("rbac", &[("mofa", own), ("cedar-policy 4", peer)]);
        let pipeline = |own| table("pipeline", &[("all four stages", own)]);
        check(&[rbac(120.0, 6_000.0), pipeline(24_999.0)], &["met ", "met ", "met "]);
        check(&[rbac(120.1, 6_100.0), pipeline(25_000.0)], &["MISSED ", "met ", "MISSED "]);
        check(&[rbac(100.0, 4_999.0)], &["met ", "MISSED "]);
        check(&[table("rbac", &[("mofa", 100.0)])], &["met ", "MISSED "]);
        check(&[rbac(f64::NAN, 5_000.0)], &["MISSED ", "MISSED "]);
        check(&[table("moderation", &[("mofa", 1.0)])], &[]);
    }

    #[test]
    fn the_rows_that_goals_name_are_in_the_tables() {
        for (name, make) in TABLES {
            let mut goals = GOALS.iter().filter(|goal| goal.table == *name).peekable();
            if goals.peek().is_none() {
                continue;
            }
            let table = make(Effort::Quick).unwrap();
            for goal in goals {
                let is_there = |engine: &str| table.rows.iter().any(|row| row.engine == engine);
                assert!(is_there(goal.engine), "{goal}");
                if let (Ask::FasterThan { peer, .. }, true) = (&goal.ask, cfg!(feature = "peers")) {
                    assert!(is_there(peer), "{goal}");
                }
            }
        }
        assert!(GOALS.iter().all(|goal| TABLES.iter().any(|(name, _)| *name == goal.table)));
    }
}
