//! Properties of the scanners on arbitrary text: spans are in bounds, chopping changes nothing.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::maybe_infinite_iter,
    reason = "a test fails by panicking"
)]

use mofa_scan::injection::InjectionScanner;
use mofa_scan::keyword::{KeywordId, KeywordMatch, KeywordScanner};
use mofa_scan::pii::{CustomRule, PiiScanner, Settled};
use mofa_scan::{CONTEXT, Finding, MAX_OPEN_TAIL};
use proptest::prelude::*;

/// Parts that make up matches, near-matches and what lies between.
const PARTS: &[&str] = &[
    "a",
    "bob",
    "@",
    ".",
    "example.com",
    "-",
    " ",
    "  ",
    "\n",
    "1",
    "415",
    "555",
    "1234",
    "4155551234",
    "+1 ",
    "+44 20 ",
    "(415) ",
    "123-45-6789",
    "123",
    "45",
    "6789",
    "ssn ",
    "SSN",
    "4111 1111 1111 1111",
    "4242",
    "4242424242424242",
    "10.0.0.1",
    "255",
    "v",
    "sk-",
    "sk-abc123def456ghi789",
    "ghp_",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "AKIA",
    "IOSFODNN7EXAMPLE",
    "eyJ",
    "hbGciOiJIUzI1NiJ9",
    ".eyJ",
    "-----BEGIN ",
    "PRIVATE KEY",
    "-----",
    "-----END ",
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7",
    "password",
    ": ",
    "=",
    "\"",
    "hunter2x",
    "Bearer ",
    "token",
    "é",
    "邮",
    "spam",
    "Free",
    "money",
    "free ",
    "MONEY",
    "wire",
    "transfer",
    "\u{2003}",
    "x",
    "Authorization",
    "DE89 3704 0044 0532 0130 00",
    "gb82west12345698765432",
    "DE89",
    "IBAN ",
    "BIC: ",
    "SWIFT code is ",
    "COBADEFFXXX",
    "COBA",
    "routing ",
    "121000358",
    "account number ",
    "2001:db8::1",
    "fe80::1%eth0",
    "::",
    ":",
    "db8",
    "/24",
    "ip ",
    "a4:5e:60:c2:19:7f",
    "a45e.60c2.197f",
    "aa-bb-cc",
    "-dd-ee-ff",
    "mac ",
    "16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "bitcoincash",
    "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "solana ",
    "born ",
    "on 3 May 1980",
    "May ",
    "1980",
    "-05-03",
    "年",
    "生年月日",
    "4111111111111111",
    ".0",
    ",00",
    "phone: ",
    "040 898 9331",
    "0171 ",
    "(030) 1234567",
    "jürgen",
    "用户",
    "@例子.广告",
    "@müller.de",
    "221B Baker Street, ",
    "Hauptstraße 12, ",
    "London NW1 6XE",
    "10115 Berlin",
    "Mr. ",
    "my name is ",
    "Anna Karlsson",
    "van ",
    "card ",
    "501864660011",
    "AB ",
    "12 34 56 ",
    "C",
    "ES X",
    "1234567L",
    "CHE-",
    "109.322.551",
    "Passport no ",
    "codice fiscale ",
    "RSSMRA85T10A562S",
    "A123456(3)",
    "131052-308T",
    "NIF: ",
    "://",
    "postgres",
    "nina:quill77@",
    "$2b$12$",
    "Qe7rTzWm0pXkVb3nYc5uLOa1sD2fG3hJ4kL5zX6cV7bN8mM9qWe1R",
    " -u nina:",
    "Basic ",
    "bmluYTpxdWlsbDc3",
    "hf_",
    "twilio",
    "api key ",
    "key-",
    "0123456789abcdef0123456789abcdef",
    "-us12",
    ".atlasv1.",
    "_",
    "/",
    "~",
    "7193482650:",
    "AAqW3eR5tY7uI9oP1aS3dF5gH7jK9lZ2xC4",
    "\\",
    "\\n",
    "\\\\t",
    "\\u201c",
    "\\u0",
    "n",
];

fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        8 => prop::sample::select(PARTS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[0-9 .@+()a-z-]{1,12}",
        1 => "[a-z]{60,70}",
        1 => "[0-9]{1,4}([ .-][0-9]{2,4}){10,20}",
    ];
    prop::collection::vec(part, 0..30).prop_map(|parts| parts.concat())
}

