//! Text that comes in pieces.

use super::*;

async fn permit(house: &House) -> Permit {
    house.inspect("ann", "[]").await.0.unwrap()
}

/// Sends `pieces` down one channel; what came out, and how it ended.
async fn send(house: &House, pieces: &[&str]) -> (String, Result<(), Refusal>) {
    let permit = permit(house).await;
    let mut stream = house.service.inspect_stream(&permit, Provenance::Model);
    let mut out = String::new();
    for piece in pieces {
        match stream.push("text", piece).await {
            Ok(released) => out.push_str(&released),
            Err(refusal) => {
                stream.finish(StreamEnd::Complete).await.unwrap();
                return (out, Err(refusal));
            }
        }
    }
    let ended = stream.end("text").await.map(|rest| out.push_str(&rest));
    stream.finish(StreamEnd::Complete).await.unwrap();
    (out, ended)
}

#[tokio::test]
async fn a_value_over_pieces_is_taken_out() {
    let house = House::new(strict());
    let (out, ended) = send(&house, &["one p", "i", "i two pi", " three"]).await;
    assert_eq!((out.as_str(), ended), ("one [X] two pi three", Ok(())));
    let decision = house.sink.last();
    assert_eq!(decision.stream, Some(StreamEnd::Complete));
    assert_eq!((decision.verdict, decision.bytes, decision.parts), (Verdict::Flag, 20, 1));
    let finding = &decision.stages[1].findings[0];
    assert_eq!((finding.pointer.as_str(), finding.span.clone()), ("text", 4..7));
    assert_eq!(decision.stages[0].coverage, Coverage::NotOnOutput);
}

#[tokio::test]
async fn text_goes_as_soon_as_nothing_in_it_is_open() {
    let house = House::new(strict());
    let permit = permit(&house).await;
    let mut stream = house.service.inspect_stream(&permit, Provenance::Model);
    assert_eq!(stream.push("a", "hello p").await.unwrap(), "hello ");
    assert_eq!(stream.push("b", "other").await.unwrap(), "other");
    assert_eq!(stream.push("a", "ink").await.unwrap(), "pink");
    assert_eq!(stream.end("a").await.unwrap(), "");
    stream.finish(StreamEnd::Aborted).await.unwrap();
    assert_eq!(house.sink.last().stream, Some(StreamEnd::Aborted));
}

#[tokio::test]
async fn a_block_ends_the_stream_before_the_phrase_is_out() {
    let house = House::new(strict());
    let (out, ended) = send(&house, &["so far so good, then b", "a", "d things", " happen"]).await;
    assert_eq!(out, "so far so good, then ");
    assert_eq!(ended.unwrap_err().cause, RefusalCause::Stage(Stage::Moderation));
    let decision = house.sink.last();
    assert_eq!(decision.stream, Some(StreamEnd::Blocked));
    assert_eq!(decision.verdict, Verdict::Block);
}

#[tokio::test]
async fn what_redaction_brings_together_is_judged() {
    let house = House::with_removal(strict());
    let whole = Exchange::text(
        exchange("ann", "[]").subject().clone(),
        Act::new("a", "b"),
        Direction::Output,
        "so bpiiad it is",
    );
    assert!(house.service.inspect(&mut whole.into_parts()).await.is_err());
    let (out, ended) = send(&house, &["so bp", "ii", "ad it is"]).await;
    assert_eq!(ended.unwrap_err().cause, RefusalCause::Stage(Stage::Moderation), "{out}");
}

#[tokio::test]
async fn a_value_longer_than_may_be_held_ends_the_stream() {
    let house = House::new(strict());
    let long = format!("<{}", "k".repeat(2 * MAX_HELD_BACK));
    let (out, ended) = send(&house, &["see ", &long, &long]).await;
    assert_eq!(ended.unwrap_err().cause, RefusalCause::Stage(Stage::Pii));
    assert_eq!(out, "see ");
}

