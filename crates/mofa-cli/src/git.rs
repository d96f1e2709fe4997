//! Runs the `git` executable so that nothing of a repository runs with it: [`Git`]. `mofa scan --git`
//! and `mofa secrets` are its callers.
//!
//! # Invariants
//! A repository may be hostile: its configuration and attributes name programs (hooks, pagers,
//! filters, text conversions, external diffs, a file system monitor, transports that fetch missing
//! objects, programs that check signatures). Only commands that read are run, with each of these
//! switched off, and names that come from outside never stand where an option could. Replacements
//! and grafts are not followed, so that what is stored is what is read.
//! A child is ended when nobody reads from it any more.
//!
//! # Failure
//! [`GitError`]; what git said is at most [`SAID`] bytes, on one line, without control characters.

use crate::output::one_line;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use thiserror::Error;

/// How much of what git says is kept, in bytes.
const SAID: u64 = 2048;

/// The longest answer of a command that answers with a line or two, in bytes.
const MAX_ANSWER: u64 = 1 << 20;

/// What stands before every command: nothing is run, nothing is locked, nothing is fetched.
const SAFE: &[&str] = &[
    "--no-pager",
    "--no-replace-objects",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.attributesFile=/dev/null",
    "-c",
    "log.showSignature=false",
    "-c",
    "protocol.allow=never",
];

/// What would point git to another repository than the one that was named. These are git's own
/// (`git rev-parse --local-env-vars`) and the name space.
const REDIRECTING: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// What changes what git prints or runs; never wanted.
const CHANGING: &[&str] = &[
    "GIT_ATTR_SOURCE",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIFF_OPTS",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_PAGER",
    "GIT_REPLACE_REF_BASE",
];

/// Why git did not do what it was asked to.
#[derive(Debug, Error)]
pub(crate) enum GitError {
    /// There is no such program.
    #[error("`git` is not installed, or not in PATH")]
    Missing,
    /// It could not be started or read from.
    #[error("`git {command}` cannot be run or read: {source}")]
    Run {
        /// Which command.
        command: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// It ended otherwise than well.
    #[error("`git {command}` ended with {status}: {said}")]
    Ended {
        /// Which command.
        command: &'static str,
        /// How.
        status: ExitStatus,
        /// What it said about that.
        said: String,
    },
    /// There is more of something than is followed.
    #[error("the repository has more than {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are followed.
        most: usize,
    },
    /// It answered what it should not.
    #[error("`git {command}` gave an answer that is not understood")]
    Answer {
        /// Which command.
        command: &'static str,
    },
}

/// Runs git in one place.
#[derive(Debug, Clone)]
pub(crate) struct Git {
    /// The folder; `None` for where this program runs, with what the environment says about the
    /// repository: in a hook, git names its index there.
    folder: Option<PathBuf>,
}

impl Git {
    pub(crate) fn new(folder: Option<&Path>) -> Self {
        Self { folder: folder.map(Path::to_owned) }
    }

    /// `git` as it is configured, without anything switched off but what would redirect it; to ask
    /// where hooks are.
    fn plain(&self) -> Command {
        let mut command = Command::new("git");
        for name in CHANGING {
            command.env_remove(name);
        }
        if let Some(folder) = &self.folder {
            for name in REDIRECTING {
                command.env_remove(name);
            }
            command.arg("-C").arg(folder);
        }
        // What is missing in a partial clone is missing: nothing is fetched, whatever the
        // repository names as a program or an address to fetch with.
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "");
        command.env("GIT_GRAFT_FILE", "/dev/null").env("GIT_TERMINAL_PROMPT", "0");
        command.env("LC_ALL", "C");
        command
    }

    fn safe(&self) -> Command {
        let mut command = self.plain();
        command.args(SAFE);
        command
    }

    /// Starts `command` with `args`; what it prints is read from it.
    pub(crate) fn start(
        &self,
        command: &'static str,
        args: &[&str],
        input: Stdio,
    ) -> Result<Running, GitError> {
        let mut program = self.safe();
        program.arg(command).args(args);
        Running::start(program, command, input)
    }

    /// What `command` with `args` prints, without the line end.
    pub(crate) fn answer(&self, command: &'static str, args: &[&str]) -> Result<Vec<u8>, GitError> {
        self.start(command, args, Stdio::null())?.answer()
    }

    /// Where hooks are, as the configuration has it. Run in the top folder of a working tree, to
    /// which a relative `core.hooksPath` is relative.
    pub(crate) fn hooks(&self) -> Result<Vec<u8>, GitError> {
        let mut program = self.plain();
        program.args(["rev-parse", "--git-path", "hooks"]);
        Running::start(program, "rev-parse", Stdio::null())?.answer()
    }
}

/// A command that runs. It is ended when this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    command: &'static str,
    child: Child,
    said: Option<JoinHandle<Vec<u8>>>,
}

impl Running {
    fn start(mut program: Command, command: &'static str, input: Stdio) -> Result<Self, GitError> {
        program.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn().map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => GitError::Missing,
            _ => GitError::Run { command, source },
        })?;
        let said = child.stderr.take();
        let mut running = Self { command, child, said: None };
        let listen = move || said.map(listen).unwrap_or_default();
        let listener = thread::Builder::new().spawn(listen);
        running.said = Some(listener.map_err(|source| GitError::Run { command, source })?);
        Ok(running)
    }

    /// Where to write to it; once.
    pub(crate) fn input(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Where to read from it; once.
    pub(crate) fn output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// That reading or writing failed with `source`.
    pub(crate) fn failed(&self, source: io::Error) -> GitError {
        GitError::Run { command: self.command, source }
    }

    /// Waits for its end, which must be a good one.
    pub(crate) fn finish(mut self) -> Result<(), GitError> {
        let command = self.command;
        drop(self.child.stdout.take());
        let status = self.child.wait().map_err(|source| GitError::Run { command, source })?;
        if status.success() {
            return Ok(());
        }
        let said = self.said.take().and_then(|said| said.join().ok()).unwrap_or_default();
        Err(GitError::Ended { command, status, said: one_line(&said) })
    }

    fn answer(mut self) -> Result<Vec<u8>, GitError> {
        let mut answer = Vec::new();
        if let Some(output) = self.output() {
            let read = output.take(MAX_ANSWER).read_to_end(&mut answer);
            read.map_err(|source| self.failed(source))?;
        }
        self.finish()?;
        if answer.last() == Some(&b'\n') {
            answer.pop();
        }
        Ok(answer)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended already is not harmed, and there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps the beginning of what is said and reads the rest, so that nobody waits to be heard.
fn listen(mut said: impl Read) -> Vec<u8> {
    let mut kept = Vec::new();
    let _ = said.by_ref().take(SAID).read_to_end(&mut kept);
    let _ = io::copy(&mut said, &mut io::sink());
    kept
}

/// Writes a line to a child.
pub(crate) fn write_line(input: &mut ChildStdin, line: &str) -> io::Result<()> {
    input.write_all(format!("{line}\n").as_bytes())?;
    input.flush()
}

/// A path as git prints it.
#[cfg(unix)]
pub(crate) fn path_of(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes).into()
}

/// A path as git prints it: always UTF-8 here.
#[cfg(not(unix))]
pub(crate) fn path_of(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}