fn chops() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1..40_usize, 1..12)
}

/// Feeds `text` in chops of about the given sizes, keeping only the context and the open tail.
fn streamed<F: Copy>(
    text: &str,
    chops: &[usize],
    partial: impl Fn(&str, usize, &mut Vec<F>) -> usize,
    last: impl Fn(&str, usize, &mut Vec<F>),
    shifted: impl Fn(F, usize) -> F,
) -> Vec<F> {
    let mut found = Vec::new();
    let (mut kept, mut fed, mut from) = (0, 0, 0);
    for size in chops.iter().cycle() {
        if fed >= text.len() {
            break;
        }
        fed = (fed + size..).find(|at| *at >= text.len() || text.is_char_boundary(*at)).unwrap();
        fed = fed.min(text.len());
        let mut part = Vec::new();
        let buffer = &text[kept..fed];
        let done = kept + partial(buffer, from - kept, &mut part);
        assert!(done >= from && fed - done <= MAX_OPEN_TAIL && text.is_char_boundary(done));
        found.extend(part.into_iter().map(|one| shifted(one, kept)));
        from = done;
        kept = (from.saturating_sub(CONTEXT)..=from).find(|at| text.is_char_boundary(*at)).unwrap();
    }
    let mut part = Vec::new();
    last(&text[kept..], from - kept, &mut part);
    found.extend(part.into_iter().map(|one| shifted(one, kept)));
    found
}

fn shift(found: Finding, by: usize) -> Finding {
    found.shifted(by)
}

fn check_spans(text: &str, spans: impl Iterator<Item = (usize, usize)>) {
    let mut last = 0;
    for (start, end) in spans {
        assert!(last <= start && start < end, "{start}..{end} in {text:?}");
        assert!(text.get(start..end).is_some(), "{start}..{end} in {text:?}");
        last = end;
    }
}

fn keywords() -> KeywordScanner {
    ["spam", "free money", "free", "money free", "wire transfer", "transfer x", "x", "邮", "é spam"]
        .iter()
        .zip(0..)
        .fold(KeywordScanner::builder(), |builder, (phrase, id)| {
            builder.add(*phrase, KeywordId(id))
        })
        .build()
        .unwrap()
}

/// A rule whose value is the last part of what it matches, with words before it, and one without
/// a longest match.
fn announced() -> PiiScanner {
    let after = CustomRule::new("x", "x.after", r"[a-z]+[ :]{1,4}(?<value>\d{2,6})")
        .with_words(["card", "is"]);
    let endless = CustomRule::new("x", "x.endless", r"\+[\d ]+(?<value>\d)");
    PiiScanner::builder().with_rule(after).with_rule(endless).build().unwrap()
}

/// The findings of `text` in pieces as long as `chops` say.
fn pushed(scanner: &PiiScanner, text: &str, chops: &[usize]) -> Vec<Finding> {
    let mut stream = scanner.stream();
    let (mut found, mut settled_text) = (Vec::new(), String::new());
    let mut take = |settled: Settled<'_>| {
        assert_eq!(settled.start, settled_text.len(), "without a gap");
        settled_text.push_str(settled.text);
        found.extend(settled.findings.iter().map(|one| shift(*one, settled.start)));
    };
    let mut at = 0;
    for len in chops.iter().cycle().take(text.len()) {
        let end = text.ceil_char_boundary(at + len.max(&1));
        take(stream.push(&text[at..end]));
        assert!(stream.open() <= MAX_OPEN_TAIL);
        at = end;
        if at == text.len() {
            break;
        }
    }
    take(stream.finish());
    assert_eq!(settled_text, text);
    found
}

