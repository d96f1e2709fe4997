//! Answers: who said what, and what is taken out with a text.

use super::*;
use mofa_sdk::security::{SubjectId, TenantId};

#[test]
fn names_are_fixed_and_numbers_of_the_format_are_passed_over() {
    let subject = Subject::new(SubjectId::new("ann").unwrap(), TenantId::default());
    let act = Act::new("invoke", "model:m");
    let raw = r#"{"id":"4111111111111111","system_fingerprint":"fp_4111:1.1","created":1700000000,"model":"m-1","choices":[{"message":{"content":"hi",
        "tool_calls":[{"id":"c-1","function":{"name":"f-1","arguments":"{\"a\":\"b\"}"}}]},
        "logprobs":{"content":[{"token":"t","logprob":-0.12345678}]}}],"more":12345678}"#;
    let exchange = read(&subject.into(), &act, raw).unwrap();
    let found: Vec<_> = exchange.parts().map(|part| (part.text, part.editable)).collect();
    let expected = [
        ("m-1", false),
        ("hi", true),
        ("c-1", false),
        ("f-1", false),
        ("t", true),
        ("more", false),
        ("12345678", true),
        ("a", false),
        ("b", true),
    ];
    assert_eq!(found, expected);
    assert!(exchange.parts().all(|part| part.provenance.to_string() == "model"));
}

#[test]
fn probabilities_are_taken_out_alone() {
    let document =
        r#"{"choices":[{"logprobs":{"a":[1]},"x":1},{"logprobs":null},{}],"logprobs":2}"#;
    let expected = r#"{"choices":[{"logprobs":null,"x":1},{"logprobs":null},{}],"logprobs":2}"#;
    assert_eq!(without_logprobs(document.to_owned()), expected);
    assert_eq!(without_logprobs("no JSON".to_owned()), "no JSON");
}
