//! The one place that prints: results to standard output, everything else to standard error.
//!
//! # Failure
//! A reader of standard output that goes away (`mofa scan | head`) ends the program quietly and
//! at once; any other failure is [`CliError::Output`]. Messages that cannot be printed are lost.

use crate::error::CliError;
use serde::Serialize;
use std::fmt;
use std::io::{self, Write};
use std::process;
use tracing_subscriber::filter::LevelFilter;

/// How many bytes of results are collected before they are written.
const BUFFER: usize = 1 << 16;

/// Standard output, collected into large writes.
#[derive(Debug)]
pub(crate) struct Results {
    buffer: Vec<u8>,
}

impl Results {
    pub(crate) fn new() -> Self {
        Self { buffer: Vec::with_capacity(BUFFER) }
    }

    /// Adds bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, line: fmt::Arguments<'_>) -> Result<(), CliError> {
        self.write(format!("{line}\n").as_bytes())
    }

    /// Adds `value` as indented JSON and a line end.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let text = serde_json::to_string_pretty(value);
        let text = text.map_err(|error| CliError::Output(error.into()))?;
        self.line(format_args!("{text}"))
    }

    /// Writes what was collected.
    pub(crate) fn flush(&mut self) -> Result<(), CliError> {
        let written = write_now(&self.buffer);
        self.buffer.clear();
        written
    }
}

/// Writes `bytes` to standard output at once.
pub(crate) fn write_now(bytes: &[u8]) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        // There is nobody left to tell, and a thread may be waiting for input that never comes.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => process::exit(0),
        written => written.map_err(CliError::Output),
    }
}

/// Says something beside the results.
pub(crate) fn note(message: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "mofa: {message}");
}

/// Says something that should be changed.
pub(crate) fn warn(message: fmt::Arguments<'_>) {
    note(format_args!("warning: {message}"));
}

/// Says why a command could not do what it was asked to do.
pub(crate) fn complain(error: &CliError) {
    note(format_args!("error: {error}"));
    if let Some(hint) = error.hint() {
        note(format_args!("hint: {hint}"));
    }
}

/// `bytes` of somebody else as one line of text that is shown: control characters and what changes
/// the direction of writing are escaped.
pub(crate) fn one_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    escaped(&lines.join("; "))
}

/// `text` without control characters and without what changes the direction of writing: the first
/// could move the cursor or colour the terminal, the second show a name that is none.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let is_marking = matches!(
            c,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        );
        if c.is_control() || is_marking { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out
}

/// Sends the log to standard error.
pub(crate) fn log_to_stderr(level: LevelFilter) {
    let log = tracing_subscriber::fmt().with_writer(io::stderr).with_max_level(level);
    // Another log is only there in a test.
    let _ = log.try_init();
}

/// Makes a panic say where it happened and nothing else.
pub(crate) fn hide_panic_messages() {
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(place) => note(format_args!("internal error at {place}; please report it")),
        None => note(format_args!("internal error; please report it")),
    }));
}
