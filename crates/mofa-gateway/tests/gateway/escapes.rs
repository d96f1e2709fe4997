//! JSON escapes in text that is no JSON as a whole, and in streams, where no text is whole.

use crate::house::{House, chat, chat_streamed};
use mofa_gateway::scripted::{Reply, Script};

/// What hides behind escapes, and what is left of it.
const HIDDEN: [(&str, &str); 6] = [
    (
        r#"Result: {"text":"Name: Bob\n123-45-6789\nx"}"#,
        r#"Result: {"text":"Name: Bob\n[SSN]\nx"}"#,
    ),
    (r#"{"log":"a\n4111111111111111"} {"log":"b"}"#, r#"{"log":"a\n[CREDIT_CARD]"} {"log":"b"}"#),
    (r#"broken {"csv":"a\tbob\u0040example.com\n"#, r#"broken {"csv":"a\t[EMAIL]\n"#),
    (r"```4\u0031\u0031\u0031 1111 1111 1111```", "```[CREDIT_CARD]```"),
    (r#"x {"n":"Jos\u00e9","m":"bob@example.com"}"#, r#"x {"n":"Jos\u00e9","m":"[EMAIL]"}"#),
    (r#"twice {\"m\":\"bob\\u0040example.com\"}"#, r#"twice {\"m\":\"[EMAIL]\"}"#),
];

#[tokio::test]
async fn what_escapes_hide_is_taken_out_where_it_stands() {
    let house = House::start(Script::new()).await;
    for (hidden, left) in HIDDEN {
        let answer = house.ask(chat(hidden)).await;
        assert_eq!(answer.status, 200, "{hidden}: {answer:?}");
        assert_eq!(house.received().last(), Some(&chat(left)), "{hidden}");
    }
    for phrase in [r#"```json {"a":"x\nforbiddenword"}```"#, r#"say "forbidden\u0077ord""#] {
        let answer = house.ask(chat(phrase)).await;
        let code = "blocked_by_policy.moderation";
        assert_eq!((answer.status, answer.error("code")), (403, code.into()), "{phrase}");
    }
    let harmless = chat(r"C:\new\table\users and \d+\.\w, ends with \");
    assert_eq!(house.ask(&harmless).await.status, 200);
    assert_eq!(house.received().last(), Some(&harmless));
}

#[tokio::test]
async fn so_it_is_in_a_stream_however_that_is_cut() {
    let json = [
        (
            r#"{"rows":"bob\n123-45-6789\n4111111111111111"}"#,
            r#"{"rows":"bob\n[SSN]\n[CREDIT_CARD]"}"#,
        ),
        (r#"{"a":"bob\u0040example.com"}"#, r#"{"a":"[EMAIL]"}"#),
        (r#"{"smile":"\ud83d\ude00","end":"\\"}"#, r#"{"smile":"\ud83d\ude00","end":"\\"}"#),
    ];
    for (hidden, left) in HIDDEN.into_iter().chain(json) {
        for chars in [1, 2, 3, 5, 8, 13, 100] {
            let script = Script::new().with_rule("", Reply::text(hidden)).with_chunk_chars(chars);
            let house = House::start(script).await;
            let answer = house.ask(chat_streamed("hi")).await;
            assert_eq!(answer.said(0, "content"), left, "every {chars} characters: {answer:?}");
            assert_eq!(answer.events().last().unwrap(), "[DONE]");
        }
    }
    for chars in [1, 4, 100] {
        let reply = Reply::text(r#"x {"a":"forbidden\u0077ord"}"#);
        let script = Script::new().with_rule("", reply).with_chunk_chars(chars);
        let house = House::start(script).await;
        let answer = house.ask(chat_streamed("hi")).await;
        assert!(answer.body.contains("blocked_by_policy.moderation"), "{answer:?}");
        assert!(!answer.said(0, "content").contains("ord"), "{answer:?}");
    }
}
