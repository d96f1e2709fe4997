//! Checks JSON against a JSON schema (draft 7), as far as the schema of SARIF uses it: a keyword that
//! is not known here is an error, so that nothing of the schema is passed over.

use regex::Regex;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// The official schema: see `testdata/sarif/NOTICE.md`.
const SARIF: &str = include_str!("../../../../testdata/sarif/sarif-schema-2.1.0.json");

/// What says nothing about a document.
const ABOUT: [&str; 6] = ["$schema", "$id", "title", "description", "default", "definitions"];

/// What of a SARIF log does not fit the official schema; each with where it is.
pub(crate) fn sarif_problems(log: &Value) -> Vec<String> {
    problems(&serde_json::from_str(SARIF).unwrap(), log)
}

fn problems(schema: &Value, document: &Value) -> Vec<String> {
    let mut checker = Checker { root: schema, problems: Vec::new() };
    checker.check(schema, document, "");
    checker.problems
}

struct Checker<'a> {
    root: &'a Value,
    problems: Vec<String>,
}

impl<'a> Checker<'a> {
    fn check(&mut self, schema: &'a Value, document: &Value, at: &str) {
        let schema = match schema {
            Value::Bool(true) => return,
            Value::Bool(false) => return self.problems.push(format!("{at}: nothing may be here")),
            schema => schema.as_object().unwrap(),
        };
        // Draft 7 ignores what stands beside a reference.
        if let Some(reference) = schema.get("$ref") {
            let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
            return self.check(self.root.pointer(pointer).unwrap(), document, at);
        }
        for (keyword, value) in schema {
            let holds = match keyword.as_str() {
                keyword if ABOUT.contains(&keyword) => true,
                "properties" | "additionalProperties" => true,
                "items" => {
                    for (index, item) in document.as_array().into_iter().flatten().enumerate() {
                        self.check(value, item, &format!("{at}/{index}"));
                    }
                    true
                }
                "anyOf" | "oneOf" => {
                    let fits = |choice: &&Value| self.fits(choice, document);
                    let count = value.as_array().unwrap().iter().filter(fits).count();
                    if keyword == "oneOf" { count == 1 } else { count > 0 }
                }
                _ => holds(keyword, value, document),
            };
            if !holds {
                self.problems.push(format!("{at}: `{keyword}` does not hold: {document}"));
            }
        }
        self.members(schema, document, at);
    }

    fn fits(&self, schema: &'a Value, document: &Value) -> bool {
        let mut checker = Checker { root: self.root, problems: Vec::new() };
        checker.check(schema, document, "");
        checker.problems.is_empty()
    }

    fn members(&mut self, schema: &'a Map<String, Value>, document: &Value, at: &str) {
        let known = schema.get("properties").and_then(Value::as_object);
        for (name, member) in document.as_object().into_iter().flatten() {
            let at = format!("{at}/{name}");
            match (known.and_then(|known| known.get(name)), schema.get("additionalProperties")) {
                (Some(schema), _) | (None, Some(schema)) => self.check(schema, member, &at),
                (None, None) => {}
            }
        }
    }
}

/// Whether `keyword`, which looks at nothing below `document`, holds; others it panics over.
fn holds(keyword: &str, value: &Value, document: &Value) -> bool {
    let text = document.as_str();
    match keyword {
        "type" => {
            let types = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            types.iter().any(|name| is_a(name.as_str().unwrap(), document))
        }
        "enum" => value.as_array().unwrap().contains(document),
        "required" => document.as_object().is_none_or(|object| {
            value.as_array().unwrap().iter().all(|name| object.contains_key(name.as_str().unwrap()))
        }),
        "minimum" => document.as_f64().is_none_or(|number| number >= value.as_f64().unwrap()),
        "maximum" => document.as_f64().is_none_or(|number| number <= value.as_f64().unwrap()),
        "minItems" => {
            let least = usize::try_from(value.as_u64().unwrap()).unwrap();
            document.as_array().is_none_or(|items| items.len() >= least)
        }
        "uniqueItems" => document.as_array().is_none_or(|items| {
            let mut seen = HashSet::new();
            value == false || items.iter().all(|item| seen.insert(item.to_string()))
        }),
        "pattern" => {
            let pattern = Regex::new(value.as_str().unwrap()).unwrap();
            text.is_none_or(|text| pattern.is_match(text))
        }
        "format" => text.is_none_or(|text| has_format(value.as_str().unwrap(), text)),
        _ => unknown(keyword),
    }
}

