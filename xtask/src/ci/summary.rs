//! The table at the end of the test command.

use std::fmt::Write as _;

use super::LeftOut;

/// How a step ended.
#[derive(Debug)]
pub(super) enum Outcome {
    NotRun,
    Passed(LeftOut),
    Failed,
}

/// One step's row.
#[derive(Debug)]
pub(super) struct Row {
    name: &'static str,
    pub(super) outcome: Outcome,
    pub(super) seconds: f64,
}

impl Row {
    /// The row of a step that did not run yet.
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, outcome: Outcome::NotRun, seconds: 0.0 }
    }
}

/// The whole table, with what was left out below it.
pub(super) fn table(rows: &[Row]) -> String {
    let mut table = String::from("\nstep             result    seconds\n");
    let mut left_out = String::new();
    for row in rows {
        let result = match &row.outcome {
            Outcome::NotRun => "not run",
            Outcome::Failed => "FAILED",
            Outcome::Passed(nothing) if nothing.is_empty() => "passed",
            Outcome::Passed(some) => {
                for one in some {
                    // Writing to a string cannot fail.
                    let _ok = writeln!(left_out, "left out of {}: {one}", row.name);
                }
                "partly"
            }
        };
        let _ok = writeln!(table, "{:<16} {result:<8} {:>8.1}", row.name, row.seconds);
    }
    let total: f64 = rows.iter().map(|row| row.seconds).sum();
    let _ok = writeln!(table, "{:<16} {:<8} {total:>8.1}", "all", "");
    table + &left_out
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Row, table};

    #[test]
    fn every_outcome_has_its_row_and_what_was_left_out_is_named() {
        let row = |name, outcome| Row { outcome, seconds: 1.25, ..Row::new(name) };
        let table = table(&[
            row("fmt", Outcome::Passed(vec![])),
            row("deny", Outcome::Passed(vec!["advisories".to_owned()])),
            row("test", Outcome::Failed),
            Row::new("demo"),
        ]);
        let expect = "
step             result    seconds
fmt              passed        1.2
deny             partly        1.2
test             FAILED        1.2
demo             not run       0.0
all                            3.8
left out of deny: advisories
";
        assert_eq!(table, expect);
    }
}
