//! Hostile input: nothing panics, and the number of findings stays what the text holds.
//!
//! A quadratic matcher would need hours for these texts; the suite would not end.

use mofa_scan::injection::InjectionScanner;
use mofa_scan::keyword::{KeywordId, KeywordScanner};
use mofa_scan::pii::PiiScanner;
use mofa_scan::{MAX_OPEN_TAIL, ScanError};

const SIZE: usize = 1 << 20;

fn filled(part: &str) -> String {
    part.repeat(SIZE / part.len())
}

/// What megabytes are made of, and how much may be found in them.
const TRIGGERS: &[(&str, usize)] = &[
    ("@", 0),
    ("1", 0),
    ("a", 0),
    ("(", 0),
    ("+", 0),
    ("-", 0),
    (".", 0),
    ("a@", 0),
    ("1-", 0),
    ("1 ", 0),
    ("1.", 0),
    ("+1", 0),
    ("(415)", 0),
    ("sk-", 0),
    ("sk- ", 0),
    ("eyJ.", 0),
    ("ghp_", 0),
    ("-----BEGIN ", 0),
    ("-----BEGIN PRIVATE KEY-----", 0),
    ("password=", 1),
    ("token: ", 0),
    ("Bearer ", 0),
    ("a.", 0),
    ("@a.", 0),
    ("邮", 0),
    ("\u{0}", 0),
    ("0000 ", 0),
    ("00 44 ", 0),
    (":", 0),
    ("::", 0),
    ("a:", 0),
    ("aa:", 0),
    ("1:", 0),
    ("a4-", 0),
    ("a4.", 0),
    ("DE89", 0),
    ("DE89 ", 0),
    ("BIC ", 0),
    ("SWIFT:", 0),
    ("bc1", 0),
    ("bc1q ", 0),
    ("1A", 0),
    ("a1", 0),
    ("0x", 0),
    ("bitcoincash:", 0),
    ("solana 1", 0),
    ("born 1 ", 0),
    ("born 12 May ", 0),
    ("phone 12 ", 0),
    ("account number 1", 0),
    ("é@", 0),
    ("用@", 0),
    ("@é.", 0),
    ("\"@", 0),
    ("4111111111111111.", 0),
    ("A1", 0),
    ("AB 12 34 56 ", 0),
    ("1:2-3.4/5 ", 0),
    ("(A", 0),
    ("passport ", 0),
    ("aaaaaaaaaaaaaaaa1 ", 0),
    ("://", 0),
    ("a:b@", 0),
    ("http://a:", 0),
    ("$2b$", 0),
    ("$krb5$@:", 0),
    ("/ABSK", 1),
    ("eyJ-eyJ.", 0),
    ("hf_-", 0),
    ("twilio key ", 0),
    ("twilio key a1-", 0),
    ("a1/b2+", 0),
    ("sgp_local_", 0),
    (".atlasv1.", 0),
    ("-u a:", 0),
    ("12345678:", 0),
    ("Basic A", 0),
    ("n-----BEGIN PRIVATE KEY-----a", 0),
];

#[test]
fn megabytes_of_triggers_take_linear_time() {
    let scanner = PiiScanner::default();
    for &(part, expect) in TRIGGERS {
        let text = filled(part);
        let mut findings = Vec::new();
        scanner.scan(&text, &mut findings);
        assert_eq!(findings.len(), expect, "{part:?}: {:?}", findings.first());
        assert!(scanner.open_tail(&text) <= MAX_OPEN_TAIL, "{part:?}");
    }
}

#[test]
fn megabytes_of_guesses_take_linear_time() {
    let scanner = PiiScanner::builder()
        .only(["postal_address", "person_name", "phone"])
        .with_countries(["all"])
        .build()
        .unwrap();
    for part in ["1 A", "12 Rue ", "Street 1 ", "Mr. ", "Dear A", "My Name Is ", "A ", "(0", "01 "]
    {
        let text = filled(part);
        let mut findings = Vec::new();
        scanner.scan(&text, &mut findings);
        assert!(findings.is_sorted_by(|left, right| left.end <= right.start), "{part:?}");
        assert!(scanner.open_tail(&text) <= MAX_OPEN_TAIL, "{part:?}");
    }
}

