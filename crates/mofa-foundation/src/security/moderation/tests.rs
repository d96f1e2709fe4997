//! What the guide says of moderation.

mod exceptions;

use super::*;
use mofa_runtime::security::{ContentModerator, Engine, TenantId, Verdict};
use mofa_testkit::{block_on, contract};

#[track_caller]
fn check(moderator: &KeywordModerator, text: &str, verdict: Verdict, rules: &[&str]) {
    let answer = block_on(moderator.moderate(text)).unwrap();
    assert_eq!(answer.verdict, verdict, "{text}");
    let found: Vec<_> = answer.matches.iter().map(|found| &*found.rule).collect();
    assert_eq!(found, rules, "{text}");
    assert_eq!(answer.reason.is_empty(), verdict == Verdict::Allow);
}

fn guide() -> KeywordModerator {
    KeywordModerator::new().add_blocked("spam").add_flagged("urgent").add_flagged("act now")
}

#[test]
fn blocks_flags_and_allows() {
    check(&guide(), "This is spam content", Verdict::Block, &["keyword.0"]);
    check(&guide(), "This is URGENT", Verdict::Flag, &["keyword.1"]);
    check(&guide(), "An ordinary sentence", Verdict::Allow, &[]);
    check(&guide(), "", Verdict::Allow, &[]);
}

#[test]
fn the_harshest_verdict_holds() {
    check(&guide(), "Urgent: spam", Verdict::Block, &["keyword.1", "keyword.0"]);
    let both = KeywordModerator::new().add_flagged("Spam").add_blocked("spam");
    check(&both, "spam", Verdict::Block, &["keyword.1"]);
}

#[test]
fn only_whole_words_match() {
    check(&guide(), "spammer antispam spam_filter", Verdict::Allow, &[]);
    check(&guide(), "(spam)", Verdict::Block, &["keyword.0"]);
    check(&guide(), "Act \n now!", Verdict::Flag, &["keyword.2"]);
}

#[test]
fn a_tenant_has_its_own_policy() {
    let clinic = TenantId::new("clinic").unwrap();
    let policy = ContentPolicy::new().with("drugs", "opioid", Verdict::Flag);
    let moderator = guide().add_blocked("opioid").with_tenant_policy(clinic.clone(), policy);
    let at = |tenant: &TenantId, text: &str| moderator.judge(tenant, text).unwrap();
    assert_eq!(at(&clinic, "opioid dose").verdict, Verdict::Flag);
    assert_eq!(at(&clinic, "opioid dose").matches[0].category, "drugs");
    assert_eq!(at(&clinic, "spam").verdict, Verdict::Allow);
    assert_eq!(at(&TenantId::new("other").unwrap(), "opioid dose").verdict, Verdict::Block);
}

#[test]
fn a_list_that_does_not_compile_is_an_error_each_time() {
    let broken = guide().add_blocked("  ");
    assert!(broken.ready().is_err());
    assert!(block_on(broken.moderate("anything")).is_err());
}

#[test]
fn records_name_the_rule_and_not_the_phrase() {
    let answer = block_on(guide().moderate("urgent spam")).unwrap();
    let printed = format!("{answer:?}");
    assert!(!printed.contains("spam") && !printed.contains("urgent"), "{printed}");
}

#[test]
fn other_lists_have_another_fingerprint() {
    assert_eq!(guide().fingerprint(), guide().fingerprint());
    let (one, two) = (TenantId::new("one").unwrap(), TenantId::new("two").unwrap());
    let list = || ContentPolicy::new().block("x");
    let prints = [
        guide(),
        guide().add_flagged("x"),
        guide().add_blocked("x"),
        guide().add_allowed("x"),
        guide().add_flagged("x").add_flagged("y"),
        guide().add_flagged("x\", \"y"),
        guide().with_policy(list()),
        guide().with_policy(ContentPolicy::new().with("other", "x", Verdict::Block)),
        guide().with_tenant_policy(one.clone(), list()),
        guide().with_tenant_policy(two.clone(), list()),
        guide().with_tenant_policy(one, ContentPolicy::new()).with_tenant_policy(two, list()),
    ]
    .map(|moderator| moderator.fingerprint());
    for (at, print) in prints.iter().enumerate() {
        assert_eq!(prints.iter().position(|other| other == print), Some(at), "{at}");
        assert!(!print.contains('x'), "{print}");
    }
}

#[test]
fn keeps_the_contract() {
    contract::content_moderator(&guide(), "urgent spam, act now");
}
