//! A table of figures, as text for people and as JSON for tools.

use crate::measure::Figure;
use serde::Serialize;
use std::fmt;

/// What was measured, and the figure of each engine; the first row is the product's.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The data and the questions, in words.
    pub(crate) setting: String,
    /// What `nanos` is for, for instance `check`.
    pub(crate) unit: &'static str,
    pub(crate) rows: Vec<Row>,
}

/// One engine.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) engine: &'static str,
    /// Nanoseconds for one unit, the median of all rounds.
    pub(crate) nanos: f64,
    /// Nanoseconds for one unit in the best round.
    pub(crate) best: f64,
    /// `nanos` over those of the first row.
    pub(crate) ratio: f64,
    /// How many answers were compared with the product's before the timing.
    pub(crate) agreed: usize,
}

impl Table {
    /// Puts together what was measured, in the order of `engines`.
    pub(crate) fn new(
        name: &'static str,
        setting: String,
        unit: &'static str,
        engines: impl IntoIterator<Item = (&'static str, usize)>,
        figures: &[Figure],
    ) -> Self {
        let first = figures.first().copied().unwrap_or_default();
        let row = |((engine, agreed), figure): ((&'static str, usize), &Figure)| Row {
            engine,
            nanos: figure.median,
            best: figure.best,
            ratio: figure.median / first.median,
            agreed,
        };
        Self { name, setting, unit, rows: engines.into_iter().zip(figures).map(row).collect() }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.name, self.setting)?;
        let unit = format!("ns/{}", self.unit);
        writeln!(f, "{:<44} {unit:>12} {:>12} {:>10} {:>8}", "engine", "best", "ratio", "agreed")?;
        for Row { engine, nanos, best, ratio, agreed } in &self.rows {
            writeln!(f, "{engine:<44} {nanos:>12.1} {best:>12.1} {ratio:>10.2} {agreed:>8}")?;
        }
        Ok(())
    }
}
