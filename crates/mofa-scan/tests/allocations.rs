//! Scanning a text in which nothing is found allocates nothing: not with every rule on, not with
//! layers, and not in a stream that has its buffers.

use std::hint::black_box;

use mofa_scan::pii::PiiScanner;

const ENGLISH: &str = "The committee met on Tuesday to talk about the new library in the old \
    harbour. Several members asked whether the reading room could stay open in the evening; the \
    architect said that the windows face west (so the light is good until late) and that heating \
    it would cost little.\n";

const CODE: &str = "let total: u32 = values.iter().map(|value| value * 17).sum(); // 0.25 of 400\n";

#[track_caller]
fn is_free(work: impl FnMut()) {
    let counted = allocation_counter::measure(work);
    assert_eq!(counted.count_total, 0, "{counted:?}");
}

#[test]
fn clean_text_costs_no_allocation() {
    let scanner = PiiScanner::default();
    for text in [ENGLISH.repeat(200), CODE.repeat(200), "12345,0.678;99\n".repeat(2_000)] {
        let mut findings = Vec::new();
        is_free(|| scanner.scan(black_box(&text), &mut findings));
        assert!(findings.is_empty());
    }
}

#[test]
fn clean_english_costs_no_allocation_with_layers() {
    let scanner = PiiScanner::builder().with_layers(true).build().unwrap();
    let text = ENGLISH.repeat(200);
    let mut findings = Vec::new();
    is_free(|| scanner.scan(black_box(&text), &mut findings));
    assert!(findings.is_empty());
}

#[test]
fn a_stream_that_has_its_buffers_allocates_no_more() {
    let scanner = PiiScanner::default();
    let mut stream = scanner.stream();
    let text = ENGLISH.repeat(40);
    let pieces: Vec<&str> = text.split_inclusive(' ').collect();
    let mut settled = 0;
    for piece in &pieces {
        settled += stream.push(piece).text.len();
    }
    is_free(|| {
        for piece in &pieces {
            settled += stream.push(black_box(piece)).text.len();
        }
    });
    assert!(settled > text.len(), "{settled}");
}

#[test]
fn what_is_found_is_counted() {
    let scanner = PiiScanner::default();
    let mut findings = Vec::new();
    let counted = allocation_counter::measure(|| scanner.scan("a@b.org", &mut findings));
    assert!(counted.count_total > 0, "the counter counts");
}
