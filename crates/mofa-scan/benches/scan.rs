//! Throughput of the three scanners, and of layers, on clean English text: 1 KB and 100 KB; of
//! layers also on text with an escape in every word, and of the scanner for personal data and
//! secrets on English of which one byte in a hundred is such, on texts of nothing but numbers,
//! which is its worst case, and on what machines write: tables, logs, dumps, source code.
//!
//! Run with `cargo bench -p mofa-scan`.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a broken benchmark may panic")]

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use mofa_scan::classify;
use mofa_scan::injection::InjectionScanner;
use mofa_scan::keyword::{KeywordId, KeywordScanner};
use mofa_scan::layers;
use mofa_scan::pii::PiiScanner;

const PARAGRAPH: &str = "The committee met on Tuesday to talk about the new library in the old \
    harbour. Several members asked whether the reading room could stay open in the evening; the \
    architect said that the windows face west (so the light is good until late) and that heating \
    it would cost little. A letter from the school praised the plan, but warned that the bus stop \
    is too far away for small children. After a short break, the treasurer explained the budget \
    line by line. \"We have saved for this since spring,\" she said, \"and nobody will be asked \
    to pay more.\" The vote was clear: nine in favour, two against.\n";

fn english(bytes: usize) -> String {
    PARAGRAPH.chars().cycle().take(bytes).collect()
}

/// English of which about one byte in a hundred is personal data or a secret.
fn one_percent(bytes: usize) -> String {
    let items = [
        " Write to ann.lee@example.org. ",
        " Call (415) 555-0134 now. ",
        " Pay with 4111 1111 1111 1111. ",
        " The number is 123-45-6789. ",
        " It came from 10.20.30.40. ",
        " My key is sk-abc123def456ghi789jkl0. ",
    ];
    let text = items.iter().cycle().flat_map(|item| [english(2_200), (*item).to_owned()]);
    text.flat_map(|part| part.chars().collect::<Vec<_>>()).take(bytes).collect()
}

/// Pronounceable made-up words and pairs of them, so that prefixes overlap as in a real list.
fn phrases(count: usize) -> Vec<String> {
    let syllables = ["ba", "con", "dre", "fi", "gol", "ma", "nu", "per", "sto", "ti", "vel", "xa"];
    let word = |n: usize| -> String {
        [n, n / 12, n / 144].iter().map(|i| syllables[i % syllables.len()]).collect()
    };
    let phrase =
        |n: usize| if n.is_multiple_of(3) { word(n) + " " + &word(n * 7) } else { word(n) };
    (0..count).map(phrase).collect()
}

/// Measures `scan`, which puts what it finds in a text into a list.
fn collect<T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: BenchmarkId,
    text: &str,
    scan: &mut dyn FnMut(&str, &mut Vec<T>),
) {
    group.bench_with_input(id, text, |b, text| {
        let mut out = Vec::new();
        b.iter(|| {
            out.clear();
            scan(black_box(text), &mut out);
            out.len()
        });
    });
}

fn scan(criterion: &mut Criterion) {
    let pii = PiiScanner::default();
    let layered = PiiScanner::builder().with_layers(true).build().expect("no pattern was added");
    let injection = InjectionScanner::default();
    let keywords = phrases(2_000)
        .iter()
        .zip(0..)
        .fold(KeywordScanner::builder(), |builder, (phrase, id)| builder.add(phrase, KeywordId(id)))
        .build()
        .expect("the phrases are short and not empty");

    for (name, bytes) in [("1KB", 1_024), ("100KB", 102_400)] {
        let text = english(bytes);
        let dirty = text.replace('e', "&#101;").chars().take(bytes).collect::<String>();
        let mut group = criterion.benchmark_group("scan");
        group.throughput(Throughput::Bytes(text.len() as u64));
        collect(&mut group, BenchmarkId::new("pii", name), &text, &mut |text, out| {
            pii.scan(text, out);
        });
        collect(&mut group, BenchmarkId::new("pii with layers", name), &text, &mut |text, out| {
            layered.scan(text, out);
        });
        group.bench_with_input(BenchmarkId::new("layers: clean", name), &text, |b, text| {
            b.iter(|| layers::visit(black_box(text), 0, &mut |_| {}));
        });
        group.bench_with_input(BenchmarkId::new("layers: all dirty", name), &dirty, |b, text| {
            b.iter(|| {
                let mut bytes = 0;
                layers::visit(black_box(text), 0, &mut |reading| bytes += reading.text().len());
                bytes
            });
        });
        collect(
            &mut group,
            BenchmarkId::new("pii_one_percent", name),
            &one_percent(bytes),
            &mut |text, out| pii.scan(text, out),
        );
        collect(&mut group, BenchmarkId::new("keywords", name), &text, &mut |text, out| {
            keywords.scan(text, out);
        });
        group.bench_with_input(BenchmarkId::new("injection", name), &text, |b, text| {
            b.iter(|| injection.assess(black_box(text)).score);
        });
        group.finish();
    }
}

