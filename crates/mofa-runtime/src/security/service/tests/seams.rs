//! What is split over the ends of parts.

use super::*;
use crate::security::{JsonRef, Trust};

/// The texts of `document`, an array, in which only strings are read one after another.
fn spread(document: &str) -> Exchange<'_> {
    let subject = Subject::new(SubjectId::new("ann").unwrap(), TenantId::default());
    let act = Act::new("invoke", "model:m");
    let labelling = Exchange::json(subject, act, Direction::Input, document).unwrap();
    let nodes = labelling.root().unwrap().elements().map(JsonRef::index).collect();
    labelling.joined(vec![nodes]).into_parts()
}

/// `document` comes out as `expected`, and the stage `pii` finds this many values.
async fn check(document: &str, expected: &str, found: usize) -> Decision {
    let house = House::new(strict());
    let mut exchange = spread(document);
    let _permit = house.service.inspect(&mut exchange).await.unwrap();
    assert_eq!(exchange.into_document(), expected);
    let decision = house.sink.last();
    assert_eq!(decision.stages[Stage::Pii as usize].found, found, "{document}");
    decision
}

#[tokio::test]
async fn a_split_value_is_taken_out_where_it_begins() {
    check(r#"["a p","ii b"]"#, r#"["a [X]"," b"]"#, 1).await;
    check(r#"["a p","i","i b"]"#, r#"["a [X]",""," b"]"#, 1).await;
    check(r#"["p","i","i"]"#, r#"["[X]","",""]"#, 1).await;
    check(r#"["p","",7,{"x":"p"},"[]","ii"]"#, r#"["[X]","",7,{"x":"p"},"[]",""]"#, 1).await;
    check(r#"["p","ii pii p","ii"]"#, r#"["[X]"," [X] [X]",""]"#, 3).await;
    check(r#"["p","iip","ii"]"#, r#"["[X]","[X]",""]"#, 2).await;
    check(r#"["\u0070","\u0069i"]"#, r#"["[X]",""]"#, 1).await;
    let decision = check(r#"["é p","ii"]"#, r#"["é [X]",""]"#, 1).await;
    let finding = &decision.stages[Stage::Pii as usize].findings[0];
    assert_eq!((finding.pointer.as_str(), finding.span.clone()), ("/0", 3..4));
    assert_eq!(finding.value_hash, House::new(strict()).service.value_hash("email", "pii"));
    assert_eq!((decision.parts, decision.bytes), (2, 6), "the ends are no parts of their own");
    assert_eq!(decision.verdict, Verdict::Flag);
}

#[tokio::test]
async fn what_is_whole_stays_as_it_is() {
    for document in [r#"["pi","xi"]"#, r#"["p i","i"]"#, r#"["p"]"#, r#"["p",{"x":"ii"}]"#] {
        check(document, document, 0).await;
    }
    // Nobody reads these one after another.
    let house = House::new(strict());
    let (answer, left) = house.inspect("ann", r#"["p","ii"]"#).await;
    assert_eq!((answer.unwrap().verdict(), left.as_str()), (Verdict::Allow, r#"["p","ii"]"#));
    // A value that a part holds is not made longer by the next word, but by the words after it.
    let house = House::new(strict());
    let _permit = house.service.inspect(&mut spread(r#"["a <b ","c"]"#)).await.unwrap();
    assert_eq!(house.sink.last().stages[Stage::Pii as usize].found, 1);
}

#[tokio::test]
async fn only_the_ends_of_long_parts_take_part() {
    let long = "x".repeat(400);
    let both = format!(r#"["p","ii{long}é{long}p","ii"]"#);
    check(&both, &format!(r#"["[X]","{long}é{long}[X]",""]"#), 2).await;
    let inside = format!(r#"["p","{long}ii{long}p{long}","ii"]"#);
    check(&inside, &inside, 0).await;
}

#[tokio::test]
async fn a_split_value_that_goes_on_unseen_is_refused() {
    let house = House::new(strict());
    let document = format!(r#"["{}<","{}"]"#, "x".repeat(600), "k".repeat(600));
    // Its beginning is found alone as well, so only a joint with a space makes it longer.
    let refusal = house.service.inspect(&mut spread(&document)).await.unwrap_err();
    assert_eq!(refusal.cause, RefusalCause::Stage(Stage::Pii));
    assert!(refusal.reason.contains("too long"), "{refusal}");
}

#[tokio::test]
async fn a_split_value_is_refused_where_it_cannot_be_replaced() {
    let house = House::new(strict().with_pii_action(PiiAction::Block));
    let refusal = house.service.inspect(&mut spread(r#"["p","ii"]"#)).await.unwrap_err();
    assert_eq!(refusal.cause, RefusalCause::Stage(Stage::Pii));

    for fixed in [1, 2, 3] {
        let house = House::new(strict());
        let subject = spread("[]").subject().clone();
        let act = Act::new("invoke", "model:m");
        let raw = r#"["p","ii","x"]"#;
        let labelling = Exchange::json(subject, act, Direction::Input, raw).unwrap();
        let label = Label::untrusted(Provenance::User).fixed();
        let mut exchange =
            labelling.labels([(fixed, label)]).joined(vec![vec![1, 2, 3]]).into_parts();
        let answer = house.service.inspect(&mut exchange).await;
        assert_eq!(answer.is_err(), fixed < 3, "{fixed}");
    }
}

#[tokio::test]
async fn split_words_are_judged_like_whole_ones() {
    for (document, stage) in [
        (r#"["a ba","d b"]"#, Stage::Moderation),
        (r#"["b","a","d"]"#, Stage::Moderation),
        (r#"["an inj","ection"]"#, Stage::Guard),
        (r#"["i","n","ject"]"#, Stage::Guard),
    ] {
        let house = House::new(strict());
        let refusal = house.service.inspect(&mut spread(document)).await.unwrap_err();
        assert_eq!(refusal.cause, RefusalCause::Stage(stage), "{document}");
        let receipt = &house.sink.last().stages[stage as usize];
        assert_eq!((receipt.found, receipt.findings[0].pointer.as_str()), (1, "/0"));
    }
    let house = House::new(strict());
    let permit = house.service.inspect(&mut spread(r#"["m","eh","meh"]"#)).await.unwrap();
    assert_eq!(permit.verdict(), Verdict::Flag);
    assert_eq!(house.sink.last().stages[Stage::Moderation as usize].found, 2);
}

#[tokio::test]
async fn later_stages_judge_what_is_left_at_the_ends() {
    // Once the value is gone, what stood around it is read together.
    let house = House::with_removal(strict());
    let refusal = house.service.inspect(&mut spread(r#"["bapi","i","d"]"#)).await.unwrap_err();
    assert_eq!(refusal.cause, RefusalCause::Stage(Stage::Moderation));
}

#[tokio::test]
async fn a_shadow_only_records_what_is_split() {
    let shadow = Stage::ALL
        .into_iter()
        .fold(strict(), |config, stage| config.with_stage_mode(stage, StageMode::Shadow));
    let house = House::new(shadow);
    let mut exchange = spread(r#"["p","ii b","ad inj","ect"]"#);
    let _permit = house.service.inspect(&mut exchange).await.unwrap();
    assert!(!exchange.is_edited());
    let found = house.sink.last().stages.iter().map(|it| it.found).collect::<Vec<_>>();
    assert_eq!(found, [0, 1, 1, 1]);
}

#[tokio::test]
async fn the_trusted_are_only_flagged_when_all_are() {
    let trusted = Label::trusted(Provenance::System);
    for (labels, is_blocked) in [(vec![1, 2], false), (vec![1], true), (vec![2], true)] {
        let house = House::new(strict());
        let subject = spread("[]").subject().clone();
        let act = Act::new("invoke", "model:m");
        let raw = r#"["inj","ect"]"#;
        let mut labelling = Exchange::json(subject, act, Direction::Input, raw).unwrap();
        for index in labels {
            labelling = labelling.labels([(index, trusted.clone())]);
        }
        let mut exchange = labelling.joined(vec![vec![1, 2]]).into_parts();
        assert!(exchange.parts().any(|part| part.trust == Trust::Trusted));
        assert_eq!(house.service.inspect(&mut exchange).await.is_err(), is_blocked);
    }
}

/// Adds up hints: two of them are an attack, wherever they stand.
struct Adding;

impl Engine for Adding {}

#[async_trait]
impl PromptGuard for Adding {
    async fn check_injection(&self, prompt: &str) -> Result<InjectionCheck, SecurityError> {
        let signal = |span| InjectionSignal {
            family: "hint".into(),
            rule: "hint".into(),
            reason: "it hints".into(),
            span,
            weight: 0.5,
        };
        let signals: Vec<_> = Toy::find(prompt, "hint").map(signal).collect();
        Ok(InjectionCheck { is_suspicious: signals.len() > 1, confidence: 0.7, signals })
    }
}

#[tokio::test]
async fn hints_in_several_parts_add_up() {
    let config = SecurityConfig::new().with_prompt_guard_enabled(true);
    let sink = Arc::new(Sink::default());
    let service = SecurityService::builder(config)
        .with_prompt_guard(Arc::new(Adding))
        .with_audit_sink(Arc::clone(&sink) as Arc<_>)
        .build()
        .unwrap();
    let _permit = service.inspect(&mut spread(r#"["a hint","and no more"]"#)).await.unwrap();
    service.inspect(&mut spread(r#"["a hint","x","one hint more"]"#)).await.unwrap_err();
    let pointers: Vec<_> =
        sink.last().stages[3].findings.iter().map(|it| it.pointer.clone()).collect();
    assert_eq!(pointers, ["/0", "/2"]);
}

proptest! {
    #[test]
    fn no_value_is_left_over_the_ends(texts in prop::collection::vec("[pi x]{0,4}", 0..8)) {
        let house = House::new(strict());
        let document = serde_json::to_string(&texts).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut exchange = spread(&document);
        let _permit = runtime.block_on(house.service.inspect(&mut exchange)).unwrap();
        let left: Vec<String> = serde_json::from_str(&exchange.into_document()).unwrap();
        prop_assert_eq!(left.len(), texts.len());
        let whole = texts.concat();
        // What a part holds alone hides what only seems to begin in it.
        if texts.iter().all(|text| !text.contains("pii")) {
            prop_assert_eq!(left.concat(), whole.replace("pii", "[X]"));
        }
        prop_assert!(left.iter().all(|text| !text.contains("pii")));
    }
}
