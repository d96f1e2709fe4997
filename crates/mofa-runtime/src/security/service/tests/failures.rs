//! What comes of a failure, and what is said of it.

use super::*;
use tracing::field::{Field, Visit};
use tracing::{Level, Metadata, span};

/// Keeps the level and the words of every line of the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(Level, String)>>>);

struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut words = Words(String::new());
        event.record(&mut words);
        self.0.lock().unwrap().push((*event.metadata().level(), words.0));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn the_log_says_refused_only_of_what_is() {
    use SecurityFailMode::{FailClosed, FailOpen};
    for (mode, fail_mode, level, words) in [
        (StageMode::Enforce, FailClosed, Level::ERROR, "refused: fail mode is closed"),
        (StageMode::Shadow, FailClosed, Level::WARN, "would be refused: fail mode is closed"),
        (
            StageMode::Enforce,
            FailOpen,
            Level::ERROR,
            "ALLOWED WITHOUT A DECISION: fail mode is open",
        ),
        (StageMode::Shadow, FailOpen, Level::WARN, "would be allowed: fail mode is open"),
    ] {
        for stage in Stage::ALL {
            let log = Log::default();
            let _log = tracing::subscriber::set_default(log.clone());
            let config = strict().with_fail_mode(fail_mode).with_stage_mode(stage, mode);
            let house = House::with_mood(config, stage, Mood::Fails);
            let (answer, _) = house.inspect("ann", r#"["x"]"#).await;
            let is_refused = mode == StageMode::Enforce && fail_mode == FailClosed;
            assert_eq!(answer.is_err(), is_refused);
            assert_eq!(*log.0.lock().unwrap(), [(level, words.to_owned())], "{stage}");
        }
    }
}

/// What comes of `document` when the engine of `stage` trips, and the stage's receipt.
async fn check(
    stage: Stage,
    fail_mode: SecurityFailMode,
    document: &str,
) -> (Result<Permit, Refusal>, String, StageReceipt) {
    let config = strict().with_fail_mode(fail_mode);
    let house = House::with_mood(config, stage, Mood::Trips);
    let (answer, left) = house.inspect("ann", document).await;
    let receipt = house.sink.last().stages.swap_remove(stage as usize);
    (answer, left, receipt)
}

const OPEN: SecurityFailMode = SecurityFailMode::FailOpen;
const CLOSED: SecurityFailMode = SecurityFailMode::FailClosed;

#[tokio::test(start_paused = true)]
async fn a_failure_does_not_free_what_is_blocked() {
    for (stage, word) in [(Stage::Moderation, "bad"), (Stage::Guard, "inject")] {
        for (trip, is_asked_on) in [("trip", true), ("boom", true), ("hang", false)] {
            let after = format!(r#"["{word}","{trip}","x"]"#);
            let before = format!(r#"["{trip}","{word}"]"#);
            for fail_mode in [OPEN, CLOSED] {
                let (answer, _, receipt) = check(stage, fail_mode, &after).await;
                assert_eq!(answer.unwrap_err().cause, RefusalCause::Stage(stage), "{after}");
                assert_eq!((receipt.verdict, receipt.found), (Verdict::Block, 1));
                assert!(receipt.failure.is_some() && !receipt.reason.contains("engine"));
            }
            let (answer, _, receipt) = check(stage, CLOSED, &before).await;
            assert_eq!(answer.unwrap_err().cause, RefusalCause::Undecided(stage), "{before}");
            assert_eq!((receipt.parts, receipt.found), (1, 0), "nothing more is asked");
            let (answer, _, receipt) = check(stage, OPEN, &before).await;
            assert_eq!(answer.is_err(), is_asked_on, "{before}");
            assert_eq!(receipt.found, usize::from(is_asked_on));
            assert!(receipt.failure.is_some());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_does_not_bring_back_what_is_taken_out() {
    for (document, expected) in [
        (r#"["pii","trip"]"#, r#"["[X]","trip"]"#),
        (r#"["trip","pii"]"#, r#"["trip","[X]"]"#),
        (r#"["pii","boom","pii"]"#, r#"["[X]","boom","[X]"]"#),
        (r#"["pii","hang"]"#, r#"["[X]","hang"]"#),
        (r#"["pii stuck","pii"]"#, r#"["pii stuck","[X]"]"#),
        (r#"["pii","pii stuck"]"#, r#"["[X]","pii stuck"]"#),
    ] {
        let (answer, left, receipt) = check(Stage::Pii, OPEN, document).await;
        assert_eq!((answer.unwrap().verdict(), left.as_str()), (Verdict::Flag, expected));
        assert!(receipt.failure.is_some() && receipt.found > 0);
        let is_stuck = document.contains("stuck");
        assert_eq!(receipt.reason.contains("could not all be taken out"), is_stuck);
        let said = receipt.reason.contains("of the rest: the engine");
        assert!(said, "{}", receipt.reason);

        let (answer, _, receipt) = check(Stage::Pii, CLOSED, document).await;
        assert_eq!(answer.unwrap_err().cause, RefusalCause::Undecided(Stage::Pii), "{document}");
        assert!(receipt.failure.is_some());
    }
}

/// A house in which only the guard is on, and has [`LIMIT`].
fn hurried(fail_mode: SecurityFailMode) -> House {
    let config = SecurityConfig::new().with_prompt_guard_enabled(true).with_stage_timeout(LIMIT);
    let config = config.with_guard_output_verdict(Verdict::Block);
    House::new(config.with_fail_mode(fail_mode))
}

#[tokio::test]
async fn what_is_said_too_late_counts_only_against_a_text() {
    let refusal = hurried(CLOSED).inspect("ann", r#"["slow"]"#).await.0.unwrap_err();
    assert_eq!(refusal.cause, RefusalCause::Undecided(Stage::Guard));
    assert!(hurried(OPEN).inspect("ann", r#"["slow"]"#).await.0.is_ok());
    let refusal = hurried(OPEN).inspect("ann", r#"["slow inject"]"#).await.0.unwrap_err();
    assert_eq!(refusal.cause, RefusalCause::Stage(Stage::Guard));
}
