//! Turns the command line into a checked value.

use crate::TABLES;
use crate::goal::goals;
use crate::measure::Effort;
use thiserror::Error;

/// What to measure, how long, and how to print it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    tables: Vec<String>,
    pub(crate) effort: Effort,
    pub(crate) format: Format,
    /// Whether a goal that is missed is a failure.
    pub(crate) check: bool,
    /// Only say what there is.
    pub(crate) help: bool,
}

/// How tables are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
}

/// What is wrong with the command line.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum ArgumentError {
    #[error("there is no table `{0}`: the tables are {known}", known = known())]
    Table(String),
    #[error("there is no option `{0}`: see `mofa-bench --help`")]
    Option(String),
    #[error("`--format` cannot be `{0}`: expected `text` or `json`")]
    Format(String),
}

fn known() -> String {
    TABLES.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl Arguments {
    pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Self, ArgumentError> {
        let mut found = Self {
            tables: Vec::new(),
            effort: Effort::Full,
            format: Format::Text,
            check: false,
            help: false,
        };
        let mut words = words;
        while let Some(word) = words.next() {
            match word.as_str() {
                "-h" | "--help" => found.help = true,
                "--check" => found.check = true,
                "--quick" => found.effort = Effort::Quick,
                "--format" => found.format = Format::parse(words.next().unwrap_or_default())?,
                option if option.starts_with('-') => return Err(ArgumentError::Option(word)),
                table if TABLES.iter().any(|(name, _)| *name == table) => found.tables.push(word),
                _ => return Err(ArgumentError::Table(word)),
            }
        }
        Ok(found)
    }

    pub(crate) fn wants(&self, table: &str) -> bool {
        self.tables.is_empty() || self.tables.iter().any(|wanted| wanted == table)
    }
}

/// What there is to be said.
pub(crate) fn help() -> String {
    format!(
        "\
Measures the product against its peers: every table in one process, with the same questions.

Usage: mofa-bench [TABLE]... [--check] [--quick] [--format text|json]

Tables: {}; without one, all of them
  --check            fail when a goal below is missed or cannot be measured
  --quick            a second or two for each table: shows that it works, not how fast
  --format FORMAT    text (default) or json
  -h, --help         this

Goals, printed after the tables that they belong to:
{}

The peers are there if it is built with `--features peers`.
Exit codes: 0; 1 when engines disagree or, with --check, a goal is missed; 2 for wrong arguments",
        known(),
        goals().map(|goal| format!("  {goal}")).collect::<Vec<_>>().join("\n")
    )
}

impl Format {
    fn parse(word: String) -> Result<Self, ArgumentError> {
        match word.as_str() {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(ArgumentError::Format(word)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str) -> Result<Arguments, ArgumentError> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn no_table_means_all() {
        let arguments = check("").unwrap();
        assert!(TABLES.iter().all(|(name, _)| arguments.wants(name)));
        assert_eq!((arguments.effort, arguments.format), (Effort::Full, Format::Text));
        assert!(!arguments.check && check("rbac --check").unwrap().check);
    }

    #[test]
    fn options_and_tables_are_read() {
        let arguments = check("--quick rbac --format json").unwrap();
        assert!(arguments.wants("rbac") && !arguments.wants("other"));
        assert_eq!((arguments.effort, arguments.format), (Effort::Quick, Format::Json));
    }

    #[test]
    fn help_names_every_table_and_option() {
        assert!(check("-h").unwrap().help && check("rbac --help").unwrap().help);
        let words = TABLES
            .iter()
            .map(|(name, _)| *name)
            .chain(["--check", "--quick", "--format", "--help"]);
        words.for_each(|word| assert!(help().contains(word), "{word}"));
        goals().for_each(|goal| assert!(help().contains(&goal), "{goal}"));
    }

    #[test]
    fn what_is_not_known_is_named() {
        assert_eq!(check("nothing"), Err(ArgumentError::Table("nothing".into())));
        assert_eq!(check("--fast"), Err(ArgumentError::Option("--fast".into())));
        assert_eq!(check("--format xml"), Err(ArgumentError::Format("xml".into())));
        assert_eq!(check("--format"), Err(ArgumentError::Format(String::new())));
    }
}