/// Every search for these looks far ahead, for a `y` that never comes, and then takes one `x`.
#[test]
fn custom_patterns_that_look_ahead_take_linear_time() {
    let patterns = ["x[^y]*y|x", "x[^y]{0,100}y|x", r"x+(?:\b!)?", "x(?s:.)*?y|x|é", "(?:x*y)?x"];
    for pattern in patterns {
        let scanner = custom(pattern);
        let text = "x".repeat(SIZE / 16);
        let mut findings = Vec::new();
        scanner.scan(&text, &mut findings);
        let covered: usize = findings.iter().map(|found| found.end - found.start).sum();
        assert_eq!(covered, text.len(), "{pattern}");
        assert!(scanner.open_tail(&text) <= MAX_OPEN_TAIL, "{pattern}");
    }
    // No search went to the end: the `y` there was not seen from afar.
    let mut findings = Vec::new();
    custom("x[^y]*y|x").scan(&("x".repeat(10_000) + "y"), &mut findings);
    assert!(findings.len() > 9_000, "{}", findings.len());
    // Never a match, although each `x` could begin one.
    for pattern in ["x[^y]*y", "x{100,}y", r"x[^y]*\d"] {
        let mut findings = Vec::new();
        custom(pattern).scan(&"x".repeat(SIZE / 16), &mut findings);
        assert!(findings.is_empty(), "{pattern}");
    }
}

/// Windows cut no match: long ones, ones across a window's end, ones beside wide characters.
#[test]
fn custom_patterns_find_the_same_wherever_a_match_lies() {
    let long = format!("ACME-{}", "7".repeat(50_000));
    let bounded = format!("BEGIN{}END", "a".repeat(2_000));
    let cases = [
        (r"\bACME-\d+\b", long.as_str()),
        (r"ACME-\d{4,16}", "ACME-0123456789012345"),
        ("BEGIN[ -~]{0,2000}END", bounded.as_str()),
        ("(?s)BEGIN.*?END", "BEGIN é \n END"),
        (r"\bQ\b", "Q"),
    ];
    for (pattern, value) in cases {
        let scanner = custom(pattern);
        for before in (0..4_000).step_by(37).chain([0, 1, 2, 3, 100_000]) {
            for filler in [".", "é", "邮"] {
                let head = filler.repeat(before / filler.len()) + " ";
                let text = format!("{head}{value} {}", filler.repeat(3_000));
                let mut findings = Vec::new();
                scanner.scan(&text, &mut findings);
                let spans: Vec<_> = findings.iter().map(|f| (f.start, f.end)).collect();
                assert_eq!(spans, [(head.len(), head.len() + value.len())], "{pattern} {before}");
            }
        }
    }
}

#[expect(clippy::unwrap_used, reason = "a pattern of these tests that is refused is a slip")]
fn custom(pattern: &str) -> PiiScanner {
    let builder = PiiScanner::builder().with_pattern("id", "acme.id", pattern);
    builder.only(["id"]).build().unwrap()
}

#[test]
fn overlapping_candidates_are_resolved_in_bulk() {
    let scanner = PiiScanner::default();
    let mut findings = Vec::new();
    scanner.scan(&filled("4242 "), &mut findings);
    assert!(findings.len() > SIZE / 5 / 5, "{}", findings.len());
    assert!(findings.is_sorted_by(|left, right| left.end <= right.start));
}

