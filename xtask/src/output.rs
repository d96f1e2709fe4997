//! The one place that prints: what a command found goes to stdout, what stopped it to stderr.
//!
//! # Failure
//! A closed pipe is ignored: a check's result is its exit code.

#![expect(clippy::print_stdout, reason = "a repository check reports on stdout")]
#![expect(clippy::print_stderr, reason = "what stopped a check goes to stderr")]

/// Prints a line, or several joined ones.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Prints the heading above a step's own output.
pub(crate) fn heading(position: usize, total: usize, name: &str, about: &str) {
    println!("\n=== [{position}/{total}] {name}: {about}");
}

/// Prints what stopped the command.
pub(crate) fn error(text: &str) {
    eprintln!("error: {text}");
}
