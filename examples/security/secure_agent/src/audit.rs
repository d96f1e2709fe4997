//! Reads the records back: every decision is there, and nothing that was taken out is.

use crate::account::Account;
use mofa_monitoring::{AuditRecord, read_records};
use std::error::Error;
use std::path::Path;

/// Values that were said and must not be in any record.
const SAID: [&str; 4] = ["219-09-9999", "4111 1111 1111 1111", "ada@example.com", "GIVEAWAY"];

pub(crate) fn review(account: &mut Account, path: &Path) -> Result<(), Box<dyn Error>> {
    account.heading("Every decision is a record");
    let records: Vec<AuditRecord> = read_records(path)?.collect::<Result<_, _>>()?;
    for record in &records {
        Account::note(&line(record));
    }
    let of = |verdict: &str| {
        records.iter().filter(|record| record.verdict.as_deref() == Some(verdict)).count()
    };
    let (allowed, flagged, blocked) = (of("allow"), of("flag"), of("block"));
    let summary = format!(
        "{} decisions: {allowed} allowed, {flagged} flagged, {blocked} blocked",
        records.len()
    );
    account.claim(&summary, allowed > 0 && flagged > 0 && blocked == 9);
    let is_whole = records.iter().all(|record| record.stages.len() == 4 && record.policy.is_some());
    account.claim("each says what all four stages did, and under which policy", is_whole);
    let is_numbered = (0..).zip(&records).all(|(seq, record)| record.seq == seq);
    account.claim("none is missing in between", is_numbered);
    let text = std::fs::read_to_string(path)?;
    let is_clean = !SAID.iter().any(|value| text.contains(value));
    account.claim("none holds what was said", is_clean);
    Account::note(&format!("the audit log: {}", path.display()));
    Ok(())
}

fn line(record: &AuditRecord) -> String {
    let decided = record.stages.iter().find(|stage| stage.verdict != "allow");
    let stage = decided.map_or("", |stage| stage.stage.as_str());
    let tenant = record.subject.tenant.as_deref().unwrap_or_default();
    let [verdict, direction, action, resource] =
        [&record.verdict, &record.direction, &record.action, &record.resource]
            .map(|field| field.as_deref().unwrap_or_default());
    format!("{tenant:<6} {direction:<6} {action}:{resource:<22} {verdict:<5} {stage}")
}
