//! What is switched on and how strictly: [`SecurityConfig`].
//!
//! # Invariants
//! Every combination means something: a configuration cannot be wrong by itself. Whether it can be
//! carried out is asked when a service is built.
//!
//! # Example
//! ```
//! use mofa_runtime::security::{SecurityConfig, SecurityFailMode, Stage, StageMode};
//!
//! let config = SecurityConfig::strict()
//!     .with_rbac_enabled(true)
//!     .with_prompt_guard_enabled(true)
//!     .with_fail_mode(SecurityFailMode::FailClosed)
//!     .with_stage_mode(Stage::Moderation, StageMode::Shadow);
//! assert_eq!(config.mode(Stage::Rbac), StageMode::Enforce);
//! ```

use crate::security::exchange::Direction;
use crate::security::types::Verdict;
use std::fmt;
use std::time::Duration;

/// A step of the pipeline. They run in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Whether the subject may.
    Rbac,
    /// Personal data and secrets.
    Pii,
    /// Harmful content.
    Moderation,
    /// Attacks on the model.
    Guard,
}

impl Stage {
    /// All stages, in the order in which they run.
    pub const ALL: [Self; 4] = [Self::Rbac, Self::Pii, Self::Moderation, Self::Guard];

    /// `rbac`, `pii`, `moderation` or `guard`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rbac => "rbac",
            Self::Pii => "pii",
            Self::Moderation => "moderation",
            Self::Guard => "guard",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a stage runs and whether its verdict holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StageMode {
    /// It does not run.
    #[default]
    Off,
    /// It runs and is recorded; nothing is blocked or replaced.
    Shadow,
    /// It runs, is recorded and holds.
    Enforce,
}

impl StageMode {
    /// `off`, `shadow` or `enforce`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Shadow => "shadow",
            Self::Enforce => "enforce",
        }
    }
}

/// What an error, a panic or a time-out of a stage means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SecurityFailMode {
    /// The text may pass, and an event says so.
    FailOpen,
    /// The text must not pass.
    #[default]
    FailClosed,
}

impl SecurityFailMode {
    /// `open` or `closed`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FailOpen => "open",
            Self::FailClosed => "closed",
        }
    }
}

/// What is done about personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PiiAction {
    /// It is taken out, and the text passes.
    #[default]
    Redact,
    /// The text must not pass.
    Block,
}

/// What the pipeline does. Made by a preset and refined by the `with_` methods.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct SecurityConfig {
    modes: [StageMode; 4],
    fail_mode: SecurityFailMode,
    pii_action: PiiAction,
    guard_verdict: Verdict,
    guard_output_verdict: Verdict,
    stage_timeout: Duration,
    tool_timeout: Duration,
}

impl SecurityConfig {
    /// Nothing enabled, fail closed: a start for a configuration of your own.
    pub fn new() -> Self {
        Self {
            modes: [StageMode::Off; 4],
            fail_mode: SecurityFailMode::FailClosed,
            pii_action: PiiAction::Redact,
            guard_verdict: Verdict::Block,
            guard_output_verdict: Verdict::Flag,
            stage_timeout: Duration::from_secs(2),
            tool_timeout: Duration::from_mins(1),
        }
    }

    /// Everything enabled, fail closed: for production.
    pub fn strict() -> Self {
        Self { modes: [StageMode::Enforce; 4], ..Self::new() }
    }

    /// Nothing enabled, fail open: for development.
    pub fn permissive() -> Self {
        Self::new().with_fail_mode(SecurityFailMode::FailOpen)
    }

    /// Whether the subject's permission is checked.
    pub fn with_rbac_enabled(self, enabled: bool) -> Self {
        self.with_enabled(Stage::Rbac, enabled)
    }

    /// Whether personal data is taken out.
    pub fn with_pii_redaction_enabled(self, enabled: bool) -> Self {
        self.with_enabled(Stage::Pii, enabled)
    }

    /// Whether harmful content is looked for.
    pub fn with_content_moderation_enabled(self, enabled: bool) -> Self {
        self.with_enabled(Stage::Moderation, enabled)
    }

    /// Whether attacks on the model are looked for.
    pub fn with_prompt_guard_enabled(self, enabled: bool) -> Self {
        self.with_enabled(Stage::Guard, enabled)
    }

    /// What an error, a panic or a time-out of a stage means.
    pub fn with_fail_mode(self, fail_mode: SecurityFailMode) -> Self {
        Self { fail_mode, ..self }
    }

