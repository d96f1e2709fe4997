//! The text of the hook, and of what the pre-commit framework reads.
//!
//! # Invariants
//! The hook refuses a commit whenever the scan does not end with 0: also where the program is gone.

use super::HookError;
use std::path::Path;

/// The line by which the hook is known again. Its version changes with what stands below.
pub(super) const MARK: &str = "# mofa-secrets-hook 1";

/// How every version of that line begins.
pub(super) const ANY_MARK: &str = "# mofa-secrets-hook ";

/// What a hook that was there before is called.
pub(super) const BEFORE: &str = "pre-commit.before-mofa";

/// What `.pre-commit-config.yaml` needs. Nothing is built: the program must be installed.
pub(super) const PRE_COMMIT: &str = "\
# In .pre-commit-config.yaml, for `pre-commit install`. `mofa` must be in PATH.
repos:
  - repo: local
    hooks:
      - id: mofa-secrets
        name: secrets in what is staged
        entry: mofa scan --git --staged --only secret
        language: system
        pass_filenames: false
        always_run: true
        stages: [pre-commit]
";

/// The hook that runs `program`.
pub(super) fn hook(program: &Path) -> Result<String, HookError> {
    let program = quoted(program).ok_or_else(|| HookError::Program(program.to_owned()))?;
    Ok(format!(
        r#"#!/bin/sh
{MARK}
# Refuses a commit that has secrets in it. Written by `mofa secrets install-hook`;
# `mofa secrets uninstall-hook` takes it away.

mofa={program}
[ -x "$mofa" ] || mofa=$(command -v mofa) || {{
    echo 'mofa: the commit is refused: mofa is not installed any more' >&2
    exit 1
}}

baseline=.mofa-baseline.json
if [ -f "$baseline" ]; then
    "$mofa" scan --git --staged --only secret --baseline "$baseline" >&2
else
    "$mofa" scan --git --staged --only secret >&2
fi
code=$?
if [ "$code" -ne 0 ]; then
    echo "mofa: the commit is refused: the scan ended with exit code $code" >&2
    if [ "$code" -eq 4 ]; then
        echo 'mofa: take the secret out, or accept it: see docs/secrets.md' >&2
    fi
    exit "$code"
fi

before=$(dirname "$0")/{BEFORE}
if [ -x "$before" ]; then
    exec "$before" "$@"
fi
"#
    ))
}

/// `path` as one word of a shell; none if it cannot be written in a text.
fn quoted(path: &Path) -> Option<String> {
    let text = path.to_str().filter(|text| !text.contains('\0'))?;
    Some(format!("'{}'", text.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_one_word() {
        assert_eq!(quoted(Path::new("/a b/$(c)'d")).as_deref(), Some(r"'/a b/$(c)'\''d'"));
        assert!(hook(Path::new("/x")).unwrap().contains(&format!("\n{MARK}\n")));
        assert!(MARK.starts_with(ANY_MARK));
    }
}
