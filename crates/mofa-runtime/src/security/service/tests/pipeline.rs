//! Whole exchanges.

use super::*;

#[tokio::test]
async fn every_stage_sees_every_part_in_order() {
    let house = House::new(strict());
    let (answer, document) =
        house.inspect("ann", r#"["one","pii two",{"k":["{\"n\":\"pii\"}"]}]"#).await;
    let permit = answer.unwrap();
    assert_eq!(permit.verdict(), Verdict::Flag);
    assert_eq!(document, r#"["one","[X] two",{"k":["{\"n\":\"[X]\"}"]}]"#);
    let before = ["one", "pii two", "k", "n", "pii"].map(str::to_owned);
    let after = ["one", "[X] two", "k", "n", "[X]"].map(str::to_owned);
    let rbac = vec!["ann invoke model:m".to_owned()];
    assert_eq!(house.seen(), [rbac, before.to_vec(), after.to_vec(), after.to_vec()]);

    let decision = house.sink.last();
    assert_eq!(decision.id, permit.decision());
    assert_eq!((decision.parts, decision.bytes), (5, 15));
    assert_eq!(decision.at.to_string(), "2025-02-19T21:20:00.000000Z");
    let coverage =
        decision.stages.iter().map(|receipt| (receipt.stage, receipt.parts, receipt.found));
    let expected =
        [(Stage::Rbac, 0, 0), (Stage::Pii, 5, 2), (Stage::Moderation, 5, 0), (Stage::Guard, 5, 0)];
    assert!(coverage.eq(expected));
    let pointers: Vec<_> = decision.stages[1].findings.iter().map(|f| f.pointer.as_str()).collect();
    assert_eq!(pointers, ["/1", "/2/#0/0>/#0"]);
    assert!(!format!("{decision:?}").contains("two"), "no inspected text in a decision");
}

#[tokio::test]
async fn each_stage_can_block_and_nothing_runs_after_it() {
    for (who, document, stage) in [
        ("bob", r#"["x"]"#, Stage::Rbac),
        ("ann", r#"["so bad"]"#, Stage::Moderation),
        ("ann", r#"["inject"]"#, Stage::Guard),
    ] {
        let house = House::new(strict());
        let refusal = house.inspect(who, document).await.0.unwrap_err();
        assert_eq!(refusal.cause, RefusalCause::Stage(stage));
        let decision = house.sink.last();
        assert_eq!((decision.id, decision.verdict), (refusal.decision, Verdict::Block));
        for receipt in &decision.stages {
            let ran = receipt.coverage == Coverage::Full;
            assert_eq!(ran, receipt.stage <= stage, "{:?}", receipt.stage);
            assert_eq!(!house.seen()[receipt.stage as usize].is_empty(), ran);
        }
    }
}

#[tokio::test]
async fn personal_data_blocks_where_it_cannot_be_replaced_or_is_to_block() {
    let house = House::new(strict().with_pii_action(PiiAction::Block));
    let refusal = house.inspect("ann", r#"["pii"]"#).await.0.unwrap_err();
    assert_eq!(refusal.cause, RefusalCause::Stage(Stage::Pii));

    let house = House::new(strict());
    let mut fixed = exchange("ann", r#"["pii"]"#);
    let label = Label::untrusted(Provenance::User).fixed();
    let subject = fixed.subject().clone();
    fixed = Exchange::json(subject, Act::new("a", "b"), Direction::Input, r#"["pii"]"#)
        .unwrap()
        .labelled(label)
        .into_parts();
    let refusal = house.service.inspect(&mut fixed).await.unwrap_err();
    assert_eq!(refusal.cause, RefusalCause::Stage(Stage::Pii));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_what_the_fail_mode_says_and_is_in_the_receipt() {
    let limit = Duration::from_secs(5);
    for stage in Stage::ALL {
        for mood in [Mood::Fails, Mood::Panics, Mood::Hangs] {
            let house = House::with_mood(strict(), stage, mood);
            let refusal = house.inspect("ann", r#"["x"]"#).await.0.unwrap_err();
            assert_eq!(refusal.cause, RefusalCause::Undecided(stage));

            let open = strict().with_fail_mode(SecurityFailMode::FailOpen);
            let house = House::with_mood(open, stage, mood);
            let permit = house.inspect("ann", r#"["x"]"#).await.0.unwrap();
            let decision = house.sink.last();
            assert_eq!(decision.id, permit.decision());
            let failure = decision.stages[stage as usize].failure.clone().unwrap();
            match mood {
                Mood::Panics => assert_eq!(failure, StageFailure::Panic),
                Mood::Hangs => assert_eq!(failure, StageFailure::TimeOut { limit }),
                _ => assert!(matches!(failure, StageFailure::Engine { .. })),
            }
            let others = decision.stages.iter().filter(|receipt| receipt.failure.is_some()).count();
            assert_eq!(others, 1, "only the failing stage failed");
        }
    }
}

#[tokio::test]
async fn a_shadow_is_recorded_and_changes_nothing() {
    for (who, document) in [
        ("bob", r#"["x"]"#),
        ("ann", r#"["pii"]"#),
        ("ann", r#"["bad"]"#),
        ("ann", r#"["inject"]"#),
    ] {
        let shadow = Stage::ALL
            .into_iter()
            .fold(strict(), |config, stage| config.with_stage_mode(stage, StageMode::Shadow));
        let house = House::new(shadow);
        let (answer, left) = house.inspect(who, document).await;
        assert_eq!(answer.unwrap().verdict(), Verdict::Allow);
        assert_eq!(left, document);
        let decision = house.sink.last();
        let found: usize = decision.stages.iter().map(|receipt| receipt.found).sum();
        assert_eq!(found, 1);
        assert!(decision.stages.iter().any(|receipt| receipt.verdict > Verdict::Allow));
    }
}

#[tokio::test]
async fn one_shadow_leaves_the_others_in_force() {
    let house = House::new(strict().with_stage_mode(Stage::Moderation, StageMode::Shadow));
    assert!(house.inspect("ann", r#"["bad"]"#).await.0.is_ok());
    assert!(house.inspect("ann", r#"["bad inject"]"#).await.0.is_err());
}

#[tokio::test]
async fn what_is_off_does_not_run() {
    let house = House::new(SecurityConfig::permissive());
    let (answer, left) = house.inspect("bob", r#"["pii bad inject"]"#).await;
    assert_eq!(
        (answer.unwrap().verdict(), left.as_str()),
        (Verdict::Allow, r#"["pii bad inject"]"#)
    );
    assert!(house.seen().iter().all(Vec::is_empty));
    assert!(house.sink.last().stages.iter().all(|receipt| receipt.coverage == Coverage::Off));
}

#[tokio::test]
async fn nothing_happens_without_its_record() {
    let house = House::new(strict());
    house.sink.is_down.store(true, Ordering::Relaxed);
    let refusal = house.inspect("ann", r#"["x"]"#).await.0.unwrap_err();
    assert_eq!(refusal.cause, RefusalCause::Audit);
    house.sink.is_down.store(false, Ordering::Relaxed);
    assert!(house.inspect("ann", r#"["x"]"#).await.0.is_ok());

    let house = House::new(strict().with_fail_mode(SecurityFailMode::FailOpen));
    house.sink.is_down.store(true, Ordering::Relaxed);
    assert!(house.inspect("ann", r#"["x"]"#).await.0.is_ok());
}

#[tokio::test]
async fn the_way_out_asks_no_permission_and_only_flags_attacks() {
    let house = House::new(strict());
    let subject = Subject::new(SubjectId::new("bob").unwrap(), TenantId::default());
    let open = |text: &'static str| {
        Exchange::text(subject.clone(), Act::new("a", "b"), Direction::Output, text)
            .labelled(Label::untrusted(Provenance::Model))
            .into_parts()
    };
    let permit = house.service.inspect(&mut open("inject")).await.unwrap();
    assert_eq!(permit.verdict(), Verdict::Flag);
    assert_eq!(house.sink.last().stages[0].coverage, Coverage::NotOnOutput);
    assert!(house.service.inspect(&mut open("bad")).await.is_err());
}

#[tokio::test]
async fn a_trusted_text_is_never_blocked_as_an_attack() {
    let house = House::new(strict());
    let mut trusted = Exchange::text(
        exchange("ann", "[]").subject().clone(),
        Act::new("a", "b"),
        Direction::Input,
        "inject",
    )
    .labelled(Label::trusted(Provenance::System))
    .into_parts();
    assert_eq!(house.service.inspect(&mut trusted).await.unwrap().verdict(), Verdict::Flag);
}

#[tokio::test]
async fn a_permit_is_for_one_act_and_one_document() {
    let house = House::new(strict());
    let mut bound = exchange("ann", r#"["pii"]"#).bound();
    let permit = house.service.inspect(&mut bound).await.unwrap();
    permit.require("invoke", "model:m").unwrap();
    assert!(permit.require("invoke", "model:other").is_err());
    assert!(permit.require("invok", "emodel:m").is_err());
    permit.require_document(r#"["[X]"]"#).unwrap();
    assert!(permit.require_document(r#"["pii"]"#).is_err());
    assert!(bound.is_edited(), "what was inspected can still be taken out");
    assert_eq!(bound.into_document(), r#"["[X]"]"#);
    let (unbound, _) = house.inspect("ann", "[]").await;
    assert!(unbound.unwrap().require_document("[]").is_err());
}

#[tokio::test]
async fn the_leave_to_answer_is_no_leave_to_act() {
    let house = House::new(strict());
    let subject = Subject::new(SubjectId::new("bob").unwrap(), TenantId::default());
    let act = Act::new("invoke", "model:m");
    let mut answer = Exchange::text(subject, act, Direction::Output, "hello").into_parts();
    let permit = house.service.inspect(&mut answer).await.unwrap();
    assert_eq!(permit.require("invoke", "model:m"), Err(PermitError::Direction));
}

#[tokio::test]
async fn equal_values_have_equal_hashes() {
    let house = House::new(strict());
    let _ = house.inspect("ann", r#"["pii","x pii"]"#).await;
    let findings = house.sink.last().stages.swap_remove(1).findings;
    assert_eq!(findings[0].value_hash, findings[1].value_hash);
    assert_eq!(findings[0].value_hash, house.service.value_hash("email", "pii"));
    assert_ne!(house.service.value_hash("email", "pii"), house.service.value_hash("phone", "pii"));
    assert_eq!(findings[0].value_hash.len(), 32);
}

#[test]
fn what_is_on_and_has_no_engine_does_not_build() {
    for (stage, method) in [
        (Stage::Rbac, "with_authorizer"),
        (Stage::Pii, "with_pii_detector"),
        (Stage::Moderation, "with_content_moderator"),
        (Stage::Guard, "with_prompt_guard"),
    ] {
        for mode in [StageMode::Enforce, StageMode::Shadow] {
            let config = SecurityConfig::new().with_stage_mode(stage, mode);
            let error = SecurityService::builder(config).build().unwrap_err();
            assert!(matches!(error, BuildError::MissingEngine { stage: s, .. } if s == stage));
            assert!(error.to_string().contains(method));
        }
    }
    let toy = Toy { stage: Stage::Pii, mood: Mood::Works, seen: Mutex::default(), removes: false };
    let toy = Arc::new(toy);
    assert_eq!(toy.stage, Stage::Pii);
    let config = SecurityConfig::new().with_pii_redaction_enabled(true);
    let detects_only = SecurityService::builder(config.clone()).with_pii_detector(toy.clone());
    assert!(detects_only.build().unwrap_err().to_string().contains("with_pii_redactor"));
    let blocks = config.with_pii_action(PiiAction::Block);
    let blocks = SecurityService::builder(blocks).with_pii_detector(toy);
    assert!(matches!(blocks.build().unwrap_err(), BuildError::MissingAuditSink));
}

#[test]
fn the_policy_is_named_by_what_it_says() {
    let policy = |config| House::new(config).service.policy().to_owned();
    assert_eq!(policy(strict()), policy(strict()));
    assert_ne!(policy(strict()), policy(strict().with_pii_action(PiiAction::Block)));
}

proptest! {
    #[test]
    fn what_passes_has_no_personal_data_left(texts in prop::collection::vec("[pi\" ]{0,12}", 0..6)) {
        let house = House::new(strict());
        let document = serde_json::to_string(&texts).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (answer, left) = runtime.block_on(house.inspect("ann", &document));
        prop_assert!(answer.is_ok());
        let expected: Vec<_> = texts.iter().map(|text| text.replace("pii", "[X]")).collect();
        prop_assert_eq!(serde_json::from_str::<Vec<String>>(&left).unwrap(), expected);
    }
}