#[tokio::test]
async fn an_attack_is_held_back_where_it_is_blocked() {
    let house = House::new(strict().with_guard_output_verdict(Verdict::Block));
    let (out, ended) = send(&house, &["now in", "ject this"]).await;
    assert_eq!(ended.unwrap_err().cause, RefusalCause::Stage(Stage::Guard));
    assert_eq!(out, "");
}

#[tokio::test]
async fn an_attack_without_a_place_is_one() {
    for harshest in [Verdict::Block, Verdict::Flag] {
        let house = House::new(strict().with_guard_output_verdict(harshest));
        let (out, ended) = send(&house, &["now be s", "ly"]).await;
        let is_blocked = harshest == Verdict::Block;
        assert_eq!((out.is_empty(), ended.is_err()), (is_blocked, is_blocked), "{out}");
        let receipt = &house.sink.last().stages[Stage::Guard as usize];
        assert_eq!((receipt.verdict, receipt.found), (harshest, 0));
        assert!(receipt.reason.starts_with("prompt injection"), "{}", receipt.reason);
    }
}

#[tokio::test]
async fn nothing_comes_after_a_block() {
    let house = House::new(strict());
    let permit = permit(&house).await;
    let mut stream = house.service.inspect_stream(&permit, Provenance::Model);
    stream.push("a", "bad ").await.unwrap_err();
    stream.push("b", "fine").await.unwrap_err();
    stream.end("a").await.unwrap_err();
    let mut whole = exchange("ann", "[]");
    stream.whole(&mut whole).await.unwrap_err();
    stream.finish(StreamEnd::Complete).await.unwrap();
    assert_eq!(house.sink.last().bytes, 4, "what comes after it is not even kept");
}

#[tokio::test]
async fn a_stream_that_is_refused_from_outside_is_recorded_so() {
    let house = House::new(strict());
    let permit = permit(&house).await;
    let mut stream = house.service.inspect_stream(&permit, Provenance::Model);
    let refusal = stream.refuse(RefusalCause::TooLong, "more than may be held");
    assert_eq!(refusal.cause.as_str(), "too_long");
    assert_eq!(stream.push("a", "hello ").await.unwrap_err(), refusal);
    stream.finish(StreamEnd::Complete).await.unwrap();
    let decision = house.sink.last();
    assert_eq!((decision.verdict, decision.stream), (Verdict::Block, Some(StreamEnd::Blocked)));
    assert_eq!(decision.stages[1].reason, "more than may be held");
}