fn is_a(name: &str, document: &Value) -> bool {
    match name {
        "object" => document.is_object(),
        "array" => document.is_array(),
        "string" => document.is_string(),
        "boolean" => document.is_boolean(),
        "integer" => document.is_i64() || document.is_u64(),
        "number" => document.is_number(),
        "null" => document.is_null(),
        _ => unknown(name),
    }
}

/// RFC 3986 and RFC 3339, as regular expressions.
fn has_format(name: &str, text: &str) -> bool {
    const CHARS: &str = r"([A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*";
    let matches = |pattern: &str| Regex::new(pattern).unwrap().is_match(text);
    let is_written = matches(&format!("^{CHARS}(#{CHARS})?$"));
    let has_scheme = matches("^[A-Za-z][A-Za-z0-9+.-]*:");
    match name {
        "uri" => is_written && has_scheme,
        // A colon in the first piece ends a scheme.
        "uri-reference" => is_written && (has_scheme || !matches("^[^/?#]*:")),
        "date-time" => matches(r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$"),
        _ => unknown(name),
    }
}

/// What the schema says and this cannot check must not pass.
#[expect(clippy::panic, reason = "tests may fail by panicking")]
fn unknown(name: &str) -> ! {
    panic!("`{name}` is not known")
}

#[test]
fn every_keyword_can_refuse() {
    let refused = |schema: Value, wrong: Value, right: Value| {
        assert_eq!(problems(&schema, &right), [""; 0], "{schema}: {right}");
        assert_eq!(problems(&schema, &wrong).len(), 1, "{schema}: {wrong}");
    };
    refused(json!({"type": "string"}), json!(1), json!("1"));
    refused(json!({"type": ["array", "null"]}), json!({}), json!(null));
    refused(json!({"enum": ["a"]}), json!("b"), json!("a"));
    refused(json!({"required": ["a"]}), json!({"b": 1}), json!({"a": 1}));
    refused(json!({"minimum": 1}), json!(0), json!(1));
    refused(json!({"maximum": 1}), json!(2), json!(1));
    refused(json!({"minItems": 1}), json!([]), json!([1]));
    refused(json!({"uniqueItems": true}), json!([1, 1]), json!([1, 2]));
    refused(json!({"pattern": "^a"}), json!("b"), json!("a"));
    refused(json!({"format": "uri"}), json!("a/b"), json!("a:b"));
    refused(json!({"format": "uri-reference"}), json!("a b"), json!("a%20b/c"));
    refused(json!({"format": "uri-reference"}), json!("1:b"), json!("1/a:b"));
    refused(json!({"format": "date-time"}), json!("2026"), json!("2026-01-02T03:04:05Z"));
    refused(json!({"items": {"type": "null"}}), json!([1]), json!([null]));
    refused(json!({"anyOf": [{"type": "null"}]}), json!(1), json!(null));
    refused(json!({"oneOf": [true, {"type": "null"}]}), json!(null), json!(1));
    refused(json!({"properties": {"a": false}}), json!({"a": 1}), json!({"b": 1}));
    refused(json!({"additionalProperties": false}), json!({"a": 1}), json!({}));
    let schema = json!({"$ref": "#/definitions/d", "definitions": {"d": {"type": "null"}}});
    refused(schema, json!(1), json!(null));
}
