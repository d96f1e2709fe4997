//! Starts programs, with what `cargo run` left in the environment taken away; called by the steps
//! of `ci` and by whatever asks git or cargo a question.
//!
//! # Failure
//! A program that cannot be started, ends badly or runs past its limit is a [`ProcessError`] that
//! names the whole command.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::{environment, output};

/// How often a program with a time limit is looked at.
const POLL: Duration = Duration::from_millis(50);

/// Why a program did not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProcessError {
    #[error("`{command}` could not be started: {source}")]
    Start { command: String, source: std::io::Error },
    #[error("`{command}` ended with {status}")]
    Status { command: String, status: ExitStatus },
    #[error("`{command}` was ended after {} seconds", limit.as_secs())]
    TimeLimit { command: String, limit: Duration },
    #[error("`{command}` printed something that is not UTF-8")]
    Encoding { command: String },
}

/// A program with its arguments, ready to run.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
}

impl Program {
    /// Runs `name` in `folder`, with nothing on its standard input.
    pub(crate) fn new(name: impl AsRef<OsStr>, folder: &Path) -> Self {
        let mut command = Command::new(name);
        command.current_dir(folder).stdin(Stdio::null());
        for name in environment::set_by_cargo_run() {
            command.env_remove(name);
        }
        Self { command }
    }

    /// Adds arguments parted by blanks.
    pub(crate) fn args(mut self, line: &str) -> Self {
        self.command.args(line.split_whitespace());
        self
    }

    /// Adds one argument as it is.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Sets a variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs to the end; what it prints goes where ours goes.
    pub(crate) fn run(mut self) -> Result<(), ProcessError> {
        let status = self.command.status().map_err(|source| self.not_started(source))?;
        self.judge(status)
    }

    /// Runs to the end, or kills it once `limit` has passed.
    pub(crate) fn run_within(mut self, limit: Duration) -> Result<(), ProcessError> {
        let child = self.command.spawn().map_err(|source| self.not_started(source))?;
        let status = self.wait(child, limit)?;
        self.judge(status)
    }

    /// The same, and hands back its standard output, which is shown line by line as it comes.
    pub(crate) fn run_within_and_read(mut self, limit: Duration) -> Result<String, ProcessError> {
        self.command.stdout(Stdio::piped());
        let mut child = self.command.spawn().map_err(|source| self.not_started(source))?;
        let pipe = child.stdout.take();
        let reader = std::thread::spawn(move || pipe.map(show).unwrap_or_default());
        // Past the limit nobody waits for the reader: what the program started may hold the pipe.
        let status = self.wait(child, limit)?;
        let printed = reader.join().unwrap_or_default();
        self.judge(status)?;
        Ok(printed)
    }

    /// Runs to the end and hands back its standard output.
    pub(crate) fn read(mut self) -> Result<String, ProcessError> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::inherit());
        let output = self.command.output().map_err(|source| self.not_started(source))?;
        self.judge(output.status)?;
        String::from_utf8(output.stdout)
            .map_err(|_| ProcessError::Encoding { command: self.name() })
    }

    /// Whether it can be started and ends well; it prints nothing.
    pub(crate) fn succeeds(mut self) -> bool {
        self.command.stdout(Stdio::null()).stderr(Stdio::null());
        self.command.status().is_ok_and(|status| status.success())
    }

    fn wait(&self, mut child: Child, limit: Duration) -> Result<ExitStatus, ProcessError> {
        let started = Instant::now();
        loop {
            if let Some(status) = child.try_wait().map_err(|source| self.not_started(source))? {
                return Ok(status);
            }
            if started.elapsed() >= limit {
                // It may have ended between the two calls: then there is nothing left to kill.
                let _gone = child.kill();
                let _status = child.wait();
                return Err(ProcessError::TimeLimit { command: self.name(), limit });
            }
            std::thread::sleep(POLL);
        }
    }

    fn judge(&self, status: ExitStatus) -> Result<(), ProcessError> {
        if status.success() {
            return Ok(());
        }
        Err(ProcessError::Status { command: self.name(), status })
    }

    fn not_started(&self, source: std::io::Error) -> ProcessError {
        ProcessError::Start { command: self.name(), source }
    }

    fn name(&self) -> String {
        std::iter::once(self.command.get_program())
            .chain(self.command.get_args())
            .map(OsStr::to_string_lossy)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Shows each line as it comes, and hands back all of them. A pipe that breaks has brought what it
/// could.
fn show(pipe: impl Read) -> String {
    let mut printed = String::new();
    let mut lines = BufReader::new(pipe);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line);
        output::line(text.trim_end_matches('\n'));
        printed.push_str(&text);
        line.clear();
    }
    printed
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::{ProcessError, Program};

    #[test]
    fn output_is_handed_back_and_a_bad_end_is_named() {
        let here = Path::new(".");
        assert_eq!(Program::new("echo", here).args("a  b").read().unwrap(), "a b\n");
        assert!(Program::new("true", here).succeeds());
        assert!(!Program::new("false", here).succeeds());
        assert!(!Program::new("no-such-program", here).succeeds());
        let error = Program::new("false", here).args("x y").run().unwrap_err();
        assert!(error.to_string().starts_with("`false x y` ended with"), "{error}");
        let error = Program::new("no-such-program", here).run().unwrap_err();
        assert!(matches!(error, ProcessError::Start { .. }), "{error}");
    }

    #[test]
    fn output_within_a_limit_is_handed_back_whole() {
        let here = Path::new(".");
        let limit = Duration::from_mins(1);
        let numbers = Program::new("seq", here).args("1 100000").run_within_and_read(limit);
        assert_eq!(numbers.unwrap().lines().count(), 100_000);
        let error = Program::new("false", here).run_within_and_read(limit).unwrap_err();
        assert!(matches!(error, ProcessError::Status { .. }), "{error}");
        let endless =
            Program::new("tail", here).args("-f /dev/null").run_within_and_read(Duration::ZERO);
        assert!(matches!(endless, Err(ProcessError::TimeLimit { .. })), "{endless:?}");
    }

    #[test]
    fn a_program_past_its_limit_is_ended() {
        let error = Program::new("cat", Path::new("."))
            .arg("/dev/zero")
            .run_to_nowhere(Duration::ZERO)
            .unwrap_err();
        assert!(matches!(error, ProcessError::TimeLimit { .. }), "{error}");
    }

    impl Program {
        fn run_to_nowhere(mut self, limit: Duration) -> Result<(), ProcessError> {
            self.command.stdout(std::process::Stdio::null());
            self.run_within(limit)
        }
    }
}
