//! What lies within an allowed phrase does not count, in whole texts and in streams alike.

use super::*;
use crate::security::MAX_ALLOWED;
use proptest::prelude::*;
use std::ops::Range;

fn judged(blocked: &[&str], allowed: &[&str]) -> KeywordModerator {
    let moderator =
        blocked.iter().fold(KeywordModerator::new(), |all, word| all.add_blocked(*word));
    allowed.iter().fold(moderator, |all, phrase| all.add_allowed(*phrase))
}

#[test]
fn a_match_within_an_allowed_phrase_does_not_count() {
    let moderator = judged(&["kill"], &["kill -9", "kill switch", "to kill a mockingbird"]);
    for (text, verdict) in [
        ("kill -9 1234", Verdict::Allow),
        ("KILL \n Switch", Verdict::Allow),
        ("read To Kill a Mockingbird", Verdict::Allow),
        ("kill -91", Verdict::Block),
        ("kill switches", Verdict::Block),
        ("the kill switch cannot kill", Verdict::Block),
        ("kill", Verdict::Block),
        ("switch kill", Verdict::Block),
    ] {
        let rules = if verdict == Verdict::Allow { &[][..] } else { &["keyword.0"] };
        check(&moderator, text, verdict, rules);
    }
}

#[test]
fn a_match_that_goes_beyond_an_allowed_phrase_counts() {
    let moderator = judged(&["a kill", "kill now"], &["a kill"]);
    check(&moderator, "a kill now", Verdict::Block, &["keyword.1"]);
    let moderator = judged(&["kill them"], &["kill"]);
    check(&moderator, "kill them", Verdict::Block, &["keyword.0"]);
}

#[test]
fn exceptions_are_those_of_the_tenant() {
    let clinic = TenantId::new("clinic").unwrap();
    let policy = ContentPolicy::new().block("shot").allow("flu shot");
    let moderator = judged(&["shot"], &[]).with_tenant_policy(clinic.clone(), policy);
    let verdict = |tenant: &TenantId| moderator.judge(tenant, "a flu shot").unwrap().verdict;
    assert_eq!(verdict(&clinic), Verdict::Allow);
    assert_eq!(verdict(&TenantId::default()), Verdict::Block);
    assert_ne!(judged(&["a"], &["a b"]).fingerprint(), judged(&["a"], &[]).fingerprint());
    assert!(
        ContentPolicy::new().allow("x").is_empty() && !ContentPolicy::new().flag("x").is_empty()
    );
}

#[test]
fn exceptions_are_bounded() {
    assert!(judged(&["a"], &[" "]).ready().is_err());
    let many = vec!["x"; MAX_ALLOWED + 1];
    assert!(judged(&["a"], &many[1..]).ready().is_ok());
    assert!(block_on(judged(&["a"], &many).moderate("b")).is_err());
}

#[test]
fn keeps_the_contract_with_exceptions() {
    let moderator = judged(&["kill", "switch"], &["kill -9", "kill switch", "a kill"]);
    contract::content_moderator(
        &moderator,
        "a kill, kill -9, kill  switch, kills; a kill switch kill",
    );
}

/// What is found in a stream of pieces, as the pipeline reads it: up to what is held back, with
/// some text before it, counting what ends in what is new.
fn streamed(
    moderator: &KeywordModerator,
    tenant: &TenantId,
    text: &str,
    sizes: &[usize],
) -> Vec<Range<usize>> {
    let (mut found, mut released, mut fed) = (Vec::new(), 0, 0);
    for size in sizes.iter().cycle() {
        fed = text.ceil_char_boundary(fed + size);
        let seen = text.get(..fed).unwrap();
        let held = if fed == text.len() { 0 } else { moderator.open_tail(seen) };
        let cut = seen.floor_char_boundary(fed - held).max(released);
        let context = text.floor_char_boundary(released.saturating_sub(512));
        let matches = moderator.judge(tenant, text.get(context..cut).unwrap()).unwrap().matches;
        let spans = matches.into_iter().map(|one| one.span.start + context..one.span.end + context);
        found.extend(spans.filter(|span| span.end > released));
        released = cut;
        if fed == text.len() {
            return found;
        }
    }
    found
}

fn phrases(most: usize) -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["a", "b", "B", "c", "-9", "é", "漢", "x"]);
    let space = prop::sample::select(vec![" ", "  ", "\n", ""]);
    prop::collection::vec((word, space), 1..most)
        .prop_map(|words| words.into_iter().flat_map(|(word, space)| [word, space]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_is_judged_as_the_whole_text(
        blocked in prop::collection::vec(phrases(4), 1..4),
        allowed in prop::collection::vec(phrases(5), 0..4),
        others in prop::collection::vec(phrases(5), 0..3),
        text in phrases(30),
        sizes in prop::collection::vec(1..12_usize, 1..6),
    ) {
        let block = |policy: ContentPolicy, phrase: &String| policy.block(phrase);
        let allow = |policy: ContentPolicy, phrase: &String| policy.allow(phrase);
        let policy = |allowed: &[String]| {
            allowed.iter().fold(blocked.iter().fold(ContentPolicy::new(), block), allow)
        };
        let other = TenantId::new("other").unwrap();
        let moderator = KeywordModerator::new()
            .with_policy(policy(&allowed))
            .with_tenant_policy(other.clone(), policy(&others));
        for tenant in [TenantId::default(), other] {
            let whole = moderator.judge(&tenant, &text).unwrap();
            let whole: Vec<_> = whole.matches.into_iter().map(|found| found.span).collect();
            prop_assert_eq!(streamed(&moderator, &tenant, &text, &sizes), whole, "{}", &text);
        }
    }
}
