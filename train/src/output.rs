//! The one place that prints: the report goes to stdout, what stopped the command to stderr.

#![expect(clippy::print_stdout, reason = "the report is for people")]
#![expect(clippy::print_stderr, reason = "what stopped a command goes to stderr")]

/// Prints the report.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Prints what stopped the command.
pub(crate) fn error(text: &str) {
    eprintln!("error: {text}");
}
