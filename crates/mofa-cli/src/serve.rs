//! `mofa serve`: runs the gateway until a signal asks it to end.
//!
//! # Invariants
//! It does not start on a configuration that it cannot enforce, and says where it is weak. The
//! first signal lets requests under way finish; the second ends them.

use crate::args::TextOrJson;
use crate::check::Report;
use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output::{self, Results};
use crate::signals::Signals;
use clap::builder::RangedI64ValueParser;
use clap::{Args, value_parser};
use mofa_gateway::{BoundGateway, Gateway};
use mofa_sdk::Deployment;
use mofa_sdk::config::Config;
use mofa_sdk::deployment;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tracing_subscriber::filter::LevelFilter;

const AFTER_HELP: &str = "\
Exit codes:
  0  ended by SIGINT or SIGTERM, after requests under way were finished
  1  cannot listen or keep records, or ended at once by a second signal
  2  the configuration does not hold or cannot be enforced

Examples:
  mofa serve
  mofa serve -c /etc/mofa/mofa.toml --listen 127.0.0.1:9000
  OPENAI_API_KEY=... mofa serve   # where mofa.toml says api_key = \"${OPENAI_API_KEY}\"";

/// What to enforce, and where.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ServeArgs {
    /// The configuration.
    #[arg(short, long, value_name = "PATH", default_value = "mofa.toml")]
    config: PathBuf,
    /// Listen here, whatever the configuration says; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// How many threads serve requests; one a processor unless said.
    #[arg(long, value_name = "N", value_parser = workers())]
    workers: Option<u16>,
    /// With `json`, one line on standard output says where the gateway listens.
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
    /// What is logged to standard error: off, error, warn, info, debug or trace.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: LevelFilter,
}

pub(crate) fn run(args: &ServeArgs) -> Result<Outcome, CliError> {
    let mut config = Config::load(&args.config)?;
    if let Some(listen) = args.listen {
        config.listen = listen;
    }
    output::log_to_stderr(args.log);
    let report = Report::new(&args.config, &config, &deployment::authorizer(&config)?)?;
    let audit = config.audit.path.clone();
    // This thread takes connections and signals; the gateway's workers serve.
    let runtime = Builder::new_current_thread().enable_all().build().map_err(CliError::System)?;
    let ended = runtime.block_on(async {
        let signals = Signals::new().map_err(CliError::System)?;
        let mut gateway = Gateway::new(Deployment::open(config)?);
        if let Some(workers) = args.workers.and_then(|workers| NonZeroUsize::new(workers.into())) {
            gateway = gateway.with_workers(workers);
        }
        let gateway = gateway.bind().await?;
        announce(args, &gateway, &report, &audit)?;
        serve(gateway, signals).await
    });
    // What still runs after a second signal is not waited for.
    runtime.shutdown_background();
    ended
}

/// More threads than this no machine has a use for.
fn workers() -> RangedI64ValueParser<u16> {
    value_parser!(u16).range(1..=1_024)
}

fn announce(
    args: &ServeArgs,
    gateway: &BoundGateway,
    report: &Report,
    audit: &Path,
) -> Result<(), CliError> {
    let (address, audit) = (gateway.local_addr(), audit.display());
    for warning in report.warnings() {
        output::warn(format_args!("{warning}"));
    }
    output::note(format_args!("enforces: {}", report.summary()));
    output::note(format_args!("listening on http://{address}, audit log `{audit}`"));
    if args.format == TextOrJson::Json {
        let mut results = Results::new();
        let audit = audit.to_string();
        results.line(format_args!(
            "{}",
            serde_json::json!({"listening": address.to_string(), "audit": audit})
        ))?;
        results.flush()?;
    }
    Ok(())
}

/// Serves until the signals say otherwise.
async fn serve(gateway: BoundGateway, mut signals: Signals) -> Result<Outcome, CliError> {
    let (stop, stopped) = oneshot::channel::<()>();
    let cut_off = async {
        signals.next().await;
        output::note(format_args!("finishing what is under way; a second signal ends it at once"));
        drop(stop);
        signals.next().await;
    };
    let shutdown = async {
        let _ = stopped.await;
    };
    tokio::select! {
        served = gateway.serve(shutdown) => {
            served?;
            output::note(format_args!("ended"));
            Ok(Outcome::Success)
        }
        () = cut_off => Err(CliError::Stopped),
    }
}
