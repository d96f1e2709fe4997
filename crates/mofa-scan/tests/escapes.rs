//! A value in a string of JSON or of source code is found beside its escapes, and without them.

use mofa_scan::pii::PiiScanner;

/// One of most kinds: what begins with a letter, a digit or a mark.
const VALUES: [&str; 19] = [
    "ann@example.com",
    "4111111111111111",
    "4111 1111 1111 1111",
    "536-90-4399",
    "192.168.10.20",
    "2001:db8::17",
    "+1 415 555 2671",
    "(415) 555-2671",
    "415-555-2671",
    "DE89370400440532013000",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "AKIA2E0A8F3B244C9986",
    "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "a4:5e:60:c2:19:7f",
    "RSSMRA85T10A562S",
    "1HGCM82633A004352",
    "123.456.789-09",
];

/// What stands before and behind a value.
const ESCAPES: [(&str, &str); 8] = [
    (r"\n", r"\n"),
    (r"\r\n", r"\r\n"),
    (r"\t", r"\t"),
    (r"\\n", r"\\n"),
    (r#"{"text":"Hello\n"#, r#"\nthere"}"#),
    (r"\u201c", r"\u201d"),
    (r"\u0020", r"\u0020and"),
    (r"x\n\n\t", r"\n\ty"),
];

/// Nothing but `value` is found.
#[track_caller]
fn check(scanner: &PiiScanner, text: &str, value: &str) {
    let mut found = Vec::new();
    scanner.scan(text, &mut found);
    let found: Vec<_> = found.iter().filter_map(|one| text.get(one.start..one.end)).collect();
    assert_eq!(found, [value], "{text}");
}

#[test]
fn a_value_is_found_beside_escapes() {
    let scanner = PiiScanner::default();
    for value in VALUES {
        for (before, behind) in ESCAPES {
            let text = format!("{before}{value}{behind}");
            check(&scanner, &text, value);
        }
    }
}

#[test]
fn a_password_ends_where_its_line_does() {
    let scanner = PiiScanner::default();
    for text in [r"\npassword=hunter2\nuser=bob\n", r"Hi\tpassword: hunter2\r\nbye"] {
        check(&scanner, text, "hunter2");
    }
}

#[test]
fn a_quote_behind_a_backslash_is_part_of_a_password() {
    let scanner = PiiScanner::default();
    for (text, value) in [
        (r#"{"password":"abc\"def1G!","x":1}"#, r#"abc\"def1G!"#),
        (r#"{"password":"hunter2\\","x":"y"}"#, r"hunter2\\"),
        (r#"{"password":"hunter2","x":"y"}"#, "hunter2"),
        // Not a string of JSON: the last backslash is the password's.
        (r#"password="hunter2\""#, r"hunter2\"),
    ] {
        check(&scanner, text, value);
    }
}

#[test]
fn a_pattern_means_the_text_as_it_stands() {
    let rule = mofa_scan::pii::CustomRule::new("line", "acme.line", r"\\n[0-9]{4}");
    let scanner = PiiScanner::builder().with_rule(rule).build().unwrap();
    let mut found = Vec::new();
    scanner.scan(r"a\n1234", &mut found);
    assert_eq!(found.iter().map(|one| (one.start, one.end)).collect::<Vec<_>>(), [(1, 7)]);
}