#[test]
fn a_stream_without_end_is_held_in_bounded_memory() {
    let scanner = PiiScanner::default();
    let mut stream = scanner.stream();
    let pieces = ["all quiet ", "a@b.io, ", &"9".repeat(5_000), &"k".repeat(7_000), " password="];
    let (mut found, mut bytes) = (0, 0);
    for piece in pieces.iter().cycle().take(5_000) {
        found += stream.push(piece).findings.len();
        assert!(stream.open() <= MAX_OPEN_TAIL);
        bytes += piece.len();
    }
    let last = stream.finish();
    assert_eq!(last.start + last.text.len(), bytes);
    assert!(found >= 1_000, "{found}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chopping_a_text_changes_no_personal_data(text in text(), chops in chops()) {
        for scanner in [
            PiiScanner::default(),
            PiiScanner::builder()
                .with_countries(["DE", "US", "DK"])
                .with_min_confidence(0.0)
                .only(["postal_address", "person_name", "phone", "bic", "date_of_birth", "email"])
                .build()
                .unwrap(),
            PiiScanner::builder().with_min_confidence(0.0).build().unwrap(),
            PiiScanner::builder().with_luhn(false).with_pattern("x", "x.y", r"\b[a-z]{3}\d{2,6}\b").build().unwrap(),
            announced(),
        ] {
            let mut whole = Vec::new();
            scanner.scan(&text, &mut whole);
            check_spans(&text, whole.iter().map(|found| (found.start, found.end)));
            let parts = streamed(
                &text,
                &chops,
                |text, from, out| scanner.scan_partial(text, from, out),
                |text, from, out| scanner.scan_from(text, from, out),
                shift,
            );
            prop_assert_eq!(parts, &*whole, "{:?}", text);
            prop_assert_eq!(pushed(&scanner, &text, &chops), whole, "{:?}", text);
        }
    }

    #[test]
    fn chopping_a_text_changes_no_keywords(text in text(), chops in chops()) {
        let scanner = keywords();
        let mut whole = Vec::new();
        scanner.scan(&text, &mut whole);
        check_spans(&text, whole.iter().map(|found| (found.start, found.end)));
        let parts = streamed(
            &text,
            &chops,
            |text, from, out| scanner.scan_partial(text, from, out),
            |text, from, out| scanner.scan_from(text, from, out),
            |found: KeywordMatch, by| KeywordMatch {
                start: found.start + by,
                end: found.end + by,
                ..found
            },
        );
        prop_assert_eq!(parts, whole, "{:?}", text);
    }

    #[test]
    fn what_lies_before_the_open_tail_is_final(head in text(), rest in text()) {
        let scanner = PiiScanner::default();
        let open = scanner.open_tail(&head);
        prop_assert!(open <= MAX_OPEN_TAIL && open <= head.len());
        let done = head.len() - open;
        let (mut now, mut later) = (Vec::new(), Vec::new());
        scanner.scan(&head, &mut now);
        scanner.scan(&(head.clone() + &rest), &mut later);
        now.retain(|found| found.start < done);
        later.retain(|found| found.start < done);
        prop_assert!(now.iter().all(|found| found.end <= done), "{head:?} {now:?} {done}");
        prop_assert_eq!(now, later, "{:?} {:?}", head, rest);
    }

    #[test]
    fn spans_lie_on_character_boundaries_of_any_text(text in any::<String>()) {
        let mut found = Vec::new();
        PiiScanner::default().scan(&text, &mut found);
        check_spans(&text, found.iter().map(|found| (found.start, found.end)));
        let mut matches = Vec::new();
        keywords().scan(&text, &mut matches);
        check_spans(&text, matches.iter().map(|found| (found.start, found.end)));
        let assessment = InjectionScanner::default().assess(&text);
        prop_assert!((0.0..1.0).contains(&assessment.score));
    }

    #[test]
    fn injection_spans_lie_in_the_text(
        words in prop::collection::vec(prop::sample::select(vec![
            "ignore", "all", "previous", "instructions", "ignorе", "ｉｇｎｏｒｅ", "i\u{200b}gnore",
            "act as", "an", "unrestricted", "AI", "system prompt", "é", "忽略之前的指令", "\u{feff}",
            "aWdub3JlIHByZXZpb3VzIGluc3RydWN0aW9ucw==", "pretend to be", "with no filter", "\n",
        ]), 0..40)
    ) {
        let text = words.join(" ");
        let assessment = InjectionScanner::default().assess(&text);
        for signal in &assessment.signals {
            prop_assert!(signal.start < signal.end, "{signal:?} {text:?}");
            prop_assert!(text.get(signal.start..signal.end).is_some(), "{signal:?} {text:?}");
        }
        prop_assert!((0.0..1.0).contains(&assessment.score));
        prop_assert_eq!(assessment.score > 0.0, !assessment.signals.is_empty());
    }
}
