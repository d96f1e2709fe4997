//! Values that are hidden in another form, and values without quotes in streamed JSON.

use crate::house::{House, chat, chat_streamed};
use mofa_gateway::scripted::{Reply, Script};
use serde_json::{Value, json};

const LAYERS: &str = "[security.pii]\nlayers = true\n";

/// `john@example.com` in Base64.
const ENCODED: &str = "am9obkBleGFtcGxlLmNvbQ==";

/// Texts that hide a value, and what is left of them.
const HIDDEN: [(&str, &str); 5] = [
    ("It is am9obkBleGFtcGxlLmNvbQ== today.", "It is [EMAIL] today."),
    ("It is john&#64;example&#46;com today.", "It is [EMAIL] today."),
    ("It is john%40example.com today.", "It is [EMAIL] today."),
    ("It is j\u{200b}ohn@exa\u{200b}mple.com today.", "It is [EMAIL] today."),
    ("It is \u{ff14}111 1111 1111 1111 today.", "It is [CREDIT_CARD] today."),
];

#[tokio::test]
async fn what_is_hidden_is_taken_out_of_requests_and_answers() {
    for (text, expected) in HIDDEN {
        let script = Script::new().with_rule("", Reply::text(text));
        let house = House::start_with(script, LAYERS, |_| {}).await;
        let answer = house.ask(chat(text)).await;
        assert_eq!(answer.json()["choices"][0]["message"]["content"], expected);
        let request: Value = serde_json::from_str(&house.received()[0]).unwrap();
        assert_eq!(request["messages"][0]["content"], expected);
    }
}

#[tokio::test]
async fn what_is_hidden_passes_where_layers_are_off() {
    let house = House::start(Script::new().with_rule("", Reply::text("ok"))).await;
    house.ask(chat(&format!("It is {ENCODED} today."))).await;
    assert!(house.received()[0].contains(ENCODED));
}

#[tokio::test]
async fn what_is_hidden_in_json_is_taken_out_and_the_json_stays() {
    let house =
        House::start_with(Script::new().with_rule("", Reply::text("ok")), LAYERS, |_| {}).await;
    let inner = json!({"to": ENCODED, "cc": ["john&#64;example.com"]}).to_string();
    house.ask(chat(&inner)).await;
    let request: Value = serde_json::from_str(&house.received()[0]).unwrap();
    let inner: Value =
        serde_json::from_str(request["messages"][0]["content"].as_str().unwrap()).unwrap();
    assert_eq!(inner, json!({"to": "[EMAIL]", "cc": ["[EMAIL]"]}));
}

#[tokio::test]
async fn what_is_hidden_is_taken_out_of_a_stream_however_it_is_cut() {
    for (text, expected) in HIDDEN {
        for chars in [1, 2, 3, 5, 8, 13, 100] {
            let script = Script::new().with_rule("", Reply::text(text)).with_chunk_chars(chars);
            let house = House::start_with(script, LAYERS, |_| {}).await;
            let answer = house.ask(chat_streamed("hi")).await;
            assert_eq!(answer.said(0, "content"), expected, "every {chars} characters");
        }
    }
}

#[tokio::test]
async fn redacting_what_was_hidden_again_changes_nothing() {
    for (_, text) in HIDDEN {
        let script = Script::new().with_rule("", Reply::text(text));
        let house = House::start_with(script, LAYERS, |_| {}).await;
        let answer = house.ask(chat(text)).await;
        assert_eq!(answer.json()["choices"][0]["message"]["content"], text);
        assert_eq!(house.record_of(&answer).verdict.as_deref(), Some("allow"));
    }
}

#[tokio::test]
async fn a_number_without_quotes_becomes_a_string_in_whole_and_streamed_json() {
    let text = r#"{"card":4111111111111111,"n":[12,-4111111111111111 ],"s":"4111111111111111"}"#;
    let expected = json!({
        "card": "[CREDIT_CARD]", "n": [12, "-[CREDIT_CARD]"], "s": "[CREDIT_CARD]"
    });
    let house = House::start(Script::new().with_rule("", Reply::text(text))).await;
    let answer = house.ask(chat("hi")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let whole = answer.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    let whole: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(whole, expected);
    for chars in [1, 2, 3, 5, 8, 13, 200] {
        let script = Script::new().with_rule("", Reply::text(text)).with_chunk_chars(chars);
        let house = House::start(script).await;
        let said = house.ask(chat_streamed("hi")).await.said(0, "content");
        let streamed: Value = serde_json::from_str(&said)
            .unwrap_or_else(|error| panic!("every {chars} characters: {said}: {error}"));
        assert_eq!(streamed, whole, "every {chars} characters: {said}");
    }
    let nested =
        json!({"log": text, "deep": json!([7, json!({"x": text}).to_string()]).to_string()});
    let nested = nested.to_string();
    let within = |value: &Value| serde_json::from_str::<Value>(value.as_str().unwrap()).unwrap();
    for chars in [1, 2, 3, 5, 8, 13, 400] {
        let script = Script::new().with_rule("", Reply::text(&nested)).with_chunk_chars(chars);
        let house = House::start(script).await;
        let said = house.ask(chat_streamed("hi")).await.said(0, "content");
        let streamed: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(within(&streamed["log"]), expected, "every {chars} characters: {said}");
        let deep = within(&within(&streamed["deep"])[1]);
        assert_eq!(within(&deep["x"]), expected, "every {chars} characters: {said}");
    }
    let prose = "[1] The card 4111111111111111, is it?";
    let script = Script::new().with_rule("", Reply::text(prose)).with_chunk_chars(3);
    let house = House::start(script).await;
    let said = house.ask(chat_streamed("hi")).await.said(0, "content");
    assert_eq!(said, "[1] The card [CREDIT_CARD], is it?");
}
