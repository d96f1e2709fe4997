//! Shows on a terminal that something long goes on: [`Progress`].
//!
//! Called by `mofa scan`, which counts files, and by `mofa eval`, which counts the records of each.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// How often it moves.
const INTERVAL: Duration = Duration::from_millis(200);

/// How much was done so far; shown only where standard error is a terminal.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Counts files.
    pub(crate) fn of_files(quiet: bool) -> Self {
        Self::new(quiet, "{spinner} {pos} files, {elapsed}")
    }

    /// Counts the records of the file that [`Self::file`] names.
    pub(crate) fn of_records(quiet: bool) -> Self {
        Self::new(quiet, "{spinner} {msg}: {pos} records, {elapsed}")
    }

    fn new(quiet: bool, template: &str) -> Self {
        if quiet {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(INTERVAL);
        }
        Self(bar)
    }

    /// Begins to count anew, in the file that is called `name`.
    pub(crate) fn file(&self, name: &str) {
        self.0.set_position(0);
        self.0.set_message(name.to_owned());
    }

    pub(crate) fn step(&self) {
        self.0.inc(1);
    }

    /// Makes room for what `print` prints.
    pub(crate) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
