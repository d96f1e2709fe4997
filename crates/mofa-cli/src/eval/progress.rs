//! Shows on a terminal that a long measurement goes on.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// How often it moves.
const INTERVAL: Duration = Duration::from_millis(200);

/// How many records were scanned so far; shown only where standard error is a terminal.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        if quiet {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}: {pos} records, {elapsed}")
        {
            bar.set_style(style);
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(INTERVAL);
        }
        Self(bar)
    }

    /// Another file is measured.
    pub(super) fn file(&self, name: &str) {
        self.0.set_position(0);
        self.0.set_message(name.to_owned());
    }

    pub(super) fn step(&self) {
        self.0.inc(1);
    }

    /// Makes room for what `print` prints.
    pub(super) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