#[test]
fn megabytes_of_injection_triggers_take_linear_time() {
    let scanner = InjectionScanner::default();
    for part in [
        "ignore ",
        "act as ",
        "prompt ",
        "mode ",
        "[",
        "A",
        "aWdub3Jl",
        "filter\n",
        "\u{200b}",
        "forge",
        "ignoignor",
        "do not follo",
        "you are going t",
        "<|start_header_id|",
        "Base64/+-_.",
    ] {
        let assessment = scanner.assess(&filled(part));
        assert!(assessment.score < 0.5, "{part:?}: {:?}", assessment.signals);
    }
}

#[test]
fn nested_keywords_and_endless_white_space_take_linear_time() {
    let scanner = (0..64)
        .fold(KeywordScanner::builder(), |builder, id| {
            builder.add("a ".repeat(id as usize + 1), KeywordId(id))
        })
        .build()
        .unwrap();
    let mut matches = Vec::new();
    scanner.scan(&filled("a "), &mut matches);
    assert_eq!(matches.len(), SIZE / 2 / 64);
    matches.clear();
    scanner.scan(&(filled(" ") + "a" + &filled(" ") + "a"), &mut matches);
    assert_eq!(matches.len(), 1);
    assert!(scanner.open_tail(&filled("a ")) <= MAX_OPEN_TAIL);
}

#[test]
fn beginnings_of_phrases_without_their_ends_take_linear_time() {
    let long = "ab ".repeat(330);
    let scanner = (0..500)
        .fold(KeywordScanner::builder(), |builder, id| {
            builder.add(format!("{long}{id}"), KeywordId(id))
        })
        .build()
        .unwrap();
    for part in ["ab ", "AB \t", &long, "ab\u{a0}", "a\u{212a}b ", "邮"] {
        let mut matches = Vec::new();
        scanner.scan(&filled(part), &mut matches);
        assert!(matches.is_empty(), "{part:?}");
    }
    let mut matches = Vec::new();
    scanner.scan(&(filled("ab ") + &long + "499 "), &mut matches);
    assert_eq!(matches.len(), 1);
    assert_eq!(matches[0].keyword, KeywordId(499));
}

#[test]
fn a_large_keyword_list_works_like_a_small_one() {
    let scanner = (0..20_000)
        .fold(KeywordScanner::builder(), |builder, id| {
            builder.add(format!("word{id} end"), KeywordId(id))
        })
        .build()
        .unwrap();
    let mut matches = Vec::new();
    scanner.scan("Word19999  END, word20000 end", &mut matches);
    assert_eq!(matches.len(), 1);
    assert_eq!(matches[0].keyword, KeywordId(19_999));
}

#[test]
fn unusable_patterns_are_refused() {
    let build = |regex: &str| {
        PiiScanner::builder().with_pattern("id", "acme.id", regex).build().map(|_| ())
    };
    let name = || "acme.id".to_owned();
    assert_eq!(build("a*"), Err(ScanError::EmptyMatch { name: name() }));
    assert_eq!(build(r"\b"), Err(ScanError::EmptyMatch { name: name() }));
    assert_eq!(build("(?:a|)"), Err(ScanError::EmptyMatch { name: name() }));
    assert!(matches!(build("("), Err(ScanError::InvalidPattern { .. })));
    assert!(matches!(build(r"\w{1000}{100}"), Err(ScanError::PatternTooLarge { .. })));
    assert!(matches!(build(&"a".repeat(5000)), Err(ScanError::PatternTooLarge { .. })));
    assert_eq!(build(r"ID-\d{4}"), Ok(()));
    let unknown = PiiScanner::builder().only(["emails"]).build().unwrap_err();
    assert!(unknown.to_string().starts_with("unknown category `emails`; known are: email, "));
    let region = PiiScanner::builder().with_countries(["Q1"]).build().unwrap_err();
    assert!(matches!(region, ScanError::UnknownCountry { country, .. } if country == "Q1"));
    for least in [-0.1, 1.1, f32::NAN, f32::INFINITY] {
        let error = PiiScanner::builder().with_min_confidence(least).build().unwrap_err();
        assert_eq!(error, ScanError::InvalidConfidence { found: least.to_string() });
    }
    let unnamed = PiiScanner::builder().with_pattern("", "x", "a").build().unwrap_err();
    assert_eq!(unnamed, ScanError::EmptyName { field: "category" });
}

