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