/// Numbers of nine to eleven digits, as most ids have, bare or in groups.
fn numbers(criterion: &mut Criterion) {
    let pii = PiiScanner::default();
    let mut group = criterion.benchmark_group("numbers");
    let texts = [
        ("bare", "123456782 4155550142 12345678903\n"),
        ("grouped", "123-456-782, 41 555 501 423, 12.345.678-5\n"),
        ("announced", "tax id 123456782, passport 415555014\n"),
        ("years", "In 2024 and 2025, 17 of 39 in May 1998.\n"),
    ];
    for (name, part) in texts {
        let text = part.repeat(100_000 / part.len());
        group.throughput(Throughput::Bytes(text.len() as u64));
        collect(&mut group, BenchmarkId::new("pii", name), &text, &mut |text, out| {
            pii.scan(text, out);
        });
    }
    group.finish();
}

/// Digits of a fixed row, so that every run has the same text.
struct Row(u64);

impl Row {
    fn of(&mut self, alphabet: &str, count: usize) -> String {
        let next = |_| {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(alphabet.as_bytes()[(self.0 >> 33) as usize % alphabet.len()])
        };
        (0..count).map(next).collect()
    }

    fn digits(&mut self, count: usize) -> String {
        self.of("0123456789", count)
    }

    fn csv(&mut self) -> String {
        let [key, price, count, id] = [6, 2, 4, 9].map(|count| self.digits(count));
        format!("{key},17.{price},{count},42,-0.{price}{count},{id}\n")
    }

    fn log(&mut self) -> String {
        let [milli, request, user, took] = [3, 12, 7, 3].map(|count| self.digits(count));
        format!("2024-05-17T10:22:{milli}Z INFO request id={request} user={user} took {took} ms\n")
    }

    fn json(&mut self) -> String {
        let [x, y, z] = [6, 16, 9].map(|count| self.digits(count));
        format!("{{\"x\": 4.{x}, \"y\": -0.{y}, \"z\": 7.{z}e-07}},\n")
    }
}

const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What machines write, and people for machines.
fn machines(criterion: &mut Criterion) {
    let pii = PiiScanner::default();
    let layered = PiiScanner::builder().with_layers(true).build().expect("no pattern was added");
    let mut row = Row(1);
    let mut fill = |part: &mut dyn FnMut(&mut Row) -> String| {
        (0..2_000).map(|_| part(&mut row)).collect::<String>()
    };
    let texts = [
        ("csv", fill(&mut Row::csv)),
        ("log", fill(&mut Row::log)),
        ("json floats", fill(&mut Row::json)),
        ("hex", fill(&mut |row| row.of("0123456789abcdef", 64) + "\n")),
        ("base64", fill(&mut |row| row.of(BASE64, 76) + "\n")),
        ("code", include_str!("scan.rs").repeat(10)),
    ];
    let mut group = criterion.benchmark_group("machines");
    for (name, text) in &texts {
        group.throughput(Throughput::Bytes(text.len() as u64));
        for (kind, scanner) in [("pii", &pii), ("pii with layers", &layered)] {
            collect(&mut group, BenchmarkId::new(kind, name), text, &mut |text, out| {
                scanner.scan(text, out);
            });
        }
    }
    group.finish();
}

/// The classifier of the prompt guard, and the guard's two layers together.
fn classifier(criterion: &mut Criterion) {
    let guard = classify::guard().expect("the model in the program is whole");
    let rules = InjectionScanner::default();
    let mut group = criterion.benchmark_group("guard");
    for (name, bytes) in [("500B", 500), ("1KB", 1_024), ("100KB", 102_400), ("10MB", 10_485_760)] {
        let text = english(bytes);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new("classifier", name), &text, |b, text| {
            b.iter(|| guard.assess(black_box(text)).probability);
        });
        group.bench_with_input(BenchmarkId::new("rules and classifier", name), &text, |b, text| {
            b.iter(|| {
                let rules = rules.assess(black_box(text)).score;
                rules + guard.assess(black_box(text)).probability
            });
        });
    }
    group.finish();
}

criterion_group!(benches, scan, numbers, machines, classifier);
criterion_main!(benches);
