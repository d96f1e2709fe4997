//! The product against its peers: every table in one process, on the same data, with the same
//! questions, whose answers must agree before anything is timed.
//!
//! `mofa-bench [TABLE…] [--check] [--quick] [--format text|json]`; without a table, all of them. The
//! peers need `--features peers`. Exit code 1 when engines disagree, or with `--check` when a goal is
//! missed or could not be measured, 2 for wrong arguments.

mod arguments;
mod goal;
mod measure;
mod moderation;
mod pipeline;
mod rbac;
mod scan;
mod table;
mod text;

use arguments::{Arguments, Format};
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use table::Table;

/// Makes one table.
type Make = fn(measure::Effort) -> Result<Table, Box<dyn Error>>;

/// Every table: a name for the command line, and what makes it. A new one is a file and a line.
const TABLES: &[(&str, Make)] = &[
    ("rbac", rbac::table),
    ("moderation", moderation::table),
    ("pipeline", pipeline::table),
    ("scan-clean", scan::clean),
    ("scan-1kb", scan::small),
    ("scan-100kb", scan::medium),
    ("scan-10mb", scan::large),
];

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => return fail(&error, 2),
    };
    if arguments.help {
        return match writeln!(io::stdout(), "{}", arguments::help()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error, 1),
        };
    }
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error, 1),
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut tables = Vec::new();
    for (name, make) in TABLES {
        if arguments.wants(name) {
            tables.push(make(arguments.effort)?);
        }
    }
    let goals = goal::judge(&tables);
    let mut out = io::stdout().lock();
    match arguments.format {
        Format::Text => {
            tables.iter().try_for_each(|table| writeln!(out, "{table}"))?;
            goals.iter().try_for_each(|goal| writeln!(out, "{goal}"))?;
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, &tables)?;
            writeln!(out)?;
        }
    }
    if arguments.check {
        goal::all_met(&goals)?;
    }
    Ok(())
}

fn fail(error: &dyn Error, code: u8) -> ExitCode {
    // Nothing is left to be done when even this cannot be written.
    let _ = writeln!(io::stderr(), "mofa-bench: {error}");
    ExitCode::from(code)
}
