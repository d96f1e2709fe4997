//! Ten thousand bodies that are no requests: each is told so, and the gateway goes on.
//!
//! `MOFA_HOSTILE_BODIES`, when the test is compiled, sets another number.

use crate::client::Client;
use crate::house::{House, chat};
use mofa_gateway::scripted::Script;

const BODIES: usize = 10_000;
const MAX_BODY: usize = 16_384;
/// What four fifths of them may leave behind: they are some 20 MiB.
const MAX_GROWTH: usize = 8 << 20;

/// A generator of numbers (xorshift64*), so that a failure can be repeated.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % limit
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

const VALID: [&str; 4] = [
    r#"{"model":"small","messages":[{"role":"user","content":"hello there"}]}"#,
    r#"{"model":"small","messages":[{"role":"system","content":"be kind"},{"role":"user","content":[{"type":"text","text":"caf\u00e9 \ud83d\ude00"}]}],"stream":false,"temperature":0.5}"#,
    r#"{"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":[1,2,{\"b\":null}]}"}}]},{"role":"tool","tool_call_id":"c1","content":"{\"ok\":true}"}],"model":"small"}"#,
    r#"{"model":"small","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","description":"does","parameters":{"type":"object","properties":{"a":{"type":"string"}}}}}],"n":1}"#,
];

/// Members whose types the gateway relies on, as they stand in a request that is fine.
const TYPED: [&str; 8] = [
    r#""model":"small""#,
    r#""messages":[{"role":"user","content":"x"}]"#,
    r#""messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]"#,
    r#""messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c"}]}]"#,
    r#""stream":false"#,
    r#""tools":[{"type":"function"}]"#,
    r#""functions":[{"name":"f"}]"#,
    r#""messages":[{"role":"developer","content":null}]"#,
];

const WRONG: [&str; 10] =
    ["7", "-1.5e9", "true", "\"\"", "{}", "[]", "[1]", "[[]]", "{\"a\":1}", "\"\\u0000\""];

/// A body that cannot be taken.
fn hostile(numbers: &mut Numbers) -> Vec<u8> {
    let valid = *numbers.of(&VALID);
    let at = numbers.below(valid.len());
    match numbers.below(8) {
        // Cut anywhere.
        0 => valid.as_bytes()[..at].to_vec(),
        // No UTF-8.
        1 => {
            let mut body = valid.as_bytes().to_vec();
            body[at] = *numbers.of(&[0x80, 0xFF, 0xC0, 0xF5]);
            body
        }
        // A byte of the structure put somewhere else, unless it is still fine.
        2 => loop {
            let mut body = valid.as_bytes().to_vec();
            let (from, to) = (numbers.below(body.len()), numbers.below(body.len()));
            body[to] =
                *numbers.of(&[b'{', b'}', b'[', b']', b'"', b',', b':', b'\\', 0, body[from]]);
            let reads = serde_json::from_slice::<serde_json::Value>(&body).is_ok();
            if !reads {
                return body;
            }
        },
        // Too deep.
        3 => {
            let depth = 65 + numbers.below(4000);
            let (open, close) = *numbers.of(&[("[", "]"), ("{\"a\":", "}")]);
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            format!("{{\"model\":\"small\",\"x\":{deep}}}").into_bytes()
        }
        // Too long.
        4 if numbers.below(4) == 0 => chat(&"x".repeat(MAX_BODY)).into_bytes(),
        // A member twice.
        4 => valid.replacen('{', "{\"model\":\"other\",", 1).into_bytes(),
        // A value of another type.
        _ => loop {
            let typed = *numbers.of(&TYPED);
            let values: Vec<(usize, &str)> = typed.match_indices(':').collect();
            let (colon, _) = *numbers.of(&values);
            let wrong = *numbers.of(&WRONG);
            let (before, after) = typed.split_at(colon + 1);
            let end = value_end(after);
            let member = format!("{before}{wrong}{}", &after[end..]);
            let is_model = typed.starts_with("\"model\"");
            let has_messages = typed.starts_with("\"messages\"");
            let mut rest = String::new();
            if !is_model {
                rest += ",\"model\":\"small\"";
            }
            if !has_messages {
                rest += ",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]";
            }
            let body = format!("{{{member}{rest}}}");
            if !is_acceptable(&body) {
                return body.into_bytes();
            }
        },
    }
}

/// The end of the JSON value that `text` begins with.
fn value_end(text: &str) -> usize {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    values.next().unwrap().unwrap();
    values.byte_offset()
}

/// Says for itself, by the rules as they are documented, whether a body may be taken.
fn is_acceptable(body: &str) -> bool {
    let Ok(body) = serde_json::from_str::<serde_json::Value>(body) else { return false };
    let is_name = |value: &serde_json::Value| {
        value.as_str().is_some_and(|name| !name.is_empty() && !name.contains(char::is_control))
    };
    let objects = |value: &serde_json::Value| {
        value.is_null()
            || value.as_array().is_some_and(|all| all.iter().all(serde_json::Value::is_object))
    };
    let is_part = |part: &serde_json::Value| part["type"].is_string();
    let is_message = |message: &serde_json::Value| {
        let roles = ["system", "developer", "user", "assistant", "tool", "function"];
        let content = &message["content"];
        message["role"].as_str().is_some_and(|role| roles.contains(&role))
            && (content.is_null()
                || content.is_string()
                || content.as_array().is_some_and(|parts| parts.iter().all(is_part)))
            && objects(&message["tool_calls"])
    };
    let messages = body["messages"].as_array();
    is_name(&body["model"])
        && messages.is_some_and(|all| !all.is_empty() && all.iter().all(is_message))
        && (body["stream"].is_null() || body["stream"].is_boolean())
        && objects(&body["tools"])
        && objects(&body["functions"])
}

/// How many bytes of memory this process uses, both sides of the connection.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4_096
}

#[tokio::test]
async fn ten_thousand_bodies_that_are_no_requests() {
    let count = option_env!("MOFA_HOSTILE_BODIES").map_or(BODIES, |text| text.parse().unwrap());
    let house = House::start_with(Script::new(), "", |deployment| {
        deployment.limits.max_body_bytes = MAX_BODY;
    })
    .await;
    let mut numbers = Numbers(0x6D6F_6661);
    let mut client: Option<Client> = None;
    let mut by_status = std::collections::BTreeMap::new();
    let mut at_first = 0;
    for number in 0..count {
        if number == count / 5 {
            at_first = resident();
        }
        let body = hostile(&mut numbers);
        let mut connection = match client.take() {
            Some(client) => client,
            None => house.client().await,
        };
        let answer = house.ask_on(&mut connection, &body).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned();
        assert!((400..500).contains(&answer.status), "body {number}: {answer:?} to {shown}");
        assert!(answer.error("code").is_string(), "body {number}");
        *by_status.entry(answer.status).or_insert(0) += 1;
        if answer.header("connection") != Some("close") {
            client = Some(connection);
        }
    }
    assert!(by_status[&400] > count / 2 && by_status.contains_key(&413), "{by_status:?}");
    assert!(house.received().is_empty());
    let grown = resident().saturating_sub(at_first);
    assert!(grown < MAX_GROWTH, "{grown} bytes more than after a fifth of them");
    for valid in VALID {
        assert_eq!(house.ask(valid).await.status, 200, "{valid}");
    }
}
