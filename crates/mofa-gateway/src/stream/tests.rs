//! Nothing that holds what is inspected, or a key, prints it.

use super::*;
use crate::wire::openai::{chunk, request};
use bytes::Bytes;
use mofa_sdk::config::Config;
use mofa_sdk::llm::Upstream;
use mofa_sdk::runtime::{Provenance, Secret};
use mofa_sdk::security::{
    Act, Direction, Exchange, RefusalCause, SecurityConfig, SecurityService, Subject, SubjectId,
    TenantId,
};
use serde_json::json;
use std::fmt::Debug;

/// What must not be printed: as it stands, and split as a stream splits it.
const TEXT: &str = "bob@example.com";
const HALF: &str = "bob@exam";
const KEY: &str = "sk-local-5f0a1b2c3d4e";

#[track_caller]
fn check(value: &impl Debug) {
    for printed in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!printed.contains(HALF) && !printed.contains(KEY), "{printed}");
    }
}

fn upstream() -> Upstream {
    let builder = Upstream::builder("local", "http://127.0.0.1:9/v1");
    builder.with_api_key(Secret::new(KEY)).build().unwrap()
}

fn chunk_of(delta: &serde_json::Value) -> String {
    json!({"id": TEXT, "choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
        .to_string()
}

async fn rewriter() -> Rewriter {
    let service = Arc::new(SecurityService::builder(SecurityConfig::permissive()).build().unwrap());
    let subject = Subject::new(SubjectId::new("ann").unwrap(), TenantId::default());
    let act = Act::new("invoke", "model:small");
    let exchange = Exchange::text(subject, act, Direction::Input, TEXT);
    let label = mofa_sdk::security::Label::untrusted(Provenance::User);
    let permit = service.inspect(&mut exchange.labelled(label).into_parts()).await.unwrap();
    let inspection = service.inspect_stream(&permit, Provenance::Model);
    Rewriter::new(inspection, Asked::of(&permit), true, 1 << 20, upstream().key_watch())
}

#[tokio::test]
async fn a_stream_on_its_way_prints_sizes_only() {
    let mut rewriter = rewriter().await;
    check(&rewriter);
    let call = json!({"index": 0, "id": "c", "function": {"name": TEXT, "arguments": TEXT}});
    let deltas = [
        json!({"role": "assistant", "content": TEXT}),
        json!({"reasoning": [{"text": TEXT}], "tool_calls": [call]}),
    ];
    for delta in &deltas {
        let data = chunk_of(delta);
        rewriter.event(&data).await.unwrap();
        check(&rewriter);
        let taken = chunk::read(&data, true).unwrap();
        check(&taken);
        check(&taken.pieces);
        check(&taken.names);
        check(&taken.heads);
    }
    check(rewriter.output());
    let (inspection, mut output, ending) = rewriter.into_ending(false);
    check(&inspection);
    check(&output);
    assert!(String::from_utf8_lossy(&output.take()).contains(TEXT) && ending.is_none());

    let mut parser = SseParser::new(1 << 20);
    assert!(parser.push(format!("data: {TEXT}\ndata: {HALF}").as_bytes()).unwrap().is_empty());
    check(&parser);
    let path = vec![chunk::Step::Member(TEXT.to_owned())];
    let field = chunk::Field::Text { path };
    check(&field);
    let (text, beside) = (TEXT.to_owned(), Vec::new());
    check(&chunk::Flushed { choice: 0, field, text, beside });
    check(&AnswerBody::whole(Bytes::from_static(TEXT.as_bytes())));
    let (sender, pieces) = mpsc::channel(1);
    sender.send(Bytes::from_static(TEXT.as_bytes())).await.unwrap();
    check(&AnswerBody::stream(pieces));
}

#[tokio::test]
async fn failures_and_requests_print_no_text() {
    let mut inspection = rewriter().await.into_ending(false).0;
    check(&StreamFault::from(inspection.refuse(RefusalCause::TooLong, "too long")));
    check(&StreamFault::Credentials.to_error());
    let subject = Subject::new(SubjectId::new("ann").unwrap(), TenantId::default());
    let find = |_: &str| (Act::new("invoke", "model:small"), ());
    let text = json!({"model": TEXT, "messages": [{"role": "user", "content": TEXT}]}).to_string();
    check(&request::read(&subject.clone().into(), &text, find).unwrap());
    for broken in [
        text.replace("\"user\"", &format!("\"{TEXT}\"")),
        text.replace("\"role\"", &format!("\"{TEXT}\"")),
        text.replace("\"messages\"", "\"model\""),
        format!("{text}{TEXT}"),
        format!("{{\"{TEXT}\":1,\"{TEXT}\":2}}"),
    ] {
        let Err(error) = request::read(&subject.clone().into(), &broken, find) else {
            panic!("{broken}")
        };
        check(&error);
        check(&error.to_string());
    }
    for broken in [format!("{{\"{TEXT}\""), chunk_of(&json!({"a": TEXT})).replace(":0", ":-1")] {
        let Err(error) = chunk::read(&broken, true) else { panic!("{broken}") };
        check(&error);
        check(&error.to_string());
    }
}

#[test]
fn what_holds_keys_does_not_print_them() {
    let upstream = upstream();
    let mut watch = upstream.key_watch();
    assert!(!watch.completes(KEY.get(..KEY.len() - 1).unwrap().as_bytes()));
    let printed = format!("{watch:?}");
    assert!(!printed.contains("sk-") && !printed.contains("115, 107"), "{printed}");
    check(&upstream);
    let text = "[gateway]\nlisten = \"127.0.0.1:0\"\n[[upstreams]]\nname = \"a\"\n\
                base_url = \"http://127.0.0.1:9/v1\"\nmodels = [\"*\"]\napi_key = \"${KEY}\"\n";
    let known = |name: &str| (name == "KEY").then(|| KEY.to_owned());
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::parse(text, "test", &known).unwrap();
    check(&config);
    config.audit.path = folder.path().join("audit.jsonl");
    check(&crate::Gateway::new(mofa_sdk::Deployment::open(config).unwrap()));
}
