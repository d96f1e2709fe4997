//! What is accepted, what is refused, and with which words.

use super::*;
use mofa_sdk::security::{SubjectId, TenantId, Trust};

fn read_by_ann(raw: &str) -> Result<ChatRequest<'_, ()>, RequestError> {
    let subject = Subject::new(SubjectId::new("ann").unwrap(), TenantId::default());
    read(&subject.into(), raw, |model| (Act::new("invoke", format!("model:{model}")), ()))
}

/// `raw` is refused with exactly this message.
#[track_caller]
fn check(raw: &str, expected: &str) {
    assert_eq!(read_by_ann(raw).unwrap_err().to_string(), expected);
}

const ROLES: &str = "`system`, `developer`, `user`, `assistant`, `tool` or `function`";

#[test]
fn what_is_wrong_is_named_with_its_place() {
    check("", "the JSON text ends too early at byte 0");
    check("{\"model\":", "the JSON text ends too early at byte 9");
    check("{\"a\":1,}", "this is not valid JSON: expected a key in quotes at byte 7");
    check("{\"a\":1,\"\\u0061\":2}", "the object has this key twice at byte 7");
    let deep = format!("{}1", "[".repeat(65));
    check(&deep, "the JSON text is nested deeper than 64 levels at byte 64");
    check("[]", "`body` must be an object, found an empty array");
    check(
        "{\"messages\":[]}",
        "`messages` must be an array with at least one message, found an empty array",
    );
    let model = "a name of 1 to 256 bytes without control characters";
    check(
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
        &format!("`model` must be {model}, found nothing"),
    );
    check("{\"model\":7}", &format!("`model` must be {model}, found a number"));
    check("{\"model\":\"a\\nb\"}", &format!("`model` must be {model}, found a string"));
    check(
        "{\"model\":\"m\"}",
        "`messages` must be an array with at least one message, found nothing",
    );
}

#[test]
fn only_one_member_says_which_model_is_asked() {
    for member in ["models", "fallbacks", "route"] {
        let with = |value: &str| {
            format!(
                "{{\"model\":\"m\",\"{member}\":{value},\
                 \"messages\":[{{\"role\":\"user\",\"content\":\"x\"}}]}}"
            )
        };
        let message = format!(
            "`{member}` must be absent or null, because the gateway routes by `model` alone, \
             found an array"
        );
        check(&with("[\"n\"]"), &message);
        let error = read_by_ann(&with("\"n\"")).unwrap_err();
        assert_eq!(error.param(), Some(member));
        assert!(read_by_ann(&with("null")).is_ok());
    }
}

#[test]
fn members_are_what_the_gateway_relies_on() {
    let with = |members: &str| format!("{{\"model\":\"m\",{members}}}");
    let message = |members: &str| with(&format!("\"messages\":[{members}]"));
    check(&message("7"), "`messages[0]` must be an object, found a number");
    check(&message("{}"), &format!("`messages[0].role` must be {ROLES}, found nothing"));
    check(
        &message("{\"role\":\"user\"},{\"role\":\"root\"}"),
        &format!("`messages[1].role` must be {ROLES}, found a string"),
    );
    check(
        &message("{\"role\":\"user\",\"content\":7}"),
        "`messages[0].content` must be a string, null or an array of content parts, found a number",
    );
    check(
        &message("{\"role\":\"user\",\"content\":[{\"type\":\"text\"},{}]}"),
        "`messages[0].content[1].type` must be a string, found nothing",
    );
    check(
        &message("{\"role\":\"assistant\",\"tool_calls\":{}}"),
        "`messages[0].tool_calls` must be an array, found an object",
    );
    check(&with("\"stream\":\"yes\""), "`stream` must be true or false, found a string");
    check(&with("\"tools\":[null]"), "`tools[0]` must be an object, found null");
    check(&with("\"functions\":true"), "`functions` must be an array, found true or false");
}

#[test]
fn every_text_is_somebodys() {
    let raw = r#"{"model":"m","messages":[{"role":"system","content":"a"},{"role":"tool","content":"b"}],
        "tools":[{"function":{"name":"c","description":"d"}}],"else":{"e":["f"]},"seed":2125551234}"#;
    let request = read_by_ann(raw).unwrap();
    assert_eq!((request.model.as_str(), request.stream), ("m", false));
    assert_eq!(request.exchange.act().to_string(), "invoke:model:m");
    let found: Vec<_> = request
        .exchange
        .parts()
        .map(|part| (part.text, part.provenance.to_string(), part.trust, part.editable))
        .collect();
    let expected = [
        ("m", "user", Trust::Untrusted, false),
        ("a", "system", Trust::Trusted, true),
        ("b", "tool:unknown", Trust::Untrusted, true),
        ("c", "developer", Trust::Untrusted, false),
        ("d", "developer", Trust::Untrusted, true),
        ("e", "user", Trust::Untrusted, false),
        ("f", "user", Trust::Untrusted, true),
    ];
    let expected = expected.map(|(text, who, trust, edit)| (text, who.to_owned(), trust, edit));
    assert_eq!(found, expected);
}

#[test]
fn what_one_role_says_is_read_together() {
    let text = |text: &str| format!(r#"{{"type":"text","text":"{text}"}}"#);
    let raw = format!(
        r#"{{"messages":[{{"role":"system","content":"s"}},
            {{"role":"user","content":[{},{{"type":"refusal","refusal":"r"}},{}]}},
            {{"role":"assistant","content":"m"}},{{"role":"user","content":"u","name":"n"}},
            {{"role":"assistant","content":null}},{{"role":"tool","content":"t"}},
            {{"role":"tool","content":["x"]}}],"model":"m"}}"#,
        text("a"),
        text("b"),
    );
    // An element that is no object is no content part.
    assert!(read_by_ann(&raw).is_err());
    let raw = raw.replace(r#"["x"]"#, r#""x""#);
    let shown = format!("{:?}", read_by_ann(&raw).unwrap().exchange);
    // Three texts of the user in a row, and one after somebody else; results of tools stand alone.
    assert!(shown.contains("joined: [[3, 1]]"), "{shown}");
}

#[test]
fn numbers_of_the_format_are_no_texts() {
    let raw = r#"{"model":"m","messages":[{"role":"user","content":"u"}],"max_tokens":2147483647,
        "stop_token_ids":[2147483647],"logit_bias":{"50256":-100},
        "tools":[{"type":"function","function":{"name":"f","parameters":{"maximum":4294967295,
        "enum":[2147483648]}}}],"response_format":{"json_schema":{"name":"n",
        "schema":{"minimum":9999999999}}},"phone":4155552671,"seed":4111111111111111}"#;
    let read = read_by_ann(raw).unwrap();
    let texts: Vec<_> = read.exchange.parts().map(|part| part.text).collect();
    let numbers: Vec<_> =
        texts.iter().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).collect();
    // What is no number of the format, or too long for one, is inspected as ever.
    assert_eq!(numbers, [&"50256", &"4155552671", &"4111111111111111"]);
}
