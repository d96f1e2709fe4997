//! A report for people.

use super::report::{Report, Route};
use std::fmt::Write;

/// The report as lines of text.
pub(super) fn write(report: &Report) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}: holds", report.config);
    let _ = writeln!(out, "listens on    {}", report.listen);
    let hash = if report.audit.has_hash_key { "configured" } else { "random" };
    let _ = writeln!(out, "audit log     {} (hash key: {hash})", report.audit.path);
    if let Some(vault) = &report.vault {
        let path = vault.path.as_deref().unwrap_or("in memory");
        let (key, ttl) = (&vault.key_id, vault.ttl_seconds);
        let (each, all) = (vault.max_values_per_conversation, vault.max_values);
        let _ = writeln!(
            out,
            "vault         {path} (key {key}): {each} values a conversation, {all} in all, kept \
             for {ttl} s"
        );
    }
    let _ = writeln!(out, "undecided     fails {}", report.fail_mode);
    let _ = writeln!(out, "tenants       {}", report.tenants.join(", "));
    report.detection.write(&mut out);
    for route in &report.routes {
        write_route(&mut out, route);
    }
    out.push_str("\nCallers\n");
    for caller in &report.callers {
        let models = list(&caller.models, "no model named in full");
        let (key, subject, tenant) = (&caller.key, &caller.subject, &caller.tenant);
        let _ = writeln!(out, "  {key:<16} {subject} of {tenant}: {models}");
    }
    if report.callers.is_empty() {
        out.push_str("  nobody\n");
    }
    out.push_str("\nUpstreams\n");
    for upstream in &report.upstreams {
        let key = if upstream.has_key { "with a key" } else { "without a key" };
        let models = upstream.models.join(", ");
        let _ = writeln!(out, "  {:<16} {} {key}: {models}", upstream.name, upstream.base_url);
    }
    if report.upstreams.is_empty() {
        out.push_str("  none\n");
    }
    if !report.warnings.is_empty() {
        out.push_str("\nWarnings\n");
    }
    for warning in &report.warnings {
        let _ = writeln!(out, "  {warning}");
    }
    out
}

fn write_route(out: &mut String, route: &Route) {
    let needs = if route.needs_key { "needs a key" } else { "open to all" };
    let text = if route.stages.is_empty() { ", carries no text" } else { "" };
    let _ = writeln!(out, "\n{} {} ({needs}{text})", route.method, route.path);
    for line in &route.stages {
        let _ = writeln!(out, "  {:<10} {:<8} in: {}", line.stage, line.mode, line.input);
        let _ = writeln!(out, "  {:<19} out: {}", "", line.output);
        let _ = writeln!(out, "  {:<19} stream: {}", "", line.stream);
    }
}

fn list(names: &[String], none: &str) -> String {
    if names.is_empty() { none.to_owned() } else { names.join(", ") }
}
