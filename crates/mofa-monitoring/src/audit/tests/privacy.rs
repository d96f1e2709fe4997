//! Whatever the texts hold, the log does not.

use super::records;
use crate::audit::JsonlAuditLog;
use crate::engines::service;
use mofa_runtime::security::{
    Act, Direction, Exchange, PiiAction, SecurityConfig, Subject, SubjectId, TenantId,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Texts that hold a canary and, often, something that an engine acts on.
fn text(canary: &'static str) -> impl Strategy<Value = String> {
    let cause = prop_oneof![Just(""), Just("harm "), Just("ignore "), Just("fail "), Just("\"\n")];
    (".{0,12}", cause, ".{0,12}").prop_map(move |(a, cause, b)| format!("{a}{cause}{canary}{b}"))
}

const WORD: &str = "kanarienvogel";
const DIGITS: &str = "990099119922";

/// Documents with canaries in values, keys, numbers, and JSON within strings.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        text(WORD).prop_map(Value::String),
        text(DIGITS).prop_map(Value::String),
        Just(json!(990_099_119_922_u64)),
        Just(json!(1)),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof![text(WORD), text(DIGITS), "[a-z]{1,4}".boxed()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((key, inner.clone()), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
            inner.prop_map(|value| Value::String(json!({ "nested": value }).to_string())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_inspected_text_is_in_the_log(
        documents in prop::collection::vec(document(), 1..6),
        plain in text(DIGITS),
        blocks in any::<bool>(),
        fails_open in any::<bool>(),
        is_output in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let mut config = SecurityConfig::strict();
        if blocks {
            config = config.with_pii_action(PiiAction::Block);
        }
        if fails_open {
            config = config.with_fail_mode(mofa_runtime::security::SecurityFailMode::FailOpen);
        }
        let direction = if is_output { Direction::Output } else { Direction::Input };
        let log = Arc::new(JsonlAuditLog::open(&path).unwrap());
        let service = service(config, log, None);
        let subject = Subject::new(SubjectId::new("agent-1").unwrap(), TenantId::default());
        let act = Act::new("invoke", "model:small");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        for document in &documents {
            let raw = document.to_string();
            let exchange = Exchange::json(subject.clone(), act.clone(), direction, raw).unwrap();
            let _ = runtime.block_on(service.inspect(&mut exchange.into_parts()));
        }
        let exchange = Exchange::text(subject, act, direction, plain.as_str());
        let _ = runtime.block_on(service.inspect(&mut exchange.into_parts()));

        let bytes = std::fs::read_to_string(&path).unwrap();
        for canary in [WORD, DIGITS] {
            prop_assert!(!bytes.contains(canary), "{canary} in {bytes}");
        }
        // It was looked at and found: the log is not empty of it for want of a record.
        let records = records(&path);
        prop_assert_eq!(records.len(), documents.len() + 1);
        let pii = records.last().unwrap().stages.iter().find(|stage| stage.stage == "pii");
        prop_assert!(pii.is_some_and(|pii| pii.found == 1 && pii.findings.len() == 1));
    }
}
