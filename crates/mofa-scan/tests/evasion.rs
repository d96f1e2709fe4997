//! Every way to hide a value that keeps it recoverable, applied to e-mail addresses, card numbers,
//! Social Security numbers and keys: what a scanner with layers finds of them.
//!
//! `cargo nextest run -p mofa-scan --test evasion --no-capture` prints the table.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "evasion/transforms.rs"]
mod transforms;
#[path = "evasion/values.rs"]
mod values;

use mofa_scan::Finding;
use mofa_scan::pii::PiiScanner;
use transforms::{Loses, TRANSFORMS, Transform};
use values::{Kind, Value};

/// The share that must be found of what is recoverable.
const LEAST: f64 = 0.95;

fn scanner() -> PiiScanner {
    PiiScanner::builder().with_layers(true).build().unwrap()
}

fn scan(scanner: &PiiScanner, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    scanner.scan(text, &mut findings);
    findings
}

/// Found and tried.
#[derive(Default, Clone, Copy)]
struct Score(usize, usize);

impl Score {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
    fn share(self) -> Option<f64> {
        (self.1 > 0).then(|| self.0 as f64 / self.1 as f64)
    }

    fn add(&mut self, found: bool) {
        self.0 += usize::from(found);
        self.1 += 1;
    }
}

/// Hides the value in its sentence, or the whole sentence.
fn is_found(scanner: &PiiScanner, transform: &Transform, value: &Value, whole: bool) -> bool {
    let (head, tail) = value.kind.sentence();
    let (text, span) = if whole {
        let text = (transform.apply)(&format!("{head}{}{tail}", value.text));
        let all = 0..text.len();
        (text, all)
    } else {
        let hidden = (transform.apply)(&value.text);
        let span = head.len()..head.len() + hidden.len();
        (format!("{head}{hidden}{tail}"), span)
    };
    scan(scanner, &text).iter().any(|found| {
        let category = scanner.rule(found.rule).category.as_ref();
        category == value.kind.category() && found.start < span.end && span.start < found.end
    })
}

#[test]
fn what_keeps_a_value_recoverable_is_seen_through() {
    let scanner = scanner();
    let values = values::all();
    let mut missed = Vec::new();
    println!("{:<24} {:>8} {:>8} {:>8} {:>8}", "transformation", "email", "card", "ssn", "key");
    for transform in TRANSFORMS {
        let mut scores = [Score::default(); 4];
        for value in values.iter().filter(|value| !transform.loses(value.kind)) {
            for whole in [false, true] {
                if (transform.apply)(&value.text) == value.text {
                    continue;
                }
                scores[value.kind as usize].add(is_found(&scanner, transform, value, whole));
            }
        }
        let shown = scores.map(|score| match score.share() {
            Some(share) => format!("{:.0} %", share * 100.0),
            None => "–".to_owned(),
        });
        println!(
            "{:<24} {:>8} {:>8} {:>8} {:>8}",
            transform.name, shown[0], shown[1], shown[2], shown[3]
        );
        for (kind, score) in Kind::ALL.iter().zip(scores) {
            if score.share().is_some_and(|share| share < LEAST) {
                missed.push(format!("{} of {kind:?}: {} of {}", transform.name, score.0, score.1));
            }
        }
    }
    for transform in TRANSFORMS {
        if let Loses(kinds, reason) = &transform.loses
            && !kinds.is_empty()
        {
            println!("not recoverable: {} of {kinds:?}: {reason}", transform.name);
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// The table cannot pass because the sentences or the plain values are found anyway.
#[test]
fn sentences_alone_hold_nothing_and_plain_values_are_found() {
    let scanner = scanner();
    for kind in Kind::ALL {
        let (head, tail) = kind.sentence();
        assert_eq!(scan(&scanner, &format!("{head}nothing{tail}")), []);
    }
    for value in values::all() {
        let (head, tail) = value.kind.sentence();
        let text = format!("{head}{}{tail}", value.text);
        let found = scan(&scanner, &text);
        assert_eq!(&text[found[0].start..found[0].end], value.text);
    }
    assert!(TRANSFORMS.len() >= 60, "{}", TRANSFORMS.len());
}

/// What stands in plain sight, in text with structure, is found as if there were no layers.
#[test]
fn what_hides_nothing_is_found_as_it_stands() {
    let plain = PiiScanner::default();
    for text in [
        r#"{"a":"x@example.com","b":"keep me"}"#,
        "to: ann@example.com, cc: bob@example.com",
        "name,email,city\nann,ann@example.com,Rome\nbob,bob@example.com,Oslo\n",
        "name,ssn\nann,536-90-4399\nbob,536-90-4398\n",
        "2024-01-01 INFO user=ann@example.com ip=10.1.2.3 login ok",
        "a@b.com;c@d.com",
        "Write to ann@example.com.",
        r#"<a href="mailto:ann@example.com">Ann</a>"#,
        r#"{"ssn":"536-90-4399","age":5}"#,
        "card=4111111111111111&cvv=123",
        "key=ghp_16C7e42F292c6912E7710c838347Ae178B4a;x=1",
    ] {
        let spans = |scanner: &PiiScanner| -> Vec<_> {
            scan(scanner, text).iter().map(|found| &text[found.start..found.end]).collect()
        };
        assert_eq!(spans(&scanner()), spans(&plain), "{text}");
    }
}
