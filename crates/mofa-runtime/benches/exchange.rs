//! What it costs to read a document and to take it apart, by what it holds.

#![expect(clippy::unwrap_used, reason = "a benchmark cannot go on without its documents")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mofa_runtime::security::{
    Act, Direction, Document, DocumentLimits, Exchange, Subject, SubjectId, TenantId,
};
use serde_json::json;
use std::hint::black_box;

const SENTENCE: &str = "The fishing boats lay side by side against the old stone quay. ";

/// Documents by name: prose, many small values, JSON inside strings, escapes.
fn documents() -> [(&'static str, String); 4] {
    let message = |content: String| json!({"model": "small", "messages": [{"role": "user", "content": content}]});
    let values: Vec<_> =
        (0..200).map(|n| json!({"id": n, "name": format!("quay-{n}"), "is_free": true})).collect();
    let arguments = json!({"rows": values}).to_string();
    [
        ("prose, 1 KB", message(SENTENCE.repeat(16)).to_string()),
        ("200 small objects", json!({ "rows": values }).to_string()),
        ("the same in a string", message(arguments).to_string()),
        ("prose with escapes, 1 KB", message(SENTENCE.replace(' ', "\n").repeat(16)).to_string()),
    ]
}

fn exchange(criterion: &mut Criterion) {
    let subject = Subject::new(SubjectId::new("ann").unwrap(), TenantId::default());
    for (name, text) in documents() {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("read", |bencher| {
            bencher.iter(|| Document::parse(black_box(&text), DocumentLimits::default()).unwrap());
        });
        group.bench_function("read and take apart", |bencher| {
            bencher.iter(|| {
                let act = Act::new("invoke", "model:small");
                let exchange =
                    Exchange::json(subject.clone(), act, Direction::Input, black_box(&*text));
                exchange.unwrap().into_parts()
            });
        });
        group.finish();
    }
}

criterion_group!(benches, exchange);
criterion_main!(benches);