#[test]
fn unusable_keywords_are_refused() {
    let build = |phrase: &str| {
        KeywordScanner::builder()
            .add("ok", KeywordId(0))
            .add(phrase, KeywordId(1))
            .build()
            .map(|_| ())
    };
    assert_eq!(build(" \t\u{2003}"), Err(ScanError::EmptyKeyword { index: 1 }));
    let long = ScanError::KeywordTooLong { index: 1, len: 1025, limit: 1024 };
    assert_eq!(build(&"a".repeat(1025)), Err(long));
    assert_eq!(build(&"a".repeat(1024)), Ok(()));
}

#[test]
fn only_keeps_the_named_categories() {
    let text = "a@b.io 10.0.0.1 4111 1111 1111 1112";
    let names = |scanner: PiiScanner| {
        let mut findings = Vec::new();
        scanner.scan(text, &mut findings);
        findings.iter().map(|found| scanner.rule(found.rule).category.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(PiiScanner::default()), ["email", "ip_address"]);
    assert_eq!(names(PiiScanner::builder().only(["email"]).build().unwrap()), ["email"]);
    let lenient = PiiScanner::builder().only(["credit_card"]).with_luhn(false).build().unwrap();
    assert_eq!(names(lenient), ["credit_card"]);
    assert!(names(PiiScanner::builder().only(Vec::<String>::new()).build().unwrap()).is_empty());
}

#[test]
fn national_numbers_are_found_where_their_region_is_chosen() {
    let found = |regions: &[&str], text: &str| {
        let scanner =
            PiiScanner::builder().with_countries(regions.iter().copied()).build().unwrap();
        let mut findings = Vec::new();
        scanner.scan(text, &mut findings);
        findings
            .iter()
            .filter(|found| scanner.rule(found.rule).id == "phone.national")
            .map(|found| text.get(found.start..found.end).unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    for (region, text, number) in [
        ("DE", "ruf mich an: 0171 1234567", "0171 1234567"),
        ("de", "(030) 123 456 78 im Büro", "(030) 123 456 78"),
        ("FR", "au 06 12 34 56 78.", "06 12 34 56 78"),
        ("GB", "on 020 7946 0958", "020 7946 0958"),
        ("ES", "móvil 612345678", "612345678"),
        ("DK", "tlf/mobil 20 12 34 56", "20 12 34 56"),
        ("IT", "06 1234 5678 o mobile", "06 1234 5678"),
        ("HU", "06 1 234 5678", "06 1 234 5678"),
        ("RU", "8 912 345-67-89", "8 912 345-67-89"),
        ("PH", "Telepono: 09171234567", "09171234567"),
        ("DK", "20123456", "20123456"),
        ("all", "0171 1234567", "0171 1234567"),
    ] {
        assert_eq!(found(&[region], text), [number], "{region} {text:?}");
    }
    for (regions, text) in [
        (&["FR"][..], "00 12 34 56 78"),
        (&["FR"], "06 12 34 56"),
        (&["DE"], "im Jahr 2024 12"),
        (&["DK"], "order 20123456 shipped"),
        (&["GB"], "v020 7946 0958"),
        (&["GB"], "0.2079460958"),
        (&["DE"], "2024-01-15 12:30"),
        (&["DE"], "0123456789"),
        (&["DE"], "Windows 6.2.9200.16384"),
        (&["all"], "12 7 9 15 23 5 16"),
        (&[], "0171 1234567"),
    ] {
        assert!(
            found(regions, text).is_empty(),
            "{regions:?} {text:?}: {:?}",
            found(regions, text)
        );
    }
}
