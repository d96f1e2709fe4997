//! Sees to the programs of the system that the other steps need; the first step.
//!
//! # Failure
//! Missing packages are installed when we are root on a system with `apt-get`, otherwise named.

use crate::environment;
use crate::output;
use crate::process::Program;

use super::context::Context;
use super::{LeftOut, StepError};

/// A program of the system.
struct Requirement {
    /// What needs it, in words.
    what: &'static str,
    /// The Debian packages that bring it.
    packages: &'static str,
    /// A command that succeeds once it is there.
    probe: (&'static str, &'static [&'static str]),
}

const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        what: "C compiler (crates with C parts)",
        packages: "gcc libc6-dev",
        probe: ("cc", &["--version"]),
    },
    Requirement { what: "git (list of files)", packages: "git", probe: ("git", &["--version"]) },
    Requirement {
        what: "Python (the OpenAI client)",
        packages: "python3",
        probe: ("python3", &["--version"]),
    },
    Requirement {
        what: "Python's `venv` module",
        packages: "python3-venv",
        probe: ("python3", &["-c", "import venv, ensurepip"]),
    },
    Requirement {
        what: "certificate authorities (package registries)",
        packages: "ca-certificates",
        probe: ("test", &["-e", "/etc/ssl/certs/ca-certificates.crt"]),
    },
];

/// Probes for every program; installs what is missing.
pub(super) fn run(context: &Context) -> Result<LeftOut, StepError> {
    let missing: Vec<&Requirement> = probe(context, REQUIREMENTS.iter());
    if missing.is_empty() {
        return Ok(LeftOut::new());
    }
    let packages = joined(&missing, |one| one.packages, " ");
    let can_install = environment::is_root()
        && Program::new("apt-get", context.root()).args("--version").succeeds();
    if !can_install {
        return Err(StepError::Packages(packages));
    }
    let apt_get = |line: &str| {
        Program::new("apt-get", context.root()).env("DEBIAN_FRONTEND", "noninteractive").args(line)
    };
    apt_get("update --quiet").run()?;
    apt_get("install --yes --quiet --no-install-recommends").args(&packages).run()?;
    let missing = probe(context, missing.into_iter());
    if missing.is_empty() {
        return Ok(LeftOut::new());
    }
    Err(StepError::StillMissing(joined(&missing, |one| one.what, ", ")))
}

fn probe<'a>(
    context: &Context,
    requirements: impl Iterator<Item = &'a Requirement>,
) -> Vec<&'a Requirement> {
    requirements
        .filter(|one| {
            let (name, arguments) = one.probe;
            let program = Program::new(name, context.root());
            let there = arguments.iter().fold(program, Program::arg).succeeds();
            output::line(&format!("{:<8} {}", if there { "found" } else { "missing" }, one.what));
            !there
        })
        .collect()
}

fn joined(all: &[&Requirement], part: fn(&Requirement) -> &'static str, with: &str) -> String {
    all.iter().map(|one| part(one)).collect::<Vec<_>>().join(with)
}
