//! What the whole pipeline costs on a chat message, without storing its record.

#![expect(clippy::unwrap_used, reason = "a benchmark cannot go on without its engines")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mofa_foundation::security::{
    DefaultAuthorizer, KeywordModerator, RbacPolicy, RegexPiiDetector, RegexPiiRedactor,
    RegexPromptGuard, Role,
};
use mofa_runtime::security::{
    Act, Direction, Exchange, SecurityConfig, SecurityService, Subject, SubjectId, TenantId, danger,
};
use std::hint::black_box;
use std::sync::Arc;

const SENTENCE: &str = "The fishing boats lay side by side against the old stone quay. ";

fn service() -> SecurityService {
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("caller").with_permission("invoke:model:*"));
    policy.assign_role("ann", "caller");
    SecurityService::builder(SecurityConfig::strict())
        .with_authorizer(Arc::new(DefaultAuthorizer::new(policy)))
        .with_pii_detector(Arc::new(RegexPiiDetector::new()))
        .with_pii_redactor(Arc::new(RegexPiiRedactor::new()))
        .with_content_moderator(Arc::new(KeywordModerator::new().add_blocked("contraband")))
        .with_prompt_guard(Arc::new(RegexPromptGuard::new()))
        .with_audit_sink(danger::without_audit())
        .build()
        .unwrap()
}

fn pipeline(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let service = service();
    let subject = Subject::new(SubjectId::new("ann").unwrap(), TenantId::default());
    let mut group = criterion.benchmark_group("inspect");
    for (name, sentences) in [("1 KB", 16), ("100 KB", 1600)] {
        let text = SENTENCE.repeat(sentences);
        let body =
            format!(r#"{{"model":"small","messages":[{{"role":"user","content":"{text}"}}]}}"#);
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let act = Act::new("invoke", "model:small");
                let mut exchange =
                    Exchange::json(subject.clone(), act, Direction::Input, black_box(&*body))
                        .unwrap()
                        .into_parts();
                runtime.block_on(service.inspect(&mut exchange)).unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
