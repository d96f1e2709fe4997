//! Figures of what the pipeline decides.

use super::histogram::{Histogram, STAGE_BOUNDS};
use super::names::Names;
use crate::audit::failure_word;
use mofa_runtime::security::{
    Coverage, Decision, Direction, SecurityEvent, Stage, StageMode, StageReceipt, Verdict,
};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

const DIRECTIONS: [Direction; 2] = [Direction::Input, Direction::Output];
const VERDICTS: [Verdict; 3] = [Verdict::Allow, Verdict::Flag, Verdict::Block];
const MODES: [StageMode; 3] = [StageMode::Off, StageMode::Shadow, StageMode::Enforce];

type Counters<const N: usize> = Family<[(&'static str, String); N], Counter>;
type Seconds = Family<[(&'static str, &'static str); 1], Histogram, fn() -> Histogram>;

/// Every series has its place in an array, by the enum that labels it.
pub(super) struct Pipeline {
    /// By direction and verdict.
    decisions: [[Counter; VERDICTS.len()]; DIRECTIONS.len()],
    stages: [StageSeries; Stage::ALL.len()],
    events: Names<Counter>,
    audit_failures: Counter,
}

struct StageSeries {
    /// By mode and verdict.
    runs: [[Counter; VERDICTS.len()]; MODES.len()],
    findings: Names<Counter>,
    failures: Names<Counter>,
    seconds: Histogram,
}

/// The families that stages share.
struct StageFamilies {
    runs: Counters<3>,
    findings: Counters<2>,
    failures: Counters<2>,
    seconds: Seconds,
}

impl Pipeline {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let decisions = Counters::<2>::default();
        let events = Counters::<1>::default();
        let audit_failures = Counter::default();
        registry.register("decisions", "Decisions by direction and verdict", decisions.clone());
        registry.register("events", "Events by type", events.clone());
        registry.register("audit_failures", "Events not stored", audit_failures.clone());
        let families = StageFamilies::new(registry);
        Self {
            decisions: DIRECTIONS.map(|direction| {
                VERDICTS.map(|verdict| {
                    decisions.get_or_create_owned(&[
                        ("direction", direction.as_str().to_owned()),
                        ("verdict", verdict.as_str().to_owned()),
                    ])
                })
            }),
            stages: Stage::ALL.map(|stage| families.series_of(stage)),
            events: Names::new(move |name| {
                events.get_or_create_owned(&[("event_type", name.to_owned())])
            }),
            audit_failures,
        }
    }

    pub(super) fn observe(&self, event: &SecurityEvent, was_stored: bool) {
        self.events.of(&event.event_type).inc();
        if !was_stored {
            self.audit_failures.inc();
        }
        if let Some(decision) = &event.decision {
            self.decided(decision);
        }
    }

    fn decided(&self, decision: &Decision) {
        let by_verdict = self.decisions.get(decision.direction as usize);
        if let Some(count) = by_verdict.and_then(|row| row.get(decision.verdict as usize)) {
            count.inc();
        }
        let ran =
            |stage: &&StageReceipt| matches!(stage.coverage, Coverage::Full | Coverage::Partial);
        for receipt in decision.stages.iter().filter(ran) {
            if let Some(series) = self.stages.get(receipt.stage as usize) {
                series.ran(receipt);
            }
        }
    }
}

impl StageSeries {
    fn ran(&self, receipt: &StageReceipt) {
        let by_verdict = self.runs.get(receipt.mode as usize);
        if let Some(count) = by_verdict.and_then(|row| row.get(receipt.verdict as usize)) {
            count.inc();
        }
        self.seconds.observe(receipt.took);
        for finding in &receipt.findings {
            self.findings.of(&finding.category).inc();
        }
        if let Some(failure) = &receipt.failure {
            self.failures.of(failure_word(failure)).inc();
        }
    }
}

impl StageFamilies {
    fn new(registry: &mut Registry) -> Self {
        let families = Self {
            runs: Family::default(),
            findings: Family::default(),
            failures: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(STAGE_BOUNDS)),
        };
        registry.register("stage_runs", "Stages that ran", families.runs.clone());
        registry.register("stage_findings", "What stages found", families.findings.clone());
        registry.register("stage_failures", "Stages that failed", families.failures.clone());
        registry.register("stage_seconds", "How long stages took", families.seconds.clone());
        families
    }

    fn series_of(&self, stage: Stage) -> StageSeries {
        let label = ("stage", stage.as_str().to_owned());
        let named = |family: &Counters<2>, name: &'static str| {
            let (family, label) = (family.clone(), label.clone());
            Names::new(move |value| {
                family.get_or_create_owned(&[label.clone(), (name, value.to_owned())])
            })
        };
        StageSeries {
            runs: MODES.map(|mode| VERDICTS.map(|verdict| self.runs_of(stage, mode, verdict))),
            findings: named(&self.findings, "category"),
            failures: named(&self.failures, "kind"),
            seconds: self.seconds.get_or_create_owned(&[("stage", stage.as_str())]),
        }
    }

    /// A stage that is off does not run: its series stays out of the text.
    fn runs_of(&self, stage: Stage, mode: StageMode, verdict: Verdict) -> Counter {
        if mode == StageMode::Off {
            return Counter::default();
        }
        self.runs.get_or_create_owned(&[
            ("stage", stage.as_str().to_owned()),
            ("mode", mode.as_str().to_owned()),
            ("verdict", verdict.as_str().to_owned()),
        ])
    }
}
