//! `mofa demo`: starts a gateway and a scripted model on this machine, sends what agents send, and
//! shows what each stage did with it.
//!
//! # Invariants
//! It ends with 0 only if every outcome is what it should be: status, stages as the audit log has
//! them, what reached the model byte for byte, and no value that should have been hidden in the
//! model's input, in an answer or in the log. Nothing leaves this machine.

mod cases;
mod client;
mod exchange;
mod house;
mod observed;
mod records;
mod table;

use crate::args::TextOrJson;
use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output::{self, Results};
use crate::signals::Signals;
use clap::Args;
use house::House;
use observed::Observed;
use tokio::runtime::Builder;
use tracing_subscriber::filter::LevelFilter;

const AFTER_HELP: &str = "\
The configuration and the audit log stay in the temporary folder that is printed, so that you can
look at them; remove it when you are done.

Exit codes:
  0  every outcome is what it should be
  1  one is not, or something could not be started

Examples:
  mofa demo
  mofa demo --keep
  mofa demo --format json";

/// Whether it goes on, and how to print it.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DemoArgs {
    /// Leave everything running until a signal, and print commands to try.
    #[arg(long)]
    keep: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub(crate) fn run(args: &DemoArgs) -> Result<Outcome, CliError> {
    output::log_to_stderr(LevelFilter::ERROR);
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(CliError::System)?;
    runtime.block_on(show(args))
}

async fn show(args: &DemoArgs) -> Result<Outcome, CliError> {
    let mut signals = Signals::new().map_err(CliError::System)?;
    let house = House::start().await?;
    let mut observed = Vec::new();
    for case in cases::all() {
        observed.push(exchange::run(&house, case).await?);
    }
    let wrong = observed.iter().filter(|observed| !observed.problems.is_empty()).count();
    print(args, &house, &observed)?;
    if wrong > 0 {
        let state = house.state().to_owned();
        return Err(CliError::Demo { wrong, cases: observed.len(), state });
    }
    if args.keep {
        output::write_now(table::commands(&house).as_bytes())?;
        signals.next().await;
    }
    house.stop().await;
    Ok(Outcome::Success)
}

fn print(args: &DemoArgs, house: &House, observed: &[Observed]) -> Result<(), CliError> {
    match args.format {
        TextOrJson::Text => output::write_now(table::write(house, observed).as_bytes()),
        TextOrJson::Json => {
            let mut results = Results::new();
            results.json(&table::document(house, observed))?;
            results.flush()
        }
    }
}
