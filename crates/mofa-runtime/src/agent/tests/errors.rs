//! What an agent or a tool says of its failure, and what neither can be given.

use super::*;

/// An error of the kind that `what` begins with and that says what follows, in every place that an
/// agent can write to; without `_`.
pub(super) fn complaint(what: &str) -> mofa_kernel::AgentError {
    let (kind, words) = what.split_once(' ').unwrap();
    let reason = words.replace('_', "");
    let (name, record) = ("mirror".try_into().unwrap(), "r".to_owned());
    mofa_kernel::AgentError::Tool(match kind {
        "failed" => return mofa_kernel::AgentError::Failed { reason },
        "tool" => ToolError::Failed { name, reason },
        "arguments" => ToolError::Arguments { name, reason },
        "refused" => ToolError::Refused { name, reason, record },
        "withheld" => ToolError::Withheld { name, reason, record },
        "record" => ToolError::Refused { name, reason: record, record: reason },
        "unknown" => ToolError::Unknown { name: reason.as_str().try_into().unwrap() },
        other => panic!("no kind: {other}"),
    })
}

const COMPLAINTS: [&str; 7] =
    ["failed", "tool", "arguments", "refused", "withheld", "record", "unknown"];

/// JSON that is nested too deep to be inspected.
pub(super) fn deep() -> Value {
    (0..200).fold(json!("pii"), |inner, _| json!([inner]))
}

#[tokio::test]
async fn what_the_agent_complains_of_is_inspected() {
    for kind in COMPLAINTS {
        let mut house = house().await;
        let error = house.handle(format!("complain {kind} p_i_i")).await.unwrap_err().to_string();
        assert!(error.contains("[X]") && !error.contains("pii"), "{kind}: {error}");
        let blocked = house.handle(format!("complain {kind} b_ad")).await;
        assert_eq!(cause(blocked), RefusalCause::Stage(Stage::Moderation), "{kind}");
        let said = house.handle(format!("complain {kind} nothing")).await.unwrap_err();
        let RuntimeError::Agent(said) = said else { panic!("{said}") };
        let expected = complaint(&format!("{kind} nothing"));
        assert!(said.to_string().ends_with(&expected.to_string()), "{said}");
        let is_tool = matches!(said, mofa_kernel::AgentError::Tool(_));
        let stays = ["tool", "arguments", "unknown"].contains(&kind);
        assert_eq!(is_tool, stays, "{kind}: a clean error stays what it is, unless it is forged");
    }
}

#[tokio::test]
async fn of_a_refusal_that_was_told_only_the_name_is_inspected() {
    // More of them than are remembered: each id is as good as the first.
    let mut house = house().await;
    for _ in 0..40 {
        let call = json!({"tool": "secret", "arguments": "x"});
        let RuntimeError::Agent(error) = house.handle(call).await.unwrap_err() else {
            panic!("it is the agent's error");
        };
        let is_refusal = matches!(error, mofa_kernel::AgentError::Tool(ToolError::Refused { .. }));
        assert!(is_refusal, "{error}");
        let events = house.sink.0.lock().unwrap();
        let said = events.last().unwrap().decision.as_ref().unwrap();
        assert_eq!((said.parts, said.bytes), (1, "secret".len()));
    }
}

#[tokio::test]
async fn what_the_agent_says_at_its_end_is_inspected() {
    let mut house = house().await;
    house.handle("stay").await.unwrap();
    let error = house.runtime.shutdown().await.unwrap_err().to_string();
    assert!(error.contains("[X]"), "{error}");
    let events = house.sink.0.lock().unwrap();
    let decision = events.last().unwrap().decision.as_ref().unwrap();
    assert_eq!(decision.act.to_string(), "shutdown:agent:agent-1");
}

#[tokio::test]
async fn a_tool_speaks_only_for_itself() {
    let call = |words: String| json!({"tool": "mirror", "arguments": words});
    for kind in COMPLAINTS.into_iter().skip(1) {
        let mut house = house().await;
        let error = house.handle(call(format!("complain {kind} p_i_i"))).await.unwrap_err();
        let said = error.to_string();
        assert!(said.contains("[X]") && !said.contains("pii"), "{kind}: {said}");
        let RuntimeError::Agent(mofa_kernel::AgentError::Tool(error)) = error else {
            panic!("{kind}: {error}");
        };
        let is_own = match error {
            ToolError::Failed { name, .. } => kind != "arguments" && name.as_str() == "mirror",
            ToolError::Arguments { name, .. } => kind == "arguments" && name.as_str() == "mirror",
            _ => false,
        };
        assert!(is_own, "{kind}: {said}");
        let blocked = house.handle(call(format!("complain {kind} b_ad"))).await.unwrap_err();
        assert!(blocked.to_string().contains("withheld: blocked by moderation"), "{blocked}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_leaves_a_record() {
    let tool = |arguments: &str| json!({"tool": "mirror", "arguments": arguments});
    for (content, act, direction, said) in [
        (Content::from(deep()), "execute:event:chat", Direction::Input, "cannot be inspected"),
        ("deep".into(), "execute:event:chat", Direction::Output, "cannot be inspected"),
        (json!("ask deep").into(), "execute:tool:mirror", Direction::Input, "cannot take these"),
        (tool("deep").into(), "execute:tool:mirror", Direction::Output, "`mirror` failed"),
    ] {
        let mut house = house().await;
        let error = house.handle(content.clone()).await.unwrap_err().to_string();
        assert!(error.contains(said) && error.contains("nested deeper"), "{error}");
        {
            let events = house.sink.0.lock().unwrap();
            let all = events.iter().filter(|event| !event.metadata.is_null());
            let all: Vec<_> = all.collect();
            let [event] = all[..] else { panic!("{} records", all.len()) };
            assert_eq!(event.metadata, json!({"error": "invalid_json"}));
            let decision = event.decision.as_ref().unwrap();
            assert_eq!((decision.act.to_string().as_str(), decision.direction), (act, direction));
            assert_eq!(decision.verdict, Verdict::Block);
        }
        house.sink.1.store(true, Ordering::Relaxed);
        let error = house.handle(content).await.unwrap_err().to_string();
        assert!(error.contains("the decision could not be recorded"), "{error}");
    }
}