#[tokio::test]
async fn what_comes_whole_is_part_of_the_stream() {
    let house = House::new(strict());
    let permit = permit(&house).await;
    let mut stream = house.service.inspect_stream(&permit, Provenance::Model);
    let mut arguments = exchange("ann", r#"{"to":"pii"}"#);
    stream.whole(&mut arguments).await.unwrap();
    assert_eq!(arguments.into_document(), r#"{"to":"[X]"}"#);
    stream.finish(StreamEnd::Complete).await.unwrap();
    assert_eq!(house.sink.last().stages[1].found, 1);
}

#[tokio::test(start_paused = true)]
async fn a_failing_engine_ends_a_stream_when_the_fail_mode_is_closed() {
    for stage in [Stage::Pii, Stage::Moderation, Stage::Guard] {
        for mood in [Mood::Fails, Mood::Panics, Mood::Hangs] {
            let house = House::with_mood(strict().with_rbac_enabled(false), stage, mood);
            let subject = exchange("ann", "[]").subject().clone();
            let clock = house.service.clock().clone();
            let act = Act::new("a", "b");
            let permit =
                crate::security::danger::permit_without_inspection(subject, act, &*clock, "test");
            let mut stream = house.service.inspect_stream(&permit, Provenance::Model);
            let refusal = stream.push("a", "hello ").await.unwrap_err();
            assert_eq!(refusal.cause, RefusalCause::Undecided(stage));

            let open = strict().with_fail_mode(SecurityFailMode::FailOpen);
            let house = House::with_mood(open, stage, mood);
            let (out, ended) = send(&house, &["hello ", "world"]).await;
            assert_eq!((out.as_str(), ended), ("hello world", Ok(())));
            assert!(house.sink.last().stages[stage as usize].failure.is_some());
        }
    }
}

#[tokio::test]
async fn a_failure_does_not_free_what_is_in_the_same_piece() {
    let open = strict().with_fail_mode(SecurityFailMode::FailOpen);
    let config = SecurityConfig::new().with_prompt_guard_enabled(true).with_stage_timeout(LIMIT);
    let config = config.with_guard_output_verdict(Verdict::Block);
    let house = House::new(config.with_fail_mode(SecurityFailMode::FailOpen));
    let (out, ended) = send(&house, &["a slow inject"]).await;
    assert_eq!((out.as_str(), ended.unwrap_err().cause), ("", RefusalCause::Stage(Stage::Guard)));
    assert!(house.sink.last().stages[Stage::Guard as usize].failure.is_some());

    // A failure before leaves the block what it is.
    let house = House::with_mood(open, Stage::Moderation, Mood::Trips);
    let (out, ended) = send(&house, &["trip ", &"x".repeat(1_000), " bad "]).await;
    assert_eq!(ended.unwrap_err().cause, RefusalCause::Stage(Stage::Moderation), "{out}");
}

/// Polls `future` once and drops it.
async fn begin(future: impl Future<Output = Result<String, Refusal>>) {
    tokio::select! {
        biased;
        _ = future => panic!("it did not have to wait"),
        () = std::future::ready(()) => {}
    }
}

#[tokio::test]
async fn a_dropped_future_loses_nothing() {
    for stage in [Stage::Pii, Stage::Moderation, Stage::Guard] {
        let house = House::with_mood(strict(), stage, Mood::Waits);
        let permit = permit(&house).await;
        let mut stream = house.service.inspect_stream(&permit, Provenance::Model);
        begin(stream.push("a", "one p")).await;
        assert_eq!(stream.push("a", "ii two b").await.unwrap(), "one [X] two ", "{stage}");
        begin(stream.end("a")).await;
        assert_eq!(stream.end("a").await.unwrap(), "b");
        stream.finish(StreamEnd::Complete).await.unwrap();
        assert_eq!(house.sink.last().bytes, 13);
    }
}

#[tokio::test]
async fn a_stream_without_its_record_does_not_end_well() {
    let house = House::new(strict());
    let permit = permit(&house).await;
    let stream = house.service.inspect_stream(&permit, Provenance::Model);
    house.sink.is_down.store(true, Ordering::Relaxed);
    let refusal = stream.finish(StreamEnd::Complete).await.unwrap_err();
    assert_eq!(refusal.cause, RefusalCause::Audit);
}

#[tokio::test]
async fn a_shadow_lets_a_stream_through_as_it_is() {
    let shadow = Stage::ALL
        .into_iter()
        .fold(strict(), |config, stage| config.with_stage_mode(stage, StageMode::Shadow));
    let house = House::new(shadow);
    let (out, ended) = send(&house, &["pi", "i b", "ad inj", "ect"]).await;
    assert_eq!((out.as_str(), ended), ("pii bad inject", Ok(())));
    let found = house.sink.last().stages.iter().map(|receipt| receipt.found).collect::<Vec<_>>();
    assert_eq!(found, [0, 1, 1, 1]);
}

proptest! {
    #[test]
    fn chopping_changes_nothing(text in "[pibadme é]{0,64}", cuts in prop::collection::vec(0..64_usize, 0..8)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut cuts: Vec<_> = cuts.into_iter().filter(|cut| text.is_char_boundary(*cut)).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).map(|pair| text.get(pair[0]..pair[1]).unwrap()).collect();
        let house = House::new(strict());
        let (out, ended) = runtime.block_on(send(&house, &pieces));
        prop_assert_eq!(ended.is_err(), text.contains("bad"));
        let expected = text.replace("pii", "[X]");
        if ended.is_ok() {
            prop_assert_eq!(out, expected);
        } else {
            prop_assert!(expected.starts_with(&out), "{} is no beginning of {}", out, expected);
            prop_assert!(!out.contains("bad"));
        }
    }
}
