//! Prints what came of a demonstration.

use super::house::House;
use super::observed::Observed;
use super::records::Decided;
use serde_json::{Value, json};
use std::fmt::Write;

/// How much of a text is shown, in characters.
const SHOWN: usize = 96;

/// The table for people.
pub(super) fn write(house: &House, observed: &[Observed]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{:<36} {:<6} {:<8} outcome", "request", "status", "verdict");
    for observed in observed {
        let outcome = if observed.problems.is_empty() { "as it should be" } else { "WRONG" };
        let (name, status, verdict) = (observed.name, observed.status, verdict(observed));
        let _ = writeln!(out, "\n{name:<36} {status:<6} {verdict:<8} {outcome}");
        if let Some(code) = &observed.code {
            let _ = writeln!(out, "  error    {code}");
        }
        if let Some(asked) = &observed.asked {
            let _ = writeln!(out, "  request  {}", stages(asked));
        }
        let reached = observed.reached.as_deref().map_or("nothing".to_owned(), said);
        let _ = writeln!(out, "  model    got {reached}");
        if let Some(answered) = &observed.answered {
            let _ = writeln!(out, "  answer   {}", stages(answered));
        }
        if !observed.answer.is_empty() {
            let _ = writeln!(out, "  caller   got {}", quoted(&observed.answer));
        }
        for problem in &observed.problems {
            let _ = writeln!(out, "  WRONG    {problem}");
        }
    }
    let right = observed.iter().filter(|observed| observed.problems.is_empty()).count();
    let audit = house.enforcing.audit.display();
    let _ = writeln!(out, "\n{right} of {} outcomes are as they should be.", observed.len());
    let _ = writeln!(out, "Audit log, one decision a line:  {audit}");
    let _ =
        writeln!(out, "To look at it:                   tail -n 1 {audit} | python3 -m json.tool");
    let config = house.enforcing.config.display();
    let _ = writeln!(out, "What was enforced:               mofa check -c {config}");
    out
}

/// What can be tried while everything runs.
pub(super) fn commands(house: &House) -> String {
    let (address, key) = (house.enforcing.address, house.key.expose());
    let request =
        r#"{"model":"demo-small","messages":[{"role":"user","content":"I am ann@example.com"}]}"#;
    let curl =
        format!("curl -s http://{address}/v1/chat/completions -H 'Authorization: Bearer {key}'");
    format!(
        "\nRunning at http://{address}/v1 until Ctrl-C. Try:\n\n  {curl} -H 'Content-Type: \
         application/json' -d '{request}'\n  curl -s http://{address}/v1/models -H \
         'Authorization: Bearer {key}'\n  curl -s http://{address}/metrics\n"
    )
}

/// The same for programs. The key is in it only as far as it is needed: not at all.
pub(super) fn document(house: &House, observed: &[Observed]) -> Value {
    json!({
        "state": house.state().to_string_lossy(),
        "audit": house.enforcing.audit.to_string_lossy(),
        "gateway": format!("http://{}", house.enforcing.address),
        "cases": observed,
    })
}

/// The harsher verdict on the request and on the answer.
fn verdict(observed: &Observed) -> &str {
    let verdicts = [&observed.asked, &observed.answered];
    let verdicts = verdicts.into_iter().flatten().map(|decided| decided.verdict.as_str());
    let harshness = |verdict: &&str| ["allow", "flag", "block"].iter().position(|v| v == verdict);
    verdicts.max_by_key(harshness).unwrap_or("-")
}

fn stages(decided: &Decided) -> String {
    let word = |stage: &super::records::StageWord| match stage.found {
        0 => format!("{} {}", stage.stage, stage.word),
        found => format!("{} {} ({found})", stage.stage, stage.word),
    };
    decided.stages.iter().map(word).collect::<Vec<_>>().join(" | ")
}

/// The last thing that was said in a request, or the tool call in it.
fn said(request: &str) -> String {
    let request: Value = serde_json::from_str(request).unwrap_or_default();
    let messages = request.get("messages").and_then(Value::as_array);
    let texts: Vec<&str> = messages
        .into_iter()
        .flatten()
        .filter_map(|message| {
            let arguments = message.pointer("/tool_calls/0/function/arguments");
            message.get("content").and_then(Value::as_str).or_else(|| arguments?.as_str())
        })
        .collect();
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
}

fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(SHOWN).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("{shown:?}{more}")
}
