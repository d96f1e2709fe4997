//! One support agent for two tenants under the whole pipeline: roles, redaction, moderation,
//! injection defence, tools behind permits, and every decision in a file.
//!
//! Prints what it claims and checks it; exits with 1 if a claim does not hold.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its reader")]

mod account;
mod agent;
mod audit;
mod models;
mod policies;
mod traffic;

use account::Account;
use agent::{OrderTool, SupportAgent, Witness};
use mofa_foundation::security::{RegexPiiDetector, RegexPromptGuard};
use mofa_kernel::ToolName;
use mofa_monitoring::JsonlAuditLog;
use mofa_runtime::security::{SecurityConfig, SecurityFailMode, TenantId, Verdict};
use mofa_runtime::{AgentBuilder, AgentRuntime, RuntimeError, SecurityService};
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut account = Account::default();
    match tell(&mut account).await {
        Ok(()) => account.close(),
        Err(error) => {
            eprintln!("secure_agent: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn tell(account: &mut Account) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::Builder::new().prefix("mofa-secure-agent-").tempdir()?.keep();
    let path = folder.join("audit.jsonl");
    let log = Arc::new(JsonlAuditLog::open(&path)?);

    account.heading("A control that is on and has no engine does not start");
    let hollow = SecurityService::builder(SecurityConfig::strict())
        .with_authorizer(Arc::new(policies::authorizer()?))
        .with_audit_sink(log.clone())
        .build();
    account.refusal(hollow.map(|_| ()), "with_pii_detector");

    let service = Arc::new(service(log.clone())?);
    let witness = Witness::default();
    let acme = runtime(policies::acme()?, &service, &witness).await?;
    let globex = runtime(policies::globex()?, &service, &witness).await?;

    traffic::run(account, acme, globex, &witness).await?;
    models::run(account, &service).await?;
    log.close().await;
    audit::review(account, &path)
}

/// The pipeline, with everything on.
fn service(log: Arc<JsonlAuditLog>) -> Result<SecurityService, Box<dyn Error>> {
    let config = SecurityConfig::strict() // Production: strict mode
        .with_rbac_enabled(true)
        .with_pii_redaction_enabled(true)
        .with_content_moderation_enabled(true)
        .with_prompt_guard_enabled(true)
        .with_fail_mode(SecurityFailMode::FailClosed)
        // What a tool returns must not steer the agent either.
        .with_guard_output_verdict(Verdict::Block);
    let service = SecurityService::builder(config)
        .with_authorizer(Arc::new(policies::authorizer()?))
        .with_pii_detector(Arc::new(RegexPiiDetector::new()))
        .with_pii_redactor(Arc::new(policies::redactor()))
        .with_content_moderator(Arc::new(policies::moderator()?))
        .with_prompt_guard(Arc::new(RegexPromptGuard::new().with_threshold(0.5)))
        .with_audit_sink(log)
        .build()?;
    Ok(service)
}

/// The agent of one tenant.
async fn runtime(
    tenant: TenantId,
    security_service: &Arc<SecurityService>,
    witness: &Witness,
) -> Result<AgentRuntime, RuntimeError> {
    let mut builder = AgentBuilder::new("agent-1", "Support").with_tenant(tenant);
    for name in ["order_lookup", "order_delete", "review_lookup"] {
        builder = builder.with_tool(OrderTool::new(ToolName::new(name)?, witness.clone()));
    }
    let runtime = builder
        .with_agent(SupportAgent::new(witness.clone()))
        .await?
        .with_security_service(Arc::clone(security_service));
    Ok(runtime)
}