    /// Whether `stage` runs and whether its verdict holds.
    pub fn with_stage_mode(mut self, stage: Stage, mode: StageMode) -> Self {
        if let Some(slot) = self.modes.get_mut(stage as usize) {
            *slot = mode;
        }
        self
    }

    /// What is done about personal data.
    pub fn with_pii_action(self, pii_action: PiiAction) -> Self {
        Self { pii_action, ..self }
    }

    /// What a suspicious text means on the way in; [`Verdict::Block`] unless set. What a trusted
    /// producer says is at most flagged: a system prompt may speak of instructions.
    pub fn with_guard_verdict(self, guard_verdict: Verdict) -> Self {
        Self { guard_verdict, ..self }
    }

    /// What a suspicious text means on the way out; [`Verdict::Flag`] unless set, because an
    /// answer that explains an attack is none.
    pub fn with_guard_output_verdict(self, guard_output_verdict: Verdict) -> Self {
        Self { guard_output_verdict, ..self }
    }

    /// How long one stage may take to find what there is, and once more to take it out; 2 s unless
    /// set. An engine that computes without ever waiting cannot be interrupted within a part; what
    /// it says too late counts only against the text.
    pub fn with_stage_timeout(self, stage_timeout: Duration) -> Self {
        Self { stage_timeout, ..self }
    }

    /// How long a tool may run; 60 s unless set.
    pub fn with_tool_timeout(self, tool_timeout: Duration) -> Self {
        Self { tool_timeout, ..self }
    }

    /// Whether `stage` runs and whether its verdict holds.
    #[must_use]
    pub fn mode(&self, stage: Stage) -> StageMode {
        self.modes.get(stage as usize).copied().unwrap_or(StageMode::Enforce)
    }

    /// What an error, a panic or a time-out of a stage means.
    #[must_use]
    pub fn fail_mode(&self) -> SecurityFailMode {
        self.fail_mode
    }

    /// What is done about personal data.
    #[must_use]
    pub fn pii_action(&self) -> PiiAction {
        self.pii_action
    }

    /// What a suspicious text means on its way.
    pub fn guard_verdict(&self, direction: Direction) -> Verdict {
        match direction {
            Direction::Input => self.guard_verdict,
            Direction::Output => self.guard_output_verdict,
        }
    }

    /// How long one stage may wait for its engine.
    #[must_use]
    pub fn stage_timeout(&self) -> Duration {
        self.stage_timeout
    }

    /// How long a tool may run.
    #[must_use]
    pub fn tool_timeout(&self) -> Duration {
        self.tool_timeout
    }

    fn with_enabled(self, stage: Stage, enabled: bool) -> Self {
        let mode = if enabled { StageMode::Enforce } else { StageMode::Off };
        self.with_stage_mode(stage, mode)
    }
}

impl Default for SecurityConfig {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(config: &SecurityConfig, modes: [StageMode; 4], fail_mode: SecurityFailMode) {
        assert_eq!(Stage::ALL.map(|stage| config.mode(stage)), modes);
        assert_eq!(config.fail_mode(), fail_mode);
    }

    #[test]
    fn presets_are_what_the_guide_says() {
        use SecurityFailMode::{FailClosed, FailOpen};
        check(&SecurityConfig::permissive(), [StageMode::Off; 4], FailOpen);
        check(&SecurityConfig::strict(), [StageMode::Enforce; 4], FailClosed);
        check(&SecurityConfig::new(), [StageMode::Off; 4], FailClosed);
    }

    #[test]
    fn an_answer_that_explains_an_attack_is_none() {
        let strict = SecurityConfig::strict();
        assert_eq!(strict.guard_verdict(Direction::Input), Verdict::Block);
        assert_eq!(strict.guard_verdict(Direction::Output), Verdict::Flag);
        let harsh = strict.with_guard_output_verdict(Verdict::Block);
        assert_eq!(harsh.guard_verdict(Direction::Output), Verdict::Block);
    }

    #[test]
    fn each_switch_moves_its_own_stage() {
        use StageMode::{Enforce, Off};
        let new = SecurityConfig::new;
        let closed = SecurityFailMode::FailClosed;
        check(&new().with_rbac_enabled(true), [Enforce, Off, Off, Off], closed);
        check(&new().with_pii_redaction_enabled(true), [Off, Enforce, Off, Off], closed);
        check(&new().with_content_moderation_enabled(true), [Off, Off, Enforce, Off], closed);
        check(&new().with_prompt_guard_enabled(true), [Off, Off, Off, Enforce], closed);
        let strict = SecurityConfig::strict();
        check(&strict.with_prompt_guard_enabled(false), [Enforce, Enforce, Enforce, Off], closed);
    }
}
